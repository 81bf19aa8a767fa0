import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';
import {
  description,
  FIXTURES,
  fixtureArtefacts,
  fixtureHost,
  fixtureNames,
  walk,
} from './support/fixtures.ts';
import { testWorld } from './support/world.ts';

test.for(fixtureNames())('%s is exactly as expected', async (name) => {
  const root = `${FIXTURES}${name}/expected`;
  const produced = new Map([...(await outputs(name)), ...(await prechecks(name))]);
  for (const [path, text] of produced) {
    await expect(text).toMatchFileSnapshot(`${root}/${path}`);
  }
  expect(walk(root).filter((path) => !produced.has(path))).toEqual([]);
});

/** What the program makes of a fixture, by path below expected/. */
async function outputs(name: string): Promise<ReadonlyMap<string, string>> {
  const artefacts = await fixtureArtefacts(name);
  const produced = new Map<string, string>();
  const shown = async (argv: readonly string[], file: string, alsoErrors: boolean) => {
    const world = testWorld(await fixtureHost(name), { cwd: FIXTURES + name });
    const code = await run(argv, world);
    produced.set(file, world.out());
    if (alsoErrors) produced.set('stderr.txt', `${world.err()}exit code ${code}\n`);
  };
  if (artefacts === undefined) {
    const world = testWorld(await fixtureHost(name), { cwd: FIXTURES + name });
    const code = await run(['validate', 'vllmd.toml'], world);
    produced.set('diagnostics.txt', `${world.err()}exit code ${code}\n`);
    await shown(['validate', 'vllmd.toml', '--json'], 'diagnostics.json', false);
    return produced;
  }
  if (name.startsWith('host-')) {
    const world = testWorld(await fixtureHost(name), { cwd: FIXTURES + name });
    await run(['topology', '--config', 'vllmd.toml', '--all', ...picture(name)], world);
    produced.set('topology.txt', world.out());
    const drawn = await world.host('').read(PICTURE);
    if (drawn.type === 'file') produced.set('topology.svg', drawn.text);
    await firstConfig(name, produced);
  }
  const command = description(name).command ?? ['install', '--config', 'vllmd.toml'];
  await shown(
    [...command, '--dry-run', '--detailed-exitcode'].filter(known(command)),
    'plan.txt',
    true,
  );
  await shown([...command, '--dry-run', '--json'], 'plan.json', false);
  const answers = await explanations(name);
  if (answers !== '') produced.set('explain.txt', answers);
  // A case about a change shows the plan; the tree of such a host stands in the case it starts from.
  if (existsSync(`${FIXTURES}${name}/before.toml`)) return produced;
  for (const artefact of artefacts) {
    if (artefact.type === 'file') produced.set(`tree${artefact.path}`, artefact.text);
    if (artefact.type === 'link') produced.set(`tree${artefact.path}`, `-> ${artefact.target}\n`);
  }
  return produced;
}

/** What init proposes: the file, and what it says. Where no GPU can be passed on it is asked for one without. */
async function firstConfig(name: string, produced: Map<string, string>): Promise<void> {
  const said: string[] = [];
  for (const more of [[], ['--without-gpus']]) {
    const world = testWorld(await fixtureHost(name), { cwd: FIXTURES + name });
    const code = await run(['init', '--yes', ...more], world);
    const written = await world.host('').read('/etc/vllmd/config.toml');
    if (written.type === 'file') produced.set('init.toml', written.text);
    said.push(`${world.out()}${world.err()}exit code ${code}\n`);
    if (code === 0) break;
  }
  produced.set('init.txt', said.join('\n'));
}

const PICTURE = '/topology.svg';

async function prechecks(name: string): Promise<readonly (readonly [string, string])[]> {
  if (!name.startsWith('host-')) return [];
  const shown = async (...more: readonly string[]) => {
    const world = testWorld(await fixtureHost(name), { cwd: FIXTURES + name });
    const code = await run(['precheck', '--config', 'vllmd.toml', ...more], world);
    return { code, out: world.out() };
  };
  const { code, out } = await shown();
  const text = ['precheck.txt', `${out}exit code ${code}\n`] as const;
  if (!/-(?:mi300x|no-iommu)$/.test(name)) return [text];
  return [text, ['precheck.json', (await shown('--json')).out]];
}

/** Two sockets with switches, two nodes, a group of two cards, and one with disks. */
function picture(name: string): readonly string[] {
  const drawn = /-(?:eight-h100|two-numa-nodes|two-gpus-one-switch|disk-behind-gpu-group)$/;
  return drawn.test(name) ? ['--svg', PICTURE] : [];
}

const UNITS = '/etc/systemd/system';

/** What is explained of a case. */
const explained: Readonly<Record<string, readonly string[]>> = {
  'version-2': [
    'vllmd-network.service',
    'network.env',
    `${UNITS}/vllmd-runtime@1.service.d/10-vllmd.conf:3`,
    `${UNITS}/vllmd-runtime@1.service.d/10-vllmd.conf:5`,
    `${UNITS}/vllmd-runtime@1.service.d/10-vllmd.conf:26`,
    `${UNITS}/vllmd.target.wants/vllmd-runtime@2.service`,
    '/etc/vllmd/hugepages.env:3',
    '/etc/vllmd/libexec/disk:5',
    'vfio-0000:81:00.0.env',
    'runtime-1.vm.json',
    '/home/sdake/.local/state/vllmd-hypervisor/runtime-3/cloud-init/user-data',
    'runtimes[0].memory_gb',
    'runtimes[name=near].restart',
    'memory.prefault',
    'guest',
  ],
  'guest-llama': [
    '/home/sdake/.local/state/vllmd-hypervisor/runtime-1/cloud-init/vendor-data',
    'runtimes[0].llama.config',
    'runtimes.llama',
  ],
  'host-eight-h100': [
    `${UNITS}/vllmd-runtime@1.service.d/10-vllmd.conf`,
    '/etc/vllmd/runtime-1.env',
    'runtime-1.vm.json:14',
    'vfio-early.env',
    'runtimes[0].gpus[4]',
    'network.mode',
  ],
};

async function explanations(name: string): Promise<string> {
  const host = await fixtureHost(name);
  const parts: string[] = [];
  for (const subject of explained[name] ?? []) {
    const world = testWorld(host, { cwd: FIXTURES + name });
    const code = await run(['explain', subject, '--config', 'vllmd.toml'], world);
    parts.push(`$ vllmd explain '${subject}'\n${world.err()}${world.out()}exit code ${code}\n`);
  }
  return parts.join('\n');
}

/** `uninstall` has no --detailed-exitcode. */
function known(command: readonly string[]) {
  return (argument: string) => command[0] === 'install' || argument !== '--detailed-exitcode';
}
