import { VllmdError } from '../core/failure.ts';
import { dropInDirectories, nameOf } from '../core/plan/drop-ins.ts';
import type { Artefact } from '../core/render/artefact.ts';
import { RUN_DIR, STAGE_DIR, UNIT_DIR } from '../core/resolve/layout.ts';
import type { FileMetadata, Host } from './host.ts';
import { parentOf } from './ways.ts';

export type LintInput = {
  readonly artefacts: readonly Artefact[];
  readonly units: readonly string[];
  /** The operator's, wherever systemd looks for drop-ins. */
  readonly dropIns: readonly { readonly path: string; readonly text: string }[];
};

export type LintResult = {
  /** Of vllmd's own units: they would not do what they say. */
  readonly problems: readonly string[];
  /** With the operator's drop-ins systemd does not start them at all. */
  readonly refusals: readonly string[];
  /** What else comes with the operator's drop-ins only. */
  readonly warnings: readonly string[];
};

type Text = { readonly path: string; readonly text: string };

const nothingFound: LintResult = { problems: [], refusals: [], warnings: [] };
const ROOT_ONLY: FileMetadata = { mode: 0o700, uid: 0, gid: 0 };
const UNITS_PER_CALL = 500;

/**
 * What systemd would say of the units of an install, before any of them is written: it ignores a key that it does not
 * know. Undefined where there is no systemd-analyze to ask.
 */
export async function lintUnits(host: Host, input: LintInput): Promise<LintResult | undefined> {
  const { artefacts, units, dropIns } = input;
  if (units.length === 0) return nothingFound;
  const version = await host.query(['systemd-analyze', '--version']);
  if (version.exitCode === 127) return undefined;
  try {
    const result = await lintStaged(host, unitFiles(artefacts, units), units, dropIns);
    await sweep(host, STAGE_DIR);
    return result;
  } catch (error) {
    if (error instanceof VllmdError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const hint = `they are checked in ${STAGE_DIR} before any is installed; nothing was changed`;
    const message = `cannot check the units: ${why}`;
    throw new VllmdError('unexpected', message, hint, { cause: error });
  }
}

/** First vllmd's own, so that what the operator's drop-ins add can be told apart. */
async function lintStaged(
  host: Host,
  files: readonly Text[],
  units: readonly string[],
  dropIns: readonly Text[],
): Promise<LintResult> {
  const stage = await openStage(host);
  await stage.add(files);
  const problems = await verify(host, units);
  if (dropIns.length === 0) return { ...nothingFound, problems };
  await stage.add(dropIns);
  const withOwn = await verify(host, units);
  const added = withOwn.filter((line) => !problems.includes(line));
  const tell = (lines: readonly string[]) => lines.map((line) => named(line, units, dropIns));
  return {
    problems,
    refusals: tell(added.filter(isRefusal)),
    warnings: tell(added.filter((line) => !isRefusal(line))),
  };
}

/** Of other mistakes systemd ignores the line, and the unit starts without it. */
function isRefusal(line: string): boolean {
  return /\bRefusing\b|has a bad unit file setting/.test(line);
}

/** All files of units but the drop-ins of instances that nobody asks about. */
function unitFiles(artefacts: readonly Artefact[], units: readonly string[]): readonly Text[] {
  const directories = new Set(units.map((unit) => `${UNIT_DIR}/${unit}.d`));
  return artefacts.flatMap((artefact) => {
    if (artefact.type !== 'file' || !artefact.path.startsWith(`${UNIT_DIR}/`)) return [];
    const directory = parentOf(artefact.path);
    return directory === UNIT_DIR || directories.has(directory) ? [artefact] : [];
  });
}

async function openStage(host: Host) {
  if ((await host.read(RUN_DIR)).type === 'absent') {
    await host.mkdir(RUN_DIR, { ...ROOT_ONLY, mode: 0o755 });
  }
  await sweep(host, STAGE_DIR);
  await host.mkdir(STAGE_DIR, ROOT_ONLY);
  const made = new Set([STAGE_DIR]);
  const makeDirectory = async (path: string): Promise<void> => {
    if (made.has(path)) return;
    await makeDirectory(parentOf(path));
    await host.mkdir(path, ROOT_ONLY);
    made.add(path);
  };
  const add = async (texts: readonly Text[]): Promise<void> => {
    for (const { path, text } of texts) {
      const staged = STAGE_DIR + withoutColons(path);
      await makeDirectory(parentOf(staged));
      await host.write(staged, withoutPrograms(text), { ...ROOT_ONLY, mode: 0o600 });
    }
  };
  return { add };
}

/** On this command line a colon is the separator of an alias, so a PCI address cannot stand there as it is. */
function withoutColons(path: string): string {
  return path.replaceAll(':', '_');
}

/**
 * A program that may fail is not looked for: none is in the stage, and where /run is mounted noexec, as it often is,
 * none could be.
 */
function withoutPrograms(text: string): string {
  return text.replace(/^(\s*Exec\w+\s*=\s*)(?=[@:+!|]*[^\s@:+!|-])/gm, '$1-');
}

/** Many units in one call give the same lines as a call for each, once. */
async function verify(host: Host, units: readonly string[]): Promise<readonly string[]> {
  const lines = new Set<string>();
  for (let first = 0; first < units.length; first += UNITS_PER_CALL) {
    const chunk = units.slice(first, first + UNITS_PER_CALL);
    for (const line of await verifyChunk(host, chunk)) lines.add(line);
  }
  return [...lines];
}

async function verifyChunk(host: Host, units: readonly string[]): Promise<readonly string[]> {
  const result = await host.query([
    'systemd-analyze',
    'verify',
    '--man=no',
    '--generators=no',
    '--recursive-errors=no',
    `--root=${STAGE_DIR}`,
    ...units.map(withoutColons),
  ]);
  if (result.exitCode === 0) return [];
  const said = `${result.stdout}\n${result.stderr}`.split('\n').filter((line) => line !== '');
  if (said.length === 0) return [`systemd-analyze verify: exit code ${result.exitCode}`];
  return said.map((line) => asOnHost(line, units));
}

function asOnHost(line: string, units: readonly string[]): string {
  let text = line.replaceAll(STAGE_DIR, '').replace(/, ignoring\.$/, '');
  for (const unit of units.filter((name) => name.includes(':'))) {
    text = text.replaceAll(withoutColons(unit), unit);
  }
  return text;
}

/** A line about a whole unit says nothing of the drop-in that it comes from. */
function named(line: string, units: readonly string[], dropIns: readonly Text[]): string {
  if (dropIns.some(({ path }) => line.includes(path))) return line;
  const unit = units.find((name) => line.includes(name));
  const directories = new Set((unit === undefined ? units : [unit]).flatMap(dropInDirectories));
  const paths = dropIns
    .map(({ path }) => path)
    .filter((path) => directories.has(nameOf(parentOf(path))));
  return `${line} (with ${paths.join(', ')})`;
}

/** Also what an earlier run, which was killed, has left. */
async function sweep(host: Host, path: string): Promise<void> {
  const entry = await host.read(path);
  if (entry.type === 'absent') return;
  if (entry.type !== 'directory') {
    await host.remove(path);
    return;
  }
  for (const name of (await host.list(path)) ?? []) await sweep(host, `${path}/${name}`);
  await host.removeDirectory(path);
}
