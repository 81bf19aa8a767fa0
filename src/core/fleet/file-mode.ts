import type { Diagnostic } from '../diagnostic.ts';
import { below, errorAt } from '../diagnostic.ts';
import { pastedWord } from '../shell-word.ts';
import { entriesOf, textAt, valueAt } from './entries.ts';
import { isJsonObject } from './json-value.ts';
import { isSecretName } from './redact.ts';
import { doubtful } from './rules/tell.ts';

/** Who may do what with a file. */
export type FileAccess = {
  /** Its permissions; undefined where it has none, as standard input. */
  readonly permissions?: number | undefined;
  /** The ID of the account that it belongs to. */
  readonly owner?: number | undefined;
  /** The ID of the account that vllmd runs as, with all commands of the file. */
  readonly uid?: number | undefined;
};

const OWN = 0o600;
const WRITABLE = 0o022;

/** A file that others than its owner can change, or read although it has a secret, and one of another account. */
export function fileModeProblems(
  document: unknown,
  file: string,
  { permissions, owner, uid }: FileAccess,
): readonly Diagnostic[] {
  if (permissions === undefined) return [];
  const mode = (permissions & 0o777).toString(8).padStart(4, '0');
  const name = pastedWord(file);
  const open = `mode ${mode}: others can change this file, and its commands run as who runs vllmd`;
  const foreign = `this file belongs to the account with the ID ${owner}, which can change it, and its commands run as the one with the ID ${uid}`;
  return [
    ...(!isOpenToChange(permissions) ? [] : [writable(open, `run \`chmod 600 ${name}\``)]),
    ...(isOfAnother({ owner, uid })
      ? [writable(foreign, `read what it does, then take it over: \`chown ${uid} ${name}\``)]
      : []),
    ...readableSecrets(document, permissions, `run \`chmod 600 ${name}\``),
  ];
}

/** Whether others than its owner can change a file. */
export function isOpenToChange(permissions: number): boolean {
  return (permissions & WRITABLE) !== 0;
}

/** Whether a file belongs to an account that is neither the one that vllmd runs as nor root. */
export function isOfAnother({ owner, uid }: Pick<FileAccess, 'owner' | 'uid'>): boolean {
  return owner !== undefined && uid !== undefined && owner !== uid && owner !== 0;
}

function writable(text: string, help: string): Diagnostic {
  return { ...errorAt('fleet-file-writable', '', text, help), severity: 'warning' };
}

function readableSecrets(
  document: unknown,
  permissions: number,
  help: string,
): readonly Diagnostic[] {
  if ((permissions & 0o777 & ~OWN) === 0) return [];
  const [secret] = secretPlaces(document);
  if (secret === undefined) return [];
  const mode = (permissions & 0o777).toString(8).padStart(4, '0');
  const text = `a secret in a file with mode ${mode}: it should be 0600`;
  return [doubtful('fleet-file-mode', secret, text, help)];
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
