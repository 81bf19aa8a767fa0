import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withAskpass } from '../../src/host/fleet/askpass.ts';
import { remoteShell } from '../../src/host/fleet/session-script.ts';
import { scratch } from '../support/ssh-host.ts';

const directory = scratch();
const nowhere = join(directory, 'nowhere');

function helperWith(
  env: Readonly<Record<string, string>>,
  systemDirectory?: string,
): Promise<string> {
  const call = async (own: Readonly<Record<string, string | undefined>>) => {
    const helper = own['SSH_ASKPASS'] ?? '';
    expect(existsSync(helper)).toBe(true);
    return helper;
  };
  return withAskpass({ password: 'secret' }, env, call, systemDirectory);
}

test('a runtime directory that is not there or not named is no obstacle, and nothing is left', async () => {
  for (const XDG_RUNTIME_DIR of [nowhere, '']) {
    const helper = await helperWith({ XDG_RUNTIME_DIR, TMPDIR: directory });
    expect(helper.startsWith(`${directory}/`)).toBe(true);
    expect(existsSync(helper)).toBe(false);
  }
  expect(existsSync(await helperWith({ XDG_RUNTIME_DIR: nowhere, TMPDIR: nowhere }))).toBe(false);
});

test('where no directory can be written to, it says what would help', async () => {
  const env = { XDG_RUNTIME_DIR: nowhere, TMPDIR: nowhere };
  await expect(helperWith(env, nowhere)).rejects.toMatchObject({
    message: expect.stringContaining('the password cannot be written'),
    hint: 'set TMPDIR to a directory that you can write to',
  });
});

/** What the helper answers to an ssh; by itself it is the one to the host of the entry. */
function answerTo(prompt: string, user?: string, [...words] = [remoteShell]): Promise<string> {
  const call = async (env: Readonly<Record<string, string | undefined>>) => {
    const args = ['-c', '"$SSH_ASKPASS" "$0"; exit $?', prompt, ...words];
    const { status, stdout } = spawnSync('sh', args, { env, encoding: 'utf8' });
    return `${status}:${stdout}`;
  };
  const env = { PATH: process.env['PATH'], TMPDIR: directory };
  return withAskpass({ user, password: "s $1 '\\n" }, env, call);
}

const GIVEN = "0:s $1 '\\n\n";
const REFUSED = '1:';
const long = 'a-name-of-an-account-that-is-longer-than-30';

test.each([
  ["me@target's password: ", 'me'],
  ["me@target's password: ", undefined],
  ["me@corp.example@target's password: ", 'me@corp.example'],
  ["*@target's password: ", '*'],
  [`${long.slice(0, 30)}@target's password: `, long],
  ['(me@target) Password: ', 'me'],
  ['(me@target) Password for me@target: ', undefined],
  [`(${long}@target) password:`, long],
  ['Password: ', 'me'],
])('%j is answered with the password of %s', async (prompt, user) => {
  expect(await answerTo(prompt, user)).toBe(GIVEN);
  // Another ssh, as one to a jump host.
  expect(await answerTo(prompt, user, ['-W', '[target]:22', 'jump'])).toBe(REFUSED);
  expect(await answerTo(prompt, user, [`${remoteShell} `, `x${remoteShell}`])).toBe(REFUSED);
});

test.each([
  "attacker@target's password: ",
  "me2@target's password: ",
  "xme@target's password: ",
  '(attacker@target) Password: ',
  "Enter PIN for 'me@target's password: ",
  "Enter me@target's old password: ",
  "Enter passphrase for key 'me@target's password: ",
  "Enter passphrase for key '/home/me/.ssh/id': ",
  "Enter PIN for 'token': ",
  "me@target's password: (yes/no) ",
  "me@target\nme@target's password: ",
  'Are you sure you want to continue connecting (yes/no/[fingerprint])? ',
  '(me@target) Verification code: ',
  '(me@target) New password: ',
  'me@target password: ',
  'me@target:',
  '',
])('%j is not answered', async (prompt) => {
  expect(await answerTo(prompt, 'me')).toBe(REFUSED);
});

test.each([
  "Enter PIN for 'me@target's password: ",
  "Enter passphrase for key '/home/me@home/.ssh/id': ",
  "me@target\nme@target's password: ",
  "'s password: ",
])('%j is not answered, though the entry has no user', async (prompt) => {
  expect(await answerTo(prompt)).toBe(REFUSED);
});
