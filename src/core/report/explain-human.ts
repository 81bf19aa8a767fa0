import type { Explanation } from '../explain/explanation.ts';
import { fileHuman } from './explain-file.ts';
import { keyHuman } from './explain-keys.ts';
import { lineHuman } from './explain-line.ts';
import type { ConfigPlaces } from './explain-origins.ts';
import type { Style } from './style.ts';

export function explainHuman(explanation: Explanation, places: ConfigPlaces, style: Style): string {
  switch (explanation.kind) {
    case 'line':
      return lineHuman(explanation.file, explanation.line, places, style);
    case 'files':
      return explanation.files.map((file) => fileHuman(file, places, style)).join('\n');
    case 'keys':
      return explanation.keys.map((key) => keyHuman(key, places, style)).join('\n');
  }
  return explanation satisfies never;
}
