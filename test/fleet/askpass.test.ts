import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withAskpass } from '../../src/host/fleet/askpass.ts';
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
  return withAskpass('secret', env, call, systemDirectory);
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
