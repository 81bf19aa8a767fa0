import fc from 'fast-check';
import type { Entry } from '../../src/core/plan/observed.ts';
import { parentOf } from '../../src/host/ways.ts';
import type { Simulation } from './systemd.ts';

const kinds = ['text', 'text', 'gone', 'mode', 'link', 'directory'] as const;

export type Edit = { readonly at: number; readonly kind: (typeof kinds)[number] };

export const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.record({ at: fc.nat(), kind: fc.constantFrom(...kinds) }),
  { minLength: 1, maxLength: 4 },
);

const ownPath =
  /^\/(etc\/(systemd|vllmd|modprobe|modules|udev)|home\/sdake\/\.config).*vllmd.*\.\w+$/;

/** Files and enable links of vllmd on a host. */
export function ownPaths({ entries }: Simulation): readonly string[] {
  return [...entries]
    .filter(([path, { type }]) => ownPath.test(path) && (type === 'file' || type === 'link'))
    .map(([path]) => path);
}

/** What an operator has put in place of files and enable links of vllmd, by path. */
export async function disturb(
  machine: Simulation,
  list: readonly Edit[],
): Promise<ReadonlyMap<string, Entry>> {
  const paths = ownPaths(machine);
  const edited = new Set<string>();
  for (const { at, kind } of list) {
    const path = paths[at % paths.length] ?? '';
    if (edited.has(path)) continue;
    edited.add(path);
    await disturbOne(machine, path, kind);
  }
  return put(
    machine,
    [...edited].flatMap((path) => [path, `${path}/mine`]),
  );
}

/** Files of somebody else where the next install wants its own; only where there is a directory for them. */
export async function occupy(
  machine: Simulation,
  wanted: readonly string[],
  list: readonly number[],
): Promise<ReadonlyMap<string, Entry>> {
  const free = wanted.filter(
    (path) =>
      !machine.entries.has(path) && machine.entries.get(parentOf(path))?.type === 'directory',
  );
  const paths = list.flatMap((at) => free[at % free.length] ?? []);
  for (const path of paths) await machine.host.write(path, textFor(path), foreignFile);
  return put(machine, paths);
}

const foreignFile = { mode: 0o640, uid: 7, gid: 7 };

/** No other file has this text, and a unit that it is added to is still one. */
function textFor(path: string, before = ''): string {
  return `# mine ${path}\n${before}`;
}

async function disturbOne(machine: Simulation, path: string, kind: Edit['kind']): Promise<void> {
  const { host, entries } = machine;
  const entry = entries.get(path);
  if (kind === 'mode') {
    if (entry?.type === 'file') {
      await host.write(path, entry.text, { mode: 0o600, uid: 7, gid: entry.gid });
    }
    return;
  }
  if (kind === 'link') return host.link(path, `/srv/mine${path}`);
  const before = entry?.type === 'file' ? entry.text : '';
  await host.remove(path);
  if (kind === 'text') await host.write(path, textFor(path, before), foreignFile);
  if (kind !== 'directory') return;
  await host.mkdir(path, { mode: 0o755, uid: 0, gid: 0 });
  await host.write(`${path}/mine`, textFor(path), foreignFile);
}

/** What is the operator's of what lies there. */
function put({ entries }: Simulation, paths: readonly string[]): ReadonlyMap<string, Entry> {
  return new Map(
    paths.flatMap((path) => {
      const entry = entries.get(path);
      return entry !== undefined && isMine(entry) ? [[path, entry] as const] : [];
    }),
  );
}

function isMine(entry: Entry): boolean {
  if (entry.type === 'link') return entry.target.startsWith('/srv/mine');
  return entry.type === 'file' && entry.text.startsWith('# mine ');
}

/** What nobody can find any more, neither where it was nor among the copies: bytes of files, targets of links. */
export function missing(
  { entries }: Simulation,
  mine: ReadonlyMap<string, Entry>,
): readonly string[] {
  const bytes = new Set([...entries.values()].map(bytesOf));
  return [...mine].filter(([, entry]) => !bytes.has(bytesOf(entry))).map(([path]) => path);
}

function bytesOf(entry: Entry): string {
  if (entry.type === 'file') return `text ${entry.text}`;
  return entry.type === 'link' ? `target ${entry.target}` : '';
}
