#!/bin/bash
# Huge pages are reserved before a VM starts, on its node, and given back when nobody needs them.
# The pools are files here: whatever is written can be had, unless they are read-only.
# shellcheck source=test/host/lib.sh
. ./lib.sh
prepare_host
pools=/sys/devices/system/node
pages() {
  cat $pools/node*/hugepages/hugepages-1048576kB/nr_hugepages | xargs
}
# memory GIB
memory() {
  config_2 "
[memory]
hugepages = \"1G\"

[storage]
disk_gb = 1

[network]
bridge_name = \"vllmd-br0\"

[[runtimes]]
index = 1
name = \"one\"
gpus = [\"0000:01:00.0\"]
memory_gb = $1

[[runtimes]]
index = 2
name = \"two\"
gpus = [\"0000:02:00.0\"]
memory_gb = 8"
}

# Others have four pages, two of them in use.
echo 4 >$pools/node0/hugepages/hugepages-1048576kB/nr_hugepages
echo 2 >$pools/node0/hugepages/hugepages-1048576kB/free_hugepages
memory 16
expect 0 "install with huge pages" install --config $config
is "$(state_of 1) $(state_of 2)" "active active" "both runtimes are active"
is "$(pages)" "18 8" "each node has what its runtime needs, and what others use"
is "$(systemctl is-active vllmd-hugepages)" active "the unit is active"
expect 0 "nothing pending" install --dry-run --detailed-exitcode --config $config

pids="$(pid_of 1) $(pid_of 2)"
systemctl reload vllmd-hugepages
is "$(pages)" "18 8" "a reload does not count them twice"
systemctl restart vllmd-hugepages
is "$(pages) $(pid_of 1) $(pid_of 2)" "18 8 $pids" "nor does a restart, and no VM is stopped for it"

pid2=$(pid_of 2)
memory 24
expect 0 "install with more memory" install --config $config
is "$(pages)" "26 8" "the pool has grown"
isnt "$(pid_of 1)" "${pids% *}" "runtime 1 was restarted"
is "$(pid_of 2)" "$pid2" "runtime 2 was not"

# A pool that gives nothing more.
systemctl stop vllmd-runtime@1 vllmd-runtime@2 vllmd-hugepages
is "$(pages)" "4 0" "a stop gives back what was taken"
mount --bind -o ro $pools/node0/hugepages $pools/node0/hugepages
mount -o remount,bind,ro $pools/node0/hugepages
fails "without its pages a VM does not start" systemctl start vllmd-runtime@1
is "$(state_of 1) $(systemctl show -P AssertResult vllmd-runtime@1)" "inactive no" "and it is not tried again"
said vllmd-hugepages 'node 0: 24 pages of 1 GiB wanted, the kernel gave 2; .* hugepagesz=1G hugepages=0:24,1:8' "it says what is missing"
is "$(pages)" "4 0" "nothing is kept of a reservation that failed"
umount $pools/node0/hugepages
holds "with pages it starts" systemctl start vllmd-runtime@1 vllmd-runtime@2
is "$(pages)" "26 8" "they are reserved"

expect 0 "uninstall" uninstall --purge-data
is "$(pages)" "4 0" "all is given back"
clean_host
finish
