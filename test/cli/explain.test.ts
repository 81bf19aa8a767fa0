import { expect, test } from 'vitest';
import { textWidth } from '../../src/core/report/text-width.ts';
import { call, healthy, install, installed } from '../support/call.ts';
import { simulatedHost } from '../support/systemd.ts';

const CONFIG = [
  'schema_version = 2',
  '[global]',
  'user = "sdake"',
  '[guest]',
  'ssh_authorized_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGp1c3QgYSBzYW1wbGUgb2YgdGhpcnR5LXR3byBieXRl hidden@example"]',
  'hostname_prefix = "gpu-"',
  '[[runtimes]]',
  'index = 1',
  'name = "web"',
  'memory_gb = 3',
  '',
].join('\n');
const texts = new Map([
  ['/c.toml', CONFIG],
  ['/gpus.toml', `${CONFIG}gpus = ["0000:01:00.0", "0000:02:00.0"]\n`],
  ['/bad.toml', '[global]\n'],
  ['/later.toml', CONFIG.replace('gpu-', 'box-')],
]);

function explain(...argv: readonly string[]) {
  return call(simulatedHost(), ['explain', ...argv, '--config', '/c.toml'], { texts });
}

test('says of a line which line of the config made it', async () => {
  const { code, out, err } = await explain('/etc/vllmd/runtime-1.env:4');
  expect([code, err]).toEqual([0, '']);
  expect(out).toBe(
    [
      '/etc/vllmd/runtime-1.env:4',
      '  VLLMD_RUNTIME_MEMORY=3G',
      '',
      'from runtimes[0].memory_gb',
      '  --> /c.toml:10:13',
      '   |',
      '10 | memory_gb = 3',
      '   |             ^',
      '',
      'the file is there because of runtimes[0] (/c.toml:7:3)',
      'its path follows from runtimes[0].index',
      'note: the file is not on the host; an install would create it',
      '',
    ].join('\n'),
  );
});

test('a line that only something unset would change is not called fixed', async () => {
  const { out } = await explain('network.env:5');
  expect(out).toContain(
    'text of the template network.env: nothing that the config sets and no fact of the host made it\n\nnot set, and would change it: network.subnet\n',
  );
});

test('a line that nothing changes alone is not said to be the same whatever two keys say', async () => {
  expect((await explain('network.env:1')).out).toContain(
    '\nfixed text of the template network.env: no key of the config and no fact of the host alone changes it\n',
  );
});

const LONG = `/srv/${'llm-'.repeat(40)}`;
const longTexts = new Map([
  ['/c.toml', CONFIG.replace('user = "sdake"', `user = "sdake"\nconfig_dir = "${LONG}"`)],
]);

async function explainLong(subject: string, columns?: number): Promise<string> {
  const out: string[] = [];
  const write = (text: string) => void out.push(text);
  const terminal = {
    isTerminal: columns !== undefined,
    ...(columns === undefined ? {} : { columns }),
  };
  const asked = ['explain', subject, '--config', '/c.toml'];
  const world = { stdout: { write, hasColour: false, ...terminal } };
  expect((await call(simulatedHost(), asked, { texts: longTexts, world })).code).toBe(0);
  return out.join('');
}

test.for(['vllmd-runtime@1.service', 'network.env:5', '/etc/vllmd/network.env'])(
  'a terminal of 80 columns has no line that is wider: %s',
  async (subject) => {
    const lines = (await explainLong(subject, 80)).split('\n');
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.filter((line) => textWidth(line) > 80)).toEqual([]);
  },
);

test.for(['global.user', 'memory', 'runtimes'])(
  'nor where a key is asked for, but for paths, which stay whole: %s',
  async (subject) => {
    const lines = (await explainLong(subject, 80)).split('\n');
    expect(lines.length).toBeGreaterThan(5);
    const wide = lines.filter((line) => textWidth(line) > 80);
    expect(wide.filter((line) => !/^\/\S+$/.test(line))).toEqual([]);
  },
);

test.for(['global.user', 'vllmd-runtime@1.service'])(
  'a pipe gets every line whole: %s',
  async (subject) => {
    expect(await explainLong(subject, 80)).toMatch(/ \| .*…\n/);
    const piped = await explainLong(subject);
    expect(piped).not.toMatch(/ \| .*…\n/);
    expect(piped).toContain(`${LONG}/runtime-1.vm.json`);
  },
);

test('says of a key which lines it reaches', async () => {
  const { code, out } = await explain('runtimes[name=web].memory_gb');
  expect(code).toBe(0);
  expect(out).toContain('runtimes[0].memory_gb = 3\n  --> /c.toml:10:13\n');
  expect(out).toContain('/etc/vllmd/runtime-1.env\n  4 | VLLMD_RUNTIME_MEMORY=3G\n');
  expect(out).toMatch(/\nit reaches \d+ lines of \d+ files\n$/);
});

test('says of a key that no file depends on that it reaches none', async () => {
  const { code, out } = await explain('schema_version');
  expect(code).toBe(0);
  expect(out).toContain('schema_version = 2\n');
  expect(out).toContain(
    '\nit reaches no file of this config: with any other value the same bytes are written\n',
  );
});

test('a key that is not set says what it would change', async () => {
  const { out } = await explain('runtimes[0].mac');
  expect(out).toContain('runtimes[0].mac is not set, and has no default of its own\n');
  expect(out).toMatch(/\nif it were set it would change \d+ lines of \d+ files\n$/);
});

test('a key that only adds lines says where, and a mode which files it would make', async () => {
  expect((await explain('memory.prefault')).out).toContain('  other values add lines behind line ');
  expect((await explain('memory.hugepages')).out).toContain(
    'other values would make:\n  /etc/systemd/system/vllmd-hugepages.service\n',
  );
});

test('what only keeps lines away has its place in the config as well', async () => {
  const argv = ['explain', 'vllmd-runtime@1.service', '--config', '/gpus.toml'];
  const { out } = await call(simulatedHost(), argv, { texts });
  const rest = out.slice(out.indexOf('other values would add lines behind:'));
  expect(rest).toMatch(/\n {2}runtimes\[0\]\.gpus .*\/gpus\.toml:11:8\n/);
});

test('text that is sensitive is shown by no form of it', async () => {
  const secret = /AAAAC3Nza|hidden@example/;
  for (const subject of [
    'cloud-init/user-data',
    'guest',
    'guest.ssh_authorized_keys',
    'guest.ssh_authorized_keys[0]',
    'runtimes[0]',
    '/home/sdake/.local/state/vllmd-hypervisor/runtime-1/cloud-init/user-data:3',
  ]) {
    for (const flags of [[], ['--json']]) {
      const { code, out, err } = await explain(subject, ...flags);
      expect(code, `${subject} ${err}`).toBe(0);
      expect(out + err).not.toMatch(secret);
    }
  }
  expect((await explain('guest.ssh_authorized_keys')).out).toContain('(sensitive)');
});

test('--json is the same as data', async () => {
  const line = JSON.parse((await explain('/etc/vllmd/runtime-1.env:4', '--json')).out);
  expect(line).toEqual({
    format_version: '1.0',
    ok: true,
    kind: 'files',
    recorded: null,
    files: [
      {
        path: '/etc/vllmd/runtime-1.env',
        type: 'file',
        template: 'runtime.env',
        sensitive: false,
        installed: 'absent',
        exists_because: [at('runtimes[0]', '/runtimes/0', [7, 3, 11])],
        path_from: [at('runtimes[0].index', '/runtimes/0/index', [8, 9, 10])],
        lines: [
          {
            line: 4,
            text: 'VLLMD_RUNTIME_MEMORY=3G',
            sources: [
              {
                ...at('runtimes[0].memory_gb', '/runtimes/0/memory_gb', [10, 13, 14]),
                reach: 'value',
              },
            ],
          },
        ],
        missing: [],
      },
    ],
    diagnostics: [],
  });
  const key = JSON.parse((await explain('runtimes[0].memory_gb', '--json')).out);
  expect(key).toMatchObject({
    kind: 'keys',
    keys: [{ kind: 'config', path: 'runtimes[0].memory_gb', value: 3 }],
  });
  expect(key.keys[0].files[1]).toMatchObject({
    path: '/etc/vllmd/runtime-1.env',
    lines: [{ line: 4, text: 'VLLMD_RUNTIME_MEMORY=3G', reach: 'value' }],
  });
});

function at(path: string, pointer: string, [line, column, end]: readonly number[]) {
  const place = { file: '/c.toml', line, column, end_line: line, end_column: end };
  return { kind: 'config', path, pointer, ...place };
}

test('says when the file on the host is another one than it explains', async () => {
  const machine = await installed();
  const path = '/etc/vllmd/network.env';
  const asked = ['explain', `${path}:2`, '--config', '/example.toml'];
  expect((await call(machine, asked)).out).not.toContain('note:');
  await machine.host.write(path, 'edited\n', { mode: 0o644, uid: 0, gid: 0 });
  expect((await call(machine, asked)).out).toContain('note: the file on the host differs; ');
});

test('an install that is pending is told as well', async () => {
  const machine = simulatedHost();
  await healthy(machine, install('/c.toml'), { texts });
  const { out } = await call(machine, ['explain', 'meta-data', '--config', '/later.toml'], {
    texts,
  });
  expect(out).toContain('note: the file on the host differs; ');
});

test('what it does not know is exit code 1, with what may have been meant', async () => {
  expect(await explain('/etc/vllmd/netwrk.env')).toEqual({
    code: 1,
    out: '',
    err: 'error: /etc/vllmd/netwrk.env is no file, unit or key of this config\n  help: did you mean /etc/vllmd/network.env or /etc/vllmd/runtime-1.env?\n',
  });
  const { code, out } = await explain('network.moed', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ ok: false, diagnostics: [{ rule: 'not-found' }] });
});

test('a config that is not valid is exit code 3', async () => {
  const { code, err } = await call(simulatedHost(), ['explain', 'network', '-c', '/bad.toml'], {
    texts,
  });
  expect(code).toBe(3);
  expect(err).toContain('error[');
});

test('user data that cannot be read is a warning, and the rest is explained', async () => {
  const own = CONFIG.replace('hostname_prefix', 'user_data = "/none"\nhostname_prefix');
  const options = { texts: new Map([['/c.toml', own]]) };
  const asked = ['explain', 'meta-data', '-c', '/c.toml'];
  const { code, out, err } = await call(simulatedHost(), asked, options);
  expect(code).toBe(0);
  expect(err).toContain('warning[user-data]: guest.user_data: /none does not exist\n');
  expect(err).toMatch(/user_data = "•{5}"\n/);
  expect(out).toContain('guest.hostname_prefix');
  const json = JSON.parse((await call(simulatedHost(), [...asked, '--json'], options)).out);
  expect(json.diagnostics).toMatchObject([{ severity: 'warning', rule: 'user-data' }]);
});

test('a recorded host is explained as the one that it was recorded on', async () => {
  const live = await explain('runtime-1.vm.json', '--json');
  const machine = simulatedHost();
  const { out: recording } = await call(machine, ['facts', '--config', '/c.toml'], { texts });
  const all = new Map([...texts, ['/facts.json', recording]]);
  const asked = ['explain', 'runtime-1.vm.json', '--json', '--config', '/c.toml'];
  const { code, out } = await call(machine, [...asked, '--facts', '/facts.json'], { texts: all });
  expect(code).toBe(0);
  const { recorded, ...rest } = JSON.parse(withoutUuid(out));
  expect(recorded).toMatchObject({ file: '/facts.json', not_recorded: [], left_out: [] });
  expect({ ...rest, recorded: null }).toEqual(JSON.parse(withoutUuid(live.out)));
});

/** It is made of the machine id, which no recording holds. */
function withoutUuid(text: string): string {
  return text.replaceAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, 'UUID');
}
