import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { run } from '../../src/cli/run.ts';
import { loadConfig } from '../../src/core/config/load.ts';
import type { Entry } from '../../src/core/plan/observed.ts';
import type { Artefact } from '../../src/core/render/artefact.ts';
import { type Composition, compose } from '../../src/host/compose.ts';
import type { HostReader } from '../../src/host/host.ts';
import { createMemoryHost, type MemoryHost } from '../../src/host/memory-host.ts';
import { readLlamaFiles } from '../../src/host/read-llama-files.ts';
import { behaviourOf, describedHost, type HostDescription, testWorld } from './world.ts';

export const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;

export function fixtureNames(): readonly string[] {
  return readdirSync(FIXTURES).filter((name) => existsSync(`${FIXTURES}${name}/vllmd.toml`));
}

export function description(name: string): HostDescription {
  const path = `${FIXTURES}${name}/host.json`;
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}

/** The host of a fixture: as described, with before.toml installed where there is one, and then edited. */
export async function fixtureHost(name: string): Promise<MemoryHost> {
  const described = description(name);
  const host = withFiles(describedHost(described), described, besides(name));
  const cwd = FIXTURES + name;
  if (existsSync(`${cwd}/before.toml`)) {
    const code = await run(['install', '--config', 'before.toml'], testWorld(host, { cwd }));
    if (code !== 0) throw new Error(`fixture ${name}: before.toml does not install`);
  }
  return edited(host, described);
}

/** Files that its configs name relative to themselves: they are looked for on the host. */
export function besides(name: string): ReadonlyMap<string, Entry> {
  const names = readdirSync(FIXTURES + name).filter((file) => /^llama.*\.toml$/.test(file));
  return new Map(
    names.map((file) => {
      const path = `${FIXTURES}${name}/${file}`;
      return [path, fileEntry(undefined, readFileSync(path, 'utf8'))];
    }),
  );
}

function withFiles(
  host: MemoryHost,
  described: HostDescription,
  files: ReadonlyMap<string, Entry>,
): MemoryHost {
  if (files.size === 0) return host;
  const entries = new Map([...host.entries, ...files]);
  return createMemoryHost({ entries, units: host.units, ...behaviourOf(described) });
}

function edited(host: MemoryHost, described: HostDescription): MemoryHost {
  const { edits = {}, units = {} } = described;
  const entries = new Map(host.entries);
  for (const [path, edit] of Object.entries(edits)) {
    const before = entries.get(path);
    if (edit === null) entries.delete(path);
    else if (typeof edit === 'string') entries.set(path, fileEntry(before, edit));
    else if ('link' in edit) {
      entries.set(path, { type: 'link', target: edit.link, trusted: false });
    } else if (before?.type === 'file') entries.set(path, { ...before, mode: edit.mode });
  }
  const running = { loadState: 'loaded', activeState: 'active', subState: 'running', mainPid: 1 };
  const states = new Map([...host.units].map(([unit, state]) => [unit, state] as const));
  for (const [unit, state] of Object.entries(units)) states.set(unit, { ...running, ...state });
  return createMemoryHost({ entries, units: states, ...behaviourOf(described) });
}

function fileEntry(before: Entry | undefined, text: string): Entry {
  const metadata = before?.type === 'file' ? before : { mode: 0o644, uid: 0, gid: 0 };
  const { mode, uid, gid } = metadata;
  return { type: 'file', mode, uid, gid, text };
}

/** What a fixture's config renders to; undefined when the config is not valid. */
export async function fixtureArtefacts(name: string): Promise<readonly Artefact[] | undefined> {
  return (await fixtureComposition(name, await fixtureHost(name)))?.artefacts;
}

/** On a host of its own or one like it; undefined when the config is not valid. */
export async function fixtureComposition(
  name: string,
  host: HostReader,
): Promise<Composition | undefined> {
  const absolutePath = `${FIXTURES}${name}/vllmd.toml`;
  const { text, result } = loadConfig(readFileSync(absolutePath));
  if (!result.ok) return undefined;
  const source = { file: 'vllmd.toml', absolutePath, text };
  const places = { host, beside: host, mode: 'strict', source } as const;
  const llama = await readLlamaFiles(result.value, places);
  return llama.refused.length > 0 ? undefined : compose(result.value, host, llama);
}

/** All files below a directory, relative to it. */
export function walk(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(directory.length + 1))
    .sort();
}
