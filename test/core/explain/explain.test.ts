import { expect, test } from 'vitest';
import schema from '../../../schemas/vllmd-hypervisor-config-schema.json' with { type: 'json' };
import { configKeys } from '../../../src/core/config/config-input.gen.ts';
import { pointer } from '../../../src/core/diagnostic.ts';
import { variablesOf } from '../../../src/core/explain/explain.ts';
import type { FileExplanation } from '../../../src/core/explain/explain-files.ts';
import { textsOf } from '../../../src/core/explain/scope.ts';
import { shapesOf } from '../../../src/core/explain/shape.ts';
import { pointerOf } from '../../../src/core/explain/tidy.ts';
import type { Origin } from '../../../src/core/explain/variable.ts';
import type { Materials } from '../../../src/core/render/materials.ts';
import { contextOf } from '../../../src/core/render/materials.ts';
import { render } from '../../../src/core/render/render.ts';
import { originLabel } from '../../../src/core/report/explain-origins.ts';
import { resolve } from '../../../src/core/resolve/resolve.ts';
import { allFixtureMaterials, explained, fixtureMaterials, materialsOf } from './materials.ts';

const MINIMAL = '[global]\nuser = "sdake"\n[[runtimes]]\nindex = 1\nname = "one"\n';

/** `/network/mode`, `/runtimes/0/cpus`, … of all keys that hold a value. */
const keys = Object.entries(configKeys).flatMap(([table, names]) => {
  const isTable = (name: string) => (table === '' ? name : `${table}.${name}`) in configKeys;
  const [first = '', ...more] = table.split('.');
  const at = { '': '', runtimes: '/runtimes/0' }[first] ?? pointer(first);
  return names.filter((name) => !isTable(name)).map((name) => at + pointer(...more, name));
});

test('the schema is known key by key', () => {
  const known = shapesOf(schema).map(({ table, keys: own }) => [table, own.map(({ key }) => key)]);
  const tables = new Map<string, readonly string[]>(Object.entries(configKeys));
  const keysIn = (table: string, names: readonly string[]) =>
    names.flatMap((name) => {
      if (table === '') return tables.has(name) ? [] : [name];
      return tables.get(`${table}.${name}`)?.map((key) => `${name}.${key}`) ?? [name];
    });
  const expected = [...tables]
    .filter(([table]) => !table.includes('.'))
    .map(([table, names]) => [table, keysIn(table, names)]);
  expect(known).toEqual(expected);
});

test('the keys of a table are known that say for all runtimes what one can say for itself', () => {
  const general = shapesOf(schema).flatMap(({ keys: own }) =>
    own.flatMap((key) => (key.general === undefined ? [] : [[key.key, key.general.pointer]])),
  );
  expect(general).toEqual([
    ['memory_gb', '/global/default_memory_gb'],
    ['cpus', '/global/default_cpus'],
    ['disk_gb', '/storage/disk_gb'],
    ['base_image', '/storage/base_image'],
    ['firmware', '/boot/firmware'],
    ['kernel', '/boot/kernel'],
    ['initramfs', '/boot/initramfs'],
    ['cmdline', '/boot/cmdline'],
  ]);
});

test.for(['version-2', 'minimal'])(
  'every key of the schema is tried with other values: %s',
  async (name) => {
    const materials = await fixtureMaterials(name);
    const variables = materials === undefined ? [] : variablesOf(materials, schema);
    const tried = new Map(
      variables.map(({ origin, variants }) => [pointerOf(origin), variants().length]),
    );
    expect(keys.filter((key) => (tried.get(key) ?? 0) === 0)).toEqual([]);
  },
);

test('a key of the schema with a type that nobody knows is refused, not left out', () => {
  const odd = { properties: { odd: { type: 'number' } } };
  expect(() => shapesOf(odd)).toThrow('a key of the schema has the type number');
});

test('the scopes together are what is rendered', async () => {
  for (const { name, materials } of await allFixtureMaterials()) {
    const desired = resolve(materials.input, materials.account, materials.machineId);
    const all = render(desired, contextOf(desired, materials)).filter(
      ({ type }) => type !== 'directory',
    );
    const parts = [
      ...textsOf({ kind: 'host' }, materials),
      ...desired.runtimes.flatMap(({ index, source }) =>
        textsOf({ kind: 'runtime', index, source }, materials),
      ),
    ];
    expect(parts.toSorted(byPath), name).toEqual(all);
  }
});

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1;
}

function sourcesOf(
  files: readonly FileExplanation[],
  path: string,
  start: string,
): readonly string[] {
  const line = files
    .find(({ artefact }) => artefact.path === path)
    ?.lines.find(({ text }) => text.trim().startsWith(start));
  return (line?.sources ?? []).map(({ origin, reach }) =>
    [
      ...(origin.kind === 'unset' ? ['unset'] : []),
      originLabel(origin),
      ...(reach === 'far' ? ['far'] : []),
    ].join(' '),
  );
}

function labels(origins: readonly Origin[] = []): readonly string[] {
  return origins.map(originLabel);
}

test('a line depends on what made it, in version 2', async () => {
  const files = explained(await materialsAt('version-2'));
  const unit = '/etc/systemd/system/vllmd-runtime@1.service.d/10-vllmd.conf';
  expect(sourcesOf(files, unit, 'Description=')).toEqual(['runtimes[0].name', 'runtimes[0].index']);
  expect(sourcesOf(files, unit, 'Requires=vllmd-vfio@0000:81')).toEqual(['runtimes[0].gpus[1]']);
  expect(sourcesOf(files, unit, 'User=')).toEqual(['global.user']);
  expect(sourcesOf(files, unit, 'Group=')).toEqual(['host: group of sdake', 'global.user']);
  expect(sourcesOf(files, unit, 'SupplementaryGroups=')).toEqual([]);
  expect(sourcesOf(files, unit, 'BindReadOnlyPaths=-')).toEqual([
    'boot.firmware',
    'unset boot.kernel',
    'unset runtimes[0].firmware',
    'unset runtimes[0].kernel',
  ]);
  const env = '/etc/vllmd/runtime-2.env';
  expect(sourcesOf(files, env, 'VLLMD_RUNTIME_CPUS=')).toEqual([
    'global.default_cpus',
    'unset runtimes[1].cpus',
  ]);
  expect(sourcesOf(files, env, 'VLLMD_RUNTIME_GPUS=')).toEqual(['runtimes[1].gpus[0]']);
  expect(sourcesOf(files, '/etc/vllmd/runtime-1.env', 'VLLMD_RUNTIME_GPUS=')).toEqual([
    'runtimes[0].gpus',
  ]);
});

async function materialsAt(name: string): Promise<Materials> {
  const materials = await fixtureMaterials(name);
  if (materials === undefined) throw new Error(`${name} is not valid`);
  return materials;
}

test('a default is a source, and so is a threshold', async () => {
  const files = explained(await materialsOf(MINIMAL));
  const definition = '/home/sdake/.config/vllmd/runtime-1.vm.json';
  expect(sourcesOf(files, definition, '"boot_vcpus"')).toEqual([
    'global.default_cpus (default)',
    'unset runtimes[0].cpus',
  ]);
  const env = '/etc/vllmd/network.env';
  expect(sourcesOf(files, env, 'VLLMD_NETWORK_PREFIX_LENGTH')).toEqual([
    'unset network.subnet',
    'runtimes[0].index far',
  ]);
});

test('a file is there because of a table, a mode or a key, and has its path from others', async () => {
  const files = explained(await materialsAt('version-2'));
  const because = (path: string) => {
    const file = files.find(({ artefact }) => artefact.path === path);
    return [labels(file?.exists), labels(file?.named)];
  };
  expect(because('/etc/vllmd/runtime-1.env')).toEqual([['runtimes[0]'], ['runtimes[0].index']]);
  expect(because('/etc/vllmd/network.env')).toEqual([['network.mode'], []]);
  expect(because('/etc/vllmd/hugepages.env')).toEqual([['memory.hugepages'], []]);
  expect(because('/etc/vllmd/vfio-0000:82:00.0.env')).toEqual([
    ['runtimes[1].gpus[0]'],
    ['runtimes[1].gpus[0]'],
  ]);
  expect(because('/etc/systemd/system/vllmd.target.wants/vllmd-runtime@2.service')).toEqual([
    ['runtimes[1].autostart (default)'],
    ['runtimes[1].index'],
  ]);
  expect(because('/etc/systemd/system/vllmd.slice')).toEqual([[], []]);
});

test('what several runtimes ask for is known to come from all of them', async () => {
  const files = explained(await materialsAt('contract-example'));
  const file = files.find(({ artefact }) => artefact.path === '/etc/vllmd/vfio.env');
  expect(labels(file?.exists)).toEqual(['runtimes[*].gpus']);
});

test('memory and CPUs on NUMA nodes come from the nodes and from the GPUs together', async () => {
  const files = explained(await materialsAt('host-eight-h100'));
  const definition = '/home/sdake/.config/vllmd/runtime-1.vm.json';
  expect(sourcesOf(files, definition, '"host_cpus": [0,')).toEqual([
    'host: NUMA node 0',
    'runtimes[0].cpus',
    'memory.numa (default)',
    'host: NUMA nodes of the GPUs',
    'runtimes[0].gpus',
    'host: NUMA node 1 far',
  ]);
});

test('a line that has no source is the same whatever the config says', async () => {
  const other = await materialsOf(
    [
      'schema_version = 2',
      '[global]\nuser = "other"\nstate_dir = "/srv/s"\nconfig_dir = "/srv/c"',
      '[boot]\nfirmware = "/srv/f"\n[memory]\nhugepages = "2M"\n[host]\nkernel_cmdline = "grub"',
      '[network]\nbridge_name = "br-x"\ndefault_interface = "eth9"\nsubnet = "172.20.0.0/20"',
      '[[runtimes]]\nindex = 1\nname = "x"\ngpus = ["0000:02:00.0"]\nmemory_gb = 3\ncpus = 7',
    ].join('\n'),
  );
  const texts = new Map(
    textsOf({ kind: 'all' }, other).map((artefact) => [artefact.path, artefact]),
  );
  const lost: string[] = [];
  let compared = 0;
  for (const { artefact, lines } of explained(await materialsAt('contract-example'))) {
    const after = texts.get(artefact.path);
    if (artefact.type !== 'file' || after?.type !== 'file') continue;
    const left = new Set(after.text.split('\n'));
    for (const { text, sources } of lines) {
      if (sources.length > 0) continue;
      compared += 1;
      if (!left.has(text)) lost.push(`${artefact.path}: ${text}`);
    }
  }
  expect(lost).toEqual([]);
  expect(compared).toBeGreaterThan(200);
});

test('each line of each fixture with a value of its config says where it comes from', async () => {
  const all = (await allFixtureMaterials()).flatMap(({ name, materials }) => {
    const values = telling(materials.input);
    return explained(materials).flatMap(({ artefact, lines }) =>
      // The scripts are the same for all configs, and speak of its keys.
      artefact.type === 'file' && artefact.kind === 'script'
        ? []
        : lines
            .filter(({ text }) => values.some((value) => text.includes(value)))
            .map(({ text, sources }) => ({ at: `${name} ${artefact.path}: ${text}`, sources })),
    );
  });
  expect(all.filter(({ sources }) => sources.length === 0).map(({ at }) => at)).toEqual([]);
  expect(all.length).toBeGreaterThan(500);
}, 240_000);

/** Texts that no template has by chance. */
function telling(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.length >= 5 && /[\d/]/.test(value) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(telling);
}
