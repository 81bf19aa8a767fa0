#!/bin/bash
# A host with two NUMA nodes: the VM's huge pages are reserved on the node of its GPU, and its memory lies there.
# shellcheck source=test/vfio/lib.sh
. ./lib.sh
gpu=0000:81:00.0

# pages NODE FILE: a count of 2 MiB pages
pages() {
  cat "/sys/devices/system/node/node$1/hugepages/hugepages-2048kB/$2"
}

part "install"
prepare_host
cp vllmd.toml "$config"
is "$(cat "$pci/$gpu/numa_node")" 1 "the GPU is near node 1"
is "$(pages 0 nr_hugepages) $(pages 1 nr_hugepages)" "0 0" "no huge pages before vllmd"
expect 0 "install" install --config "$config"
is "$(state_of 1)" active "the runtime is active"
is "$(systemctl is-active vllmd-hugepages.service)" active "the reservation is made"
is "$(pages 0 nr_hugepages) $(pages 1 nr_hugepages)" "0 512" "its pages are reserved on node 1, and only there"

part "guest"
guest_ready 1
holds "the guest sees its GPU" told 1 'NESTED pci class=0x038000'
holds "the guest has its memory" told 1 'NESTED memory (9|10)[0-9]{5} kB'
is "$(pages 1 free_hugepages)" 0 "all pages are the VM's"
pid=$(processes_of 1 qemu)
holds "its memory lies on node 1" grep -qE ' huge .*N1=512( |$)' "/proc/$pid/numa_maps"
fails "no huge page of it on node 0" grep -qE ' huge .*N0=' "/proc/$pid/numa_maps"
holds "and is locked" locked "$pid" 1048576
expect 0 "second install" install --config "$config"
printed "there is nothing to do" '[Nn]othing to do'

part "more than the node has"
sed -i 's/^memory_gb = .*/memory_gb = 3/' "$config"
refused "more memory than the node has" 'node 1' '3( |\.[0-9]+ )?GiB|1536'
is "$(state_of 1)" active "the VM went on running"

part "uninstall"
expect 0 "uninstall" uninstall
is "$(pages 0 nr_hugepages) $(pages 1 nr_hugepages)" "0 0" "no huge page is left reserved"
is "$(driver_of $gpu)" none "the GPU is back"
finish
