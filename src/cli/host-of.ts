import { resolve } from 'node:path';
import { visible } from '../core/control-characters.ts';
import { VllmdError } from '../core/failure.ts';
import { parseRecording } from '../core/recording/parse-recording.ts';
import type { RecordedSubject } from '../core/report/recorded-json.ts';
import { pastedWord } from '../core/shell-word.ts';
import type { HostReader } from '../host/host.ts';
import { createRecordedHost, type Gaps } from '../host/recorded-host.ts';
import type { World } from '../host/world.ts';
import { styleFor } from './style-for.ts';
import { withSudo } from './with-sudo.ts';

/** A host to look at: this one, or one that was recorded. */
export type HostInView = {
  readonly host: HostReader;
  /** Whether it is, or was, looked at by root. */
  readonly isRoot: boolean;
  /** undefined: it is this machine. */
  readonly recorded?: {
    readonly file: string;
    readonly vllmdVersion: string;
    readonly gaps: () => Gaps;
  };
};

/** What it is called in a sentence. */
export function hostName({ recorded }: HostInView): string {
  return recorded === undefined ? 'this host' : `the host of ${visible(recorded.file)}`;
}

/** For reports, once all has been asked: what the recording could not tell until now is in it. */
export function recordedSubject({ isRoot, recorded }: HostInView): RecordedSubject | undefined {
  if (recorded === undefined) return undefined;
  const { file, vllmdVersion, gaps } = recorded;
  return { file, vllmdVersion, isRoot, ...gaps() };
}

/** Without a file the machine itself, else the host that `vllmd facts` has recorded in it. */
export function hostOf(facts: string | undefined, world: World): HostInView {
  if (facts === undefined) return { host: world.host(''), isRoot: world.uid === 0 };
  const found = world.readConfigFile(resolve(world.cwd, facts), { maxMebibytes: MAX_MEBIBYTES });
  if (found.kind === 'forbidden') {
    const message = `--facts ${facts}: permission denied`;
    throw new VllmdError('needsRoot', message, `run \`${withSudo(world)}\``);
  }
  if (found.kind !== 'bytes') {
    const why = found.kind === 'absent' ? 'it does not exist' : found.why;
    throw new VllmdError('noConfig', `--facts ${facts}: ${why}`, RECORD);
  }
  const recording = parseRecording(new TextDecoder().decode(found.bytes));
  if (typeof recording === 'string') {
    throw new VllmdError('noConfig', `--facts ${facts} ${recording}`, RECORD);
  }
  const { reader, gaps } = createRecordedHost(recording);
  const { vllmdVersion, isRoot } = recording;
  return { host: reader, isRoot, recorded: { file: facts, vllmdVersion, gaps } };
}

const RECORD =
  'make one on the host that it is about, with this version: sudo vllmd facts > facts.json';
/** Far more than a host has to say. */
const MAX_MEBIBYTES = 64;
const MOST_SHOWN = 12;

/** Last of all, what the recording could not tell: what was said before stands on that. */
export function tellGaps({ recorded }: HostInView, world: World, config?: string): void {
  if (recorded === undefined) return;
  const { notRecorded, leftOut } = recorded.gaps();
  if (notRecorded.length + leftOut.length === 0) return;
  const { bold, yellow, cyan } = styleFor(world.stderr);
  const file = visible(recorded.file);
  const lines = [
    `\n${bold(yellow('note'))}${bold(`: ${file}, made by vllmd ${visible(recorded.vllmdVersion)}, does not tell everything that was asked`)}`,
    ...listed('not in the recording', notRecorded),
    ...listed('there, with contents that are never recorded', leftOut),
  ];
  lines.push('  each counts as what may not be read: what was said above may be wrong about it');
  if (notRecorded.length > 0) {
    const named = config === undefined || config === '-' ? 'FILE' : pastedWord(visible(config));
    const help = `record on that host with the same config: sudo vllmd facts --config ${named} > facts.json`;
    lines.push(` ${cyan('=')} ${bold('help')}: ${help}`);
  }
  world.stderr.write(`${lines.join('\n')}\n`);
}

function listed(title: string, paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return [];
  const shown = paths.slice(0, MOST_SHOWN).map((path) => `    ${visible(path)}`);
  const rest = paths.length - shown.length;
  return [`  ${title}:`, ...shown, ...(rest > 0 ? [`    … and ${rest} more`] : [])];
}
