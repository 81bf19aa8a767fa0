import { resolve as resolvePath } from 'node:path';
import { VllmdError } from '../core/failure.ts';
import { compareSaved, type PlanMoment, readSavedPlan, savePlan } from '../core/plan/saved-plan.ts';
import type { World } from '../host/world.ts';
import { cannotWrite } from './cannot-write.ts';
import type { InstallOptions } from './commands/install.ts';
import type { Source } from './config-options.ts';
import type { Prepared } from './prepare.ts';
import { shellLine } from './shell-line.ts';
import { withSudo } from './with-sudo.ts';

/** Flags that make another plan of the same config on the same host. */
const planFlags = [
  'start',
  'restart',
  'retryFailed',
  'only',
  'purgeData',
  'overwriteDrift',
  'keepDrift',
  'adopt',
  'reenable',
  'unmask',
  'root',
  'allowEmpty',
  'lenient',
] as const;

/** The options with those that the plan was made with, and its config. */
export async function readSaved(
  options: InstallOptions,
  file: string,
  world: World,
): Promise<InstallOptions> {
  const { config, options: saved } = readSavedPlan(await read(file, world));
  if (options.config !== undefined && resolvePath(world.cwd, options.config) !== config.path) {
    throw new VllmdError('usage', `--config: the saved plan is of ${config.path}`, 'leave it out');
  }
  const other = planFlags.find(
    (flag) => isGiven(flag, options) && !isSame(options[flag], saved[flag]),
  );
  if (other !== undefined) {
    throw new VllmdError(
      'usage',
      `the saved plan was made with another ${flagName(other)}`,
      'leave it out, or make a new plan with it',
    );
  }
  // Whatever else stands in the file is no part of a plan.
  const known = planFlags.flatMap((flag) => (flag in saved ? [[flag, saved[flag]] as const] : []));
  return { ...options, ...Object.fromEntries(known), config: config.path };
}

/** Not at the value that it has when nobody names it. */
function isGiven(flag: (typeof planFlags)[number], options: InstallOptions): boolean {
  const value = options[flag];
  const isUsual = flag === 'start' || flag === 'restart';
  return value !== undefined && value !== isUsual;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function flagName(flag: string): string {
  return `--${flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

type ToSave = {
  readonly prepared: Prepared;
  readonly source: Source;
  /** An install would not get to the plan, or not carry it out. */
  readonly isRefused: boolean;
};

export async function savePlanTo(
  file: string,
  { prepared, source, isRefused }: ToSave,
  options: InstallOptions,
  world: World,
): Promise<void> {
  if (!prepared.transaction.plan.isComplete) {
    const hint = `run \`${withSudo(world)}\``;
    throw new VllmdError('needsRoot', 'a plan that needs root to be whole is not saved', hint);
  }
  const path = resolvePath(world.cwd, file);
  // Digests of what only root may read stand in it.
  const metadata = { mode: 0o600, uid: world.uid, gid: 0 };
  const text = savePlan(momentOf(prepared, options, source, world));
  try {
    await world.treeHost('').write(path, text, metadata);
  } catch (error) {
    const forbidden = 'run it with sudo, or name a file of your own';
    throw cannotWrite(error, { name: file, forbidden });
  }
  const command = `\`${shellLine(['sudo', 'vllmd', 'install', '--plan', file])}\``;
  world.notes.write(
    isRefused
      ? `the plan is saved, and ${command} is refused as things are: put right what is said above, then save a new one\n`
      : `the plan is saved: ${command} carries it out\n`,
  );
}

/** Throws when it is not the plan any more that somebody has looked at. */
export async function checkSavedPlan(
  file: string,
  prepared: Prepared,
  options: InstallOptions,
  loaded: { readonly source: Source },
  world: World,
): Promise<void> {
  const moved = compareSaved(
    await read(file, world),
    momentOf(prepared, options, loaded.source, world),
  );
  if (moved.length === 0) return;
  throw new VllmdError(
    'conflict',
    `nothing was changed: the plan in ${file} is stale: ${moved.join('; ')}`,
    'make a new one: `vllmd install --dry-run --plan-out FILE`',
  );
}

function momentOf(
  { manifest, observed, transaction }: Prepared,
  options: InstallOptions,
  source: Source,
  world: World,
): PlanMoment {
  const record = typeof manifest === 'object' ? manifest : undefined;
  const dropIns = [...observed.dropIns.values()].flat();
  return {
    lineage: record?.lineage,
    generation: record?.generation ?? 0,
    version: world.version,
    config: { path: source.absolutePath, sha256: source.sha256 },
    options: Object.fromEntries(
      planFlags.flatMap((flag) => (options[flag] === undefined ? [] : [[flag, options[flag]]])),
    ),
    entries: new Map([
      ...observed.entries,
      ...dropIns.map(
        ({ path, text }) => [path, { type: 'file', mode: 0, uid: 0, gid: 0, text }] as const,
      ),
    ]),
    plan: transaction.plan,
  };
}

async function read(file: string, world: World): Promise<string> {
  const found = world.readConfigFile(resolvePath(world.cwd, file));
  if (found.kind === 'bytes') return new TextDecoder().decode(found.bytes);
  if (found.kind === 'forbidden') {
    const message = `cannot read the plan ${file}: permission denied`;
    throw new VllmdError('needsRoot', message, `run \`${withSudo(world)}\``);
  }
  const why = found.kind === 'absent' ? 'it does not exist' : found.why;
  const message = `cannot read the plan ${file}: ${why}`;
  throw new VllmdError('usage', message, '--plan-out of a dry run writes one');
}
