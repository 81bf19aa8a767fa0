import type { Diagnostic } from '../diagnostic.ts';
import { OTHER_DISPLAY } from '../preflight/vfio/boot-vga.ts';
import { withoutAcs } from '../preflight/vfio/part-group.ts';
import { isGpu } from '../topology/roles.ts';
import { isAcsOn } from './acs.ts';
import type { Check, Subsystem, Verdict } from './check.ts';
import { FIRMWARE_SETTINGS } from './firmware.ts';
import { isForGrub, kernelParameterLines } from './remedies.ts';
import { listed, type PrecheckView } from './view.ts';

/** Where the rules of preflight belong; those that are about a device or a definition follow from their subject. */
const places: Readonly<Record<string, Subsystem>> = {
  'iommu-on': 'iommu',
  'interrupt-remapping': 'iommu',
  'iommu-group-viable': 'iommu',
  'group-one-runtime': 'iommu',
  'gpu-present': 'gpus',
  'nvswitch-partition': 'gpus',
  'vfio-module': 'kernel',
  'grub-reads-drop-ins': 'kernel',
  'systemd-runs': 'software',
  'systemd-version': 'software',
  'program-present': 'software',
  'program-in-path': 'software',
  'cloud-hypervisor-version': 'software',
  'cloud-hypervisor-supported': 'software',
  'kvm-group': 'cpu',
  'cpus-fit-host': 'cpu',
  'cpus-fit-node': 'cpu',
  'memory-fits-host': 'memory',
  'memory-fits-node': 'memory',
  'memory-left-for-host': 'memory',
  'memory-near-gpus': 'memory',
  'hugepage-size': 'memory',
  'hugepages-reserved': 'memory',
  'image-raw': 'storage',
  'image-larger-than-disk': 'storage',
  'disk-space': 'storage',
  'disk-overcommitted': 'storage',
  'disk-belongs-to-user': 'storage',
  'read-only-filesystem': 'storage',
  'file-readable': 'storage',
  'uplink-present': 'network',
  'bridge-name-free': 'network',
  'bridge-present': 'network',
  'subnet-free': 'network',
};

/** What has to be so on any host, whatever a config will say. */
const ofAnyConfig: ReadonlySet<string> = new Set([
  'iommu-on',
  'interrupt-remapping',
  'vfio-module',
  'systemd-runs',
  'systemd-version',
  'program-present',
  'program-in-path',
  'cloud-hypervisor-version',
  'cloud-hypervisor-supported',
  'kvm-group',
]);
/** What a config has to say first: another path, another subnet. */
const advice: ReadonlySet<string> = new Set(['read-only-filesystem', 'subnet-free']);
const devicePrefix = /^runtime \d+: (?=[\da-f]{4,8}:)/;

/** What preflight says, as checks. Without a config it is about GPUs that nobody has asked for yet: what speaks against one is a warning. */
export function takenOver(view: PrecheckView): readonly Check[] {
  const isAsked = view.config.kind === 'valid';
  return view.findings.flatMap((finding) => {
    const verdict = isAsked ? asked(finding) : unasked(finding);
    return verdict === undefined ? [] : [checkOf(finding, verdict, view)];
  });
}

function asked({ severity }: Diagnostic): Verdict {
  return severity === 'error' ? 'fail' : 'warn';
}

function unasked(finding: Diagnostic): Verdict | undefined {
  const { rule, message } = finding;
  if (ofAnyConfig.has(rule) && !devicePrefix.test(message)) return asked(finding);
  if (rule === 'file-present') return message.startsWith('/dev/') ? 'fail' : 'warn';
  if (rule === 'nvswitch-partition') return undefined;
  return advice.has(rule) || devicePrefix.test(message) ? 'warn' : undefined;
}

function checkOf(finding: Diagnostic, verdict: Verdict, view: PrecheckView): Check {
  const { rule, message, detail, help } = finding;
  const isAsked = view.config.kind === 'valid';
  const lines = help === undefined ? [] : help.split('\n');
  const remedy = [...(isAcsOn(view) ? lines.map(withoutAcs) : lines), ...more(rule, view)];
  return {
    id: rule,
    subsystem: placeOf(finding),
    verdict,
    message: isAsked ? message : message.replace(devicePrefix, ''),
    ...(remedy.length === 0 ? {} : { remedy }),
    ...(detail === undefined ? {} : { detail: isAsked ? detail : detail.map(ofNobody) }),
  };
}

/** Without a config a GPU is of no runtime. */
function ofNobody(line: string): string {
  return line.replace(/ {2}gpus of runtime \d+$/, '  a GPU');
}

function placeOf({ rule, message }: Diagnostic): Subsystem {
  if (rule === 'file-present') {
    if (message.startsWith('/dev/kvm ')) return 'cpu';
    return message.startsWith('/dev/net/') ? 'network' : 'storage';
  }
  return places[rule] ?? (devicePrefix.test(message) ? 'gpus' : 'config');
}

const BY_VLLMD =
  'or have vllmd keep them in a file of GRUB: host.kernel_cmdline = "grub" (schema_version = 2)';

/** To the letter, for this host. */
function more(rule: string, view: PrecheckView): readonly string[] {
  const { machine, facts } = view;
  if (rule !== 'iommu-on' || machine.pci.hasIommu || isForGrub(view)) return [];
  const { cpuVendor } = machine.pci;
  const parameters = cpuVendor === 'intel' ? 'intel_iommu=on iommu=pt' : 'iommu=pt';
  return [
    `the firmware may call it ${FIRMWARE_SETTINGS[cpuVendor].iommu}`,
    ...kernelParameterLines(parameters, facts),
    ...(facts.distribution === 'fedora' ? [] : [BY_VLLMD]),
  ];
}

/** Without a config, one GPU that can be passed on is enough. */
export function usableGpus(view: PrecheckView): readonly Check[] {
  if (view.config.kind === 'valid') return [];
  const all = view.desired.runtimes.flatMap(({ gpus }) => gpus);
  const refused = new Set(
    view.findings
      .filter(({ severity, message }) => severity === 'error' && devicePrefix.test(message))
      .flatMap(({ pointer }) => gpusAt(view, pointer)),
  );
  if (!all.every((address) => refused.has(address))) return [];
  const base = { id: 'gpus-usable', subsystem: 'gpus', verdict: 'fail' } as const;
  const displays = bootGpus(view);
  const none = 'none of the GPUs of the host can be passed on as it is';
  const message = `${none}: ${listed([...all, ...displays].sort())}`;
  const remedy = [
    ...(all.length === 0 ? [] : ['the warnings say what each of them lacks']),
    ...(displays.length === 0
      ? []
      : [`${listed(displays)} shows the console of the host: ${OTHER_DISPLAY}`]),
  ];
  return all.length + displays.length === 0 ? [] : [{ ...base, message, remedy }];
}

/** A display that only shows, such as that of a BMC, is no GPU. */
function bootGpus({ machine: { bootDisplays, pci } }: PrecheckView): readonly string[] {
  return [...bootDisplays].filter((address) => {
    const device = pci.devices.get(address);
    return device !== undefined && isGpu(device);
  });
}

/** `/runtimes/0/gpus/1`, or the runtime as a whole. */
function gpusAt({ desired }: PrecheckView, pointer: string): readonly string[] {
  const runtime = desired.runtimes.find(({ source }) => pointer.startsWith(`${source}/`));
  const position = /\/gpus\/(\d+)$/.exec(pointer)?.[1];
  const gpus = runtime?.gpus ?? [];
  return position === undefined ? gpus : gpus.slice(Number(position), Number(position) + 1);
}
