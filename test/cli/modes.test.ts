import { expect, test, vi } from 'vitest';
import { createMemoryHost } from '../../src/host/memory-host.ts';
import { type CallOptions, call, healthy, install, installed } from '../support/call.ts';
import { configs } from '../support/scenarios.ts';
import { simulatedHost } from '../support/systemd.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const careless = `note = "by hand"\n${configs.get('/memory.toml') ?? ''}`.replace(
  '"0000:01:00.0"',
  '"01:00.0"',
);
const options: CallOptions = { texts: new Map([['/careless.toml', careless]]) };
const changes = [
  expect.objectContaining({ severity: 'warning', rule: 'unknown-key', path: 'note', line: 1 }),
  expect.objectContaining({ severity: 'warning', rule: 'spelling', path: 'runtimes[0].gpus[0]' }),
];

function diagnosticsOf(json: string): unknown {
  return JSON.parse(json).diagnostics;
}

test('a config is read strictly unless asked otherwise', async () => {
  const machine = await installed();
  for (const mode of [[], ['--strict']]) {
    for (const argv of [
      ['validate', '/careless.toml', ...mode],
      ['render', '--config', '/careless.toml', '--out', '/tree', ...mode],
      [...install('/careless.toml'), '--dry-run', ...mode],
      [...install('/careless.toml'), ...mode],
    ]) {
      const { code, out, err } = await call(machine, argv, options);
      expect(code, err).toBe(3);
      expect(out).toBe('');
      expect(err).toContain('error[unknown-key]: note');
      expect(err).toContain('error[bad-pci-address]: runtimes[0].gpus[0]');
    }
  }
});

test('validate --lenient lists each thing that it changed', async () => {
  const argv = ['validate', '/careless.toml', '--lenient'];
  const { code, out, err } = await call(simulatedHost(), argv, options);
  expect(code).toBe(0);
  expect(out).toBe('/careless.toml: valid, 2 runtimes, 2 warnings\n');
  expect(err).toContain('warning[unknown-key]: note: unknown key, ignored');
  expect(err).toContain('"01:00.0" is read as "0000:01:00.0"');
  const json = await call(simulatedHost(), [...argv, '--json'], options);
  expect(JSON.parse(json.out)).toMatchObject({ ok: true, diagnostics: changes });
});

test('render --lenient writes what the config means, and lists what it changed', async () => {
  const argv = ['render', '--config', '/careless.toml', '--lenient', '--out'];
  const tree = createMemoryHost();
  const inTree = { ...options, world: { treeHost: () => tree } };
  const { code, err } = await call(simulatedHost(), [...argv, '/'], inTree);
  expect(code).toBe(0);
  expect(err).toContain('warning[spelling]: runtimes[0].gpus[0]');
  expect(tree.entries.get('/etc/vllmd/runtime-1.env')).toMatchObject({
    text: expect.stringContaining('VLLMD_RUNTIME_GPUS=0000:01:00.0\n'),
  });
  const again = { ...options, world: { treeHost: () => createMemoryHost() } };
  const json = await call(simulatedHost(), [...argv, '/', '--json'], again);
  expect(diagnosticsOf(json.out)).toEqual(changes);
});

test('install --lenient plans what the plain config plans, and lists what it changed', async () => {
  const plain = await call(await installed(), [...install('/memory.toml'), '--dry-run']);
  const argv = [...install('/careless.toml'), '--dry-run', '--lenient'];
  const { code, out, err } = await call(await installed(), argv, options);
  expect(code).toBe(0);
  expect(out).toBe(plain.out);
  expect(err).toContain('warning[unknown-key]: note');
  const json = await call(await installed(), [...argv, '--json'], options);
  expect(diagnosticsOf(json.out)).toEqual(changes);
});

test('what was installed with --lenient is verified with it', async () => {
  const machine = await installed();
  const { err } = await healthy(machine, [...install('/careless.toml'), '--lenient'], options);
  expect(err).toContain('warning[unknown-key]: note');
  expect(await call(machine, ['verify', '--lenient'], options)).toMatchObject({ code: 0 });
  const strict = await call(machine, ['verify'], options);
  expect(strict).toMatchObject({ code: 2 });
  expect(strict.out).toContain('config-invalid');
});

test('a saved plan remembers --lenient', async () => {
  const machine = await installed();
  const argv = [...install('/careless.toml'), '--dry-run', '--lenient', '--plan-out', '/plan.json'];
  await healthy(machine, argv, options);
  const carryOut = ['install', '--settle', '0', '--plan', '/plan.json'];
  expect(await call(machine, carryOut, options)).toMatchObject({ code: 0 });
});

test('--strict and --lenient exclude each other', async () => {
  for (const command of ['validate', 'install', 'render', 'verify']) {
    const rest = command === 'render' ? ['--out', '/tree'] : [];
    const argv = [command, '--strict', '--lenient', ...rest];
    const { code, err } = await call(await installed(), argv, options);
    expect(code, err).toBe(64);
    expect(err).toContain('--strict and --lenient exclude each other');
  }
});

test('a runtime whose header is misspelt is not taken off the host in lenient mode', async () => {
  const text = (configs.get('/memory.toml') ?? '').replace(
    /\[\[runtimes\]\](?![\s\S]*\[\[runtimes)/,
    '[[runtime]]',
  );
  const slip: CallOptions = { texts: new Map([['/slip.toml', text]]) };
  const machine = await installed();
  const before = new Map(machine.entries);
  const validated = await call(machine, ['validate', '/slip.toml', '--lenient'], slip);
  expect(validated).toMatchObject({ code: 0, out: '/slip.toml: valid, 1 runtime, 1 warning\n' });
  expect(validated.err).toContain('an install refuses it');
  for (const more of [['--lenient'], ['--lenient', '--dry-run']]) {
    const { code, err } = await call(machine, [...install('/slip.toml'), ...more], slip);
    expect(code, err).toBe(3);
    expect(err).toContain('error[unknown-key]: runtime: unknown key; did you mean `runtimes`?');
  }
  expect(new Map(machine.entries)).toEqual(before);
});
