import { exitCodes } from '../../core/failure.ts';
import type { PlanInput } from '../../core/plan/plan.ts';
import { llamaLayer } from '../../core/resolve/layer.ts';
import { instanceKey } from '../../core/resolve/member.ts';
import type { HostReader } from '../../host/host.ts';
import { inLayer, type World } from '../../host/world.ts';
import { carryOut, pendingCode } from '../carry-out.ts';
import { type ChoiceFlags, choicesOf } from '../choices-of.ts';
import type { ConfigOptions } from '../config-options.ts';
import { during, READING } from '../during.ts';
import { mustBeFile } from '../find-config.ts';
import { detailed, hostBelow, treeOf } from '../install-target.ts';
import { type LlamaFile, loadLlamaOrShow } from '../llama-file.ts';
import { obstaclesBefore } from '../obstacles.ts';
import type { Prepared } from '../prepare.ts';
import { prepareLlama } from '../prepare-llama.ts';
import { preview } from '../preview.ts';
import { exclusively, requireRoot, settleTime } from '../session.ts';

export type LlamaInstallOptions = ChoiceFlags &
  ConfigOptions & {
    readonly user?: string | undefined;
    readonly dryRun: boolean;
    readonly root?: string | undefined;
    readonly detailedExitcode: boolean;
    readonly start: boolean;
    readonly restart: boolean;
    readonly retryFailed: boolean;
    readonly allowEmpty: boolean;
    readonly allOrNothing: boolean;
    readonly settle: string;
    readonly only?: readonly string[] | undefined;
    readonly lockTimeout?: string | undefined;
  };

/** Makes the host as the llama.cpp file says, as an install of the host config does. */
export async function llamaInstall(options: LlamaInstallOptions, outside: World): Promise<number> {
  const world = inLayer(outside, llamaLayer);
  if (!options.dryRun) requireRoot(world, 'install');
  const settleMs = settleTime(options.settle);
  const loaded = await loadLlamaOrShow({ ...options, isForHost: true }, world);
  if (loaded === undefined) return exitCodes.config;
  const { source } = loaded;
  const root = await treeOf(options, world);
  if (options.dryRun) return dryRun(options, loaded, root, world);
  mustBeFile(source, 'the host is compared with the config later');
  const { lockTimeout } = options;
  const request = { operation: 'install', root, lockTimeout, settleMs };
  return exclusively(request, world, async (session) => {
    const prepared = await prepareFor(options, loaded, session.host, world);
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
      },
      world,
    );
    return options.detailedExitcode ? pendingCode(prepared, code) : code;
  });
}

async function dryRun(
  options: LlamaInstallOptions,
  loaded: LlamaFile,
  root: string | undefined,
  world: World,
): Promise<number> {
  const { host } = hostBelow(root ?? '', world);
  const obstacles = await obstaclesBefore(async () => undefined, { host, root }, world);
  const prepared = await prepareFor(options, loaded, host, world);
  await preview(prepared, { json: options.json, source: loaded.source, obstacles }, world);
  return options.detailedExitcode ? detailed(prepared, obstacles) : exitCodes.ok;
}

/** What can be said of a tree that is no running host. */
const ofTree: ReadonlySet<string> = new Set(['llama-port-needed', 'llama-user', 'runtimes-stay']);

async function prepareFor(
  options: LlamaInstallOptions,
  { instances, warnings }: LlamaFile,
  host: HostReader,
  world: World,
): Promise<Prepared> {
  const isOffline = options.root !== undefined;
  const online: PlanInput['calls'] = options.start ? 'all' : 'no-start';
  const found = await during(world, READING, () =>
    prepareLlama(instances, host, {
      calls: isOffline ? 'none' : online,
      retryFailed: options.retryFailed,
      noRestart: !options.restart,
      allowEmpty: options.allowEmpty,
      choices: choicesOf(options),
      only: options.only?.map(instanceKey),
      user: options.user,
    }),
  );
  const findings = found.findings.filter(({ rule }) => !isOffline || ofTree.has(rule));
  return { ...found, findings: [...warnings, ...findings] };
}
