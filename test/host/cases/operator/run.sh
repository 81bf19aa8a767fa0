#!/bin/bash
# What operators do: pipe the output, power a guest off from inside, enable by hand, give the VMs to another account.
# shellcheck source=test/host/lib.sh
. ./lib.sh
prepare_host

# A reader that goes away after the first line must not end the install half-way.
vllmd install --config $config 2>&1 | head -n 1 >$work/out
is "$(wc -l <$work/out)" 1 "the reader of the install went away after a line"
is "$(state_of 1) $(state_of 2)" "active active" "and both runtimes are active"
snapshot >$work/before
expect 0 "the next install" install --config $config
untouched "nothing was left to do" $work/before

# A guest that powers itself off.
ch-remote --api-socket /run/vllmd/2/api.sock power-button
# shellcheck disable=SC2016 # the inner shell expands it
timeout 20 bash -c 'until [ "$(systemctl show -P ActiveState vllmd-runtime-pre-start@2)" = inactive ]; do sleep 0.1; done'
is "$(state_of 2)" inactive "a guest that powers itself off stays off"
is "$(systemctl show -P ActiveState vllmd-runtime-pre-start@2)" inactive "what was prepared for it is gone"
holds "its tap is gone" absent /sys/class/net/vllmd-tap2
expect 0 "install while it is off" install --config $config
printed "it is left off, and that is said" 'vllmd-runtime@2.service: stopped by the operator'
is "$(state_of 2)" inactive "runtime 2 is still off"
systemctl start vllmd-runtime@2
is "$(state_of 2)" active "systemctl starts it again"

# A VM that is killed is started again by systemd, with its tap.
pid=$(pid_of 1)
kill -9 "$pid"
timeout 30 bash -c "until [ \"\$(systemctl show -P MainPID vllmd-runtime@1)\" -gt 0 ] &&
  [ \"\$(systemctl show -P MainPID vllmd-runtime@1)\" != $pid ] && systemctl -q is-active vllmd-runtime@1; do sleep 0.2; done"
is "$(state_of 1)" active "a VM that was killed comes back"
is "$(basename "$(readlink /sys/class/net/vllmd-tap1/master)")" vllmd-br0 "with its tap"

# The way that a note of the plan names to enable a unit.
rm /etc/systemd/system/vllmd.target.wants/vllmd-runtime@2.service
expect 0 "install with runtime 2 disabled" install --config $config
printed "it says how to enable it" 'systemctl enable vllmd-runtime@2.service'
fails "and does not enable it" test -e /etc/systemd/system/vllmd.target.wants/vllmd-runtime@2.service
holds "the named command works" systemctl -q enable vllmd-runtime@2.service
expect 0 "install after it: nothing to do" install --dry-run --detailed-exitcode --config $config

# Another bridge: the old one goes, also when the network was stopped and started under running VMs.
systemctl stop vllmd-network
systemctl start vllmd-network
sed -i 's/vllmd-br0/llm-br1/' $config
expect 0 "install with another bridge" install --config $config
is "$(basename "$(readlink /sys/class/net/vllmd-tap1/master)")" llm-br1 "the taps are on the new bridge"
holds "the old bridge is gone" absent /sys/class/net/vllmd-br0

# A bridge name that is taken: no runtime is touched.
pids="$(pid_of 1) $(pid_of 2)"
sed -i 's/llm-br1/lo/' $config
expect 6 "install with a bridge name that is another interface" install --config $config
printed "it says why" 'is an interface of the host and no bridge'
is "$(pid_of 1) $(pid_of 2)" "$pids" "the VMs went on running"
sed -i 's/"lo"/"llm-br1"/' $config
expect 0 "install with the old name" install --config $config

# Another account. The disks are not in a home, so they stay where they are.
useradd -m bob
sed -i 's#^state_dir.*#state_dir = "/srv/vllmd"#' $config
expect 6 "install with another state_dir" install --config $config
printed "the disks would be left behind" 'disk-left-behind'
systemctl stop vllmd-runtime@1 vllmd-runtime@2
mkdir -p /srv/vllmd
mv $state_dir/runtime-1 $state_dir/runtime-2 /srv/vllmd/
expect 0 "install with the disks moved" install --config $config
systemctl start vllmd-runtime@1 vllmd-runtime@2
is "$(state_of 1) $(state_of 2)" "active active" "both runtimes run on their disks"
sed -i 's/"sdake"/"bob"/' $config
expect 6 "install for another account" install --config $config
printed "the disks are of the old one" 'chown bob:bob /srv/vllmd/runtime-1/disk.raw'
chown bob:bob /srv/vllmd/runtime-*/*.raw /srv/vllmd/runtime-*/*.img
expect 0 "install with the disks handed over" install --config $config
is "$(state_of 1) $(state_of 2)" "active active" "both runtimes are active"
is "$(ps -o user= -p "$(pid_of 1)") $(stat -c %U /dev/vfio/11 /dev/vfio/12 | xargs)" "bob bob bob" \
  "the VMs and the nodes of the GPUs are the new account's"

expect 0 "uninstall" uninstall --purge-data
holds "no bridge of ours is left" absent /sys/class/net/vllmd-br0 /sys/class/net/llm-br1 /sys/class/net/vllmd-tap1
is "$(systemctl list-units --all --no-legend 'vllmd*' | wc -l)" 0 "systemd knows no unit of ours"
finish
