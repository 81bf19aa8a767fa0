import { counted } from '../../core/counted.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import { exitOf } from '../../core/llama/run/outcome.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import type { World } from '../../host/world.ts';
import type { ConfigOptions } from '../config-options.ts';
import { during } from '../during.ts';
import { loadLlamaAndTell } from '../llama-file.ts';
import { bootSays } from '../llama-run/boot.ts';
import { Crew } from '../llama-run/crew.ts';
import { documentOf } from '../llama-run/document.ts';
import { dryRunOf } from '../llama-run/dry-run.ts';
import type { Job } from '../llama-run/job.ts';
import type { Run } from '../llama-run/launch.ts';
import { launchAll } from '../llama-run/launch-all.ts';
import { prepareJobs } from '../llama-run/prepare-jobs.ts';
import { tellerOn } from '../llama-run/teller.ts';
import { duration } from '../session.ts';
import { writeJson, writeJsonLine } from '../write-json.ts';

export type LlamaRunOptions = ConfigOptions & {
  readonly dryRun: boolean;
  readonly boot: boolean;
  readonly wait: boolean;
  readonly healthTimeout: string;
  readonly stopTimeout: string;
  readonly passEnv?: readonly string[] | undefined;
};

/** Starts what a file describes, and says when it is healthy. */
export async function llamaRun(options: LlamaRunOptions, world: World): Promise<number> {
  const limits = {
    healthMs: duration('--health-timeout', options.healthTimeout) ?? 0,
    stopMs: duration('--stop-timeout', options.stopTimeout) ?? 0,
  };
  const passEnv = variableNames(options.passEnv ?? []);
  if (options.boot && !bootSays(options.config, world)) return nothing(options, world);
  const loaded = await loadLlamaAndTell(options, world);
  if (loaded === undefined) return exitCodes.config;
  if (loaded.instances.length === 0) {
    const why = loaded.isDisabled ? 'switched off' : 'no instance is enabled';
    world.notes.write(`${loaded.source.file}: ${why}, nothing to start\n`);
    return nothing(options, world);
  }
  const jobs = await prepareJobs(loaded, { json: options.json, passEnv }, world);
  if (typeof jobs === 'number') return jobs;
  if (options.dryRun) return dryRunOf(jobs, options, world);
  return carryOut(jobs, options, limits, world);
}

function variableNames(names: readonly string[]): readonly string[] {
  const wrong = names.find((name) => !/^[A-Za-z_]\w*$/.test(name));
  if (wrong === undefined) return names;
  const help = 'write --pass-env NAME; its value is the one that vllmd itself has';
  throw new VllmdError('usage', `--pass-env ${wrong} is no name of a variable`, help);
}

function nothing({ json }: LlamaRunOptions, world: World): number {
  if (json) writeJson({ format_version: FORMAT_VERSION, ok: true, instances: [] }, world);
  return exitCodes.ok;
}

type Limits = { readonly healthMs: number; readonly stopMs: number };

async function carryOut(
  jobs: readonly Job[],
  options: LlamaRunOptions,
  { healthMs, stopMs }: Limits,
  world: World,
): Promise<number> {
  const widest = Math.max(...jobs.map(({ instance }) => instance.name.length));
  const teller = tellerOn(world, { json: options.json, widest });
  const crew = new Crew(jobs, stopMs, world);
  const run: Run = { crew, teller, healthTimeoutMs: healthMs, world };
  const stopListening = listen(run);
  warnOfEnd(options, run);
  try {
    const what = `waiting for ${counted(jobs.length, 'instance')}`;
    await during(world, what, () => launchAll(jobs, run));
    if (crew.stoppedBy !== undefined) await crew.allEnded();
    report(options, run);
    if (options.wait) await untilAllHaveEnded(options, run);
    return exitCodes[exitOf(crew.outcomes(), crew.stoppedBy)];
  } finally {
    stopListening();
    crew.letGo();
  }
}

/** The signals that would end vllmd end the instances, which have sessions of their own. */
function listen({ crew, teller, world }: Run): () => void {
  const interrupts = world.interrupts();
  interrupts.onSignal((signal, count) => {
    if (count === 1) teller.note(`${signal}: the instances are ended; once more kills them`);
    crew.stop(signal);
  });
  interrupts.onHangUp(() => crew.stop('SIGTERM'));
  return interrupts.stop;
}

function warnOfEnd({ wait }: LlamaRunOptions, { teller, world }: Run): void {
  if (wait || !world.servers.isFirst) return;
  teller.warn(
    'vllmd is the first process of this container, whose end is that of the instances too: add --wait',
  );
}

async function untilAllHaveEnded(options: LlamaRunOptions, run: Run): Promise<void> {
  const { crew, world } = run;
  const wasOver = crew.outcomes().every(({ state }) => state !== 'healthy');
  await crew.allEnded();
  if (options.json) writeJsonLine(documentOf(crew), world);
  else if (!wasOver) run.teller.summary(crew.outcomes());
}

function report({ json, wait }: LlamaRunOptions, run: Run): void {
  const { crew, teller, world } = run;
  teller.summary(crew.outcomes());
  if (json) (wait ? writeJsonLine : writeJson)(documentOf(crew), world);
}
