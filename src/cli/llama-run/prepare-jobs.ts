import { dirname, resolve } from 'node:path';
import type { Diagnostic } from '../../core/diagnostic.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import type { LlamaInstance } from '../../core/llama/instance.ts';
import { wrong } from '../../core/llama/rules/tell.ts';
import { healthTarget, urlOf } from '../../core/llama/run/addresses.ts';
import { environmentOf, isOwnLibrary, searchPath } from '../../core/llama/run/environment.ts';
import { missingModel } from '../../core/llama/run/model-files.ts';
import { shardsOf } from '../../core/llama/shards.ts';
import type { World } from '../../host/world.ts';
import type { LlamaFile } from '../llama-file.ts';
import { showDiagnostics } from '../show-diagnostics.ts';
import type { Job } from './job.ts';

type PrepareOptions = {
  readonly json: boolean;
  /** Names of variables that the instances are given besides. */
  readonly passEnv: readonly string[];
};

/** Looks at everything that can be looked at before the first start; an exit code where nothing is to be started. */
export async function prepareJobs(
  { instances, source }: LlamaFile,
  options: PrepareOptions,
  world: World,
): Promise<readonly Job[] | number> {
  const portless = instances.flatMap(portProblem);
  if (portless.length > 0) {
    await showDiagnostics(portless, source, options.json, world);
    return exitCodes.config;
  }
  const jobs: Job[] = [];
  const problems: Diagnostic[] = [];
  for (const instance of instances) {
    const problem = await modelProblem(instance, world);
    if (problem !== undefined) problems.push(problem);
    jobs.push(...(await jobOf(instance, problem?.message, options, world)));
  }
  if (problems.length > 0) await showDiagnostics(problems, source, false, world);
  return jobs;
}

/** Whoever waits for an instance has to know where it answers. */
function portProblem({ endpoint, source }: LlamaInstance): readonly Diagnostic[] {
  if (endpoint !== undefined) return [];
  const text =
    'no port: its default depends on the build, so nobody could ask whether it is healthy';
  return [wrong('llama-port-missing', source, text, 'add port = NUMBER to its server table')];
}

async function jobOf(
  instance: LlamaInstance,
  problem: string | undefined,
  { passEnv }: PrepareOptions,
  world: World,
): Promise<readonly Job[]> {
  const { endpoint, executable, launch, control } = instance;
  if (endpoint === undefined) return [];
  const program = programOf(executable, world);
  const libraries = await librariesOf(executable, program, world);
  const target = healthTarget(endpoint);
  return [
    {
      instance,
      argv: [program, ...launch.arguments],
      environment: environmentOf(instance, { own: world.env, passed: passEnv, libraries }),
      target,
      url: urlOf(target),
      log: resolve(world.cwd, control.logFile),
      problem,
    },
  ];
}

function programOf(executable: string, { env, cwd, servers }: World): string {
  const found = servers.findProgram(executable, searchPath(env), cwd);
  if ('path' in found) return found.path;
  throw new VllmdError(
    'preflight',
    `nothing is started: ${executable} ${found.why}`,
    'name an executable llama-server: llama_cpp_path = "/path" in [master]',
  );
}

/** A bundle has its libraries beside the executable; a directory of the system has none of them. */
async function librariesOf(
  executable: string,
  program: string,
  world: World,
): Promise<string | undefined> {
  if (!executable.includes('/')) return undefined;
  const directory = dirname(program);
  const names = await world.host('').list(directory);
  return names?.some(isOwnLibrary) === true ? directory : undefined;
}

async function modelProblem(
  { modelFiles }: LlamaInstance,
  world: World,
): Promise<Diagnostic | undefined> {
  const host = world.host('');
  for (const model of modelFiles) {
    const there = new Set<string>();
    for (const path of shardsOf(model.path)) {
      if (await host.exists(resolve(world.cwd, path))) there.add(path);
    }
    const problem = missingModel(model, (path) => there.has(path));
    if (problem !== undefined) return problem;
  }
  return undefined;
}
