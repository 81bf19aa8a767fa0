import { expect, test } from 'vitest';
import { askedOf } from '../../../src/core/explain/asked.ts';
import { placedLines } from '../../../src/core/explain/json-lines.ts';
import { keyNamed } from '../../../src/core/explain/key-named.ts';
import { VllmdError } from '../../../src/core/failure.ts';
import type { Materials } from '../../../src/core/render/materials.ts';
import { inputOf, materialsOf } from './materials.ts';

const CONFIG = [
  'schema_version = 2',
  '[global]\nuser = "sdake"',
  '[guest]\npackages = ["nvtop", "htop"]',
  '[[runtimes]]\nindex = 1\nname = "web"\ngpus = ["0000:01:00.0"]',
  '[[runtimes]]\nindex = 7\nname = "a.b"',
].join('\n');

test.for([
  ['runtimes[0].memory_gb', ['/runtimes/0/memory_gb']],
  ['runtimes.0.memory_gb', ['/runtimes/0/memory_gb']],
  ['/runtimes/0/memory_gb', ['/runtimes/0/memory_gb']],
  ['runtimes[name=web].memory_gb', ['/runtimes/0/memory_gb']],
  ['runtimes[name="a.b"].cpus', ['/runtimes/1/cpus']],
  ['runtimes[index=7].cpus', ['/runtimes/1/cpus']],
  ['runtimes.cpus', ['/runtimes/0/cpus', '/runtimes/1/cpus']],
  ['runtimes.gpus.0', ['/runtimes/0/gpus/0']],
  ['runtimes[0].gpus[0]', ['/runtimes/0/gpus/0']],
  ['runtimes[1]', ['/runtimes/1']],
  ['runtimes', ['/runtimes']],
  ['network', ['/network']],
  ['network.mode', ['/network/mode']],
  ['guest.packages[1]', ['/guest/packages/1']],
  ['schema_version', ['/schema_version']],
] as const)('the key %s is known', ([text, pointers]) => {
  expect(keyNamed(text, inputOf(CONFIG))).toEqual({ kind: 'pointers', pointers });
});

test.for([
  ['runtimes[2].cpus', 'the config has no runtimes[2]', 'runtimes[0] is "web", index 1'],
  ['runtimes[name=x].cpus', 'the config has no runtimes[name=x]', 'runtimes[1] is "a.b", index 7'],
  ['runtimes[0].memory', 'runtimes has no key memory', 'did you mean memory_gb?'],
  ['runtimes[0].gpus[1]', 'runtimes[0].gpus has no item 1', 'it has 1, counted from 0'],
  ['runtimes[1].gpus[0]', 'runtimes[1].gpus has no item 0', 'it is empty'],
  ['runtimes.gpus.5', 'runtimes[0].gpus has no item 5', 'it has 1, counted from 0'],
  ['runtimes.index.foo', 'runtimes[0].index has no item foo', 'it is no list'],
  ['network.moed', 'network has no key moed', 'did you mean mode?'],
  ['netwrk', 'there is no table netwrk in a config', 'did you mean network?'],
  ['netwrk.mode', 'there is no table netwrk in a config', 'did you mean network?'],
  ['memory_gb', 'memory_gb is a key of [[runtimes]]', 'write runtimes.memory_gb'],
  ['user', 'user is a key of [global] and [guest]', 'write global.user or guest.user'],
] as const)('of the key %s it is said what is wrong with it', ([text, message, help]) => {
  const key = keyNamed(text, inputOf(CONFIG));
  expect(key?.kind).toBe('problem');
  expect(key).toMatchObject({
    message: expect.stringContaining(message),
    help: expect.stringContaining(help),
  });
});

test('a key of all runtimes is said to be of none where there is none', () => {
  expect(keyNamed('runtimes.cpus', inputOf('[global]\nuser = "sdake"'))).toMatchObject({
    message: 'runtimes.cpus: the config has no runtimes',
    help: 'it has no [[runtimes]] at all',
  });
});

test.for(['/etc/vllmd/network.env', 'x', 'a[b', '..', ''])('%s is no key', (text) => {
  expect(keyNamed(text, inputOf(CONFIG))).toBeUndefined();
});

function pathsOf(subject: string, materials: Materials): readonly string[] {
  const asked = askedOf(subject, (name) => `/tmp/work/${name}`, materials);
  if (asked.kind === 'files') return asked.artefacts.map(({ path }) => path);
  return asked.kind === 'line' ? [`${asked.artefact.path} ${asked.line}`] : asked.pointers;
}

const UNITS = '/etc/systemd/system';

test.for([
  ['/etc/vllmd/network.env', ['/etc/vllmd/network.env']],
  ['/etc/vllmd/network.env:2', ['/etc/vllmd/network.env 2']],
  ['network.env:2', ['/etc/vllmd/network.env 2']],
  ['tree/etc/vllmd/network.env', ['/etc/vllmd/network.env']],
  ['/tmp/tree/etc/vllmd/network.env:2', ['/etc/vllmd/network.env 2']],
  ['vllmd.slice', [`${UNITS}/vllmd.slice`]],
  [
    'vllmd-runtime@7',
    [`${UNITS}/vllmd-runtime@.service`, `${UNITS}/vllmd-runtime@7.service.d/10-vllmd.conf`],
  ],
  ['vllmd-vfio@0000:01:00.0.service', [`${UNITS}/vllmd-vfio@.service`]],
  ['vfio-0000:01:00.0.env', ['/etc/vllmd/vfio-0000:01:00.0.env']],
  ['runtime-7.env', ['/etc/vllmd/runtime-7.env', '/home/sdake/.config/vllmd/runtime-7.env']],
  ['vllmd-runtime@.service', [`${UNITS}/vllmd-runtime@.service`]],
  ['libexec/network', ['/etc/vllmd/libexec/network']],
  ['network', ['/network']],
] as const)('%s is found', async ([subject, paths]) => {
  expect(pathsOf(subject, await materialsOf(CONFIG)).toSorted()).toEqual([...paths].sort());
});

test.for([
  ['/etc/vllmd/netwrk.env', 'is no file, unit or key of this config', '/etc/vllmd/network.env'],
  ['/etc/fstab', 'is no file, unit or key of this config', 'vllmd render --out DIR'],
  ['network.env:99', '/etc/vllmd/network.env has no line 99', 'it has 7, counted from 1'],
  ['network.env:0', '/etc/vllmd/network.env has no line 0', 'it has 7, counted from 1'],
  ['runtime-7.env:2', 'is 2 files, and a line is of one', '/etc/vllmd/runtime-7.env:2'],
  ['network.env:x', 'network.env:x: a line is named', '/etc/vllmd/network.env has 7, counted'],
  ['network.env:', 'network.env:: a line is named', '/etc/vllmd/network.env has 7'],
  ['vllmd-runtime@9.service', 'the config has no runtime 9', 'it has 1 (web), 7 (a.b)'],
  ['vllmd-runtime-pre-start@0', 'the config has no runtime 0', 'it has 1 (web), 7 (a.b)'],
  ['gpu-asigned-once', 'is no rule, and no file', 'the rule `vllmd explain gpu-assigned-once`?'],
  ['nosuch-rule', 'nosuch-rule is no rule, and no file', '`vllmd explain --rules` lists the rules'],
  ['user', 'user is a key of [global] and [guest]', 'write global.user or guest.user'],
  ['cpus', 'cpus is a key of [[runtimes]]', 'write runtimes.cpus'],
  ['\u001b[31m', '\\u{1b}[31m is no rule', 'vllmd render'],
] as const)('%s is nothing to explain', async ([subject, message, hint]) => {
  const materials = await materialsOf(CONFIG);
  let failure: unknown;
  try {
    askedOf(subject, (name) => `/tmp/work/${name}`, materials);
  } catch (error) {
    failure = error;
  }
  expect(failure).toBeInstanceOf(VllmdError);
  expect(failure).toMatchObject({
    exit: 'notFound',
    message: expect.stringContaining(message),
    hint: expect.stringContaining(hint),
  });
});

test('a line of JSON is known by where it stands', () => {
  const value = {
    cpus: { n: 1 },
    devices: [{ id: 'a', x: 0 }, { id: 'b' }],
    list: [{ v: 1 }],
    t: [],
  };
  const lines = JSON.stringify(value, undefined, 2).split('\n');
  expect(placedLines(lines).map(({ place, text }) => `${place} = ${text}`)).toEqual([
    '/ = {',
    '/cpus = {',
    '/cpus/n = 1',
    '/cpus } = }',
    '/devices = [',
    '/devices/"a" = {',
    '/devices/"a"/id = "a"',
    '/devices/"a"/x = 0',
    '/devices/"a" } = }',
    '/devices/"b" = {',
    '/devices/"b"/id = "b"',
    '/devices/"b" } = }',
    '/devices ] = ]',
    '/list = [',
    '/list/0 = {',
    '/list/0/v = 1',
    '/list/0 } = }',
    '/list ] = ]',
    '/t = []',
    ' } = }',
  ]);
});
