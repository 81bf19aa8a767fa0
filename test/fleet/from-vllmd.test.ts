import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FIXTURES } from '../support/fixtures.ts';
import { fleet, sampleFleet, textOf, writeFleet } from '../support/fleet-files.ts';

let directory = '';
let file = '';
beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/vllmd-from-vllmd-`);
  file = `${directory}/runtimes.json`;
});
afterEach(() => rmSync(directory, { recursive: true }));

const llama = (name: string) => `${FIXTURES}llama-${name}/llama.toml`;
const hostConfig = `${FIXTURES}version-2/vllmd.toml`;

function add(...more: readonly string[]) {
  return fleet(['hosts', 'add', '--from-vllmd', ...more], { file });
}

test.for([
  [
    'llama-contract-example',
    ['--config', llama('contract-example'), '--ssh', 'ops@lab:2222', '--sudo'],
  ],
  ['llama-hosts', ['--config', llama('hosts')]],
  [
    'version-2',
    ['--config', hostConfig, '--gpu', 'h100', '--display-name', 'Rack 1', '--id', 'rack-1'],
  ],
  ['both', ['--config', hostConfig, '--llama', llama('contract-example')]],
] as const)('the entries of %s are exactly as expected, and valid', async ([name, argv]) => {
  const { code, err } = await add(...argv);
  expect([code, err]).toEqual([0, '']);
  await expect(textOf(file)).toMatchFileSnapshot(`${FIXTURES}runtimes-from-vllmd/${name}.json`);
});

test('the entries of one config are the same each time', async () => {
  await add('--config', hostConfig);
  const before = textOf(file);
  const { code, out } = await add('--config', hostConfig);
  expect([code, out.includes('changed')]).toEqual([0, false]);
  expect(textOf(file)).toBe(before);
});

test('two hosts with an instance of one name keep both models, by a prefix', async () => {
  const config = `${directory}/llama.toml`;
  writeFileSync(config, '[instance.coder.server]\nmodel = "/m/coder.gguf"\nport = 8080\n');
  const first = ['--config', config, '--ssh', 'ops@gpu1', '--id', 'gpu1'];
  const second = ['--config', config, '--ssh', 'ops@gpu2', '--id', 'gpu2'];
  expect((await add(...first)).code).toBe(0);
  const before = textOf(file);
  const refused = await add(...second);
  expect(refused.code).toBe(3);
  expect(refused.err).toContain('models: duplicate id "coder", which runs on gpu1\n');
  expect(refused.err).toContain(
    '--model-prefix gpu2 calls it gpu2-coder; --force replaces the one of gpu1\n',
  );
  expect(textOf(file)).toBe(before);
  expect(await add(...second, '--model-prefix', 'gpu2')).toMatchObject({ code: 0, err: '' });
  const third = ['--config', config, '--ssh', 'ops@gpu3', '--id', 'gpu3', '--model-prefix', 'gpu2'];
  expect(await add(...third)).toMatchObject({
    err: expect.stringContaining('another --model-prefix gives it another id; --force replaces'),
  });
  const { models } = JSON.parse(textOf(file));
  expect(
    models.map(({ id, host_policy }: { id: string; host_policy: unknown }) => [id, host_policy]),
  ).toEqual([
    ['coder', ['gpu1']],
    ['gpu2-coder', ['gpu2']],
  ]);
  const unused = await fleet(['hosts', 'add', '--id', 'x', '--model-prefix', 'y'], { file });
  expect(unused.err).toContain('--model-prefix means nothing without --from-vllmd');
});

test('--force tells which model of another host it replaces', async () => {
  const config = `${directory}/llama.toml`;
  writeFileSync(config, '[instance.coder.server]\nmodel = "/m/coder.gguf"\nport = 8080\n');
  const on = (id: string) => ['--config', config, '--ssh', `ops@${id}`, '--id', id, '--force'];
  const text = (from: string, to: string) =>
    `model coder of ${from} is replaced by the one of ${to}`;
  expect(await add(...on('gpu1'))).toMatchObject({ code: 0, err: '' });
  const told = await add(...on('gpu2'));
  expect([told.code, told.err]).toEqual([0, `warning: ${text('gpu1', 'gpu2')}\n`]);
  const { out } = await add(...on('gpu1'), '--json');
  expect(JSON.parse(out).warnings).toEqual([text('gpu2', 'gpu1')]);
});

test('an entry of the same id is replaced only where that is asked for, at its place', async () => {
  writeFleet(file, sampleFleet);
  const before = textOf(file);
  const refused = await add('--config', hostConfig, '--id', 'here');
  expect([refused.code, refused.err]).toEqual([3, expect.stringContaining('duplicate id "here"')]);
  expect(textOf(file)).toBe(before);
  // Its backend is another one, so that the old one and its model have no host any more.
  const { code, out } = await add('--config', hostConfig, '--id', 'here', '--force');
  expect([code, out]).toEqual([0, expect.stringContaining('host here changed: ')]);
  const { hosts } = JSON.parse(textOf(file));
  expect(hosts.map(({ id }: { id: string }) => id)).toEqual(['here']);
});

test('a config that is not valid is told, and nothing is written', async () => {
  for (const config of [`${FIXTURES}bad-empty/vllmd.toml`, llama('bad-ports')]) {
    const { code, err } = await add('--config', config);
    expect([code, err]).toEqual([3, expect.stringContaining('error[')]);
  }
  const none = await add('--config', llama('none-enabled'));
  expect([none.code, none.err]).toEqual([3, expect.stringContaining('nothing that runs')]);
  const nowhere = await add('--config', hostConfig, '--ssh', 'a:b:c');
  expect([nowhere.code, nowhere.err]).toEqual([64, expect.stringContaining('names no host')]);
  expect(() => textOf(file)).toThrow('ENOENT');
});

test('a secret of a config is not in the entries', async () => {
  const { code, out } = await add('--config', llama('secrets'), '--json');
  expect(code).toBe(0);
  expect(textOf(file) + out).not.toMatch(/api.key|token|secret-/i);
});

/** Units are files, and one that is started stays until it is stopped. */
const systemctl = `#!/bin/sh
verb=$1; shift
[ "$1" = --quiet ] && shift
for unit; do
  case $verb in
    start) touch "$UNITS/$unit" ;;
    stop) rm -f "$UNITS/$unit" ;;
    is-active) [ -e "$UNITS/$unit" ] || exit 3 ;;
    cat) echo "# $unit" ;;
    *) exit 64 ;;
  esac
done
`;

/** Commands of a machine that has no units but these. */
function machine() {
  const units = `${directory}/units`;
  for (const path of [units, `${directory}/bin`]) mkdirSync(path);
  writeFileSync(`${directory}/bin/systemctl`, systemctl, { mode: 0o755 });
  const env = {
    ...{ HOME: directory, XDG_STATE_HOME: `${directory}/state`, UNITS: units },
    ...{ PATH: `${directory}/bin:${process.env['PATH']}`, VLLMD_RUNTIMES: file },
  };
  const call = (...argv: readonly string[]) => fleet(argv, { file, world: { env } });
  return { units, env, call };
}

test('a model whose unit runs already is not started, and what stops it is told', async () => {
  const { units, env, call } = machine();
  await add('--config', hostConfig);
  writeFileSync(`${units}/vllmd-runtime@2.service`, '');
  const { code, err } = await call('select', '--model', 'near');
  expect([code, readdirSync(units)]).toEqual([4, ['vllmd-runtime@2.service']]);
  expect(err).toContain(
    'near runs there already, on no record of vllmd (by hand or since boot), or something else has its port\n',
  );
  expect(err).toMatch(/\n {2}help: nothing was started\n$/);
  // As it stands there, it helps.
  const [, command = ''] = /the stop_cmd of local stops it: (.*)\n/.exec(err) ?? [];
  execFileSync('bash', ['-c', command], { env: { ...process.env, ...env } });
  expect(await call('select', '--model', 'near')).toMatchObject({ code: 0 });
});

test('a selection switches the units: one is started, and all others are stopped', async () => {
  const { units, call } = machine();
  await add('--config', hostConfig);
  expect(await call('hosts', 'doctor')).toMatchObject({ code: 0 });
  for (const [model, unit] of [
    ['near', 'vllmd-runtime@2.service'],
    ['own-kernel', 'vllmd-runtime@3.service'],
  ] as const) {
    const { code, out, err } = await call('select', '--model', model);
    expect(code, err).toBe(0);
    expect(readdirSync(units)).toEqual([unit]);
    // What listens in a virtual machine is not in its config, so no place is told that would answer.
    const status = await call('select', 'status');
    expect(out + status.out).not.toMatch(/endpoint|8080/i);
    const asked = JSON.parse((await call('select', 'status', '--json')).out);
    expect([asked.model_id, asked.endpoint]).toEqual([model, undefined]);
  }
  const tested = [await call('models', 'test', 'own-kernel'), await call('models', 'test', 'near')];
  expect(tested.map(({ code }) => code)).toEqual([0, 4]);
});
