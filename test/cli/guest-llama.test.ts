import { expect, test, vi } from 'vitest';
import type { Entry } from '../../src/core/plan/observed.ts';
import { STDIN_PATH } from '../../src/host/config-file.ts';
import type { Host } from '../../src/host/host.ts';
import { createMemoryHost } from '../../src/host/memory-host.ts';
import { type Answer, type CallOptions, call, healthy, install } from '../support/call.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const SECRET = 'sk-0123456789';
const BESIDE = '/etc/vllmd/llama.toml';
const OF_HOST = '/srv/small.toml';
const SMALL = '[instance.small.server]\nmodel = "/m/small.gguf"\nport = 8080\n';
const CHAT = `[instance.server]\napi_key = "${SECRET}"\n\n[instance.chat.server]\nmodel = "/m/chat.gguf"\nport = 8080\n`;
const VENDOR_DATA = '/home/sdake/.local/state/vllmd-hypervisor/runtime-1/cloud-init/vendor-data';

function config(first: string, second = OF_HOST): string {
  const llama = (path: string) => (path === '' ? '' : `[runtimes.llama]\nconfig = "${path}"\n`);
  const [one, two] = [first, second].map(llama);
  return `schema_version = 2

[global]
user = "sdake"

[[runtimes]]
index = 1
name = "one"
${one}
[[runtimes]]
index = 2
name = "two"
${two}
[[runtimes]]
index = 3
name = "three"
`;
}

type Setting = {
  readonly first?: string;
  /** Beside the config; '' for none. */
  readonly beside?: string;
  readonly ofHost?: string;
};

const PATH = '/etc/vllmd/vllmd.toml';

function optionsFor(text: string): CallOptions {
  return { texts: new Map([[PATH, text]]) };
}

async function put(machine: Simulation, path: string, text: string): Promise<void> {
  await machine.host.write(path, text, { mode: 0o600, uid: 0, gid: 0 });
}

async function machineWith({ beside = CHAT, ofHost = SMALL }: Setting = {}): Promise<Simulation> {
  const machine = simulatedHost();
  const directory = { mode: 0o755, uid: 0, gid: 0 };
  for (const path of ['/etc/vllmd', '/srv', '/tree']) await machine.host.mkdir(path, directory);
  if (beside !== '') await put(machine, BESIDE, beside);
  if (ofHost !== '') await put(machine, OF_HOST, ofHost);
  return machine;
}

/** Every command that reads a config. */
const commands: readonly (readonly string[])[] = [
  ['validate', PATH],
  ['render', '--config', PATH, '--out', '/tree'],
  [...install(PATH), '--dry-run'],
  install(PATH),
  ['explain', 'runtimes.llama', '--config', PATH],
];

async function answers(setting: Setting): Promise<readonly Answer[]> {
  const machine = await machineWith(setting);
  const all: Answer[] = [];
  for (const argv of commands) {
    all.push(await call(machine, argv, optionsFor(config(setting.first ?? 'llama.toml'))));
  }
  return all;
}

test('a file that is not valid makes the config not valid, and is told by its own name and lines', async () => {
  for (const { code, out, err } of await answers({ beside: `${CHAT}flash_attn = true\n` })) {
    expect(code, err).toBe(3);
    expect(out).toBe('');
    expect(err).toContain('error[wrong-type]: instance.chat.server.flash_attn: ');
    expect(err).toContain('\n --> /etc/vllmd/llama.toml:7:14\n');
    expect(err).not.toContain(SECRET);
  }
});

test('precheck counts what is wrong in it, and verify calls the config not valid', async () => {
  const machine = await machineWith();
  const options = optionsFor(config('llama.toml'));
  await healthy(machine, install(PATH), options);
  await put(machine, BESIDE, `${CHAT}flash_attn = true\nmetrics = 1\n`);
  const { out } = await call(machine, ['precheck', '--config', PATH], options);
  expect(out).toContain('vllmd.toml is not valid: 2 problems');
  const verified = await call(machine, ['verify', '--config', PATH], options);
  expect(verified.out).toContain(`config-invalid: ${PATH}: it is not valid`);
});

test('several files that are not valid are one JSON answer, and each problem says which file it is in', async () => {
  const machine = await machineWith({ beside: '[instance.a', ofHost: 'x = 1\n' });
  const argv = ['validate', PATH, '--json'];
  const { code, out } = await call(machine, argv, optionsFor(config('llama.toml')));
  expect(code).toBe(3);
  const { ok, diagnostics } = JSON.parse(out);
  expect(ok).toBe(false);
  const files = diagnostics.map(({ file }: { readonly file: string }) => file);
  expect(new Set(files)).toEqual(new Set([BESIDE, OF_HOST]));
});

test('a file beside the config that is not there makes the config not valid', async () => {
  for (const { code, err } of await answers({ beside: '' })) {
    expect(code).toBe(3);
    expect(err).toContain(
      'error[llama-config]: runtimes[0].llama.config: llama.toml does not exist',
    );
    expect(err).toContain(' --> /etc/vllmd/vllmd.toml:10:10\n');
  }
});

test('what is wrong with the file of a host stops an install there, and no check of the config elsewhere', async () => {
  const [validated, rendered, dryRun, installed, explained] = await answers({ ofHost: '' });
  const said = `[llama-config]: runtimes[1].llama.config: ${OF_HOST} does not exist`;
  expect(validated).toMatchObject({ code: 0, err: expect.stringContaining(`warning${said}`) });
  expect(rendered).toMatchObject({ code: 6, err: expect.stringContaining(`error${said}`) });
  expect(dryRun).toMatchObject({ code: 0, err: expect.stringContaining(`error${said}`) });
  expect(installed).toMatchObject({ code: 6, err: expect.stringContaining(`error${said}`) });
  expect(explained).toMatchObject({ code: 0, err: expect.stringContaining(`warning${said}`) });
});

test.for([
  ['a link', { type: 'link', target: '/etc/shadow', trusted: false }, 'is no regular file'],
  [
    'a way through a link of somebody',
    { type: 'unsafe', link: '/etc/vllmd' },
    'is no regular file',
  ],
  ['what may not be read', { type: 'hidden' }, 'may not be read'],
] as const)('%s is not followed nor guessed', async ([, entry, why]) => {
  const machine = await machineWith();
  const read = async (path: string): Promise<Entry> =>
    path === BESIDE ? entry : machine.host.read(path);
  const host: Host = { ...machine.host, read };
  const { code, err } = await call(machine, ['validate', PATH], {
    ...optionsFor(config('llama.toml')),
    host,
  });
  expect(code).toBe(3);
  expect(err).toContain(`runtimes[0].llama.config: llama.toml ${why}`);
});

test('a config on standard input has no directory that a name could be relative to', async () => {
  const machine = await machineWith();
  const options = { texts: new Map([[STDIN_PATH, config('llama.toml')]]) };
  const relative = await call(machine, ['validate', '-'], options);
  expect(relative).toMatchObject({ code: 3 });
  expect(relative.err).toContain('is relative to the config, and that is standard input');
  const absolute = { texts: new Map([[STDIN_PATH, config(BESIDE)]]) };
  expect(await call(machine, ['validate', '-'], absolute)).toMatchObject({ code: 0 });
});

test('a path may begin with the home of the account, and not lead up', async () => {
  const machine = await machineWith();
  await put(machine, '/home/sdake/chat.toml', CHAT);
  for (const path of ['~/chat.toml', '$HOME/chat.toml', './llama.toml']) {
    expect(await call(machine, ['validate', PATH], optionsFor(config(path)))).toMatchObject({
      code: 0,
    });
  }
  const up = await call(machine, ['validate', PATH], optionsFor(config('../llama.toml')));
  expect(up.err).toContain('error[path-syntax]: runtimes[0].llama.config: must not contain `..`');
});

test('a table of options that the file names is looked for beside it', async () => {
  const master = '[master]\noption_table = "help.txt"\n';
  const machine = await machineWith({ beside: master + CHAT });
  const argv = ['validate', PATH];
  const missing = await call(machine, argv, optionsFor(config('llama.toml')));
  expect(missing.err).toContain('error[llama-option-table]: ');
  expect(missing.err).toContain('"help.txt" does not exist');
  await put(machine, '/etc/vllmd/help.txt', 'not much\n');
  const short = await call(machine, argv, optionsFor(config('llama.toml')));
  expect(short.err).toContain('"help.txt" has 0 options of llama-server in it');
});

test('a warning about a file is told, and counted by validate', async () => {
  const machine = await machineWith();
  const { out, err } = await call(machine, ['validate', PATH], optionsFor(config('llama.toml')));
  expect(out).toBe('/etc/vllmd/vllmd.toml: valid, 3 runtimes, 1 warning\n');
  expect(err).toContain('warning[llama-secret]: instance.server.api_key');
  expect(err).toContain('1 warning in /etc/vllmd/llama.toml\n');
  const json = await call(machine, ['validate', PATH, '--json'], optionsFor(config('llama.toml')));
  expect(JSON.parse(json.out)).toMatchObject({
    ok: true,
    diagnostics: [{ rule: 'llama-secret', file: BESIDE, line: 2 }],
  });
});

test.for([
  [
    '[master]\nllama_cpp_path = "bin/llama-server"\n',
    'error[llama-executable]: bin/llama-server is',
  ],
  ['[instance.control]\nlog_dir = "logs"\n', 'error[llama-log]: instance chat: its log logs/'],
  ['[instance.control]\nlog_dir = "/tmp/x"\n', 'warning[llama-log]: instance chat: its log /tmp/x'],
  ['[instance.control]\nbackground = false\n', 'warning[llama-background]: '],
] as const)('what no guest could do is told before: %j', async ([text, said]) => {
  const machine = await machineWith({ beside: text + CHAT });
  const { code, err } = await call(machine, ['validate', PATH], optionsFor(config('llama.toml')));
  expect(code).toBe(said.startsWith('error') ? 3 : 0);
  expect(err).toContain(said);
  expect(err).toContain(' --> /etc/vllmd/llama.toml:');
});

test('instances whose names are numbers come in the order of the file', async () => {
  const numbered = ['zeta', '7', '3'].map(
    (name, at) => `[instance.${name}.server]\nmodel = "/m/a.gguf"\nport = ${8080 + at}\n`,
  );
  const machine = await machineWith({ beside: numbered.join('') });
  const tree = createMemoryHost();
  await healthy(machine, ['render', '--config', PATH, '--out', '/'], {
    ...optionsFor(config('llama.toml')),
    world: { treeHost: () => tree },
  });
  const entry = await tree.read(VENDOR_DATA);
  const names = (entry.type === 'file' ? entry.text : '').matchAll(/vllmd-llama@(.+)\.service\.d/g);
  expect([...names].map(([, name]) => name)).toEqual(['zeta', '7', '3']);
});

test('a change of the file restarts the runtime that names it, says which instance, and nothing else', async () => {
  const machine = await machineWith();
  const options = optionsFor(config('llama.toml'));
  await healthy(machine, install(PATH), options);
  const again = await healthy(machine, [...install(PATH), '--dry-run'], options);
  expect(again.out).toContain('Nothing to do');
  await put(machine, BESIDE, CHAT.replace('8080', '8081'));
  const verified = await call(machine, ['verify'], options);
  expect(verified.out).toContain('changes-pending');
  const dryRun = await healthy(machine, [...install(PATH), '--dry-run'], options);
  expect(dryRun.out).toContain(
    'restart vllmd-runtime@1.service  chat changed in what its guest runs by a llama.cpp config',
  );
  expect(dryRun.out).not.toContain('first boot only');
  const before = machine.commands.length;
  await healthy(machine, install(PATH), options);
  const restarted = machine.commands
    .slice(before)
    .filter((argv) => argv.includes('restart'))
    .map(String);
  expect(restarted).toEqual([expect.stringContaining('vllmd-runtime@1.service')]);
  expect((await healthy(machine, [...install(PATH), '--dry-run'], options)).out).toContain(
    'Nothing to do',
  );
});

test('a start by hand brings a new file into force, and an install sees that', async () => {
  const machine = await machineWith();
  const options = optionsFor(config('llama.toml'));
  await healthy(machine, install(PATH), options);
  await put(machine, BESIDE, CHAT.replace('8080', '8081'));
  await healthy(machine, [...install(PATH), '--no-restart'], options);
  await machine.host.run(['systemctl', 'restart', 'vllmd-runtime@1.service'], 1000);
  const { out } = await healthy(machine, [...install(PATH), '--dry-run'], options);
  expect(out).toContain('Nothing to do');
});

test('a runtime that has no llama.cpp config any more has no vendor data', async () => {
  const machine = await machineWith();
  await healthy(machine, install(PATH), optionsFor(config('llama.toml')));
  const without = optionsFor(config(''));
  const { out } = await healthy(machine, [...install(PATH), '--dry-run'], without);
  expect(out).toContain(`delete file ${VENDOR_DATA}`);
  expect(out).toContain('restart vllmd-runtime@1.service  chat changed');
  await healthy(machine, install(PATH), without);
  expect((await machine.host.read(VENDOR_DATA)).type).toBe('absent');
});

test('a secret of the file is in no output, and only its account and root can read what it is written to', async () => {
  const machine = await machineWith();
  const options = optionsFor(config('llama.toml'));
  const encoded = Buffer.from(`LLAMA_API_KEY=${SECRET}\n`).toString('base64');
  const said: string[] = [];
  const ask = async (argv: readonly string[]) => {
    const { out, err } = await call(machine, argv, options);
    said.push(out, err);
  };
  await ask([...install(PATH), '--dry-run']);
  await ask([...install(PATH), '--dry-run', '--json']);
  await ask([...install(PATH), '--json']);
  await put(machine, BESIDE, CHAT.replace(SECRET, `${SECRET}-new`));
  for (const more of [[], ['--json']]) {
    await ask([...install(PATH), '--dry-run', ...more]);
    await ask(['explain', VENDOR_DATA, '--config', PATH, ...more]);
    await ask(['status', ...more]);
    await ask(['precheck', '--config', PATH, ...more]);
    await ask(['facts', '--config', PATH]);
  }
  const all = said.join('');
  expect(all).toContain('(sensitive, ');
  expect(all).not.toContain(SECRET);
  expect(all).not.toContain(encoded.slice(0, -4));
  const entry = await machine.host.read(VENDOR_DATA);
  expect(entry).toMatchObject({ type: 'file', mode: 0o600, uid: 1000 });
  expect(entry.type === 'file' ? entry.text : '').toContain(encoded);
});
