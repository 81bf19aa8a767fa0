import { type Artefact, type Owner, ROOT } from '../../render/artefact.ts';
import { renderTemplate } from '../../render/templates.ts';
import type { Desired, DesiredRuntime } from '../../resolve/desired.ts';
import { runtimePaths, runtimeUnit } from '../../resolve/layout.ts';
import { file, type Kind } from '../kind.ts';
import { runtimeView } from './view-model.ts';
import { vmConfig } from './vm-config.ts';

/** A cloud-hypervisor VM under systemd, with GPUs passed through. */
export const runtimeVm: Kind = {
  id: 'runtime-vm',
  artefacts: (desired) => desired.runtimes.flatMap((runtime) => artefactsOf(desired, runtime)),
};

function artefactsOf(desired: Desired, runtime: DesiredRuntime): readonly Artefact[] {
  const { account } = desired;
  const paths = runtimePaths(desired, runtime.index);
  const view = runtimeView(desired, runtime);
  const at = { group: runtime.index, source: runtime.source };
  // The user reads these and does not edit them.
  const readable: Owner = { ...ROOT, gid: account.gid, group: account.group };
  const user: Owner = {
    uid: account.uid,
    gid: account.gid,
    user: account.name,
    group: account.group,
  };
  const environment = renderTemplate('runtime.env', view);
  const definition = `${JSON.stringify(vmConfig(desired, runtime), undefined, 2)}\n`;
  return [
    { type: 'directory', path: paths.dir, mode: 0o750, owner: user, ...at },
    { type: 'directory', path: `${paths.dir}/cloud-init`, mode: 0o750, owner: readable, ...at },
    ...(['meta-data', 'network-config', 'user-data'] as const).map((name) =>
      file(`${paths.dir}/cloud-init/${name}`, renderTemplate(`cloud-init/${name}`, view), {
        kind: 'cloud-init',
        mode: 0o640,
        owner: readable,
        ...at,
      }),
    ),
    file(paths.envFile, environment, { kind: 'env', mode: 0o640, owner: readable, ...at }),
    // The same text for root's units: nothing that root reads lies where the user can replace it.
    file(paths.rootEnvFile, environment, { kind: 'env', ...at }),
    file(paths.vmDefinition, definition, { kind: 'vm', mode: 0o640, owner: readable, ...at }),
    file(paths.preStartDropIn, renderTemplate('vllmd-runtime-pre-start.conf', view), {
      kind: 'unit',
      ...at,
    }),
    file(paths.dropIn, renderTemplate('vllmd-runtime.conf', view), { kind: 'dropin', ...at }),
    {
      type: 'link',
      path: paths.wantsLink,
      target: '../vllmd-runtime@.service',
      unit: runtimeUnit(runtime.index),
      ...at,
    },
  ];
}
