import { createHash } from 'node:crypto';
import { mitigationFlags, mitigationParameters } from '../facts/mitigation-parameters.ts';
import type { Known } from './known.ts';

/** Parameters whose values say nothing of whose machine it is. */
const OPEN_PARAMETERS =
  /^(?:intel_iommu|amd_iommu|iommu|iommu\.(?:passthrough|strict|forcedac)|intremap|pci|pcie_(?:aspm|ports|port_pm|acs_override)|hugepages|hugepagesz|default_hugepagesz|hugetlb_(?:cma|cma_only|free_vmemmap)|transparent_hugepage|nosmt|isolcpus|nohz_full|rcu_nocbs|numa_balancing|numa|mem|maxcpus|nr_cpus|modprobe\.blacklist|module_blacklist|video|cgroup_(?:disable|enable|memory|no_v1)|systemd\.unified_cgroup_hierarchy|lockdown)$/;
/** Whose parameters are too many to list: a value has to have the form of a switch, a number or PCI ids. */
const MODULE_PARAMETERS = /^(?:vfio|kvm|nvidia|nouveau)[\w.-]*$/;
const MODULE_VALUE =
  /^(?:[01yYnN]|on|off|auto|force|never|cond|always|-?\d{1,10}|0x[\da-f]{1,8}|[\da-f]{4}:[\da-f]{4}(?:,[\da-f]{4}:[\da-f]{4}){0,15})$/;
const OPEN_FLAGS =
  /^(?:ro|rw|quiet|splash|nosmt|nointremap|nopcid|noibrs|noibpb|nokaslr|noefi|nomodeset|nomodule|nox2apic|noapic|nolapic)$/;
const OPEN_VALUE = /^[\w,.:;=@+-]{1,80}$/;
const HIDDEN = '(hidden)';

export function reduceCommandLine(text: string): string {
  const words = text.trim().split(/\s+/).filter(Boolean).map(openWord);
  return `${words.join(' ')}\n`;
}

function openWord(word: string): string {
  const cut = word.indexOf('=');
  if (cut < 0) return OPEN_FLAGS.test(word) || mitigationFlags.has(word) ? word : HIDDEN;
  const [key, value] = [word.slice(0, cut), word.slice(cut + 1)];
  if (!/^[\w.-]{1,32}$/.test(key)) return HIDDEN;
  return `${key}=${isOpenValue(key, value) ? value : HIDDEN}`;
}

function isOpenValue(key: string, value: string): boolean {
  if (MODULE_PARAMETERS.test(key)) return MODULE_VALUE.test(value);
  const isOpen = OPEN_PARAMETERS.test(key) || mitigationParameters.has(key);
  return isOpen && OPEN_VALUE.test(value) && !hasKey(value);
}

/** Long and without a break: an id or a secret, whatever stands before it. */
function hasKey(text: string): boolean {
  return /[\da-fA-F]{16}|[A-Za-z\d_-]{28}/.test(text);
}

const CPU_LINE =
  /^(?:vendor_id|cpu family|model|model name|stepping|microcode|flags|vmx flags|bugs|address sizes|siblings|cpu cores)\s*:[\w ().,@:+-]*$/;

/** The first CPU: the others are as it is. */
export function reduceCpuinfo(text: string): string {
  const [first = ''] = text.split(/\n\s*\n/);
  const kept = first.split('\n').filter((line) => CPU_LINE.test(line.trimEnd()));
  return kept.map((line) => `${line}\n`).join('');
}

/** Which interrupt controllers there are. */
export function reduceInterrupts(text: string): string {
  const chips = text.match(/\s(?:IR-)?(?:IO-APIC|PCI-MSIX?|DMAR-MSI|HPET-MSI)\b/g) ?? [];
  return [...new Set(chips.map((chip) => chip.trim()))]
    .sort()
    .map((chip) => ` 0: ${chip}\n`)
    .join('');
}

const MODULES = /^(?:vfio|kvm|irqbypass|iommufd|tun|nvidia|nouveau|amdgpu|i915|xe)\w{0,24} /;

/** Whether modules that matter are loaded. */
export function reduceModules(text: string): string {
  const kept = text.split('\n').filter((line) => MODULES.test(line));
  return kept.map((line) => `${line.split(' ')[0]} 0 0 - Live\n`).join('');
}

/** Mount points and devices of this machine: no options but `ro`, no servers, no names of volumes. */
export function reduceMountinfo(text: string, known: Pick<Known, 'hasPathBelow'>): string {
  return text
    .split('\n')
    .flatMap((line) => mountLine(line, known) ?? [])
    .join('');
}

/** Of other machines, or of a person's own: where they are mounted may name a server or who it is. */
const FOREIGN_FILESYSTEM =
  /^(?:nfs\d?|cifs|smb\w*|autofs|fuse(?:\.[\w.]+)?|ceph|lustre|glusterfs|gpfs|beegfs\w*|wekafs|9p|v?afs|davfs2?|orangefs|virtiofs)$/;

function mountLine(
  line: string,
  { hasPathBelow }: Pick<Known, 'hasPathBelow'>,
): string | undefined {
  const [id, parent, number = '', , point = '', options = '', ...rest] = line.split(' ');
  const [type = '', source = '', ofFilesystem = ''] = rest.slice(rest.indexOf('-') + 1);
  const isLine = /^\d+ \d+$/.test(`${id} ${parent}`) && /^\d+:\d+$/.test(number);
  if (!isLine || !/^\/[\w./\\@:+-]*$/.test(point) || !/^[\w.]{1,20}$/.test(type)) return undefined;
  const isOpen = !FOREIGN_FILESYSTEM.test(type) || hasPathBelow(point);
  const open = isOpen ? withoutKeys(point) : `/${HIDDEN}`;
  const words = [id, parent, number, '/', open, access(options), '-', type];
  return `${[...words, sourceOf(source), access(ofFilesystem)].join(' ')}\n`;
}

function withoutKeys(path: string): string {
  return path
    .split('/')
    .map((part) => (hasKey(part) ? HIDDEN : part))
    .join('/');
}

function access(options: string): 'ro' | 'rw' {
  return options.split(',').includes('ro') ? 'ro' : 'rw';
}

function sourceOf(source: string): string {
  const mapped = /^\/dev\/mapper\/(.+)$/.exec(source)?.[1];
  if (mapped !== undefined) return `/dev/mapper/${pseudonym(mapped)}`;
  return /^\/dev\/[\w-]{1,24}$/.test(source) ? source : 'none';
}

export function reduceDeviceMapperName(text: string): string {
  return `${pseudonym(text.trim())}\n`;
}

/** The same name for the same volume: mounts still find their device. */
function pseudonym(name: string): string {
  return `volume-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

/** Interfaces and subnets; gateways are left out. */
export function reduceRoutes(text: string): string {
  const rows = text.split('\n').flatMap((line) => {
    const [device = '', destination = '', , flags = '', , , metric = '', mask = ''] =
      line.split('\t');
    const isRoute = [destination, mask].every((word) => /^[\dA-F]{8}$/.test(word));
    if (
      !isRoute ||
      !/^[\w.-]{1,20}$/.test(device) ||
      !/^\w{1,6},?\d{0,10}$/.test(`${flags},${metric}`)
    )
      return [];
    // The address of a USB network card is its name: enx0a1b2c3d4e5f.
    const name = device.replace(/[\da-fA-F]{12}/, 'hidden');
    return [[name, destination, '00000000', flags, '0', '0', metric, mask, '0', '0', '0']];
  });
  return [['Iface', 'Destination', 'Gateway'], ...rows]
    .map((row) => `${row.join('\t')}\n`)
    .join('');
}

/** Device nodes that a process has mapped. */
export function reduceMaps(text: string): string {
  const nodes = text
    .split('\n')
    .flatMap((line) => /\s(\/dev\/[\w/-]{1,40})\s*$/.exec(line)?.[1] ?? []);
  const kept = nodes.filter(isDeviceNode);
  return [...new Set(kept)]
    .sort()
    .map((node) => `0-0 rw-s 0 00:00 0 ${node}\n`)
    .join('');
}

/** Nodes that a holder of a GPU has open. */
export function isDeviceNode(path: string): boolean {
  return /^\/dev\/(?:nvidia[\w-]{0,20}|kfd|(?:dri|infiniband|vfio|vfio\/devices)\/\w{1,20})$/.test(
    path,
  );
}

/** The names of the devices that are there. */
export function reducePciIds(text: string, { pciIds }: Known): string {
  let vendor = '';
  const kept = text.split('\n').filter((line) => {
    const [, tab, id = ''] = /^(\t?)([\da-f]{4}) {2}[^\t]{1,120}$/.exec(line) ?? [];
    if (tab === undefined) return false;
    if (tab === '') vendor = id;
    return pciIds.has(tab === '' ? id : `${vendor}:${id}`);
  });
  return kept.map((line) => `${line}\n`).join('');
}
