/** Lines of a file that go into a recording as they are: those that have this form as a whole. */
type KeptLines = { readonly path: RegExp; readonly line: RegExp };

const DEVICE = String.raw`/sys/bus/pci/devices/[\da-f]{4,8}:[\da-f]{2}:[\da-f]{2}\.[0-7]`;
const CPU = '/sys/devices/system/cpu';
const NODE = '/sys/devices/system/node';

/** How packages are installed. */
const OS_RELEASE = /^(?:ID|ID_LIKE|VERSION_ID)="?[\w. -]{1,32}"?$/;
const NUMBER = /^-?\d{1,20}$/;
const MEMORY =
  /^(?:Node \d{1,5} )?(?:(?:Mem|Swap|Huge|AnonHuge|DirectMap)\w{1,16}|Cached|Buffers|Mlocked|Unevictable): +\d{1,20}(?: kB)?$/;
/** Long enough for `nvgrace_gpu_vfio_pci`, too short for a key. */
const SHORT_NAME = /^[\w-]{1,20}$|^\(null\)$/;

/** What the kernel says of itself and of the hardware, attribute by attribute: whatever is not listed here is left out. */
const table: readonly KeptLines[] = [
  below(
    DEVICE,
    'vendor|device|subsystem_vendor|subsystem_device|class|revision',
    /^0x[\da-f]{2,6}$/,
  ),
  below(DEVICE, 'numa_node|boot_vga|sriov_numvfs|sriov_totalvfs|enable|msi_bus', NUMBER),
  below(DEVICE, 'resource', /^0x[\da-f]{16}(?: 0x[\da-f]{16}){2}$/),
  below(DEVICE, 'driver_override', SHORT_NAME),
  below(DEVICE, 'reset_method|power_state', /^[a-zA-Z\d_]{1,16}(?: [a-z_]{1,16}){0,7}$/),
  below(
    DEVICE,
    'current_link_speed|max_link_speed|current_link_width|max_link_width',
    /^[\d.]{1,6}(?: GT\/s(?: PCIe)?)?$|^Unknown$/,
  ),
  below(DEVICE, String.raw`net/[\w.-]{1,20}/operstate`, /^[a-z]{2,16}$/),
  below(DEVICE, String.raw`net/[\w.-]{1,20}/flags`, /^0x[\da-f]{1,8}$/),
  below(CPU, 'online|possible|present|isolated', /^[\d,-]{0,4096}$/),
  below(CPU, 'smt/(?:active|control)', /^(?:[01]|on|off|forceoff|notsupported|notimplemented)$/),
  below(
    CPU,
    String.raw`vulnerabilities/\w{1,40}`,
    /^(?:Not affected|Vulnerable|Mitigation|Unknown|Processor vulnerable|KVM)(?:[:;,]? [\w ,;:()/+.-]{0,200})?$/,
  ),
  below(
    CPU,
    String.raw`cpu\d{1,5}/topology/(?:physical_package_id|core_id|die_id|\w{1,20}_list)`,
    /^-?[\d,-]{1,4096}$/,
  ),
  below(NODE, String.raw`online|node\d{1,5}/(?:cpulist|distance)`, /^[\d, -]{0,4096}$/),
  below(NODE, String.raw`node\d{1,5}/meminfo`, MEMORY),
  below(NODE, String.raw`node\d{1,5}/hugepages/hugepages-\d{1,8}kB/\w{1,24}`, NUMBER),
  below('/sys/kernel/mm', String.raw`hugepages/hugepages-\d{1,8}kB/\w{1,24}`, NUMBER),
  below(
    '/sys/class/iommu',
    String.raw`\w{1,12}/(?:intel-iommu|amd-iommu)/(?:cap|ecap|version|features)`,
    /^[\da-f:]{1,20}$/,
  ),
  below('/sys/kernel/iommu_groups', String.raw`\d{1,8}/name`, /^vfio-noiommu$/),
  below('/sys/class/block', String.raw`[\w-]{1,32}/dev`, /^\d{1,5}:\d{1,8}$/),
  below('/sys/class/net', String.raw`[\w.-]{1,20}/ifalias`, /^vllmd$/),
  below('/sys/class/net', String.raw`[\w.-]{1,20}/operstate`, /^[a-z]{2,16}$/),
  below('/sys/module', String.raw`\w{1,40}/parameters/\w{1,40}`, /^(?:[YN]|-?\d{1,10})$/),
  below('/proc', 'meminfo', MEMORY),
  below('/proc/sys/kernel', 'osrelease', /^\d{1,3}\.\d{1,4}[\w.+~-]{0,64}$/),
  below('/proc/sys/vm', String.raw`\w{1,40}`, NUMBER),
  below('/proc', '1/status', /^CapBnd:\s[\da-f]{16}$/),
  below('/proc', '1/limits', /^Max locked memory\s+(?:(?:\d{1,20}|unlimited)\s+){2}bytes$/),
  below('/proc', String.raw`\d{1,10}/comm`, /^[\w .:/+-]{1,15}$/),
  below(
    '/proc/driver/nvidia/gpus',
    String.raw`[\da-f:.]{7,16}/information`,
    /^Device Minor:\s{0,8}\d{1,4}\s*$/,
  ),
  below('/etc', 'os-release', OS_RELEASE),
  below('/usr/lib', String.raw`os-release|os\.release\.d/os-release[\w-]{0,32}`, OS_RELEASE),
  below(
    '/lib/modules',
    String.raw`[\w.+~-]{1,80}/modules\.(?:dep|builtin)`,
    /^[\w/-]{0,120}\/(?:vfio|kvm|iommufd|tun|irqbypass)[\w-]{0,24}\.ko(?:\.\w{2,4})?(?::[\w/. -]{0,800})?$/,
  ),
  below(
    '/proc',
    'swaps',
    /^Filename\s[\w\s]{1,80}$|^\/dev\/(?!mapper)[\w/-]{1,32}\s[\w\s-]{1,80}$/,
  ),
];

function below(directory: string, names: string, line: RegExp): KeptLines {
  return { path: new RegExp(`^${directory}/(?:${names})$`), line };
}

/** The text of a file as a recording has it; undefined where nothing of it is kept. */
export function keptLines(path: string, text: string): string | undefined {
  const rule = table.find((one) => one.path.test(path));
  if (rule === undefined) return undefined;
  const lines = text
    .replace(/\n$/, '')
    .split('\n')
    .filter((line) => rule.line.test(line.trimEnd()));
  // One that is empty says something as well: a node without CPUs, say.
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
