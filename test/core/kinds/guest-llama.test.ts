import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { changedInstances } from '../../../src/core/kinds/runtime-vm/guest-llama/changed-instances.ts';
import { guestFiles } from '../../../src/core/kinds/runtime-vm/guest-llama/guest-files.ts';
import { vendorData } from '../../../src/core/kinds/runtime-vm/guest-llama/vendor-data.ts';
import type { LlamaInstance } from '../../../src/core/llama/instance.ts';
import { loadLlama } from '../../../src/core/llama/load.ts';
import { resolveLlama } from '../../../src/core/llama/resolve.ts';
import { octal } from '../../../src/core/plan/octal.ts';

const CHAT = '[instance.chat.server]\nmodel = "/m/chat.gguf"\nport = 8080\n';
const CODE = '[instance."code-2.5".server]\nmodel = "/m/code.gguf"\nport = 8081\n';

function instancesOf(text: string): readonly LlamaInstance[] {
  const bytes = new TextEncoder().encode(text);
  const { result } = loadLlama(bytes, { mode: 'strict', readTable: () => ({ why: 'is absent' }) });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return resolveLlama(result.value);
}

function fileOf(text: string, path: string): string {
  const found = guestFiles(instancesOf(text)).find((file) => file.path === path);
  return found?.text ?? '';
}

function changed(before: string, after: string): readonly string[] {
  const dataOf = (text: string) => (text === '' ? '' : vendorData(instancesOf(text)));
  return changedInstances(dataOf(before), dataOf(after));
}

test('the vendor data begin as a script that cloud-init runs at every boot', () => {
  expect(vendorData(instancesOf(CHAT))).toMatch(/^#cloud-boothook\n#!\/bin\/sh\n/);
});

test('the script writes each file with its mode, takes away what was there, and starts without waiting', () => {
  const root = mkdtempSync(join(tmpdir(), 'vllmd-guest-'));
  try {
    const text = `api_key = "hunter 2"\n`;
    const instances = instancesOf(`[instance.server]\n${text}${CHAT}${CODE}`);
    const said = join(root, 'said');
    const old = 'systemd/system/vllmd-llama@old.service.d';
    writeFileSync(join(root, 'systemctl'), `#!/bin/sh\necho "$*" >>${said}\n`, { mode: 0o755 });
    spawnSync('mkdir', ['-p', join(root, 'run', old), join(root, 'run/vllmd/llama/old')]);
    const script = vendorData(instances).replaceAll('/run/', `${root}/run/`);
    const env = { PATH: `${root}:${process.env['PATH']}` };
    const ran = spawnSync('sh', [], { input: script, env, encoding: 'utf8' });
    expect(ran.stderr).toBe('');
    const written = readdirSync(join(root, 'run'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.endsWith('/20-groups.conf'))
      .map((path) => ({
        path: path.slice(root.length),
        mode: octal(statSync(path).mode & 0o7777),
        text: readFileSync(path, 'utf8'),
      }));
    const files = guestFiles(instances).map((file) => ({ ...file, mode: octal(file.mode) }));
    const byPath = (a: { readonly path: string }, b: { readonly path: string }) =>
      a.path < b.path ? -1 : 1;
    expect(written.toSorted(byPath)).toEqual(files.toSorted(byPath));
    expect(readFileSync(said, 'utf8')).toBe('daemon-reload\nstart --no-block vllmd-llama.target\n');
    expect(readdirSync(join(root, 'run/systemd/system'))).not.toContain(
      'vllmd-llama@old.service.d',
    );
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('a secret is in a file of root alone, and in no unit', () => {
  const files = guestFiles(instancesOf(`[instance.server]\napi_key = "hunter 2"\n${CHAT}`));
  const telling = files.filter(({ text }) => text.includes('hunter 2'));
  expect(telling).toEqual([
    {
      path: '/run/vllmd/llama/chat.secrets',
      mode: 0o600,
      text: 'LLAMA_API_KEY="hunter 2"\n',
    },
  ]);
});

test('each file has a path of its own, whatever instances are called', () => {
  const named = ['a', 'a.secrets', 'a.env'].map(
    (name, at) => `[instance."${name}".server]\nmodel = "/m"\nport = ${8080 + at}\napi_key = "k"\n`,
  );
  const paths = guestFiles(instancesOf(named.join(''))).map(({ path }) => path);
  expect(new Set(paths).size).toBe(paths.length);
});

test('a guest has the unit of a host, and nothing of an install that could be cut off', () => {
  const unit = fileOf(CHAT, '/run/systemd/system/vllmd-llama@.service');
  expect(unit).toContain('\nEnvironmentFile=/run/vllmd/llama/%i.env\n');
  expect(unit).toContain('\nDevicePolicy=closed\n');
  expect(unit).not.toMatch(/recover|\/etc\//);
});

test('scripts below /run, where nothing may be executed, are read by an interpreter', () => {
  const text = `[instance.control]\nlog_dir = "/var/log/llama"\n${CHAT}`;
  const dropIn = fileOf(text, '/run/systemd/system/vllmd-llama@chat.service.d/10-vllmd.conf');
  expect(dropIn).toContain(
    '\nExecStart=:/bin/sh /run/vllmd/libexec/llama-log /var/log/llama/llama-server-chat.log llama-server --model /m/chat.gguf',
  );
  expect(dropIn).toContain(
    '\nExecStartPost=:/bin/bash /run/vllmd/libexec/llama-health http 127.0.0.1 8080 ',
  );
});

test.for([
  ['/opt/llama/bin/llama-server', 'LD_LIBRARY_PATH=/opt/llama/bin\n'],
  ['/usr/bin/llama-server', ''],
  ['llama-server', ''],
] as const)('libraries are looked for beside %s where it may have some', ([path, line]) => {
  const text = `[master]\nllama_cpp_path = "${path}"\n${CHAT}`;
  const environment = fileOf(text, '/run/vllmd/llama/chat.env');
  expect(environment.match(/^LD_LIBRARY_PATH=.*\n/m)?.[0] ?? '').toBe(line);
});

test.for([
  ['gpu_ids = "0"', true],
  ['gpu_ids = "none"', false],
] as const)('with %s the guest looks for groups of GPUs: %s', ([key, looks]) => {
  const data = vendorData(instancesOf(`[instance.control]\n${key}\n${CHAT}`));
  expect(data.includes('SupplementaryGroups=')).toBe(looks);
});

test('a file that runs nothing still takes away what was there', () => {
  const data = vendorData([]);
  expect(data).toContain('\nrm -rf /run/vllmd/llama ');
  expect(data).not.toContain('@chat');
});

test.for([
  ['nothing', CHAT + CODE, CHAT + CODE, []],
  ['an option', CHAT + CODE, CHAT + CODE.replace('8081', '8082'), ['code-2.5']],
  ['a secret', CHAT, `${CHAT}api_key = "x"\n`, ['chat']],
  ['another secret', `${CHAT}api_key = "x"\n`, `${CHAT}api_key = "y"\n`, ['chat']],
  ['GPUs', CHAT, `${CHAT}[instance.chat.control]\ngpu_ids = "none"\n`, ['chat']],
  ['an instance that comes', CHAT, CHAT + CODE, ['code-2.5']],
  ['an instance that goes', CHAT + CODE, CODE, ['chat']],
  ['the first file', '', CHAT + CODE, ['chat', 'code-2.5']],
  ['no file any more', CHAT, '', ['chat']],
] as const)('the instances that are not the same are named: %s', ([, before, after, names]) => {
  expect(changed(before, after)).toEqual(names);
});
