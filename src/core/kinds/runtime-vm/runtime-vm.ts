import { unplaced } from '../../placement/place.ts';
import { OWN_DIRECTORY_MODE } from '../../plan/own-directories.ts';
import { type Artefact, type Owner, ROOT } from '../../render/artefact.ts';
import type { Desired, DesiredRuntime } from '../../resolve/desired.ts';
import { runtimePaths, runtimeUnit, vendorDataPath } from '../../resolve/layout.ts';
import { file, type Kind, type RenderContext, rendered } from '../kind.ts';
import { vendorData } from './guest-llama/vendor-data.ts';
import { userData } from './user-data.ts';
import { runtimeView } from './view-model.ts';
import { vmConfig, vmConfigText } from './vm-config.ts';

const directory = { type: 'directory', mode: OWN_DIRECTORY_MODE } as const;

/** A cloud-hypervisor VM under systemd, with GPUs passed through. */
export const runtimeVm: Kind = {
  id: 'runtime-vm',
  scope: 'runtime',
  artefacts: (desired, context) =>
    desired.runtimes.flatMap((runtime) => artefactsOf(desired, runtime, context)),
};

function artefactsOf(
  desired: Desired,
  runtime: DesiredRuntime,
  context: RenderContext,
): readonly Artefact[] {
  const paths = runtimePaths(desired, runtime.index);
  const view = runtimeView(desired, runtime);
  const at = { group: runtime.index, source: runtime.source };
  const { user, readable } = owners(desired);
  const environment = rendered(paths.rootEnvFile, 'runtime.env', view, { kind: 'env', ...at });
  const definition = vmConfig(desired, runtime, {
    placement: context.placements.get(runtime.index) ?? unplaced,
    version: context.version,
    addressBits: context.addressBits,
  });
  return [
    { ...directory, path: paths.dir, owner: user, ...at },
    { ...directory, path: `${paths.dir}/cloud-init`, owner: readable, ...at },
    ...seedFiles(desired, runtime, view, context),
    { ...environment, path: paths.envFile, mode: 0o640, owner: readable },
    // The same text for root's units: nothing that root reads lies where the user can replace it.
    environment,
    file(paths.vmDefinition, vmConfigText(definition), {
      kind: 'vm',
      mode: 0o640,
      owner: readable,
      ...at,
    }),
    rendered(paths.preStartDropIn, 'vllmd-runtime-pre-start.conf', view, {
      kind: 'unit',
      ...at,
    }),
    rendered(paths.dropIn, 'vllmd-runtime.conf', view, { kind: 'dropin', ...at }),
    ...(runtime.autostart ? [wantsLink(paths.wantsLink, runtime)] : []),
  ];
}

function wantsLink(path: string, { index, source }: DesiredRuntime): Artefact {
  const target = '../vllmd-runtime@.service';
  return { type: 'link', path, target, unit: runtimeUnit(index), group: index, source };
}

/** The sources of the seed image, which the guest reads at its first boot; the vendor data at every one. */
function seedFiles(
  desired: Desired,
  runtime: DesiredRuntime,
  view: ReturnType<typeof runtimeView>,
  { userData: own, llama }: RenderContext,
): readonly Artefact[] {
  const { dir } = runtimePaths(desired, runtime.index);
  const { user, readable } = owners(desired);
  const common = { kind: 'cloud-init', group: runtime.index, source: runtime.source } as const;
  // The user's alone, since others may be in his group; and never shown, also when the keys of before are gone.
  const secret = { mode: 0o600, owner: user, sensitive: true, ...common } as const;
  const instances = llama.get(runtime.llamaConfig);
  const plain = (name: 'meta-data' | 'network-config') =>
    rendered(`${dir}/cloud-init/${name}`, `cloud-init/${name}`, view, {
      mode: 0o640,
      owner: readable,
      ...common,
    });
  return [
    plain('meta-data'),
    ...(view.hasNetwork ? [plain('network-config')] : []),
    file(`${dir}/cloud-init/user-data`, userData(desired, runtime, own), {
      template: 'cloud-init/user-data',
      ...secret,
    }),
    ...(instances === undefined
      ? []
      : [
          file(vendorDataPath(dir), vendorData(instances), {
            template: 'cloud-init/vendor-data',
            ...secret,
          }),
        ]),
  ];
}

/** What the service user owns, and what he reads and does not edit. */
function owners({ account }: Desired): { readonly user: Owner; readonly readable: Owner } {
  const { uid, gid, name, group } = account;
  return {
    user: { uid, gid, user: name, group },
    readable: { ...ROOT, gid, group },
  };
}
