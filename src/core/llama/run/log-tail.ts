import { visibleLines } from '../../control-characters.ts';
import { HIDDEN } from '../arguments.ts';

const LINES = 10;
/** A line of a log can hold a whole prompt. */
const COLUMNS = 300;

/** The last lines of a log as they can be shown: without secrets, and without what a terminal would act on. */
export function tailOf(log: string, secrets: Iterable<string>): readonly string[] {
  const lines = masked(log, secrets).replaceAll('\r', '').split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .slice(-LINES)
    .map((line) => visibleLines(line.length > COLUMNS ? `${line.slice(0, COLUMNS)}…` : line));
}

/** A value with commas is several keys, each of them a secret. */
function masked(text: string, secrets: Iterable<string>): string {
  const values = [...secrets].flatMap((secret) => [secret, ...secret.split(',')]);
  const known = values.filter((value) => value.trim() !== '').sort((a, b) => b.length - a.length);
  return known.reduce((rest, value) => rest.replaceAll(value, HIDDEN), text);
}

type Cause = { readonly pattern: RegExp; readonly says: (found: string) => string };

/** What llama-server says when it ends, the more telling first. */
const causes: readonly Cause[] = [
  {
    pattern: /couldn't bind HTTP server socket, hostname: (.*)$/m,
    says: (found) =>
      `it cannot listen on ${found.replace(', port:', ', port')}: taken, or not of this machine`,
  },
  { pattern: /^error: invalid argument: (.*)$/m, says: (found) => `it does not know ${found}` },
  { pattern: /^error while handling argument (.*)$/m, says: (found) => `argument ${found}` },
  { pattern: /^.*\bout of memory\b.*$/m, says: () => 'memory has run out' },
  {
    pattern: /failed to load GGUF split from (.*)$/m,
    says: (found) => `the model does not load: shard ${found} is missing or broken`,
  },
  {
    pattern: /error loading model: (?:llama_model_loader: )?(.*)$/m,
    says: (found) => `the model does not load: ${found}`,
  },
  {
    pattern: /failed to load model,? '(.*)'$/m,
    says: (found) => `the model does not load: ${found}`,
  },
];

/** Why llama-server has ended, as far as its log says so in words that are known. */
export function causeIn(log: string, secrets: Iterable<string>): string | undefined {
  const text = masked(log, secrets).replaceAll('\r', '');
  for (const { pattern, says } of causes) {
    const found = pattern.exec(text);
    if (found !== null) return visibleLines(says((found[1] ?? '').slice(0, COLUMNS)));
  }
  return undefined;
}
