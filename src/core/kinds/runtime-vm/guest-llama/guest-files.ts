import { posix } from 'node:path';
import type { LlamaInstance } from '../../../llama/instance.ts';
import { renderTemplate, type TemplateName } from '../../../render/templates.ts';
import { guestPlace } from '../../llama-server/place.ts';
import { llamaView } from '../../llama-server/view.ts';

/** A file below /run of a guest. */
export type GuestFile = { readonly path: string; readonly mode: number; readonly text: string };

const { unitDir, etcDir, libexecDir } = guestPlace;

/** What a guest runs these instances by: the units of a host, and no install that could be cut off. */
export function guestFiles(instances: readonly LlamaInstance[]): readonly GuestFile[] {
  const context = {
    place: guestPlace,
    account: undefined,
    // Which of them a guest has it finds out itself.
    gpuGroups: [],
    libraryDirectories: new Set(instances.flatMap(ownDirectory)),
  };
  return [
    made(`${libexecDir}/llama-health`, 'libexec/llama-health', {}),
    made(`${libexecDir}/llama-log`, 'libexec/llama-log', {}),
    unit('vllmd-llama.slice', {}),
    unit('vllmd-llama.target', {}),
    made(`${unitDir}/vllmd-llama.target.d/10-vllmd.conf`, 'vllmd-llama-wants.conf', { instances }),
    unit('vllmd-llama@.service', guestPlace),
    unit('vllmd-llama-devices.service', {}),
    ...instances.flatMap((instance) => filesOf(instance, llamaView(instance, context))),
  ];
}

function filesOf(
  { name }: LlamaInstance,
  view: ReturnType<typeof llamaView>,
): readonly GuestFile[] {
  return [
    made(`${unitDir}/vllmd-llama@${name}.service.d/10-vllmd.conf`, 'vllmd-llama.conf', view),
    made(`${etcDir}/${name}.env`, 'llama.env', view),
    ...(view.hasSecrets ? [made(view.secretsFile, 'llama.secrets.env', view, 0o600)] : []),
  ];
}

function unit(name: TemplateName, view: object): GuestFile {
  return made(`${unitDir}/${name}`, name, view);
}

function made(path: string, template: TemplateName, view: object, mode = 0o644): GuestFile {
  return { path, mode, text: renderTemplate(template, view) };
}

const PROGRAMS: ReadonlySet<string> = new Set(['/bin', '/usr/bin', '/usr/local/bin']);

/** A program of a bundle has its libraries beside it; whether it has, only the guest knows. */
function ownDirectory({ executable }: LlamaInstance): readonly string[] {
  const directory = posix.dirname(executable);
  return executable.startsWith('/') && !PROGRAMS.has(directory) ? [directory] : [];
}
