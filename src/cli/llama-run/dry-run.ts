import { visible } from '../../core/control-characters.ts';
import { exitCodes } from '../../core/failure.ts';
import { shownEnvironment } from '../../core/llama/run/environment.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import { pastedWord } from '../../core/shell-word.ts';
import type { World } from '../../host/world.ts';
import { shellLine } from '../shell-line.ts';
import { writeJson } from '../write-json.ts';
import type { Job } from './job.ts';

/** Shows what would be started; secrets are in no argument, and of variables only names are shown that may hold one. */
export function dryRunOf(
  jobs: readonly Job[],
  { json }: { readonly json: boolean },
  world: World,
): number {
  if (json) {
    const instances = jobs.map(rowOf);
    writeJson({ format_version: FORMAT_VERSION, ok: true, dry_run: true, instances }, world);
  } else world.stdout.write(jobs.map(textOf).join(''));
  return exitCodes.ok;
}

/** Every instance has them as vllmd has. */
const AS_EVER = ['HOME', 'PATH'];

function textOf({ instance, url, log, argv, environment }: Job): string {
  const { name, control } = instance;
  const how = control.background ? '' : '  in the foreground';
  const variables = Object.entries(shownEnvironment(environment))
    .filter(([variable]) => !AS_EVER.includes(variable))
    .map(([variable, value]) => `${variable}=${value === '' ? '' : pastedWord(value)}`);
  const lines = [
    `${name}  ${url}  log ${log}${how}`,
    ...(variables.length === 0 ? [] : [`  ${variables.join(' ')}`]),
    `  ${shellLine(argv)}`,
  ];
  return lines.map((line) => `${visible(line)}\n`).join('');
}

function rowOf({ instance, url, log, argv, environment, problem }: Job): object {
  return {
    name: instance.name,
    background: instance.control.background,
    url,
    log,
    command: argv,
    environment: shownEnvironment(environment),
    problem: problem ?? null,
  };
}
