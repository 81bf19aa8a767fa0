import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  type FleetLockRequest,
  fleetLockHolder,
  takeFleetLock,
} from '../../src/host/fleet/fleet-lock.ts';
import { bundleProgram, type Program, startProgram } from '../support/program.ts';

const uid = process.geteuid?.() ?? 0;
const scripts = mkdtempSync(`${tmpdir()}/vllmd-fleet-lock-program-`);
const program = `${scripts}/take.cjs`;

beforeAll(async () => {
  await bundleProgram(
    `
    import { takeFleetLock } from './src/host/fleet/fleet-lock.ts';
    import { spawn } from './src/host/spawn.ts';
    async function main() {
      const request = { modelId: 'qwen', waitMs: 0, onWait: () => {}, now: Date.now };
      const taken = await takeFleetLock(process.argv[2], process.geteuid(), request)
        .then(() => 'taken', (error) => error.message);
      console.log(taken);
      if (taken !== 'taken') return;
      // A program that it has started lives on.
      void spawn(['sleep', '20'], 60000);
      setTimeout(() => {}, 30000);
    }
    void main();
    `,
    program,
  );
});
afterAll(() => rmSync(scripts, { recursive: true }));

let base = '';
let directory = '';
const programs: Program[] = [];
beforeEach(() => {
  base = mkdtempSync(`${tmpdir()}/vllmd-fleet-lock-`);
  directory = `${base}/vllmd/fleet`;
});
afterEach(() => {
  for (const { child } of programs.splice(0)) child.kill('SIGKILL');
  rmSync(base, { recursive: true });
});

function request(options: Partial<FleetLockRequest> = {}): FleetLockRequest {
  return { modelId: 'llama', waitMs: 0, onWait: () => undefined, now: Date.now, ...options };
}

function otherSelect(): Program {
  const other = startProgram([program, directory]);
  programs.push(other);
  return other;
}

/** Another process that has the lock. */
async function otherHolder(): Promise<Program> {
  const other = otherSelect();
  expect(await other.line()).toBe('taken');
  return other;
}

test('a held lock is named with its holder, its model and since when', async () => {
  const other = await otherHolder();
  await expect(takeFleetLock(directory, uid, request())).rejects.toMatchObject({
    exit: 'locked',
    message: expect.stringMatching(
      new RegExp(
        `^Runtime lock held by PID ${other.pid}: select of qwen, since \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$`,
      ),
    ),
    hint: expect.stringContaining('--wait-lock 60'),
  });
});

test('of two selects that begin at once one has the lock, and the other one says so', async () => {
  const both = [otherSelect(), otherSelect()];
  const lines = await Promise.all(both.map(({ line }) => line()));
  const winner = both[lines.indexOf('taken')];
  expect(lines.filter((line) => line === 'taken')).toHaveLength(1);
  expect(lines.find((line) => line !== 'taken')).toContain(
    `Runtime lock held by PID ${winner?.pid}`,
  );
});

test('kill -9 of the holder frees the lock, though a program that it has started lives on', async () => {
  const other = await otherHolder();
  other.child.kill('SIGKILL');
  expect(await other.end()).toBe('SIGKILL');
  const lock = await takeFleetLock(directory, uid, request());
  expect(JSON.parse(readFileSync(`${directory}/runtime.lock`, 'utf8'))).toMatchObject({
    ...{ pid: process.pid, model: 'llama' },
  });
  lock.release();
});

test('a wait ends when the holder does, and has said once for whom it waits', async () => {
  const other = await otherHolder();
  const waitedFor: string[] = [];
  const onWait = (who: string) => {
    waitedFor.push(who);
    other.child.kill('SIGKILL');
  };
  const lock = await takeFleetLock(directory, uid, request({ waitMs: 20_000, onWait }));
  expect(waitedFor).toEqual([
    expect.stringMatching(new RegExp(`^PID ${other.pid}: select of qwen`)),
  ]);
  lock.release();
});

test('who has the lock can be seen without taking it, and a look makes nothing', async () => {
  expect(await fleetLockHolder(directory)).toBeUndefined();
  expect(existsSync(directory)).toBe(false);
  const lock = await takeFleetLock(directory, uid, request());
  expect((await fleetLockHolder(directory))?.text).toMatch(
    `PID ${process.pid}: select of llama, since `,
  );
  lock.release();
  expect(await fleetLockHolder(directory)).toBeUndefined();
});

test('a wait that is over is a held lock', async () => {
  const lock = await takeFleetLock(directory, uid, request());
  const late = takeFleetLock(directory, uid, request({ waitMs: 500 }));
  await expect(late).rejects.toMatchObject({ exit: 'locked' });
  lock.release();
});

test('a released lock can be taken again; only its account can read what is in it', async () => {
  const first = await takeFleetLock(directory, uid, request());
  first.release();
  first.release();
  (await takeFleetLock(directory, uid, request())).release();
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(`${directory}/runtime.lock`)).toMatchObject({ size: 0 });
  expect(statSync(`${directory}/runtime.lock`).mode & 0o777).toBe(0o600);
});

test('what stands in the file of a lock is shown for nobody but its holder', async () => {
  const lock = await takeFleetLock(directory, uid, request());
  for (const text of ['nonsense', '{"pid":1,"startTime":-5,"since":"","model":""}']) {
    writeFileSync(`${directory}/runtime.lock`, text);
    await expect(takeFleetLock(directory, uid, request())).rejects.toMatchObject({
      ...{ exit: 'locked', message: 'Runtime lock held by another vllmd' },
    });
  }
  lock.release();
});
