import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isGroupAlive } from '../src/host/servers/group-alive.ts';

/** A shell that leads a group, has a child in it, and does not collect that one. */
async function groupWith(
  child: string,
): Promise<{ readonly group: number; readonly end: () => Promise<void> }> {
  const script = `${child} & echo started; exec sleep 60`;
  const leader = spawn('sh', ['-c', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(leader.stdout, 'data');
  const group = leader.pid ?? 0;
  return {
    group,
    end: async () => {
      leader.kill('SIGKILL');
      await once(leader, 'exit');
    },
  };
}

test('a group lives for as long as one of its processes runs', async () => {
  const { group, end } = await groupWith('sleep 60');
  expect(isGroupAlive(group)).toBe(true);
  await end();
  expect(isGroupAlive(group)).toBe(true);
  process.kill(-group, 'SIGKILL');
  await expect.poll(() => isGroupAlive(group)).toBe(false);
});

test('no group is alive that nobody has ever led', () => {
  expect(isGroupAlive(2 ** 30)).toBe(false);
});

test('a process that has ended and that nobody has collected is none', async () => {
  // It moves its child into a group of its own and never asks for it.
  const script = '$| = 1; $p = fork; if (!$p) { setpgrp(0, 0); exit 0 } print "$p\n"; sleep 60';
  const parent = spawn('perl', ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await once(parent.stdout, 'data');
  const pid = Number(String(line));
  await expect.poll(() => isGroupAlive(pid)).toBe(false);
  expect(process.kill(pid, 0)).toBe(true);
  parent.kill('SIGKILL');
});
