import { expect, test } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { sha256 } from '../../../src/core/plan/digest.ts';
import { testWorld } from '../../support/world.ts';
import { CONFIG, type Installed, installed, textFile } from './installed.ts';

const UNIT = 'vllmd-runtime@1.service';
const SYSTEM = '/etc/systemd/system';
const down = { loadState: 'loaded', activeState: 'inactive', subState: 'dead', mainPid: 0 };

async function call({ host }: Installed, ...argv: readonly string[]) {
  const world = testWorld(host());
  const code = await run(argv, world);
  return { code, out: world.out(), err: world.err() };
}

async function statusJson(of: Installed) {
  const { code, out } = await call(of, 'status', '--json');
  expect(code).toBe(0);
  return JSON.parse(out);
}

function write(path: string, text: string, of: Installed): void {
  of.entries.set(path, textFile(text));
}

/** As a start of runtime 1 leaves it behind, with one of its inputs as it was by then. */
function boot(of: Installed, was: Readonly<Record<string, string>> = {}): void {
  const paths = of.manifest.files.map(({ path }) => path).filter((path) => isInput(path));
  const inputs = paths.map((path) => {
    const entry = of.entries.get(path);
    const text = was[path] ?? (entry?.type === 'file' ? entry.text : '');
    return `== ${new TextEncoder().encode(text).length} ${path}\n${text}\n`;
  });
  write('/run/vllmd/1/booted', `vllmd-booted 1\n${inputs.join('')}`, of);
}

function isInput(path: string): boolean {
  return /vllmd-runtime@(1\.service\.d\/.*|\.service)$|runtime-1\.(env|vm\.json)$/.test(path);
}

const ENV = '/etc/vllmd/runtime-1.env';

test('a host that is as it was installed says so of every runtime, and verify agrees', async () => {
  const of = await installed();
  boot(of);
  expect(await statusJson(of)).toMatchObject({
    generation: 3,
    interrupted: false,
    unconfirmed: false,
    drifted: [],
    pinned: [],
    drift: [],
    runtimes: [
      { index: 1, running: 'current', pending: false, failed: false, generation: 3, drop_ins: [] },
      { index: 2, running: 'current', stopped_by_operator: false, masked: false },
    ],
  });
  expect(await call(of, 'verify')).toEqual({
    code: 0,
    out: 'as installed: generation 3\n',
    err: '',
  });
  const { code, out } = await call(of, 'verify', '--json');
  expect({ code, json: JSON.parse(out) }).toEqual({
    code: 0,
    json: { format_version: '1.0', ok: true, generation: 3, findings: [] },
  });
});

test('what a runtime was booted with counts, not what the record says', async () => {
  const of = await installed();
  boot(of, { [ENV]: 'VLLMD_RUNTIME_CPUS=1\n' });
  expect((await statusJson(of)).runtimes[0]).toMatchObject({ running: 'older', pending: true });
  expect((await call(of, 'status')).out).toMatch(/^1 .* restart pending$/m);
  const { code, out } = await call(of, 'verify');
  expect(code).toBe(2);
  expect(out).toContain(`restart-pending: ${UNIT}: it runs with an older definition\n`);
});

test.for([
  ['garbage', textFile('vllmd-booted 1\n== 7')],
  ['a link', { type: 'link', target: '/etc/shadow', trusted: false }],
] as const)(
  '%s in place of what a runtime was booted with is taken as not said',
  async ([, entry]) => {
    const of = await installed();
    of.entries.set('/run/vllmd/1/booted', entry);
    expect((await statusJson(of)).runtimes[0]).toMatchObject({ running: 'current' });
    expect((await call(of, 'verify')).code).toBe(0);
  },
);

test('a runtime of which nobody knows what it was started with is called that', async () => {
  const of = await installed();
  const manifest = { ...of.manifest, units: [] };
  write('/var/lib/vllmd/install/manifest.json', JSON.stringify(manifest), of);
  const { runtimes } = await statusJson(of);
  expect(runtimes[0]).toMatchObject({ running: 'unknown', pending: false, generation: null });
  expect((await call(of, 'status')).out).toMatch(/^1 .* started from unknown files$/m);
});

test.for([
  ['failed', { ...down, activeState: 'failed' }, { failed: true }, /^1 +runtime-1 +failed /m],
  [
    'stopped',
    down,
    { stopped_by_operator: false, not_started_since_boot: true },
    /^1 +runtime-1 +stopped .* not started since boot$/m,
  ],
  ['masked', { ...down, loadState: 'masked' }, { masked: true }, /^1 +runtime-1 +masked /m],
] as const)('a runtime that is %s is shown as that', async ([, state, json, line]) => {
  const of = await installed();
  of.units.set(UNIT, state);
  expect((await statusJson(of)).runtimes[0]).toMatchObject({ running: 'not running', ...json });
  expect((await call(of, 'status')).out).toMatch(line);
});

test.for([
  ['none', 'unknown', 'systemd does not tell'],
  ['another one than vllmd knows', 'maintenance', 'systemd says maintenance'],
] as const)(
  'a runtime of which systemd tells no state (%s) needs somebody',
  async ([, activeState, why]) => {
    const of = await installed();
    of.units.set(UNIT, { ...down, activeState });
    const { attention } = await statusJson(of);
    expect(attention).toEqual([
      {
        code: 'unknown',
        subject: UNIT,
        runtime: 1,
        text: `the state of runtime 1 is not known: ${why}`,
        commands: [
          { command: `systemctl status ${UNIT}`, why: 'whether systemd answers, and what' },
        ],
      },
    ]);
    expect((await call(of, 'status')).out).toMatch(/^1 of 2 runtimes needs you\n/);
  },
);

test('status lists edits, kept edits, masks and drop-ins of the operator', async () => {
  const of = await installed();
  const files = of.manifest.files.map((file) =>
    file.path === ENV ? { ...file, pinned: sha256('kept\n') } : file,
  );
  write('/var/lib/vllmd/install/manifest.json', JSON.stringify({ ...of.manifest, files }), of);
  write(ENV, 'kept\n', of);
  write('/etc/vllmd/network.env', 'edited\n', of);
  of.entries.delete('/etc/vllmd/libexec/tap');
  of.entries.set(`${SYSTEM}/vllmd.slice`, { type: 'link', target: '/dev/null', trusted: true });
  of.entries.delete(`${SYSTEM}/vllmd.target.wants/${UNIT}`);
  write(`${SYSTEM}/${UNIT}.d/50-mine.conf`, '[Service]\nNice=5\n', of);
  const json = await statusJson(of);
  expect(json.pinned).toEqual([ENV]);
  expect(json.drifted).toContain('/etc/vllmd/network.env');
  expect(json.runtimes[0]).toMatchObject({
    enabled: false,
    drop_ins: [`${SYSTEM}/${UNIT}.d/50-mine.conf`],
  });
  const { out } = await call(of, 'status');
  expect(out).toContain('changed by hand: /etc/vllmd/network.env\n');
  expect(out).toContain('changed by hand: /etc/vllmd/libexec/tap: it was removed\n');
  expect(out).toContain(`kept as you have it: ${ENV}\n`);
  expect(out).toContain(`masked: ${SYSTEM}/vllmd.slice\n`);
  expect(out).toContain(`your drop-in: ${SYSTEM}/${UNIT}.d/50-mine.conf (${UNIT})\n`);
});

test('an install that was cut off, or that nobody has confirmed, is said first', async () => {
  const of = await installed();
  write('/var/lib/vllmd/install/journal.json', '{}', of);
  write('/var/lib/vllmd/install/confirm.json', '{}', of);
  expect((await call(of, 'status')).out).toMatch(
    /^an install was interrupted: .*vllmd recover.*\nthe last install waits to be confirmed: .*vllmd confirm/,
  );
  const { code, out } = await call(of, 'verify');
  expect(code).toBe(2);
  expect(out).toMatch(
    /^not as installed: generation 3, 2 differences\ninterrupted: .*\nunconfirmed: /,
  );
});

test('verify names everything that is not as it was installed, one line each', async () => {
  const of = await installed();
  of.units.set(UNIT, { ...down, activeState: 'failed' });
  write('/etc/vllmd/network.env', 'edited\n', of);
  of.entries.set(`${SYSTEM}/${UNIT}`, { type: 'link', target: '/dev/null', trusted: true });
  const entry = of.entries.get(ENV);
  if (entry?.type === 'file') of.entries.set(ENV, { ...entry, mode: 0o666 });
  of.entries.delete(`${SYSTEM}/vllmd.target.wants/vllmd-runtime@2.service`);
  const { code, out } = await call(of, 'verify');
  expect(code).toBe(2);
  expect(
    out
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split(': ').slice(0, 2).join(' ')),
  ).toEqual([
    // It has read its environment before the edit.
    'restart-pending vllmd-network.service',
    `failed ${UNIT}`,
    'edited /etc/vllmd/network.env',
    `mode ${ENV}`,
    `disabled ${SYSTEM}/vllmd.target.wants/vllmd-runtime@2.service`,
    `masked ${SYSTEM}/${UNIT}`,
  ]);
});

test('verify says that the config has changed since, and how much that would change', async () => {
  const of = await installed();
  const path = '/other.toml';
  const text = '[global]\nuser = "sdake"\n[[runtimes]]\nindex = 1\nname = "x"\n';
  const readConfigFile = () => ({ kind: 'bytes', bytes: new TextEncoder().encode(text) }) as const;
  const world = testWorld(of.host(), { readConfigFile });
  expect(await run(['verify', '--config', path], world)).toBe(2);
  expect(world.out()).toMatch(
    /changes-pending: \/other\.toml: the config has changed since the last install: \d+ changes, \d+ actions\n$/,
  );
  const invalid = testWorld(of.host(), {
    readConfigFile: () => ({ kind: 'bytes', bytes: new TextEncoder().encode('x') }),
  });
  expect(await run(['verify'], invalid)).toBe(2);
  expect(invalid.out()).toContain(`config-invalid: ${CONFIG}`);
  const gone = testWorld(of.host(), { readConfigFile: () => ({ kind: 'absent' }) });
  expect(await run(['verify'], gone)).toBe(0);
  expect(gone.err()).toContain(`${CONFIG} cannot be read`);
});

test('another version that would write other files is told from a config that has changed', async () => {
  const of = await installed();
  const slice = `${SYSTEM}/vllmd.slice`;
  const files = of.manifest.files.map((file) =>
    file.path === slice ? { ...file, sha256: sha256('old\n') } : file,
  );
  write('/var/lib/vllmd/install/manifest.json', JSON.stringify({ ...of.manifest, files }), of);
  write(slice, 'old\n', of);
  expect((await call(of, 'verify')).out).toContain(
    'an install would not leave this host as it is: 1 change, 0 actions',
  );
});

test('verify of a host without vllmd exits with 2, and without root with 77', async () => {
  const of = await installed();
  of.entries.set('/var/lib/vllmd/install/manifest.json', { type: 'hidden' });
  const world = testWorld(of.host(), { uid: 1000 });
  expect(await run(['verify'], world)).toBe(77);
  of.entries.delete('/var/lib/vllmd/install/manifest.json');
  const { code, out } = await call(of, 'verify');
  expect({ code, out }).toMatchObject({ code: 2, out: expect.stringContaining('not-installed') });
});

test('who looks while an install runs is told that', async () => {
  const of = await installed();
  const host = of.host();
  const world = testWorld(host);
  const lock = await world.lock('', { op: 'install', timeoutMs: 0, onWait: () => {} });
  for (const command of ['status', 'verify']) {
    const other = testWorld(host);
    expect(await run([command], other)).toBe(0);
    expect(other.err()).toContain('alice');
  }
  lock.release();
});
