#!/bin/bash
# A GPU that the host's drivers have is taken, given back, and never confused with another one. The kernel's part is
# played by host-test-kernel.
# shellcheck source=test/host/lib.sh
. ./lib.sh
prepare_host
gpu=0000:03:00.0
audio=0000:03:00.1
unit=vllmd-vfio@$gpu.service
# gpus LIST MORE
gpus() {
  config_2 "
[storage]
disk_gb = 1

[vfio]
on_release = \"restore-driver\"

[network]
bridge_name = \"vllmd-br0\"

[[runtimes]]
index = 1
name = \"one\"
gpus = [$1]"
}
drivers() {
  basename -a "$(readlink /sys/bus/pci/devices/$gpu/driver)" "$(readlink /sys/bus/pci/devices/$audio/driver)" 2>&1 | xargs
}
devices_of_vm() {
  systemctl show -P DeviceAllow vllmd-runtime@1 | grep -o '/dev/vfio/[0-9][0-9]*' | sort | xargs
}

gpus "\"$gpu\""
expect 0 "install" install --config $config
is "$(drivers)" "vfio-pci vfio-pci" "the card is bound with its audio function"
is "$(stat -c '%U %a' /dev/vfio/13)" "sdake 600" "its node is the user's"
is "$(state_of 1) $(devices_of_vm)" "active /dev/vfio/13" "the VM may open the group of its GPU, and no other"
is "$(systemctl show -P NeedDaemonReload vllmd-runtime@1)" no "systemd has read that"
expect 0 "nothing pending" install --dry-run --detailed-exitcode --config $config
before=$(stat -c %Z /dev/vfio/13)
pid=$(pid_of 1)
holds "the check can be repeated under the VM" systemctl reload $unit
is "$(stat -c %Z /dev/vfio/13) $(pid_of 1) $(drivers)" "$before $pid vfio-pci vfio-pci" "and touches nothing"

# One GPU more.
gpus "\"$gpu\", \"0000:01:00.0\""
expect 0 "install with a second GPU" install --config $config
is "$(devices_of_vm)" "/dev/vfio/11 /dev/vfio/13" "the VM may open both"
gpus "\"0000:01:00.0\""
expect 0 "install without the first one" install --config $config
is "$(state_of 1) $(devices_of_vm)" "active /dev/vfio/11" "the VM may open the other one only"
is "$(drivers)" "nvidia snd_hda_intel" "the first one is back with its drivers"
is "$(cat /sys/bus/pci/devices/$gpu/driver_override)" "" "without an override"
is "$(stat -c '%U %a' /dev/vfio/13)" "root 600" "and its node is root's"

# Another card at the address.
gpus "\"$gpu\""
expect 0 "install of the first one again" install --config $config
systemctl stop vllmd-runtime@1 $unit
is "$(drivers)" "nvidia snd_hda_intel" "a stop of its unit gives it back"
echo 0x1021 >/sys/bus/pci/devices/$gpu/device
fails "another card at that address is not taken" systemctl start vllmd-runtime@1
said $unit 'was 10de:26b9:10de:16c1 when it was installed and is 10de:1021:10de:16c1 now' "it says which"
is "$(drivers)" "nvidia snd_hda_intel" "it stays with the host"
echo 0x26b9 >/sys/bus/pci/devices/$gpu/device

# In use.
mkdir -p /sys/bus/pci/devices/$gpu/drm/card7
mkdir -p /dev/dri
mknod /dev/dri/card7 c 1 3
systemd-run --quiet --unit=screen sh -c 'exec 3</dev/dri/card7; sleep 1000'
sleep 1
systemctl reset-failed
fails "a card that is in use is not taken" systemctl start vllmd-runtime@1
said $unit 'in use by sh .*systemctl stop screen.service|in use by sleep .*systemctl stop screen.service' "it says by whom, and what ends it"
systemctl stop screen
systemctl reset-failed
holds "when it is free, it is" systemctl start vllmd-runtime@1
is "$(drivers)" "vfio-pci vfio-pci" "with both functions"

expect 0 "uninstall" uninstall --purge-data
is "$(drivers)" "nvidia snd_hda_intel" "an uninstall gives all back"
is "$(stat -c '%U %a' /dev/vfio/13)" "root 600" "with the node"
finish
