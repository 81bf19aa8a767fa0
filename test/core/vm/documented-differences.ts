const SERDE_REQUIRES = 'the struct has no default for it';
const SERDE_DEFAULTS = 'the struct has a default for it';
const BUILD =
  'only special builds of cloud-hypervisor have it, and the OpenAPI file has none of them';
const TESTS = 'for tests of cloud-hypervisor only';
const COMMON = 'part of every PCI device; validation refuses `true` here';
const ENUM = 'an enum in the struct, any string in the OpenAPI file';
const FORGOTTEN = 'in the struct, missing in the OpenAPI file';
const DESCRIPTOR = 'in the struct; over HTTP a descriptor is never taken from the body';

/** Where the schema follows the structs of cloud-hypervisor and its OpenAPI file does not, with the reason. */
export const documented: Readonly<Record<string, string>> = {
  'VmConfig.cpus.topology: required cores_per_die here only': SERDE_REQUIRES,
  'VmConfig.cpus.topology: required dies_per_package here only': SERDE_REQUIRES,
  'VmConfig.cpus.topology: required packages here only': SERDE_REQUIRES,
  'VmConfig.cpus.topology: required threads_per_core here only': SERDE_REQUIRES,
  'VmConfig.cpus: key profile here only': FORGOTTEN,
  'VmConfig.devices[]: key fd here only': DESCRIPTOR,
  'VmConfig.disks[].image_type: value FlatVmdk here only': FORGOTTEN,
  'VmConfig.disks[]: key disable_aio here only': TESTS,
  'VmConfig.disks[]: key disable_io_uring here only': TESTS,
  'VmConfig.fs[]: key iommu here only': COMMON,
  'VmConfig.fs[]: required num_queues there only': SERDE_DEFAULTS,
  'VmConfig.fs[]: required queue_size there only': SERDE_DEFAULTS,
  'VmConfig.generic_vhost_user[]: key iommu here only': COMMON,
  'VmConfig.memory.hotplug_method: value Acpi here only': ENUM,
  'VmConfig.memory.hotplug_method: value VirtioMem here only': ENUM,
  'VmConfig.net[].vhost_mode: value Client here only': ENUM,
  'VmConfig.net[].vhost_mode: value Server here only': ENUM,
  'VmConfig.net[]: key fds here only': DESCRIPTOR,
  'VmConfig.numa[].distances[]: required destination there only': SERDE_DEFAULTS,
  'VmConfig.numa[].distances[]: required distance there only': SERDE_DEFAULTS,
  'VmConfig.payload: key fw_cfg_config here only': BUILD,
  'VmConfig.pci_segments[]: required pci_segment there only': SERDE_DEFAULTS,
  'VmConfig.platform: key iommufd_fd here only': DESCRIPTOR,
  'VmConfig.rate_limit_groups[]: required id there only': SERDE_DEFAULTS,
  'VmConfig.rate_limit_groups[]: required rate_limiter_config there only': SERDE_DEFAULTS,
  'VmConfig.user_devices[]: key iommu here only': COMMON,
  'VmConfig.vdpa[]: required num_queues there only': SERDE_DEFAULTS,
  'VmConfig: key gdb here only': BUILD,
  'VmConfig: key ivshmem here only': BUILD,
  'VmConfig: key pvmemcontrol here only': BUILD,
  'VmConfig: required payload there only': 'the struct takes none; rule C-PAY-1 says it instead',
};
