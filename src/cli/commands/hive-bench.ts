import { visible } from '../../core/control-characters.ts';
import { counted } from '../../core/counted.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import { isJsonObject, ownValue } from '../../core/fleet/json-value.ts';
import type { BenchmarkIngest } from '../../core/hive/documents.ts';
import { loadMeasurements } from '../../core/hive/files/load-file.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import type { World } from '../../host/world.ts';
import { readPlace } from '../find-config.ts';
import { hiveLanguage } from '../hive-language.ts';
import { postToRegistry, type RegistryOptions } from '../hive-registry.ts';
import { showDiagnostics } from '../show-diagnostics.ts';
import { writeJson } from '../write-json.ts';

type BenchOptions = RegistryOptions & {
  readonly action: 'convert' | 'ingest';
  readonly file: string;
  readonly json: boolean;
  /** Options that mean nothing here. */
  readonly ofRun: Readonly<Record<string, unknown>>;
};

/** Makes of a report what a registry takes, and prints it or sends it there. */
export async function hiveBench(options: BenchOptions, world: World): Promise<number> {
  refuseOptionsOfRun(options);
  const ingest = await readIngest(options, world);
  if (ingest === undefined) return exitCodes.config;
  if (options.action === 'convert') writeJson(ingest, world);
  else await send(ingest, options, world);
  return exitCodes.ok;
}

function refuseOptionsOfRun({ action, ofRun }: BenchOptions): void {
  const given = Object.entries(ofRun).find(([, value]) => value !== undefined && value !== false);
  if (given === undefined) return;
  const message = `--${given[0]} is about \`bench run\``;
  throw new VllmdError('usage', message, `\`bench ${action}\` takes a report as it is`);
}

async function send(ingest: BenchmarkIngest, options: BenchOptions, world: World): Promise<void> {
  const count = storedCount(await postToRegistry('/v1/cluster/benchmarks', ingest, options, world));
  if (!options.json) {
    world.stdout.write(`${counted(count, 'sample')} stored\n`);
    return;
  }
  const ids = ingest.samples.map(({ benchmark_id }) => benchmark_id);
  writeJson({ format_version: FORMAT_VERSION, ok: true, count, benchmark_ids: ids }, world);
}

/** How many samples a registry says to have stored. */
export function storedCount(answer: unknown): number {
  const count = isJsonObject(answer) ? ownValue(answer, 'count') : undefined;
  if (typeof count === 'number') return count;
  const help = 'does a registry answer at this address, and one of this version?';
  throw new VllmdError('runtime', 'the answer is none about measurements', help);
}

/** Undefined where it is not valid, which is shown then. */
async function readIngest(
  { file, json }: BenchOptions,
  world: World,
): Promise<BenchmarkIngest | undefined> {
  const found = readPlace(file, world, { option: 'the argument' });
  if (found === undefined) {
    const help = 'see how it is spelled';
    throw new VllmdError('noConfig', `the file ${visible(file)} does not exist`, help);
  }
  const { text, result } = loadMeasurements(found.bytes);
  const source = { file, text, language: hiveLanguage, isInOrder: true } as const;
  if (!result.ok) {
    await showDiagnostics(result.diagnostics, source, json, world);
    return undefined;
  }
  // Standard output is for what was asked for.
  if (result.warnings.length > 0) await showDiagnostics(result.warnings, source, false, world);
  return result.value;
}
