import { type Artefact, ROOT } from '../../render/artefact.ts';
import { renderTemplate, type TemplateName } from '../../render/templates.ts';
import type { Desired } from '../../resolve/desired.ts';
import { ETC_DIR, LIBEXEC_DIR, TARGET_UNIT, UNIT_DIR, VFIO_ENV } from '../../resolve/layout.ts';
import { file, type Kind } from '../kind.ts';

const shared = { group: 'shared', source: '' } as const;

/** What all runtimes of a host share: unit templates, helper scripts, network, early binding of GPUs. */
export const hostBase: Kind = {
  id: 'host-base',
  artefacts: (desired) => [
    ...base(desired),
    ...(gpusOf(desired).length === 0 ? [] : vfio(desired)),
  ],
};

function base(desired: Desired): readonly Artefact[] {
  return [
    { type: 'directory', path: desired.configDir, ...ownedBy(desired, desired.configDir) },
    { type: 'directory', path: desired.stateDir, ...ownedBy(desired, desired.stateDir) },
    { type: 'directory', path: ETC_DIR, mode: 0o755, owner: ROOT, ...shared },
    { type: 'directory', path: LIBEXEC_DIR, mode: 0o755, owner: ROOT, ...shared },
    file(`${ETC_DIR}/network.env`, renderTemplate('network.env', desired.network), {
      kind: 'env',
      group: 'shared',
      source: '/network',
    }),
    script('network'),
    script('tap'),
    script('disk'),
    unit('vllmd.slice'),
    unit('vllmd.target'),
    unit('vllmd-network.service'),
    unit('vllmd-runtime@.service'),
    unit('vllmd-runtime-pre-start@.service'),
    {
      type: 'link',
      path: `${UNIT_DIR}/multi-user.target.wants/${TARGET_UNIT}`,
      target: `../${TARGET_UNIT}`,
      unit: TARGET_UNIT,
      ...shared,
    },
  ];
}

function vfio(desired: Desired): readonly Artefact[] {
  const { account } = desired;
  // A card is one slot; its audio function must be bound with it.
  const slots = [...new Set(gpusOf(desired).map((address) => address.replace(/\.\d$/, '')))].sort();
  const hostFile = (path: string, template: TemplateName, view: object) =>
    file(path, renderTemplate(template, view), { kind: 'host', ...shared });
  return [
    file(VFIO_ENV, renderTemplate('vfio.env', { user: account.name, group: account.group }), {
      kind: 'env',
      group: 'shared',
      source: '/global/user',
    }),
    script('vfio-bind'),
    unit('vllmd-vfio@.service'),
    hostFile('/etc/udev/rules.d/70-vllmd-vfio.rules', '70-vllmd-vfio.rules', { slots }),
    hostFile('/etc/modprobe.d/vllmd.conf', 'modprobe.conf', {}),
    hostFile('/etc/modules-load.d/vllmd.conf', 'modules-load.conf', {}),
  ];
}

function gpusOf(desired: Desired): readonly string[] {
  return desired.runtimes.flatMap((runtime) => runtime.gpus);
}

/** Directories in the user's home are the user's, as if he had made them; elsewhere they are root's. */
function ownedBy(desired: Desired, path: string) {
  const { account } = desired;
  const own = path.startsWith(`${account.home}/`)
    ? { uid: account.uid, gid: account.gid, user: account.name, group: account.group }
    : ROOT;
  return { mode: 0o755, owner: own, ...shared };
}

function unit(name: TemplateName): Artefact {
  return file(`${UNIT_DIR}/${name}`, renderTemplate(name, {}), { kind: 'unit', ...shared });
}

function script(name: 'disk' | 'network' | 'tap' | 'vfio-bind'): Artefact {
  return file(`${LIBEXEC_DIR}/${name}`, renderTemplate(`libexec/${name}`, {}), {
    kind: 'script',
    mode: 0o755,
    ...shared,
  });
}
