import { resolve as resolvePath } from 'node:path';
import { visible } from '../../core/control-characters.ts';
import { counted } from '../../core/counted.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import { reportYaml, writtenReport } from '../../core/hive/benchmark/report-text.ts';
import { runReport } from '../../core/hive/benchmark/run-report.ts';
import { runsOfCalls } from '../../core/hive/benchmark/runs-of-calls.ts';
import { samplesOfReport } from '../../core/hive/benchmark/samples-of-report.ts';
import { type Workload, workloadNames } from '../../core/hive/benchmark/workloads.ts';
import type { BenchmarkReport } from '../../core/hive/documents.ts';
import type { World } from '../../host/world.ts';
import { CALL_TIMEOUT_MS, callWorkloads } from '../hive-bench-calls.ts';
import { type OpenRegistry, openRegistry, type RegistryOptions } from '../hive-registry.ts';
import { findTarget } from '../hive-target.ts';
import { writeJson } from '../write-json.ts';
import { checkPlace, type NewFile, writeNewFile } from '../write-new-file.ts';
import { storedCount } from './hive-bench.ts';

type BenchRunOptions = RegistryOptions & {
  readonly model: string;
  readonly workload: readonly Workload[] | undefined;
  readonly repeat: string | undefined;
  readonly output: string | undefined;
  readonly force: boolean;
  readonly ingest: boolean;
  readonly json: boolean;
};

/** Sends requests for a model through a registry, and makes a report of the answers. */
export async function hiveBenchRun(options: BenchRunOptions, world: World): Promise<number> {
  const { model, workload = [], ingest } = options;
  const repeat = repeatOf(options.repeat);
  const place = placeOf(options, world);
  if (place !== undefined) await checkPlace(place, world);
  const registry = openRegistry(options, world, CALL_TIMEOUT_MS);
  const target = await findTarget(model, registry);
  const observedAt = world.now() / 1000;
  const wanted = workload.length === 0 ? workloadNames : [...new Set(workload)];
  const calls = await callWorkloads({ model, workloads: wanted, repeat }, registry, world);
  const runs = runsOfCalls(calls, { model, ...target });
  const report = runReport({ model, observedAt, runs });
  await give(report, place, options, world);
  if (ingest) await store(report, registry, world);
  return exitCodes.ok;
}

function repeatOf(text = '1'): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new VllmdError('usage', '--repeat is no number from 1 to 9999', 'it is how often it asks');
}

function placeOf({ output, force }: BenchRunOptions, { cwd }: World): NewFile | undefined {
  if (output !== undefined && output !== '-') {
    return { file: visible(output), absolutePath: resolvePath(cwd, output), force };
  }
  if (force) throw new VllmdError('usage', '--force is about --output', 'add --output FILE');
  return undefined;
}

async function give(
  report: BenchmarkReport,
  place: NewFile | undefined,
  { json }: BenchRunOptions,
  world: World,
): Promise<void> {
  if (place === undefined) {
    if (json) writeJson(writtenReport(report), world);
    else world.stdout.write(reportYaml(report));
    return;
  }
  const text = json
    ? `${JSON.stringify(writtenReport(report), undefined, 2)}\n`
    : reportYaml(report);
  const copy = await writeNewFile(place, text, world);
  const kept = copy === undefined ? '' : `; the former one is ${copy} now`;
  world.notes.write(`${place.file}: written${kept}\n`);
}

async function store(report: BenchmarkReport, registry: OpenRegistry, world: World): Promise<void> {
  const samples = samplesOfReport(report);
  if ('error' in samples) throw new Error(samples.error);
  const answer = await registry.post('/v1/cluster/benchmarks', { samples });
  world.notes.write(`${counted(storedCount(registry.bodyOf(answer)), 'sample')} stored\n`);
}
