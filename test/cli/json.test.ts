import { expect, test, vi } from 'vitest';
import {
  answering,
  type CallOptions,
  call,
  edit,
  healthy,
  install,
  installed,
  interruptedAt,
  whileBusy,
} from '../support/call.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';
import { describedHost } from '../support/world.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const update = install('/memory.toml', '--json');
const dropIn = '/etc/systemd/system/vllmd-runtime@1.service.d/10-vllmd.conf';
const record = '/var/lib/vllmd/install';

/** The one value on stdout. */
async function answerOf(
  machine: Simulation,
  argv: readonly string[],
  options: CallOptions = {},
): Promise<{ readonly code: number; readonly json: Record<string, unknown> }> {
  const { code, out, err } = await call(machine, argv, options);
  expect(err).not.toBe('');
  return { code, json: JSON.parse(out) };
}

const busy = whileBusy();
const unprivileged: CallOptions = { world: { uid: 1000 } };

type Case = {
  readonly argv: readonly string[];
  readonly code: number;
  readonly rule: string;
  readonly prepare?: (machine: Simulation) => Promise<unknown>;
  readonly options?: CallOptions;
};

const cases: readonly Case[] = [
  { argv: update, code: 7, rule: 'locked', options: busy },
  { argv: ['uninstall', '--json'], code: 7, rule: 'locked', options: busy },
  { argv: ['rollback', '1', '--json'], code: 7, rule: 'locked', options: busy },
  { argv: update, code: 77, rule: 'needs-root', options: unprivileged },
  { argv: install('/none.toml', '--json'), code: 66, rule: 'no-config' },
  { argv: [...update, '--settle', 'x'], code: 64, rule: 'usage' },
  { argv: [...update, '--config', '/b.toml'], code: 64, rule: 'usage' },
  { argv: ['rollback', '7', '--json'], code: 64, rule: 'usage' },
  { argv: [...update, '--bogus'], code: 64, rule: 'usage' },
  {
    argv: update,
    code: 5,
    rule: 'conflict',
    prepare: (machine) => healthy(machine, install('/fewer.toml', '--confirm-within', '10m')),
  },
  {
    argv: update,
    code: 8,
    rule: 'rollback-incomplete',
    prepare: (machine) => edit(machine, `${record}/journal.json`, '{'),
  },
  {
    argv: ['uninstall', '--json'],
    code: 1,
    rule: 'unexpected',
    prepare: (machine) => edit(machine, `${record}/manifest.json`, '{'),
  },
];

test.for(cases.map((one) => [one.code, one.argv.join(' '), one] as const))(
  'a command with --json that ends with %i answers with one object: %s',
  async ([, , { argv, code, rule, prepare, options }]) => {
    const machine = await installed();
    await prepare?.(machine);
    const answer = await answerOf(machine, argv, options);
    expect(answer).toEqual({
      code,
      json: {
        format_version: '1.0',
        applyable: false,
        complete: false,
        errored: true,
        diagnostics: [expect.objectContaining({ rule, severity: 'error', path: '', pointer: '' })],
      },
    });
  },
);

test.for([
  [['status', '--json', 'extra']],
  [['history', '--json', '--no-such-option']],
  [['--json']],
])('what the parser refuses is answered as well: %j', async ([argv = []]) => {
  expect(await answerOf(await installed(), argv)).toMatchObject({
    code: 64,
    json: { format_version: '1.0', ok: false, diagnostics: [{ rule: 'usage' }] },
  });
});

test('a plan that is stale, and units that systemd does not understand, are answered as well', async () => {
  const machine = await installed();
  await healthy(machine, [...install('/memory.toml'), '--dry-run', '--plan-out', '/plan.json']);
  await edit(machine, dropIn, 'mine\n');
  const stale = await answerOf(machine, ['install', '--plan', '/plan.json', '--json']);
  expect(stale).toMatchObject({ code: 5, json: { diagnostics: [{ rule: 'conflict' }] } });
  const other = await installed();
  const host = answering(other.host, (argv) =>
    argv[0] === 'systemd-analyze' && argv[1] === 'verify'
      ? { exitCode: 1, stderr: `/run/vllmd/stage${dropIn}:12: Unknown key 'Restrat'\n` }
      : undefined,
  );
  const lint = await answerOf(other, update, { host });
  expect(lint).toMatchObject({
    code: 3,
    json: { errored: true, diagnostics: [{ rule: 'config' }] },
  });
});

test('what an earlier run has left that cannot be finished is answered as well', async () => {
  const machine = await installed();
  const reload = (argv: readonly string[]) => argv.includes('daemon-reload');
  const host = answering(machine.host, (argv) => (reload(argv) ? { exitCode: 1 } : undefined));
  const first = await answerOf(machine, install('/fewer.toml', '--json'), { host });
  expect(first).toMatchObject({ code: 8, json: { errored: true, outcome: {} } });
  const second = await answerOf(machine, update, { host });
  expect(second).toMatchObject({
    code: 8,
    json: { errored: true, diagnostics: [{ rule: 'rollback-incomplete' }] },
  });
});

test.for([
  [['status', '--json'], 77],
  [['verify', '--json'], 77],
  [['history', '--json'], 77],
  [['validate', '/none.toml', '--json'], 66],
  [['migrate', '/none.toml', '--json'], 66],
  [['render', '--config', '/none.toml', '--out', '/x', '--json'], 66],
] as const)('%j has ok and diagnostics where it fails', async ([argv, code]) => {
  const machine = await installed();
  const read = async (path: string) =>
    path.startsWith(record) ? ({ type: 'hidden' } as const) : machine.host.read(path);
  const answer = await answerOf(machine, argv, {
    host: { ...machine.host, read },
    ...unprivileged,
  });
  expect(answer).toEqual({
    code,
    json: { format_version: '1.0', ok: false, diagnostics: [expect.any(Object)] },
  });
});

test.for([
  [['explain', '--json', 'gpu-asigned-once'], 1, 'not-found', /a rule, a file, a line/],
  [
    ['explain', '--json', '--config', '/example.toml', '/etc/nosuch'],
    1,
    'not-found',
    /a rule, a file, a line/,
  ],
  [['validate', '--json', '/none.toml'], 66, 'no-config', /file that was named is not there/],
  [['precheck', '--json', '--facts', '/none'], 66, 'no-config', /no recording for `--facts`/],
  [['init', '--json', '--yes'], 6, 'preflight', /`init` has found no GPU/],
  [['topology', '--json', '--svg', '/none/a'], 64, 'usage', /a path where no file can be written/],
] as const)(
  'the rule of %j leads to a page that is about it',
  async ([argv, code, rule, about]) => {
    const host = describedHost({ pci: [] });
    const answer = await answerOf(simulatedHost(), argv, { host });
    expect(answer).toMatchObject({ code, json: { ok: false, diagnostics: [{ rule }] } });
    const page = await call(simulatedHost(), ['explain', rule]);
    expect(page.out.replaceAll(/\s+/g, ' ')).toMatch(about);
  },
);

test('a signal is an error for programs too', async () => {
  const machine = await installed();
  const answer = await answerOf(machine, update, interruptedAt(machine, 12, 'SIGINT'));
  expect(answer).toMatchObject({ code: 130, json: { errored: true, applyable: true } });
});

test('a conflict makes a plan neither applyable nor complete, and is told once', async () => {
  const machine = await installed();
  await edit(machine, dropIn, 'mine\n');
  for (const argv of [install('/example.toml', '--json'), ['uninstall', '--json']]) {
    const { code, json } = await answerOf(machine, argv);
    expect(code).toBe(5);
    expect(json).toMatchObject({ applyable: false, complete: false, drift: [{ path: dropIn }] });
  }
});
