import type { ConfigInput } from '../../core/config/config-input.gen.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import { precheck as check } from '../../core/precheck/precheck.ts';
import type { ConfigInView } from '../../core/precheck/view.ts';
import { type PrecheckLook, precheckHuman, precheckJson } from '../../core/report/precheck.ts';
import type { HostReader } from '../../host/host.ts';
import type { LlamaFiles } from '../../host/llama-files.ts';
import { readPrecheck } from '../../host/read-precheck.ts';
import type { World } from '../../host/world.ts';
import { type ConfigOptions, modeOf } from '../config-options.ts';
import { during, READING } from '../during.ts';
import { findConfig, isConfigNamed, isStdin } from '../find-config.ts';
import { hostOf, recordedSubject, tellGaps } from '../host-of.ts';
import { isAsciiOnly } from '../is-ascii-only.ts';
import { loadWithFiles } from '../load-with-files.ts';
import { shellLine } from '../shell-line.ts';
import { styleFor } from '../style-for.ts';
import { withSudo } from '../with-sudo.ts';
import { writeJson } from '../write-json.ts';

export type PrecheckOptions = ConfigOptions & { readonly facts?: string | undefined };

/** Says whether this host, or one that was recorded, is ready for virtual machines with its GPUs. Only reads. */
export async function precheck(options: PrecheckOptions, world: World): Promise<number> {
  const inView = hostOf(options.facts, world);
  const { host, isRoot } = inView;
  const { config, input, llama } = await configInView(options, host, world);
  const found = await during(world, READING, () => readPrecheck(host, input, llama));
  const result = check({ config, isRoot, ...found });
  const subject = {
    config: config.kind === 'none' ? undefined : config.file,
    recorded: recordedSubject(inView),
    // A recording does not tell more to another account.
    asRoot: inView.recorded === undefined ? withSudo(world) : 'sudo vllmd facts > facts.json',
  };
  if (options.json) writeJson(precheckJson(result, subject), world);
  else world.stdout.write(precheckHuman(result, subject, lookOf(world)));
  tellGaps(inView, world, subject.config);
  return result.isReady ? exitCodes.ok : exitCodes.preflight;
}

function lookOf({ stdout, env }: World): PrecheckLook {
  return { style: styleFor(stdout), width: stdout.columns, isAscii: isAsciiOnly(env) };
}

type Found = {
  readonly config: ConfigInView;
  readonly input?: ConfigInput;
  readonly llama?: LlamaFiles;
};

/** One that was named has to be there. That of this machine says nothing of another one. */
async function configInView(
  options: PrecheckOptions,
  host: HostReader,
  world: World,
): Promise<Found> {
  const isNamed = isConfigNamed(options.config, world);
  const mode = modeOf({ ...options, isForHost: true });
  if (options.facts !== undefined && !isNamed) {
    return { config: { kind: 'none', why: 'no config was named for this recording' } };
  }
  try {
    const found = await findConfig(options.config, world);
    const { file, absolutePath } = found;
    const { text, loaded } = await loadWithFiles(found, { mode, host, beside: world.host('') });
    if (loaded.ok) {
      const { input, warnings, llama } = loaded;
      const forgiven = await withPlaces(text, warnings);
      return { config: { kind: 'valid', file, forgiven }, input, llama };
    }
    const problems = loaded.refused.flatMap(({ diagnostics }) => diagnostics);
    const name = isStdin(absolutePath) ? 'FILE' : file;
    // What lenient mode refuses for a host, `validate --lenient` would let pass.
    const look =
      mode === 'strict'
        ? ['validate', name]
        : ['install', '--dry-run', '--lenient', '--config', name, ...factsOf(options)];
    return {
      config: {
        kind: 'invalid',
        file,
        problems: problems.filter(isError).length,
        look: shellLine(['vllmd', ...look]),
      },
    };
  } catch (error) {
    if (isNamed || !(error instanceof VllmdError && error.exit === 'noConfig')) throw error;
    return { config: { kind: 'none', why: error.message } };
  }
}

/** Positions need a second parser. */
async function withPlaces(
  text: string,
  diagnostics: readonly Diagnostic[],
): Promise<readonly Diagnostic[]> {
  if (diagnostics.length === 0) return [];
  const { locate } = await import('../../core/config/locate.ts');
  return locate(text, diagnostics);
}

function factsOf({ facts }: PrecheckOptions): readonly string[] {
  return facts === undefined ? [] : ['--facts', facts];
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error';
}
