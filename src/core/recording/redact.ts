import { shownProperties } from '../facts/systemctl-show.ts';
import { nameOf } from '../plan/drop-ins.ts';
import type { Entry } from '../plan/observed.ts';
import { keptLines } from './kept-lines.ts';
import type { Known } from './known.ts';
import { filterFor, passes } from './name-filters.ts';
import {
  HIDDEN_TARGET,
  type RecordedEntry,
  type RecordedNames,
  type RecordedOutput,
} from './recording.ts';
import { reduceGroup, reduceNsswitch, reducePasswd } from './reduce-accounts.ts';
import { isDeviceNode } from './reduce-kernel.ts';
import { rewrittenText } from './rewritten-texts.ts';

/** What a recording says of a path. Texts that no table names are left out; that there is a file is not. */
export function redactEntry(path: string, entry: Entry, known: Known): RecordedEntry {
  // Without it accounts are those of the files (nsswitch.conf(5)), of which a recording has some alone.
  if (path === '/etc/nsswitch.conf' && entry.type === 'absent') {
    return { type: 'file', mode: 0o644, uid: 0, gid: 0, text: reduceNsswitch() };
  }
  if (entry.type === 'link') return redactLink(path, entry);
  if (entry.type !== 'file') return entry;
  const { type, mode, uid, gid } = entry;
  const text = rewrittenText(path, entry.text, known) ?? keptLines(path, entry.text);
  return { type, mode, uid, gid, ...(text === undefined ? {} : { text }) };
}

const OPEN_TARGET =
  /^(?:dev\/null|(?:\.\.\/)*(?:usr|bin|sbin|lib|run|var\/run)(?:\/[\w@.:-]{1,64}){0,8})$/;

function redactLink(path: string, entry: Extract<Entry, { type: 'link' }>): RecordedEntry {
  const { target } = entry;
  const isOfKernel = path.startsWith('/sys/') && /^[\w./:-]{1,300}$/.test(target);
  const isOpenFile = path.startsWith('/proc/') && isDeviceNode(target);
  const isOfUnit = passes('own', nameOf(target)) || OPEN_TARGET.test(target.replace(/^\//, ''));
  const isKept = path.startsWith('/proc/') ? isOpenFile : isOfKernel || isOfUnit;
  return isKept ? entry : { ...entry, target: HIDDEN_TARGET };
}

export function redactNames(path: string, names: readonly string[] | undefined): RecordedNames {
  const only = filterFor(path);
  return { names: names?.filter((name) => passes(only, name)), only };
}

const VERSION_LINE = /^(?:cloud-hypervisor|ch-remote|systemd) v?\d[\w.+~() -]{0,80}$/;
const PROPERTY_LINE = new RegExp(`^(?:${shownProperties.join('|')})=[\\w@.:/ $'"-]{0,400}$`);

/** What a program printed, where it is known what it prints. */
export function redactOutput(
  argv: readonly string[],
  { exitCode, stdout }: { readonly exitCode: number; readonly stdout: string },
  known: Known,
): RecordedOutput {
  const [program = '', verb = '', name = ''] = argv;
  if (verb === '--version') return { exitCode, stdout: linesOf(stdout, VERSION_LINE) };
  if (program === 'systemctl' && verb === 'show') {
    return { exitCode, stdout: linesOf(stdout, PROPERTY_LINE) };
  }
  if (program !== 'getent') return { exitCode, stdout: undefined };
  const asked = { ...known, accounts: new Set([...known.accounts, name]) };
  if (verb === 'passwd') return { exitCode, stdout: reducePasswd(stdout, asked) };
  return { exitCode, stdout: reduceGroup(stdout, { ...asked, groupIds: new Set([name]) }) };
}

/** Blank lines part the units from each other. */
function linesOf(text: string, form: RegExp): string {
  return text
    .split('\n')
    .filter((line) => line === '' || form.test(line))
    .join('\n');
}
