import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { localTransport } from '../../src/host/fleet/local-transport.ts';
import { sshTransport } from '../../src/host/fleet/ssh-transport.ts';
import type { Transport } from '../../src/host/fleet/transport.ts';
import { fleet } from '../support/fleet-files.ts';
import { freePort } from '../support/llama-run.ts';
import { atEnd, newCaller, processesObstacle, scratch, startSshHost } from '../support/ssh-host.ts';

/** Its processes see only one another: `pkill` finds nobody else on this machine. */
const APART = ['unshare', '-pf', '--kill-child', '--mount-proc', '--'];
const obstacle = processesObstacle();

scratch();
const transports: Record<string, Transport> = {};

/** Paths are in the arguments of sshd, and the name of the product is in those of other tests. */
function neutralDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'apart-'));
  atEnd(() => rmSync(directory, { recursive: true }));
  return directory;
}

beforeAll(async () => {
  if (obstacle !== undefined) return;
  const directory = neutralDirectory();
  const bin = join(directory, 'local');
  mkdirSync(bin);
  const path = process.env['PATH'] ?? '';
  // No signal reaches the first process of a namespace, so that is another one.
  const apart = `PATH='${path}'\nexec ${APART.join(' ')} sh -c '"$@"; exit $?' sh bash "$@"\n`;
  writeFileSync(join(bin, 'bash'), `#!/bin/sh\n${apart}`, { mode: 0o755 });
  transports['this machine'] = localTransport({ ...process.env, PATH: `${bin}:${path}` });
  const caller = newCaller(directory);
  const host = await startSshHost({
    directory: join(directory, 'host'),
    ...{ caller, address: '127.0.0.1', port: await freePort(), within: APART },
  });
  const there = sshTransport(host.connection, caller.env);
  transports['a host with sshd'] = there;
  // What has started it does not care about signals.
  atEnd(() => there.run({ script: 'kill 1', env: {}, timeoutMs: 10_000 }));
});

describe.skipIf(obstacle !== undefined).each(['this machine', 'a host with sshd'])(
  'on %s',
  (where) => {
    test.each(['vllm', 'VLLM', 'llama', 'unique-model-4711'])(
      'a command that ends all that has %s in its arguments goes on itself',
      async (pattern) => {
        const script = `pkill -f ${pattern} || true; echo alive`;
        const env = { MODEL: `/models/${pattern}.gguf` };
        const result = await transports[where]?.run({ script, env, timeoutMs: 30_000 });
        expect(result).toMatchObject({ exitCode: 0, stdout: 'alive\n' });
      },
    );
  },
);

test.each([
  [['select', '--model', 'small'], ['select']],
  [['--json', 'select', '--model', 'small', '--dry-run'], ['select']],
  [['select', 'status'], ['select']],
  [['hosts', 'show', 'select'], []],
  [['select', '--help'], []],
])('of %j others see the arguments, unless it selects', async (argv, titles) => {
  const seen: string[] = [];
  const world = { hideArguments: (title: string) => void seen.push(title) };
  // Before it looks for its file, of which there is none.
  const file = join(neutralDirectory(), 'runtimes.json');
  await fleet(argv, { file, world });
  expect(seen).toEqual(titles);
});

test.skipIf(obstacle !== undefined)(
  'a model whose stop command looks for its ID in all arguments is selected',
  () => {
    const directory = neutralDirectory();
    const program = fileURLToPath(new URL('../../dist/vllmd.mjs', import.meta.url));
    const file = join(directory, 'runtimes.json');
    const stop = (pattern: string) => `pkill -f ${pattern} || true`;
    writeFileSync(
      file,
      JSON.stringify(fleetThatStopsWith(`${stop('{model_id}')}; ${stop('vllm')}`)),
      {
        mode: 0o600,
      },
    );
    const words = ['select', '--file', file, '--model'];
    const select = (id: string) => `node ${program} ${words.join(' ')} ${id}`;
    // The shell of the test has neither name in its arguments.
    const script = `${select('unique-one')} && ${select('unique-two')} && echo selected\n`;
    const env = { ...process.env, XDG_STATE_HOME: join(directory, 'state') };
    const [unshare = '', ...args] = APART;
    const out = execFileSync(unshare, [...args, 'bash', '-s'], { input: script, env });
    expect(String(out)).toMatch(/selected\n$/);
  },
);

function fleetThatStopsWith(stop_cmd: string) {
  const model = (id: string) => ({
    ...{ id, display_name: id, enabled: true, source: `/models/${id}.gguf` },
    ...{ host_policy: 'any', backend_policy: 'any' },
    launch: { start_cmd: 'exec sleep 300', probe_cmd: 'pgrep -x sleep' },
    runtime_defaults: { port: 9 },
  });
  return {
    schema_version: 1,
    hosts: [
      {
        ...{ id: 'here', display_name: 'here', enabled: true, transport: 'local', connection: {} },
        capabilities: { gpu: [], backends: ['cpu'] },
        health: { check_cmd: 'true' },
        model_control: { stop_cmd: stop_cmd },
      },
    ],
    backends: [{ id: 'cpu', display_name: 'CPU', enabled: true, type: 'cpu', host_filters: 'any' }],
    models: [model('unique-one'), model('unique-two')],
  };
}
