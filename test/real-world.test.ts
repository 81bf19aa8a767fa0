import { expect, test } from 'vitest';
import { realWorld } from '../src/host/real-world.ts';

function world(env: NodeJS.ProcessEnv = {}) {
  const { cwd, geteuid, stdin, stdout, stderr, pid, on, off } = process;
  return realWorld({
    env,
    cwd,
    stdin,
    stdout,
    stderr,
    pid,
    on,
    off,
    execPath: '/usr/bin/node',
    argv: ['/usr/bin/node', '/opt/vllmd/vllmd.mjs', 'install', '--dry-run'],
    ...(geteuid === undefined ? {} : { geteuid }),
  });
}

const request = { op: 'install', timeoutMs: 0, onWait: () => undefined };

test('names the argv that starts this very program again, without its options', () => {
  expect(world().self).toEqual(['/usr/bin/node', '/opt/vllmd/vllmd.mjs']);
});

test('an install below an install does not wait for itself', async () => {
  await expect(world({ VLLMD_LOCK_HELD: '1' }).lock('', request)).rejects.toMatchObject({
    exit: 'locked',
  });
});

test('time passes while it waits', async () => {
  const { now, wait } = world();
  const begin = now();
  await wait(20);
  expect(now() - begin).toBeGreaterThanOrEqual(15);
});

test('the lock of a tree that is not there is an error, not a tree', async () => {
  const lock = world().lock('/nonexistent/tree', request);
  await expect(lock).rejects.toMatchObject({ exit: 'usage' });
  expect(await world().lockHolder('/nonexistent/tree')).toBeUndefined();
});
