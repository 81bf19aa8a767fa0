import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VllmdError } from '../../core/failure.ts';
import { posixWord } from '../../core/shell-word.ts';
import { asError } from '../as-error.ts';
import { remoteShell } from './session-script.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Holds the password: it is in no argument and in no file. */
const PASSWORD_VARIABLE = 'VLLMD_SSH_PASSWORD';
/** Whose password it is; unset where ssh's own settings say so. */
const USER_VARIABLE = 'VLLMD_SSH_USER';

/**
 * Answers the question for the password of this user, in the two forms that ssh has for it, and nothing else: no passphrase,
 * no PIN, not whether a host is to be trusted. Every ssh that leads to a jump host inherits the helper, and its host words
 * the question, so who asks counts: of them all ours alone has the shell over there as an argument. Another one is ended,
 * as it would try an empty password.
 */
const HELPER = `#!/bin/sh
no_jump() {
  echo 'ssh_askpass: a jump host asked for a password: that of the entry is only for its own host, and a jump host needs a key' >&2
  [ "$(cat "/proc/$PPID/comm")" != ssh ] || kill "$PPID"
  exit 1
}
case $1 in
  *"'s password: ") who=\${1%"'s password: "} ;;
  '('*') '[Pp]assword*) who=\${1%%') '*} who=\${who#'('} ;;
  # Before OpenSSH 8.5.
  [Pp]assword*) who=\${${USER_VARIABLE}-}@ ;;
  *) exit 1 ;;
esac
tr '\\0' '\\n' <"/proc/$PPID/cmdline" | grep -qxF -e ${posixWord(remoteShell)} || no_jump
user=\${${USER_VARIABLE}-\${who%@*}}
case $who in
  *[[:space:]]*) exit 1 ;;
  "$user"@* | "$(printf %.30s "$user")"@*) printf '%s\\n' "$${PASSWORD_VARIABLE}" ;;
  *) exit 1 ;;
esac
`;

export type Login = { readonly user?: string | undefined; readonly password: string };

/** Calls with what ssh needs to ask for a password where there is no terminal: a program of ours, which is then removed. */
export async function withAskpass<Result>(
  { user, password }: Login,
  env: Environment,
  call: (env: Environment) => Promise<Result>,
  systemDirectory = '/tmp',
): Promise<Result> {
  const directory = ownDirectory([env['XDG_RUNTIME_DIR'], env['TMPDIR'], systemDirectory]);
  try {
    const helper = join(directory, 'askpass');
    writeFileSync(helper, HELPER, { mode: 0o700, flag: 'wx' });
    return await call({
      // Without a display older ones do not ask.
      DISPLAY: ':0',
      ...env,
      SSH_ASKPASS: helper,
      SSH_ASKPASS_REQUIRE: 'force',
      [USER_VARIABLE]: user,
      [PASSWORD_VARIABLE]: password,
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** In the first place that there is, and that the caller can write to. */
function ownDirectory([first, ...others]: readonly (string | undefined)[]): string {
  if (first === undefined || first === '') return ownDirectory(others);
  try {
    return mkdtempSync(join(first, 'askpass-'));
  } catch (error) {
    if (others.length > 0) return ownDirectory(others);
    throw new VllmdError(
      'unexpected',
      `the program that tells ssh the password cannot be written: ${asError(error).message}`,
      'set TMPDIR to a directory that you can write to',
    );
  }
}
