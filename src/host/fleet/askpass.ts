import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VllmdError } from '../../core/failure.ts';
import { asError } from '../as-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Holds the password: it is in no argument and in no file. */
const PASSWORD_VARIABLE = 'VLLMD_SSH_PASSWORD';

/** Answers what asks for a password, and neither for the passphrase of a key nor whether a host is to be trusted. */
const HELPER = `#!/bin/sh
case $1 in *[Pp]assphrase* | *yes/no* | *PIN*) exit 1 ;; esac
printf '%s\\n' "$${PASSWORD_VARIABLE}"
`;

/** Calls with what ssh needs to ask for a password where there is no terminal: a program of ours, which is then removed. */
export async function withAskpass<Result>(
  password: string,
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
