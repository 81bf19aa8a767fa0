import { exitCodes, VllmdError } from '../../core/failure.ts';
import type { PlanInput } from '../../core/plan/plan.ts';
import type { HostReader } from '../../host/host.ts';
import { mustBeConfirmed, mustBeKept } from '../../host/transaction/confirm.ts';
import type { World } from '../../host/world.ts';
import { carryOut, pendingCode } from '../carry-out.ts';
import { type ChoiceFlags, choicesOf } from '../choices-of.ts';
import type { ConfigOptions } from '../config-options.ts';
import { during, READING } from '../during.ts';
import { mustBeFile } from '../find-config.ts';
import { type HostInView, hostOf, tellGaps } from '../host-of.ts';
import { detailed, hostBelow, treeOf } from '../install-target.ts';
import { type LoadedConfig, loadOrShow } from '../load.ts';
import { obstaclesBefore } from '../obstacles.ts';
import { type Prepared, prepareInstall } from '../prepare.ts';
import { preview, wouldBeRefused } from '../preview.ts';
import { checkSavedPlan, readSaved, savePlanTo } from '../saved-plans.ts';
import { duration, exclusively, requireRoot, settleTime } from '../session.ts';

export type InstallOptions = ChoiceFlags &
  ConfigOptions & {
    readonly dryRun: boolean;
    readonly root?: string | undefined;
    readonly facts?: string | undefined;
    readonly detailedExitcode: boolean;
    readonly start: boolean;
    readonly restart: boolean;
    readonly retryFailed: boolean;
    readonly allowEmpty: boolean;
    readonly allOrNothing: boolean;
    readonly settle: string;
    readonly only?: readonly number[] | undefined;
    readonly purgeData?: readonly number[] | undefined;
    readonly maxDowntime?: string | undefined;
    readonly planOut?: string | undefined;
    readonly plan?: string | undefined;
    readonly confirmWithin?: string | undefined;
    readonly lockTimeout?: string | undefined;
  };

/** What can be said of a tree that is no running host. */
const ofTree = new Set([
  'user-exists',
  'home-exists',
  'home-apart',
  'user-data',
  'llama-config',
  'runtimes-stay',
  'prevent-removal',
  'disk-left-behind',
]);

export async function install(given: InstallOptions, world: World): Promise<number> {
  checkFacts(given);
  if (!given.dryRun) requireRoot(world, 'install');
  const options = given.plan === undefined ? given : await readSaved(given, given.plan, world);
  checkTogether(options);
  const settleMs = settleTime(options.settle);
  const confirmWithinMs = confirmTime(options.confirmWithin);
  const root = await treeOf(options, world);
  const view = root === undefined ? hostOf(options.facts, world) : hostBelow(root, world);
  const loaded = await loadOrShow({ ...options, isForHost: true }, world, view.host);
  if (loaded === undefined) return exitCodes.config;
  if (!options.dryRun || options.planOut !== undefined) {
    mustBeFile(loaded.source, 'the host is compared with the config later');
  }
  if (options.dryRun) return dryRun(options, loaded, { view, root }, world);
  const { lockTimeout } = options;
  const request = { operation: 'install', root, lockTimeout, settleMs };
  return exclusively(request, world, async (session) => {
    await mustBeConfirmed(session.host);
    const prepared = await prepareFor(options, loaded, session.host, world);
    if (options.plan !== undefined)
      await checkSavedPlan(options.plan, prepared, options, loaded, world);
    const { manifest } = prepared;
    if (confirmWithinMs !== undefined && typeof manifest === 'object') {
      await mustBeKept(session.host, manifest.generation);
    }
    const { source } = loaded;
    const code = await carryOut(
      prepared,
      session,
      {
        json: options.json,
        source,
        config: { path: source.absolutePath, sha256: source.sha256 },
        settleMs,
        allOrNothing: options.allOrNothing,
        isOffline: root !== undefined,
        confirmWithinMs,
      },
      world,
    );
    return options.detailedExitcode ? pendingCode(prepared, code) : code;
  });
}

async function dryRun(
  options: InstallOptions,
  loaded: LoadedConfig,
  { view, root }: { readonly view: HostInView; readonly root: string | undefined },
  world: World,
): Promise<number> {
  const { host } = view;
  const obstacles =
    view.recorded === undefined
      ? await obstaclesBefore(() => mustBeConfirmed(host), { host, root }, world)
      : [];
  const prepared = await prepareFor(options, loaded, host, world);
  const { json } = options;
  const named = { json, source: loaded.source, view, obstacles };
  await preview(prepared, named, world);
  if (options.planOut !== undefined) {
    const isRefused = wouldBeRefused(prepared, obstacles);
    const { source } = loaded;
    await savePlanTo(options.planOut, { prepared, source, isRefused }, options, world);
  }
  tellGaps(view, world, loaded.source.file);
  return options.detailedExitcode ? detailed(prepared, obstacles) : exitCodes.ok;
}

async function prepareFor(
  options: InstallOptions,
  { input, warnings, llama }: LoadedConfig,
  host: HostReader,
  world: World,
): Promise<Prepared> {
  // Below another root no systemd listens, and what that host has is not known here.
  const isOffline = options.root !== undefined;
  const online: PlanInput['calls'] = options.start ? 'all' : 'no-start';
  const maxDowntimeMs = duration('--max-downtime', options.maxDowntime);
  const find = () =>
    prepareInstall(input, host, {
      llama,
      calls: isOffline ? 'none' : online,
      retryFailed: options.retryFailed,
      noRestart: !options.restart,
      allowEmpty: options.allowEmpty,
      choices: choicesOf(options),
      only: options.only,
      purgeData: options.purgeData ?? 'none',
      maxDowntimeMs,
    });
  const found = await during(world, READING, find);
  const findings = isOffline
    ? found.findings.filter(({ rule }) => ofTree.has(rule))
    : found.findings;
  return { ...found, findings: [...warnings, ...findings] };
}

/** A recorded host can be looked at, and is no other one. */
function checkFacts({ facts, dryRun: isDry, root, planOut, plan }: InstallOptions): void {
  if (facts === undefined) return;
  const other = [
    isDry ? undefined : 'without --dry-run, and a recording cannot be installed on',
    root === undefined ? undefined : 'and --root: name one host',
    planOut === undefined
      ? undefined
      : 'and --plan-out: a saved plan is for the host it was made on',
    plan === undefined ? undefined : 'and --plan: a saved plan is for the host it was made on',
  ].find((text) => text !== undefined);
  if (other === undefined) return;
  const help = 'vllmd install --dry-run --facts FILE shows what an install would do there';
  throw new VllmdError('usage', `--facts ${other}`, help);
}

function checkTogether(options: InstallOptions): void {
  const { dryRun: isDry, planOut, plan, confirmWithin, root } = options;
  const slips: readonly (readonly [boolean, string])[] = [
    [planOut !== undefined && !isDry, '--plan-out goes with --dry-run'],
    [plan !== undefined && isDry, '--plan installs; without it --dry-run makes a plan anew'],
    [confirmWithin !== undefined && isDry, '--confirm-within is for a real install'],
    [
      confirmWithin !== undefined && root !== undefined,
      '--confirm-within needs the systemd of the host, and --root has none',
    ],
    [hasNoNumber(options.only), '--only takes runtimes by their index: --only 1 2'],
    [
      hasNoNumber(options.purgeData),
      '--purge-data takes runtimes by their index: --purge-data 1 2',
    ],
  ];
  const slip = slips.find(([isWrong]) => isWrong)?.[1];
  if (slip !== undefined) throw new VllmdError('usage', slip, 'see `vllmd install --help`');
}

/** With none at all it would go back before anybody could have looked. */
function confirmTime(text: string | undefined): number | undefined {
  const milliseconds = duration('--confirm-within', text);
  if (milliseconds !== 0) return milliseconds;
  const message = `--confirm-within ${text}: it takes a time of at least 1s`;
  throw new VllmdError('usage', message, 'write 90s, 10m or 2h');
}

function hasNoNumber(indices: readonly number[] = []): boolean {
  return !indices.every((index) => Number.isInteger(index));
}
