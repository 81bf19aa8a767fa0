import { hasPrivateKey } from '../config/private-key.ts';
import { problem } from '../config/problem.ts';
import { controlCharacter } from '../control-characters.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { StringDraft } from './draft.ts';
import type { Rule } from './rule.ts';

const TYPES = [
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
];

/** Options with quoted values, which may hold blanks; then the rest. */
const OPTIONS = /^(?:[^\s"]|"(?:[^"\\]|\\.)*")+[ \t]+/;

/** Each of `ssh_authorized_keys` is a public key as sshd reads it. */
export const guestKeysSyntax: Rule = {
  id: 'guest-keys-syntax',
  check: ({ guest }) => guest.sshAuthorizedKeys.flatMap(problems),
};

/** As the schema has it; what is longer gets its message there. */
const LONGEST = 16_384;

/** None of the messages repeats any of the value. */
function problems({ pointer: at, text }: StringDraft): readonly Diagnostic[] {
  // These have messages of their own.
  if (
    text === '' ||
    text.length > LONGEST ||
    hasPrivateKey(text) ||
    controlCharacter(text) !== undefined
  )
    return [];
  const line = text.trim();
  const [type, blob = ''] = keyOf(line) ?? keyOf(line.replace(OPTIONS, '')) ?? [];
  if (type === undefined) {
    return [
      broken(
        at,
        'must be a public key: a type such as ssh-ed25519, the key in base64, a comment',
        helpFor(line),
      ),
    ];
  }
  if (isWhole(type, blob)) return [];
  return [
    broken(
      at,
      `is cut off or damaged: what follows ${type} is not such a key`,
      'copy the whole line of the .pub file again',
    ),
  ];
}

function keyOf(line: string): readonly string[] | undefined {
  const words = line.split(/[ \t]+/);
  return TYPES.some((type) => type === words[0]) ? words : undefined;
}

/** The key says its own type at its beginning: a length of four bytes, then the name. */
function isWhole(type: string, blob: string): boolean {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(blob) || blob.length % 4 !== 0) return false;
  const bytes = atob(blob);
  const length = bytes.slice(0, 4);
  return length === `\0\0\0${String.fromCharCode(type.length)}` && bytes.startsWith(type, 4);
}

function helpFor(line: string): string {
  if (line.startsWith('ssh-dss'))
    return 'sshd accepts no DSA keys any more: make a key with `ssh-keygen`';
  if (/^-+ ?BEGIN SSH2/.test(line))
    return '`ssh-keygen -i -f FILE` prints it in the form that is needed';
  if (/^[~/$.]/.test(line)) return 'write what is in the file, not its name';
  return 'copy the line of a .pub file, such as ~/.ssh/id_ed25519.pub';
}

function broken(at: string, text: string, help: string): Diagnostic {
  return problem('guest-keys-syntax', at, text, help);
}
