import { programDirs } from '../core/facts/facts.ts';
import { parseDistribution } from '../core/facts/kernel-release.ts';
import { parseListeners } from '../core/facts/listening.ts';
import type { LlamaFacts, PathState } from '../core/facts/llama-facts.ts';
import { parseSystemdVersion } from '../core/facts/systemd-version.ts';
import { needsCurl } from '../core/kinds/llama-server/health-check.ts';
import { directoryOf, LOGS, logPlaceOf } from '../core/kinds/llama-server/log-place.ts';
import type { LlamaInstance } from '../core/llama/instance.ts';
import { shardsOf } from '../core/llama/shards.ts';
import { isPlainPath } from '../core/plan/manifest.ts';
import type { Account } from '../core/resolve/desired.ts';
import type { HostReader } from './host.ts';
import { readAccount } from './inspect.ts';
import { isInstalled } from './read-facts.ts';
import { readText, readThroughLinks } from './read-text.ts';
import { mayUse, type Reader, readerFor } from './readable.ts';

/** Nodes of AMD's and Intel's GPUs belong to them; NVIDIA's are for everybody. */
const GPU_GROUPS = ['render', 'video'] as const;

/** Whoever is nobody in particular: what systemd makes up owns nothing yet. */
const NOBODY: Account = {
  ...{ name: 'vllmd-llama', group: 'vllmd-llama', uid: -1, gid: -1 },
  ...{ home: '/nonexistent', known: true },
};

/** Everything that rendering and preflight of llama.cpp instances ask of a host. `user` undefined: one of systemd's. */
export async function readLlamaFacts(
  host: HostReader,
  instances: readonly LlamaInstance[],
  user: string | undefined,
): Promise<LlamaFacts> {
  const account = user === undefined ? undefined : await readAccount(host, user);
  const groupFile = await readText(host, '/etc/group');
  const gpuGroups = GPU_GROUPS.filter((name) => new RegExp(`^${name}:`, 'm').test(groupFile));
  const reader = await readerFor(host, account ?? NOBODY, gpuGroups);
  const states = async (paths: readonly string[], look: (path: string) => Promise<PathState>) => {
    const found = new Map<string, PathState>();
    // What is no absolute path is no path of the host.
    for (const path of new Set(paths.filter(isPlainPath))) found.set(path, await look(path));
    return found;
  };
  const models = instances.flatMap(({ modelFiles }) =>
    modelFiles.flatMap(({ path }) => shardsOf(path)),
  );
  const executables = instances.map(({ executable }) => executable);
  const places = instances.map(logPlaceOf);
  const logs = places.map(({ writableDirectory }) => writableDirectory);
  const made = places.flatMap(({ logsDirectory }) =>
    logsDirectory === '' ? [] : `${LOGS}${logsDirectory}`,
  );
  const ours = new Set(places.map(({ file }) => file));
  return {
    systemd: await host.exists('/run/systemd/system'),
    systemdVersion: parseSystemdVersion((await host.query(['systemctl', '--version'])).stdout),
    distribution: parseDistribution(await readThroughLinks(host, '/etc/os-release')),
    ownProgram: await isInstalled(host, 'vllmd'),
    missing: await missingPrograms(host, instances),
    account,
    gpuGroups,
    listeners: [
      ...parseListeners(await readText(host, '/proc/net/tcp')),
      ...parseListeners(await readText(host, '/proc/net/tcp6')),
    ],
    libraryDirectories: await withLibraries(host, executables.map(directoryOf)),
    executables: new Map([
      ...(await states(executables, (path) => fileState(host, path, 'execute', reader))),
      ...(await namedPrograms(host, executables, reader)),
    ]),
    modelFiles: await states(models, (path) => fileState(host, path, 'read', reader)),
    logDirectories: new Map([
      ...(await states(logs, (path) => directoryState(host, path, reader))),
      ...(await states(made, (path) => contentState(host, path, ours))),
    ]),
  };
}

async function missingPrograms(
  host: HostReader,
  instances: readonly LlamaInstance[],
): Promise<readonly string[]> {
  const curl = instances.some(({ endpoint }) => endpoint !== undefined && needsCurl(endpoint));
  const missing: string[] = [];
  for (const program of ['bash', 'flock', 'systemd-analyze', ...(curl ? ['curl'] : [])]) {
    if (!(await isInstalled(host, program))) missing.push(program);
  }
  return missing;
}

/** Of those that a bundle of llama.cpp has beside its programs. */
const LIBRARY = /^lib(llama|ggml).*\.so/;

async function withLibraries(
  host: HostReader,
  directories: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const path of new Set(directories.filter(isPlainPath))) {
    const names = (await host.list(path)) ?? [];
    if (names.some((name) => LIBRARY.test(name))) found.add(path);
  }
  return found;
}

/** Names without a slash. The first program of a name counts, as it does for systemd. */
async function namedPrograms(
  host: HostReader,
  executables: readonly string[],
  reader: Reader,
): Promise<ReadonlyMap<string, PathState>> {
  const found = new Map<string, PathState>();
  for (const name of executables.filter((one) => !one.includes('/'))) {
    for (const directory of programDirs) {
      const path = `${directory}/${name}`;
      if (found.has(name) || !(await host.exists(path))) continue;
      found.set(name, await fileState(host, path, 'execute', reader));
    }
  }
  return found;
}

async function fileState(
  host: HostReader,
  path: string,
  what: 'read' | 'execute',
  reader: Reader,
): Promise<PathState> {
  const stat = await host.stat(path);
  if (stat === undefined) return 'absent';
  if (stat.type === 'directory') return 'directory';
  return (await mayUse(host, path, what, reader)) ? 'ok' : 'refused';
}

/** What is there already, under its own name: where systemd has made it for such an account it is a link. */
async function contentState(
  host: HostReader,
  path: string,
  ours: ReadonlySet<string>,
): Promise<PathState> {
  if ((await host.stat(path))?.type !== 'directory') return 'ok';
  const names = (await host.list(path)) ?? [];
  const isOurs = (name: string) => ours.has(`${path}/${name}`) || OWN_LOG.test(name);
  return names.every(isOurs) ? 'ok' : 'foreign';
}

/** Of an instance that the file has no more, or one that was put away. */
const OWN_LOG = /^llama-server-.+\.log/;

async function directoryState(host: HostReader, path: string, reader: Reader): Promise<PathState> {
  const stat = await host.stat(path);
  if (stat === undefined) return 'absent';
  if (stat.type !== 'directory') return 'no-directory';
  return (await mayUse(host, path, 'change', reader)) ? 'ok' : 'refused';
}
