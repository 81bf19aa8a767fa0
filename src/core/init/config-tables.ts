import { configDefaults } from '../config/config-input.gen.ts';
import type { Proposal, ProposedNetwork, ProposedUser } from './proposal.ts';
import { comment, commentedOut, tomlString, tomlStrings } from './toml-lines.ts';

/** A key that stands as it is by default. */
function byDefault(key: string, value: string | number | boolean | readonly string[]): string {
  const text = typeof value === 'object' ? tomlStrings(value) : JSON.stringify(value);
  return commentedOut(`${key} = ${text}`);
}

export function globalTable({ user }: Proposal): readonly string[] {
  const { state_dir: stateDir, config_dir: configDir } = configDefaults.global;
  return [
    '[global]',
    ...comment(`The virtual machines run as this account (${user.why}). It must not be root.`),
    ...(user.exists === true ? [] : comment(missingUserWords(user))),
    `user = ${tomlString(user.name)}`,
    byDefault('state_dir', stateDir),
    byDefault('config_dir', configDir),
  ];
}

function missingUserWords({ name, exists }: ProposedUser): string {
  return exists === undefined
    ? `Whether it exists is not in the recording: \`getent passwd ${name}\` shows it, and else this makes it: ${userAdd(name)}`
    : `It does not exist yet: ${userAdd(name)}`;
}

export function userAdd(name: string): string {
  return `sudo useradd --system --create-home ${name}`;
}

export function guestTables(): readonly string[] {
  const { boot, storage, guest } = configDefaults;
  return [
    '[boot]',
    ...comment('What a virtual machine starts: firmware, or a kernel with initramfs and cmdline.'),
    byDefault('firmware', boot.firmware),
    '',
    '[storage]',
    ...comment(
      'A raw disk image with cloud-init. Each runtime gets a copy of it once; a disk grows to disk_gb.',
    ),
    byDefault('base_image', storage.base_image),
    byDefault('disk_gb', storage.disk_gb),
    '',
    '[guest]',
    ...comment(
      'Who can log in: without a key nobody can, but on the console if the image allows it.',
    ),
    commentedOut('user = "ops"'),
    commentedOut('ssh_authorized_keys = ["ssh-ed25519 AAAA... ops@example.com"]'),
    commentedOut('packages = ["nvtop"]'),
    byDefault('hostname_prefix', guest.hostname_prefix),
  ];
}

export function memoryTable({ hugepages }: Proposal): readonly string[] {
  const { memory } = configDefaults;
  return [
    '[memory]',
    ...comment(
      'Pages of "1G" make large models faster to load and have to be reserved at boot: see [host]. With "auto" memory and CPUs of a VM come from the NUMA nodes of its GPUs.',
    ),
    ...(hugepages === undefined
      ? [byDefault('hugepages', memory.hugepages)]
      : [
          ...comment('Most memory of this host is reserved in pages of this size already.'),
          `hugepages = ${tomlString(hugepages)}`,
        ]),
    byDefault('numa', memory.numa),
  ];
}

export function vfioTable({ allowGroupMembers }: Proposal): readonly string[] {
  const { vfio } = configDefaults;
  const members =
    allowGroupMembers.length === 0
      ? [byDefault('allow_group_members', vfio.allow_group_members)]
      : [
          ...comment(
            'These functions of one card are devices of their own, and go to several runtimes.',
          ),
          `allow_group_members = ${tomlStrings(allowGroupMembers)}`,
        ];
  return [
    '[vfio]',
    ...comment(
      'A GPU that no runtime uses any more stays on vfio-pci until the next boot; "restore-driver" gives it back at once.',
    ),
    byDefault('on_release', vfio.on_release),
    ...members,
  ];
}

export function networkTable({ network }: Proposal): readonly string[] {
  const { network: usual } = configDefaults;
  return [
    '[network]',
    ...comment(
      'Guests leave by this interface, translated to its address. "bridge" attaches them to a bridge of yours, "none" to nothing.',
    ),
    byDefault('mode', usual.mode),
    ...uplinkLines(network),
    ...taken(
      'bridge_name',
      network.bridge,
      usual.bridge_name,
      'The usual name is taken on this host.',
    ),
    ...taken('subnet', network.subnet, '10.77.0.0/24', 'The usual subnet is in use on this host.'),
    byDefault('name_servers', usual.name_servers),
  ];
}

function uplinkLines({ uplink, defaultRoute }: ProposedNetwork): readonly string[] {
  if (uplink === undefined) {
    const why =
      defaultRoute === undefined
        ? 'This host has no IPv4 default route: without the key guests leave by any interface.'
        : `The default route leads to ${defaultRoute.device}, which cannot stand here: guests leave by any interface.`;
    return [...comment(why), commentedOut('default_interface = "eth0"')];
  }
  const gateway = defaultRoute?.gateway;
  const why =
    uplink !== defaultRoute?.device
      ? []
      : comment(
          gateway === undefined
            ? 'The default route leads there.'
            : `The default route leads there, to ${gateway}.`,
        );
  return [...why, `default_interface = ${tomlString(uplink)}`];
}

function taken(
  key: string,
  value: string | undefined,
  usual: string,
  why: string,
): readonly string[] {
  if (value === undefined) return [byDefault(key, usual)];
  return [...comment(why), `${key} = ${tomlString(value)}`];
}

export function hostTable(): readonly string[] {
  return [
    '[host]',
    ...comment(
      '"grub" writes the kernel parameters for the IOMMU and for pages of 1G to /etc/default/grub.d/vllmd.cfg; update-grub and a reboot put them into effect.',
    ),
    byDefault('kernel_cmdline', configDefaults.host.kernel_cmdline),
  ];
}
