import { type Artefact, ROOT } from '../../render/artefact.ts';
import type { Desired } from '../../resolve/desired.ts';
import {
  ETC_DIR,
  LIBEXEC_DIR,
  NETWORK_ENV,
  NETWORK_UNIT,
  TARGET_UNIT,
  UNIT_DIR,
} from '../../resolve/layout.ts';
import { POWER_OFF_S } from '../../resolve/power-off.ts';
import { type Kind, rendered } from '../kind.ts';
import { grubFile } from './grub.ts';
import { hiveAgentFiles } from './hive-agent.ts';
import { hugepageFiles } from './hugepages.ts';
import { libexec, shared, unit } from './parts.ts';
import { recoverFiles } from './recover.ts';
import { vfioFiles } from './vfio.ts';

/** What all runtimes of a host share: unit templates, helper scripts, network, hugepages, early binding of GPUs. */
export const hostBase: Kind = {
  id: 'host-base',
  scope: 'host',
  artefacts: (desired, context) => [
    ...base(desired),
    ...recoverFiles(desired),
    ...(desired.network.mode === 'none' ? [] : networkFiles(desired)),
    ...hugepageFiles(desired, context),
    ...vfioFiles(desired, context),
    ...grubFile(desired, context),
    ...hiveAgentFiles(desired, context),
  ],
};

function base(desired: Desired): readonly Artefact[] {
  const view = { hasNetwork: desired.network.mode !== 'none' };
  return [
    { type: 'directory', path: desired.configDir, ...ownedBy(desired, desired.configDir) },
    { type: 'directory', path: desired.stateDir, ...ownedBy(desired, desired.stateDir) },
    { type: 'directory', path: ETC_DIR, mode: 0o755, owner: ROOT, ...shared },
    { type: 'directory', path: LIBEXEC_DIR, mode: 0o755, owner: ROOT, ...shared },
    libexec('booted'),
    libexec('device-access'),
    libexec('disk'),
    libexec('power-off'),
    libexec('tap'),
    libexec('wait-for-api'),
    unit('vllmd.slice', view),
    unit('vllmd.target', view),
    unit('vllmd-runtime@.service', { ...view, powerOffSeconds: POWER_OFF_S }),
    unit('vllmd-runtime-pre-start@.service', view),
    {
      type: 'link',
      path: `${UNIT_DIR}/multi-user.target.wants/${TARGET_UNIT}`,
      target: `../${TARGET_UNIT}`,
      unit: TARGET_UNIT,
      ...shared,
    },
  ];
}

function networkFiles({ network }: Desired): readonly Artefact[] {
  return [
    rendered(NETWORK_ENV, 'network.env', network, {
      kind: 'env',
      group: 'shared',
      source: '/network',
    }),
    libexec('network'),
    unit(NETWORK_UNIT, {}),
    // A start of it empties all tables; PartOf= alone knows its stop and its restart.
    ...(network.mode === 'nat' ? [afterFirewall] : []),
  ];
}

const afterFirewall: Artefact = {
  type: 'link',
  path: `${UNIT_DIR}/nftables.service.wants/${NETWORK_UNIT}`,
  target: `../${NETWORK_UNIT}`,
  unit: NETWORK_UNIT,
  ...shared,
};

/** Directories in the user's home are the user's, as if he had made them; elsewhere they are root's. */
function ownedBy(desired: Desired, path: string) {
  const { account } = desired;
  const own = path.startsWith(`${account.home}/`)
    ? { uid: account.uid, gid: account.gid, user: account.name, group: account.group }
    : ROOT;
  return { mode: 0o755, owner: own, ...shared };
}
