import type { Explanation } from '../explain/explanation.ts';
import { fileHuman } from './explain-file.ts';
import { keyHuman } from './explain-keys.ts';
import { lineHuman } from './explain-line.ts';
import type { ConfigPlaces } from './explain-origins.ts';
import type { Terminal } from './terminal.ts';

export function explainHuman(
  explanation: Explanation,
  places: ConfigPlaces,
  terminal: Terminal,
): string {
  switch (explanation.kind) {
    case 'line':
      return lineHuman(explanation.file, explanation.line, places, terminal);
    case 'files':
      return explanation.files.map((file) => fileHuman(file, places, terminal)).join('\n');
    case 'keys':
      return explanation.keys.map((key) => keyHuman(key, places, terminal)).join('\n');
  }
  return explanation satisfies never;
}
