import type { Diagnostic } from '../diagnostic.ts';
import { below } from '../diagnostic.ts';
import { pastedWord } from '../shell-word.ts';
import { entriesOf, textAt, valueAt } from './entries.ts';
import { isJsonObject } from './json-value.ts';
import { isSecretName } from './redact.ts';
import { doubtful } from './rules/tell.ts';

const OWN = 0o600;

/** A secret that others than the owner of the file can read. */
export function fileModeProblems(
  document: unknown,
  file: string,
  permissions: number | undefined,
): readonly Diagnostic[] {
  if (permissions === undefined || (permissions & 0o777 & ~OWN) === 0) return [];
  const [secret] = secretPlaces(document);
  if (secret === undefined) return [];
  const mode = (permissions & 0o777).toString(8).padStart(4, '0');
  const text = `a secret in a file with mode ${mode}: it should be 0600`;
  return [doubtful('fleet-file-mode', secret, text, `run \`chmod 600 ${pastedWord(file)}\``)];
}

/** Where secrets stand, by their keys. */
function secretPlaces(document: unknown): readonly string[] {
  return entriesOf(document).flatMap((entry) => {
    const inConnection = ['password', 'key_path'].flatMap(
      (key) => textAt(entry, 'connection', key)?.pointer ?? [],
    );
    const { value: env, pointer } = valueAt(entry, 'env');
    const names = isJsonObject(env) ? Object.keys(env).filter(isSecretName) : [];
    return [...inConnection, ...names.map((name) => below(pointer, name))];
  });
}
