import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { realWorld } from '../src/host/real-world.ts';

type Outputs = Pick<NodeJS.Process, 'stdout' | 'stderr'>;

function world(env: NodeJS.ProcessEnv = {}, outputs: Partial<Outputs> = {}) {
  return realWorld(processWith(env, outputs));
}

function processWith(env: NodeJS.ProcessEnv = {}, outputs: Partial<Outputs> = {}) {
  const { cwd, geteuid, stdin, stdout, stderr, pid, on, off } = process;
  return {
    ...{ env, cwd, stdin, stdout, stderr, pid, on, off, title: 'node' },
    execPath: '/usr/bin/node',
    argv: ['/usr/bin/node', '/opt/vllmd/vllmd.mjs', 'install', '--dry-run'],
    ...outputs,
    ...(geteuid === undefined ? {} : { geteuid }),
  };
}

const request = { op: 'install', timeoutMs: 0, onWait: () => undefined };

test('names the argv that starts this very program again, without its options', () => {
  expect(world().self).toEqual(['/usr/bin/node', '/opt/vllmd/vllmd.mjs']);
});

test('what others see in the place of its arguments is the title of the process', () => {
  const own = processWith();
  realWorld(own).hideArguments('select');
  expect(own.title).toBe('select');
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

/** A stream that is a terminal, or a file. */
function streams(isTTY: boolean): Outputs {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 72, rows: 20 });
  return { stdout: stream, stderr: stream } as unknown as Outputs;
}

test.for([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: 'false' }, true, false],
  [{ FORCE_COLOR: 'true' }, false, true],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
  [{ TERM: 'dumb' }, true, false],
  [{ TERM: 'dumb', FORCE_COLOR: '1' }, true, true],
] as const)('with %j a terminal (%j) has colours: %j', ([env, isTTY, expected]) => {
  expect(world(env, streams(isTTY)).stdout.hasColour).toBe(expected);
});

test('a terminal has a size, as long as it is one that can be written over', () => {
  expect(world({}, streams(true)).stdout).toMatchObject({ columns: 72, rows: 20 });
  expect(world({}, streams(false)).stdout).toMatchObject({ columns: undefined, rows: undefined });
  expect(world({ TERM: 'dumb' }, streams(true)).stdout.columns).toBeUndefined();
});

test('nobody reads an output any more that cannot be written', async () => {
  const { stdout, stderr } = streams(false);
  const { stdout: output } = world({}, { stdout, stderr });
  expect(output.isGone).toBe(false);
  stdout.on('error', () => {}).destroy(new Error('EPIPE'));
  expect(output.isGone).toBe(true);
});
