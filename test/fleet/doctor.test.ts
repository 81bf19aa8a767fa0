import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { fleet, sampleFleet, writeFleet } from '../support/fleet-files.ts';
import { freePort } from '../support/llama-run.ts';
import {
  type Caller,
  newCaller,
  type SshHost,
  scratch,
  sshObstacle,
  startSshHost,
} from '../support/ssh-host.ts';

const directory = scratch();
const file = join(directory, 'runtimes.json');
const SECRET = 'planted-secret-51ac';

const here = sampleFleet.hosts[0] ?? {};
const [small] = sampleFleet.models;
const [cpu] = sampleFleet.backends;

/** The sample with these hosts in it, all of which run its model. */
function fleetOn(hosts: readonly object[], more: object = {}) {
  const policies = { host_policy: 'any', host_filters: 'any' };
  writeFleet(file, {
    ...sampleFleet,
    hosts,
    backends: [{ ...cpu, host_filters: 'any' }],
    models: [{ ...small, host_policy: policies.host_policy, ...more }],
  });
}

test('this machine is looked at, and is fine', async () => {
  writeFleet(file, sampleFleet);
  const { code, out } = await fleet(['hosts', 'doctor'], { file });
  expect([code, out.trim().split('\n').at(-1)]).toEqual([
    0,
    'Doctor: no obvious runtime host issues found.',
  ]);
  expect(out).toMatch(/here +reached +ok +this machine/);
  expect(out).toMatch(/here +backend +ok +cpu: verified/);
});

test('what is missing on this machine is a problem, with what would help', async () => {
  fleetOn([here], {
    source: '/none/at/all.gguf',
    launch: { start_cmd: 'env A=b no-such-program-here {port}', probe_cmd: 'true' },
  });
  const { code, out } = await fleet(['hosts', 'doctor', 'here', '--json'], { file });
  const findings = JSON.parse(out).findings.filter(
    ({ state }: { state: string }) => state !== 'ok',
  );
  expect([code, findings]).toEqual([
    4,
    [
      {
        ...{ host_id: 'here', check: 'program', state: 'problem' },
        detail: 'no-such-program-here is not there, and models[small].launch.start_cmd needs it',
        help: expect.stringContaining('install it'),
      },
      expect.objectContaining({ check: 'model', state: 'warning' }),
    ],
  ]);
});

test('a secret that a command repeats is not told', async () => {
  const check_cmd = `echo "denied for ${SECRET}" >&2; exit 1`;
  const host = { ...here, health: { check_cmd }, connection: { password: SECRET } };
  fleetOn([host]);
  for (const argv of [
    ['doctor'],
    ['doctor', '--json'],
    ['test', 'here'],
    ['test', 'here', '--json'],
  ]) {
    const { code, out, err } = await fleet(['hosts', ...argv], { file });
    expect(code).toBe(4);
    expect(out + err).toContain('denied for [REDACTED]');
    expect(out + err).not.toContain(SECRET);
  }
});

test('backends and models have a doctor of what they need, with the same codes', async () => {
  fleetOn([{ ...here, health: { check_cmd: 'exit 7' } }], {
    launch: { start_cmd: 'no-such-program-here', probe_cmd: 'exit 7' },
  });
  const backends = await fleet(['backends', 'doctor'], { file });
  expect([backends.code, backends.out]).toEqual([0, expect.stringMatching(/cpu: verified/)]);
  const models = await fleet(['models', 'doctor', 'small', '--json'], { file });
  const { findings, ok } = JSON.parse(models.out);
  expect([models.code, ok]).toEqual([4, false]);
  expect(findings).toContainEqual(
    expect.objectContaining({ host_id: 'here', check: 'program', state: 'problem' }),
  );
  const none = await fleet(['models', 'doctor', 'smal'], { file });
  expect([none.code, none.err]).toEqual([1, expect.stringContaining('did you mean small?')]);
});

test('a disabled host is left out, and can be named', async () => {
  fleetOn([{ ...here, id: 'there', enabled: false, health: { check_cmd: 'exit 7' } }, here]);
  expect((await fleet(['hosts', 'doctor'], { file })).code).toBe(0);
  const named = await fleet(['hosts', 'doctor', 'there'], { file });
  expect([named.code, named.out]).toEqual([4, expect.stringContaining('exit code 7')]);
});

test('a model for a backend that this machine does not have asks nothing of it, and can run nowhere', async () => {
  writeFleet(file, {
    ...sampleFleet,
    backends: [...sampleFleet.backends, { ...cpu, id: 'cuda', type: 'cuda' }],
    models: [
      {
        ...{ ...small, backend_policy: ['cuda'] },
        launch: { start_cmd: 'cuda-server', probe_cmd: 'true' },
      },
    ],
  });
  const { code, out } = await fleet(['hosts', 'doctor'], { file });
  expect(code).toBe(4);
  expect(out).not.toContain('cuda-server');
  expect(out).toContain(
    'problem: model small can run nowhere: here with backend cuda is excluded by hosts[].capabilities.backends\n',
  );
});

test('the file is told that others can read although it holds a secret', async () => {
  fleetOn([{ ...here, connection: { password: SECRET } }]);
  const document = JSON.stringify({
    ...sampleFleet,
    hosts: [{ ...here, connection: { password: SECRET } }],
  });
  const open = join(directory, 'open.json');
  writeFileSync(open, document, { mode: 0o644 });
  const { code, out } = await fleet(['hosts', 'doctor'], { file: open });
  expect([code, out]).toEqual([4, expect.stringContaining('mode 0644, and it holds secrets')]);
});

test('each entry is tested on its host, in the words that people search for', async () => {
  writeFleet(file, sampleFleet);
  for (const [argv, out] of [
    [['hosts', 'test', 'here'], '[here] OK (exit=0)\n'],
    [['backends', 'test', 'cpu'], '[cpu] host=here OK (exit=0)\n'],
    [['models', 'test', 'small'], '[small] host=here OK (exit=0)\n'],
  ] as const) {
    expect(await fleet(argv, { file })).toMatchObject({ code: 0, out });
  }
  fleetOn([{ ...here, health: { check_cmd: 'echo why >&2; exit 3' } }], {
    launch: { start_cmd: 'true', probe_cmd: 'exit 22' },
  });
  expect(await fleet(['hosts', 'test', 'here'], { file })).toMatchObject({
    ...{ code: 4, out: '[here] FAIL (exit=3)\n', err: '  why\n' },
  });
  expect(await fleet(['models', 'test', 'small'], { file })).toMatchObject({
    ...{ code: 4, out: '[small] host=here FAIL (exit=22)\n' },
  });
});

test('what cannot be tested is told, and whether that is a failure', async () => {
  const { verify_cmd: _, ...unverified } = cpu ?? { verify_cmd: '' };
  writeFleet(file, { ...sampleFleet, backends: [unverified], models: [] });
  expect(await fleet(['backends', 'test', 'cpu'], { file })).toMatchObject({
    ...{ code: 0, out: '[cpu] no verify_cmd configured.\n' },
  });
  writeFleet(file, {
    ...sampleFleet,
    backends: [{ ...cpu, verify_cmd: 'test -e {source}' }],
    models: [],
  });
  expect(await fleet(['backends', 'test', 'cpu'], { file })).toMatchObject({
    ...{ code: 4, out: 'verify_cmd has {source}, and no model runs with it on here\n' },
  });
  writeFleet(file, { ...sampleFleet, hosts: [{ ...here, enabled: false }] });
  expect(await fleet(['models', 'test', 'small', '--json'], { file })).toMatchObject({
    ...{ code: 4, out: expect.stringContaining('no eligible host for model: small') },
  });
  expect(await fleet(['backends', 'test', 'cpu'], { file })).toMatchObject({
    ...{ code: 4, out: 'no eligible host for backend: cpu\n' },
  });
});

const obstacle = sshObstacle();

describe.skipIf(obstacle !== undefined)('on a host with sshd', () => {
  let caller: Caller;
  let ssh: SshHost;
  beforeAll(async () => {
    mkdirSync(join(directory, 'caller'));
    caller = newCaller(join(directory, 'caller'));
    ssh = await startSshHost({
      ...{ directory: join(directory, 'host'), caller, address: '127.0.0.1' },
      port: await freePort(),
    });
  });

  const remote = (id: string, connection: object) => ({
    ...here,
    ...{ id, transport: 'ssh', connection },
  });

  test('everything is looked up there, and one that is not reached leaves the others', async () => {
    const marker = join(ssh.home, 'bin');
    mkdirSync(marker, { recursive: true });
    writeFileSync(join(marker, 'only-there'), '#!/bin/sh\n', { mode: 0o755 });
    writeFileSync(join(ssh.home, '.profile'), `PATH="${marker}:$PATH"\n`);
    const closed = await freePort();
    fleetOn(
      [here, remote('lost', { ...ssh.connection, port: closed }), remote('lab', ssh.connection)],
      { launch: { start_cmd: 'only-there', probe_cmd: 'true' } },
    );
    const { code, out, err } = await fleet(['hosts', 'doctor', '--json'], {
      file,
      world: { env: { ...caller.env, VLLMD_RUNTIMES: file } },
    });
    const wrong = JSON.parse(out).findings.filter(
      ({ state }: { state: string }) => state === 'problem',
    );
    expect(code).toBe(4);
    expect(wrong).toEqual([
      expect.objectContaining({
        ...{ host_id: 'here', check: 'program' },
        detail: expect.stringContaining('only-there is not there'),
      }),
      expect.objectContaining({
        ...{ host_id: 'lost', check: 'reached' },
        detail: expect.stringMatching(/Connection refused/),
      }),
    ]);
    // The path of the key is a secret.
    expect(out + err).not.toContain(caller.key);
    expect(JSON.parse(out).findings).toContainEqual(
      expect.objectContaining({ host_id: 'lab', check: 'program', state: 'ok' }),
    );
  });

  test('a backend is verified there and not here', async () => {
    writeFleet(file, {
      ...sampleFleet,
      hosts: [remote('lab', ssh.connection)],
      backends: [{ ...cpu, host_filters: 'any', verify_cmd: 'command -v only-there' }],
      models: [],
    });
    const world = { env: { ...caller.env, VLLMD_RUNTIMES: file } };
    const { code, out } = await fleet(['backends', 'test', 'cpu'], { file, world });
    expect([code, out]).toEqual([0, '[cpu] host=lab OK (exit=0)\n']);
  });
});
