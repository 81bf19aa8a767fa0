import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, expect, test } from 'vitest';
import { readHost } from '../../src/host/fleet/read-host.ts';
import type { Transport } from '../../src/host/fleet/transport.ts';

const base = mkdtempSync(`${tmpdir()}/vllmd-read-host-`);
afterAll(() => rmSync(base, { recursive: true }));

const bin = `${base}/bin`;
mkdirSync(bin);
for (const [name, text] of [
  ['nvidia-smi', 'echo "GPU 0: H100\t(UUID: x)"; exit 3'],
  ['probe it', 'true'],
] as const) {
  writeFileSync(`${bin}/${name}`, `#!/bin/sh\n${text}\n`);
  chmodSync(`${bin}/${name}`, 0o755);
}
writeFileSync(`${base}/a model.gguf`, '');

/** A bash of this machine, which is given the text as every host is. */
const here: Transport = {
  run: async ({ script, env }) => {
    const { status, stdout, stderr } = spawnSync('bash', ['-c', 'eval "$(cat)" </dev/null'], {
      input: script,
      env: { PATH: `${bin}:/usr/bin:/bin`, ...env },
      encoding: 'utf8',
    });
    return { exitCode: status ?? 1, stdout, stderr, isTimedOut: false, isAborted: false };
  },
};

test('a host says where programs are, what it has of paths, and what it sees of GPUs', async () => {
  const programs = ['no-such-program', 'probe it', 'sh', '$(touch x)', "'"];
  const paths = [`${base}/a model.gguf`, `${base}/none/at/all`, `$(touch ${base}/x)`];
  const answer = await readHost(here, { programs, sudoPrograms: ['no-such-program'], paths });
  if (!answer.isReached) throw new Error(answer.result.stderr);
  const { facts } = answer;
  expect(facts.time).toBeGreaterThan(1_000_000_000);
  expect([...facts.programs]).toEqual([
    ['no-such-program', undefined],
    ['probe it', `${bin}/probe it`],
    ['sh', '/usr/bin/sh'],
    ['$(touch x)', undefined],
    ["'", undefined],
  ]);
  expect([...facts.sudoPrograms]).toEqual([['no-such-program', undefined]]);
  expect([...facts.paths.values()].map(({ isThere }) => isThere)).toEqual([true, false, false]);
  expect(facts.paths.get(paths[1] ?? '')?.freeKibibytes).toBeGreaterThan(0);
  expect(facts.paths.get(paths[1] ?? '')?.disk).toMatch(/^\//);
  expect(facts.downloads.freeKibibytes).toBeGreaterThan(0);
  expect(facts.gpu[0]).toEqual({
    ...{ by: 'nvidia-smi', exitCode: 3 },
    lines: ['GPU 0: H100 (UUID: x)'],
  });
});

test('a program that only root has in its PATH is found for sudo alone', async () => {
  const answer = await readHost(here, { programs: ['blkid'], sudoPrograms: ['blkid'], paths: [] });
  if (!answer.isReached) throw new Error(answer.result.stderr);
  expect(answer.facts.programs.get('blkid')).toBeUndefined();
  expect(answer.facts.sudoPrograms.get('blkid')).toMatch(/sbin\/blkid$/);
});

test('an answer that is not whole is none', async () => {
  const result = { exitCode: 255, stdout: '', stderr: '', isTimedOut: false, isAborted: false };
  const broken: Transport = { run: async () => ({ ...result, connection: 'refused' }) };
  const questions = { programs: [], sudoPrograms: [], paths: [] };
  expect(await readHost(broken, questions)).toEqual({
    isReached: false,
    result: { ...result, connection: 'refused' },
  });
});
