import type { DevicePin } from '../../facts/device-pin.ts';
import { slotOf } from '../../facts/pci.ts';
import type { Artefact } from '../../render/artefact.ts';
import type { TemplateName } from '../../render/templates.ts';
import type { Desired } from '../../resolve/desired.ts';
import {
  ETC_DIR,
  UNIT_DIR,
  VFIO_EARLY_UNIT,
  VFIO_ENV,
  vfioDeviceEnv,
} from '../../resolve/layout.ts';
import { type RenderContext, rendered } from '../kind.ts';
import { libexec, shared, unit } from './parts.ts';

/** Taking GPUs from the host, before their own drivers do. */
export function vfioFiles(desired: Desired, context: RenderContext): readonly Artefact[] {
  const gpus = desired.runtimes.flatMap((runtime) => runtime.gpus);
  if (gpus.length === 0) return [];
  const { account, vfio } = desired;
  const { pins } = context;
  const early = earlyBinding(gpus, desired, context);
  const view = {
    user: account.name,
    group: account.group,
    onRelease: vfio.onRelease,
    allow: vfio.allowGroupMembers.join(' '),
  };
  const hostFile = (path: string, template: TemplateName, values: object) =>
    rendered(path, template, values, { kind: 'host', ...shared });
  return [
    rendered(VFIO_ENV, 'vfio.env', view, {
      kind: 'env',
      group: 'shared',
      source: '/vfio',
    }),
    ...desired.runtimes.flatMap((runtime) =>
      runtime.gpus.map((gpu) =>
        rendered(vfioDeviceEnv(gpu), 'vfio-device.env', deviceView(gpu, desired, pins), {
          kind: 'env',
          group: 'shared',
          source: runtime.source,
        }),
      ),
    ),
    libexec('vfio-common'),
    libexec('vfio-bind'),
    libexec('vfio-release'),
    libexec('vfio-early'),
    unit('vllmd-vfio@.service', {}),
    ...earlyFiles(early),
    hostFile('/etc/udev/rules.d/70-vllmd-vfio.rules', '70-vllmd-vfio.rules', {
      slots: early.slots,
      devices: pins.filter(({ address }) => early.addresses.includes(address)).map(idsOf),
    }),
    hostFile('/etc/modprobe.d/vllmd.conf', 'modprobe.conf', {}),
    hostFile('/etc/modules-load.d/vllmd.conf', 'modules-load.conf', {}),
  ];
}

type EarlyBinding = { readonly slots: readonly string[]; readonly addresses: readonly string[] };

/** Before udev announces the first device. */
function earlyFiles({ slots, addresses }: EarlyBinding): readonly Artefact[] {
  const view = { slots: slots.join(' '), addresses: addresses.join(' ') };
  return [
    rendered(`${ETC_DIR}/vfio-early.env`, 'vfio-early.env', view, {
      kind: 'env',
      ...shared,
    }),
    unit(VFIO_EARLY_UNIT, {}),
    {
      type: 'link',
      path: `${UNIT_DIR}/sysinit.target.wants/${VFIO_EARLY_UNIT}`,
      target: `../${VFIO_EARLY_UNIT}`,
      unit: VFIO_EARLY_UNIT,
      ...shared,
    },
  ];
}

function idsOf({ address, identity }: DevicePin) {
  const [vendor = '', device = '', subsystemVendor = '', subsystemDevice = ''] =
    identity.split(':');
  return { address, vendor, device, subsystemVendor, subsystemDevice };
}

/** What the devices are that go with a GPU, and which drivers had them before. */
function deviceView(gpu: string, { vfio }: Desired, pins: readonly DevicePin[]) {
  const own = pins.filter(
    ({ address, groupMembers }) => address === gpu || groupMembers.includes(gpu),
  );
  return {
    // Without the lock whatever is there at the next boot is taken.
    identity: vfio.identityLock
      ? own.map(({ address, identity }) => `${address}=${identity}`).join(' ')
      : '',
    prior: own.map(({ address, priorDriver }) => `${address}=${priorDriver || 'none'}`).join(' '),
    overrides: own
      .filter(({ priorOverride }) => priorOverride !== '')
      .map(({ address, priorOverride }) => `${address}=${priorOverride}`)
      .join(' '),
  };
}

/** A card is one slot, and its audio function goes with it; a virtual function is itself alone. */
function earlyBinding(
  gpus: readonly string[],
  { vfio }: Desired,
  { pins, virtualFunctions }: RenderContext,
): EarlyBinding {
  const virtual = gpus.filter((gpu) => virtualFunctions.has(gpu));
  const slots = gpus.filter((gpu) => !virtualFunctions.has(gpu)).map(slotOf);
  const allowed = new Set(vfio.allowGroupMembers);
  const members = pins.map(({ address }) => address).filter((address) => allowed.has(address));
  return {
    slots: [...new Set(slots)].sort(),
    addresses: [...new Set([...virtual, ...members])].sort(),
  };
}
