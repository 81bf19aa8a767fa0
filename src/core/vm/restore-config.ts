/** Body of cloud-hypervisor's `PUT /api/v1/vm.restore`, as far as rules need it. */
export type RestoreConfig = {
  readonly source_url: string;
  readonly prefault?: boolean;
  readonly memory_restore_mode?: 'Copy' | 'OnDemand';
  readonly net_fds?: readonly { readonly id: string; readonly num_fds: number }[];
  readonly vfio_fds?: readonly { readonly id: string; readonly fd: number }[];
  readonly iommufd_fd?: number;
  readonly zone_updates?: readonly { readonly id: string; readonly host_numa_node: number }[];
};
