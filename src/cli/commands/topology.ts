import { resolve } from 'node:path';
import type { ConfigInput } from '../../core/config/config-input.gen.ts';
import { loadConfig } from '../../core/config/load.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import { topologyHuman } from '../../core/report/topology-human.ts';
import { topologyJson } from '../../core/report/topology-json.ts';
import { buildTopology, type RuntimeUses } from '../../core/topology/build-topology.ts';
import type { Topology } from '../../core/topology/topology.ts';
import { readInventory } from '../../host/read-inventory.ts';
import type { World } from '../../host/world.ts';
import { type ConfigOptions, modeOf } from '../config-options.ts';
import { during, READING } from '../during.ts';
import { findConfigIfAny, isConfigNamed } from '../find-config.ts';
import { type HostInView, hostOf, recordedSubject, tellGaps } from '../host-of.ts';
import { isAsciiOnly } from '../is-ascii-only.ts';
import { loadAndTell, tellForgiven } from '../load.ts';
import { shellLine } from '../shell-line.ts';
import { styleFor } from '../style-for.ts';
import { writeJson } from '../write-json.ts';
import { checkPlace, type NewFile, writeNewFile } from '../write-new-file.ts';

export type TopologyOptions = ConfigOptions & {
  readonly facts?: string | undefined;
  readonly svg?: string | undefined;
  readonly force: boolean;
  readonly ascii: boolean;
  readonly all: boolean;
};

/** Draws what hangs on what. Needs no root and no config. */
export async function topology(options: TopologyOptions, world: World): Promise<number> {
  const picture = pictureOf(options, world);
  if (typeof picture === 'object') await checkPlace(picture, world);
  const uses = await runtimeUses(options, world);
  if (uses === undefined) return exitCodes.config;
  const view = hostOf(options.facts, world);
  const inventory = await during(world, READING, () =>
    readInventory(view.host, { withHolders: false }),
  );
  const tree = buildTopology(inventory, uses);
  if (picture !== undefined) await draw(tree, picture, world);
  if (picture !== 'stdout') print(tree, view, options, world);
  tellGaps(view, world);
  return exitCodes.ok;
}

async function draw(tree: Topology, picture: NewFile | 'stdout', world: World): Promise<void> {
  const { topologySvg } = await import('../../core/report/topology-svg.ts');
  const text = topologySvg(tree);
  if (picture === 'stdout') {
    world.stdout.write(text);
    return;
  }
  const copy = await writeNewFile(picture, text, world);
  const kept = copy === undefined ? '' : `; the former one is ${copy} now`;
  world.notes.write(`${picture.file}: written${kept}\n`);
}

function print(tree: Topology, view: HostInView, options: TopologyOptions, world: World): void {
  if (options.json) {
    writeJson(topologyJson(tree, recordedSubject(view)), world);
    return;
  }
  const { columns: width } = world.stdout;
  const look = { style: styleFor(world.stdout), width, isWhole: options.all };
  const isAscii = options.ascii || isAsciiOnly(world.env);
  world.stdout.write(topologyHuman(tree, { ...look, isAscii }));
}

function pictureOf({ svg, force, json }: TopologyOptions, world: World) {
  const isFile = svg !== undefined && svg !== '-';
  if (force && !isFile) {
    throw new VllmdError('usage', '--force is about the file of --svg', 'add --svg FILE');
  }
  if (svg === '-' && json) {
    const message = '--svg - and --json both write to stdout';
    throw new VllmdError('usage', message, 'name a file for the picture: --svg FILE');
  }
  if (!isFile) return svg === undefined ? undefined : 'stdout';
  return { file: svg, absolutePath: resolve(world.cwd, svg), force };
}

/** Which runtime has what; undefined where the config that was named is wrong, which is shown. One that was only found may be. */
async function runtimeUses(
  options: TopologyOptions,
  world: World,
): Promise<RuntimeUses | undefined> {
  if (options.config !== undefined) {
    const loaded = await loadAndTell(options, world);
    return loaded && usesOf(loaded.input);
  }
  // What lies here is about this machine.
  if (options.facts !== undefined && !isConfigNamed(undefined, world)) return new Map();
  const found = await findConfigIfAny(world);
  if (found === undefined) return new Map();
  const { text, result } = loadConfig(found.bytes, modeOf(options));
  if (result.ok) {
    await tellForgiven(result.warnings, { file: found.file, text }, world);
    return usesOf(result.value);
  }
  world.notes.write(
    `note: ${found.file} has errors, so no runtimes are shown: see \`${shellLine(['vllmd', 'validate', found.file])}\`\n`,
  );
  return new Map();
}

function usesOf({ runtimes = [] }: ConfigInput): RuntimeUses {
  return new Map(
    runtimes.flatMap(({ index, name, gpus = [] }) =>
      gpus.map((address) => [address, { index, name }] as const),
    ),
  );
}
