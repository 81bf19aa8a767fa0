import type { RuntimeHost } from '../runtimes-file.ts';
import type { Section } from '../shape.ts';
import { type Finding, findingsOf } from './finding.ts';
import type { HostFacts } from './host-facts.ts';
import { judgeDisks, judgeModels } from './judge-models.ts';
import type { HostNeeds } from './needs.ts';

/** How a command of the file ended on its host. */
export type CommandOutcome = {
  readonly exitCode: number;
  readonly isTimedOut: boolean;
  /** The first line that says why; '' where it says nothing. */
  readonly said: string;
};

/** The key of an ssh connection, on this machine. */
export type KeyFile =
  | 'not named'
  | 'missing'
  | 'no file'
  | { readonly mode: number }
  | { readonly why: string };

/** All that was found out about one host. */
export type HostLook = {
  /** Which list of the file it was looked at for. */
  readonly section: Section;
  readonly host: RuntimeHost;
  readonly needs: HostNeeds;
  readonly key: KeyFile;
  /** undefined: it was not reached. */
  readonly facts: HostFacts | undefined;
  /** Why it was not reached, in one line. */
  readonly why: string | undefined;
  /** Seconds since 1970 here, before and after it was asked. */
  readonly asked: { readonly from: number; readonly to: number };
  readonly health: CommandOutcome | undefined;
  /** By the ID of the backend; `why` where it is not run. */
  readonly verified: ReadonlyMap<string, CommandOutcome | { readonly why: string }>;
};

type Judge = (look: HostLook, facts: HostFacts) => readonly Finding[];

/** What counts besides the connection. */
const judged: Readonly<Record<Section, readonly Judge[]>> = {
  hosts: [
    ...[judgeClock, judgeHealth, judgePrograms, judgeBackends, judgeGpu],
    ...[judgeModels, judgeDisks],
  ],
  backends: [judgePrograms, judgeBackends],
  models: [judgePrograms, judgeModels, judgeDisks],
};

/** What is right and wrong about a host. */
export function judgeHost(look: HostLook): readonly Finding[] {
  const { facts, host, why } = look;
  const { ok, problem } = findingsOf(host.id);
  const key = judgeKey(look);
  if (facts === undefined) {
    return [problem('reached', why ?? 'it did not answer', reachHelp(host)), ...key];
  }
  return [
    ok('reached', host.transport === 'ssh' ? 'by ssh' : 'this machine'),
    ...key,
    ...judged[look.section].flatMap((judge) => judge(look, facts)),
  ];
}

function reachHelp({ id, transport, connection }: RuntimeHost): string {
  if (transport === 'local') return 'see that bash is installed';
  if (connection.password === undefined) {
    return 'see that ssh gets there without a question: key, user, name and port';
  }
  return `see that its password, user, name and port are right: vllmd hosts edit ${id} --ask-password`;
}

function judgeKey({ host, key }: HostLook): readonly Finding[] {
  const { ok, problem } = findingsOf(host.id);
  if (key === 'not named') return [];
  // The path itself is a secret of the file.
  if (key === 'missing' || key === 'no file') {
    const what = key === 'missing' ? 'does not exist' : 'is no regular file';
    const help = `correct it: vllmd hosts edit ${host.id}`;
    return [problem('key', `the file of connection.key_path ${what}`, help)];
  }
  if ('why' in key) {
    const detail = `the file of connection.key_path cannot be looked at: ${key.why}`;
    return [problem('key', detail, `correct it: vllmd hosts edit ${host.id}`)];
  }
  if ((key.mode & 0o077) === 0) return [ok('key', 'readable for its owner alone')];
  const mode = key.mode.toString(8).padStart(4, '0');
  const detail = `the file of connection.key_path has the mode ${mode}, and ssh refuses it`;
  return [problem('key', detail, 'let its owner alone read it: chmod 600')];
}

/** Certificates and logs of two machines do not fit each other beyond that. */
const MAX_SKEW_SECONDS = 5;

function judgeClock({ host, asked }: HostLook, { time }: HostFacts): readonly Finding[] {
  if (host.transport === 'local') return [];
  const { ok, warning, skipped } = findingsOf(host.id);
  if (time === undefined) return [skipped('clock', '`date` does not tell the time')];
  // Its clock counts whole seconds, and was read at some moment in between.
  const ahead = Math.max(0, time - asked.to);
  const behind = Math.max(0, asked.from - (time + 1));
  const skew = Math.max(ahead, behind);
  if (skew <= MAX_SKEW_SECONDS) return [ok('clock', 'as here')];
  const detail = `its clock is ${Math.round(skew)} s ${ahead > 0 ? 'ahead of' : 'behind'} the one here`;
  return [warning('clock', detail, 'have both follow a time server: timedatectl')];
}

function judgeHealth({ host, health }: HostLook): readonly Finding[] {
  const { ok, problem, skipped } = findingsOf(host.id);
  if (health === undefined) return [skipped('health', 'not run')];
  if (health.exitCode === 0 && !health.isTimedOut) return [ok('health', 'exit code 0')];
  const help = `see what it says: vllmd hosts test ${host.id}`;
  return [problem('health', `health.check_cmd: ${outcomeWords(health)}`, help)];
}

function judgePrograms({ host, needs }: HostLook, facts: HostFacts): readonly Finding[] {
  const { ok, problem } = findingsOf(host.id);
  const missing = needs.programs.filter(({ name, isBySudo }) => {
    const found = isBySudo ? facts.sudoPrograms : facts.programs;
    return found.get(name) === undefined;
  });
  if (needs.programs.length === 0) return [];
  if (missing.length === 0) {
    return [ok('program', `all ${needs.programs.length} that commands begin with are there`)];
  }
  return missing.map(({ name, neededBy }) => {
    const help = name.includes('/')
      ? 'install it there, or correct the path'
      : 'install it, or name it by its path: the PATH of a terminal can have more directories';
    return problem('program', `${name} is not there, and ${neededBy.join(', ')} needs it`, help);
  });
}

function judgeBackends({ section, host, needs, verified }: HostLook): readonly Finding[] {
  const { ok, problem, skipped } = findingsOf(host.id);
  return needs.backends.flatMap(({ id }) => {
    const outcome = verified.get(id);
    // Who looks at a host need not know that.
    if (outcome === undefined)
      return section === 'hosts' ? [] : [skipped('backend', `${id}: it has no verify_cmd`)];
    if ('why' in outcome) return [skipped('backend', `${id}: ${outcome.why}`)];
    if (outcome.exitCode === 0 && !outcome.isTimedOut) return [ok('backend', `${id}: verified`)];
    const help = 'a missing driver, or a backend that is not for this host';
    return [problem('backend', `${id}: verify_cmd: ${outcomeWords(outcome)}`, help)];
  });
}

function judgeGpu({ host }: HostLook, { gpu }: HostFacts): readonly Finding[] {
  const { ok, warning } = findingsOf(host.id);
  const failed = gpu.filter(({ exitCode }) => exitCode !== 0);
  const working = gpu.filter(({ exitCode }) => exitCode === 0);
  const broken = failed.map(({ by, exitCode, lines: [line = ''] }) =>
    warning(
      'gpu',
      `${by} ends with ${exitCode}${line === '' ? '' : `: ${line}`}`,
      'see its driver',
    ),
  );
  const seen = working.map(({ by, lines }) => ok('gpu', `${by}: ${summary(by, lines)}`));
  if (gpu.length > 0) return [...broken, ...seen];
  if (host.capabilities.gpu.length === 0) return [ok('gpu', 'none, and the file names none')];
  const detail = `nothing shows a GPU, and capabilities.gpu names ${host.capabilities.gpu.join(', ')}`;
  return [warning('gpu', detail, 'install nvidia-smi, rocm-smi or vulkaninfo, or see the driver')];
}

/** What tells GPUs apart, without their serial numbers. */
function summary(by: string, lines: readonly string[]): string {
  if (by === '/dev/dri')
    return lines.filter((line) => /^(?:card|render)/.test(line)).join(', ') || 'no device';
  if (by === 'nvidia-smi') return lines.map((line) => line.replace(/ \(UUID:.*/, '')).join('; ');
  return 'it answers';
}

function outcomeWords({ exitCode, isTimedOut, said }: CommandOutcome): string {
  const end = isTimedOut ? 'did not end in time' : `exit code ${exitCode}`;
  return said === '' ? end : `${end}: ${said}`;
}
