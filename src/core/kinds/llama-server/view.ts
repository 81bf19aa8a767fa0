import { controlCharacter } from '../../control-characters.ts';
import { visibleDevices } from '../../llama/gpu-ids.ts';
import type { LlamaInstance } from '../../llama/instance.ts';
import { isPlainPath } from '../../plan/manifest.ts';
import type { Account } from '../../resolve/desired.ts';
import { healthCheckOf } from './health-check.ts';
import { directoryOf, logPlaceOf } from './log-place.ts';
import { hostPlace, type LlamaPlace, scriptWords } from './place.ts';

/** What a rendering needs besides the file. */
export type LlamaContext = {
  /** A host, where nothing else is said. */
  readonly place?: LlamaPlace;
  /** Whom the instances run as; undefined: an account that systemd makes up while one of them runs. */
  readonly account: Account | undefined;
  /** Those among the groups that nodes of GPUs belong to which the host has. */
  readonly gpuGroups: readonly string[];
  /** Directories of executables that have libraries of llama.cpp in them. */
  readonly libraryDirectories: ReadonlySet<string>;
};

/** Nodes of NVIDIA, and of AMD and Intel, by their names in /proc/devices. */
const GPU_NODES = ['char-nvidia*', 'char-kfd', 'char-drm'] as const;

/** Ports below it need a capability. */
const FIRST_FREE_PORT = 1024;

/** Everything that the templates of an instance name. */
export function llamaView(instance: LlamaInstance, context: LlamaContext) {
  const { name, executable, control, launch, endpoint } = instance;
  const { place = hostPlace, account, gpuGroups, libraryDirectories } = context;
  const hasGpus = control.gpuIds !== 'none';
  const devices = visibleDevices(control.gpuIds);
  const log = logPlaceOf(instance);
  const directory = directoryOf(executable);
  return {
    name,
    mounts: mountsOf(instance, log.writableDirectory),
    hasGpus,
    devices: hasGpus ? GPU_NODES : [],
    groups: hasGpus ? gpuGroups : [],
    user: account?.name ?? '',
    group: account?.group ?? '',
    logsDirectory: log.logsDirectory,
    writableDirectory: log.writableDirectory,
    // 0: it listens at no port.
    bindsLowPort: endpoint !== undefined && endpoint.port > 0 && endpoint.port < FIRST_FREE_PORT,
    hasVisibleDevices: devices !== undefined,
    visibleDevices: devices ?? '',
    libraryDirectory: libraryDirectories.has(directory) ? directory : '',
    hasSecrets: launch.secrets.size > 0,
    // No instance can be called so that its other file has this name: `a.secrets` is a good name for one.
    secretsFile: `${place.etcDir}/${name}.secrets`,
    secrets: [...launch.secrets].map(([variable, value]) => ({ variable, value })),
    command: [
      ...(log.file === '' ? [] : [...scriptWords(place, 'llama-log'), log.file]),
      executable,
      ...launch.arguments,
    ],
    healthCheck: endpoint === undefined ? [] : healthCheckOf(endpoint, log.file, place),
  };
}

/** What may lie on a disk that is mounted late. */
function mountsOf(
  { executable, modelFiles }: LlamaInstance,
  writableDirectory: string,
): readonly string[] {
  const paths = [executable, ...modelFiles.map(({ path }) => path), writableDirectory];
  return [...new Set(paths)].filter(
    (path) => isPlainPath(path) && controlCharacter(path) === undefined,
  );
}
