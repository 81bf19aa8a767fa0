#!/bin/bash
# Two runtimes with GPUs of their own, from the first install over two power cycles to the uninstall.
# shellcheck source=test/vfio/lib.sh disable=SC2317 # some functions are called through holds and fails
. ./lib.sh

# Alone in its group and without a driver; two functions of one card, which virtio-pci has; a storage controller.
plain=0000:02:00.0 card=0000:05:00.0 audio=0000:05:00.1 gpu3d=0000:06:00.0 nvme=0000:07:00.0
# In one group: a display, and the host's network card.
display=0000:04:01.0 lan=0000:04:02.0

running() {
  is "$(state_of 1) $(state_of 2)" "active active" "$1"
}
guest_has() {
  holds "guest $1 sees its $2" told "$1" "NESTED pci class=$3"
}

first_boot() {
  prepare_host
  cp vllmd.toml "$config"
  is "$(drivers $plain $card $audio $gpu3d $nvme $lan)" "none virtio-pci virtio-pci virtio-pci nvme virtio-pci" \
    "the drivers before vllmd"
  holds "the kernel's log shows that drivers of the host had the GPUs" host_drivers_came
  snapshot >"$work"/pristine

  refusals
  dry_run
  first_install
  nothing_to_do
  hand_over
  power_cycle_or_finish
}

# Two of the devices are disks behind virtio-pci; no other device of the host is.
host_drivers_came() {
  journalctl -k -q -b -o cat | grep -q '^virtio_blk virtio'
}

refusals() {
  part "refusals"
  gpus 1 '"0000:01:00.0"'
  refused "the display of the boot" '0000:01:00\.0.*(boot|console)'
  gpus 1 "\"$nvme\""
  refused "a storage controller among the GPUs" "$nvme" 'allow_group_members'
  gpus 1 "\"$display\""
  refused "a group that the host's network card shares" \
    '03:00\.0.*(0604|bridge)' "$display.*no driver" "$lan.*(0200|network).*virtio-pci" 'allow_group_members'
  # Without a driver it is in nobody's way.
  bind $lan nosuch
  expect 2 "the same group, its network card without a driver" install --dry-run --detailed-exitcode --config "$config"
  bind $lan ''
  cp vllmd.toml "$config"
}

dry_run() {
  part "dry run"
  snapshot >"$work"/before
  expect 2 "dry run" install --dry-run --detailed-exitcode --config "$config"
  printed "it shows the binding" "vllmd-vfio@$plain"
  untouched "the dry run changed nothing" "$work"/before
}

first_install() {
  part "install"
  expect 0 "install" install --config "$config"
  part "installed"
  running "both runtimes are active"
  is "$(drivers $plain $gpu3d $card $audio)" "vfio-pci vfio-pci vfio-pci vfio-pci" \
    "all are on vfio-pci, the card's second function with its first"
  is "$(override_of $plain) $(override_of $card) $(override_of $audio)" "vfio-pci vfio-pci vfio-pci" "and stay there"
  is "$(drivers $nvme $lan $display)" "nvme virtio-pci none" "what no runtime has is as it was"
  local device
  for device in $plain $card $gpu3d; do
    is "$(mode_of "$(node_of "$device")")" "sdake 600" "the group of $device is the user's alone"
  done
  network_is_up

  local n
  for n in 1 2; do
    part "guest $n"
    guest_ready "$n"
    holds "guest $n has its memory" told "$n" 'NESTED memory (9|10)[0-9]{5} kB, cpus 1'
    holds "guest $n has its own disk" told "$n" 'NESTED disk vd. writable 2097152 sectors: BASE-IMAGE'
    process_of "$n"
  done
  guest_has 1 "display" 0x038000
  guest_has 1 "3D controller" 0x030200
  guest_has 2 "VGA controller" 0x030000
  holds "guest 1 reads from its GPU: DMA and interrupts through the IOMMU" told 1 'NESTED disk .* VLLMD-TEST-DISK'
  holds "guest 1 has its address and reaches the world" told 1 'NESTED 192\.0\.2\.1 answers'
  holds "guest 2 has the address of its index" told 2 'NESTED address 10\.77\.0\.3/'
  own_groups_only
}

# process_of N: the VM's process, as it really runs
process_of() {
  local pid
  pid=$(processes_of "$1" qemu)
  is "$(user_of "$pid")" sdake "VM $1 runs as the user"
  is "$(status_of "$pid" CapEff) $(status_of "$pid" CapBnd)" "0000000000000000 0000000000000000" "VM $1 has no capability"
  is "$(status_of "$pid" NoNewPrivs) $(status_of "$pid" Seccomp)" "1 2" "VM $1 is confined"
  holds "VM $1 has all its memory locked" locked "$pid" 1048576
}

own_groups_only() {
  local one two
  one=$(node_of $plain) two=$(node_of $card)
  holds "unit 1 may open the group of its GPU" grep -qx "$one rw" <(systemctl show -P DeviceAllow vllmd-runtime@1)
  fails "unit 1 may not open just any group" grep -qE "char-vfio|$two " <(systemctl show -P DeviceAllow vllmd-runtime@1)
  is "$(opened_in 1 "$one")" "Device or resource busy" "runtime 1's own group is there for it, and in use"
  is "$(opened_in 1 "$two")" "Operation not permitted" "runtime 1 cannot open a group of runtime 2"
  is "$(opened_in 2 "$one")" "Operation not permitted" "runtime 2 cannot open a group of runtime 1"
}

network_is_up() {
  holds "the bridge has the gateway's address" grep -q 'inet 10\.77\.0\.1/24' <(ip address show dev vllmd-br0)
  holds "addresses are translated" grep -q 'oifname "uplink0" masquerade' <(nft list table ip vllmd)
  local n
  for n in 1 2; do
    is "$(cat /sys/class/net/vllmd-tap$n/owner) $(basename "$(readlink /sys/class/net/vllmd-tap$n/master)")" "1000 vllmd-br0" \
      "tap $n is the user's, on the bridge"
  done
}

nothing_to_do() {
  part "second install"
  local pids
  pids="$(processes_of 1 qemu) $(processes_of 2 qemu)"
  snapshot >"$work"/before
  expect 0 "second install" install --config "$config"
  printed "it says that there is nothing to do" '[Nn]othing to do'
  untouched "it changed nothing" "$work"/before
  is "$(processes_of 1 qemu) $(processes_of 2 qemu)" "$pids" "the VMs went on running"
}

# One install moves a GPU from one running VM to the other, and adds a controller that must be allowed by name.
hand_over() {
  part "hand-over"
  gpus 1 "\"$gpu3d\""
  gpus 2 "\"$card\", \"$plain\", \"$nvme\""
  sed -i "s/^allow_group_members.*/allow_group_members = [\"$nvme\"]/" "$config"
  mark_journal
  expect 0 "hand-over" install --config "$config"
  running "both runtimes are active after the hand-over"
  is "$(drivers $plain $gpu3d $card $audio $nvme)" "vfio-pci vfio-pci vfio-pci vfio-pci vfio-pci" "all are on vfio-pci"
  guest_ready 2
  guest_has 2 "new display" 0x038000
  guest_has 2 "NVMe controller" 0x010802
  holds "guest 2 reads its NVMe disk" told 2 'NESTED disk nvme0n1 .* VLLMD-TEST-DISK'
  guest_ready 1
  fails "guest 1 has lost the display" told 1 'NESTED pci class=0x038000'
  is "$(opened_in 1 "$(node_of $plain)")" "Operation not permitted" "runtime 1 cannot open the group it had"
  holds "guest 1 was asked to power off" told 1 'NESTED button'
  fails "its power was not cut" told 1 'power cut'
}

second_boot() {
  part "the second boot"
  running "both runtimes are active after a power cycle"
  is "$(drivers $plain $gpu3d $card $audio $nvme)" "vfio-pci vfio-pci vfio-pci vfio-pci vfio-pci" "all are on vfio-pci"
  is "$(systemctl is-active vllmd-vfio-early.service)" active "they were claimed before the first was announced"
  fails "no driver of the host came before" host_drivers_came
  is "$(find /sys/bus/virtio/devices/ -type l | wc -l)" 1 "but for the network card's"
  guest_ready 1
  guest_ready 2
  expect 0 "dry run after a power cycle: nothing pending" install --dry-run --detailed-exitcode --config "$config"
  # The next boot finds the slot of runtime 1's GPU empty.
  echo 06 >"$VFIO_TEST_OUT/unplug"
  power_cycle_or_finish
}

third_boot() {
  part "the third boot, without $gpu3d"
  holds "the machine has no $gpu3d" absent "$pci"/$gpu3d
  is "$(state_of 2)" active "runtime 2 runs without regard to it"
  holds "runtime 1 does not run" [ "$(state_of 1)" != active ]
  holds "the unit of the GPU says why" grep -q "$gpu3d.*no such" <(journal_of "vllmd-vfio@$gpu3d.service")
  guest_ready 2
  expect 0 "status" status
  printed "status shows both" 'two +running +[0-9]+ (s|min|h) .*vfio-pci'

  held_device
  part "uninstall"
  expect 0 "uninstall" uninstall
  is "$(drivers $plain $card $audio $nvme)" "none virtio-pci virtio-pci nvme" "the former drivers are back"
  is "$(override_of $plain) $(override_of $card) $(override_of $nvme)" "(null) (null) (null)" "no override is left"
  holds "the group nodes are gone" absent "$(node_of $plain)" "$(node_of $card)"
  holds "network and devices are down" absent /sys/class/net/vllmd-br0 /sys/class/net/vllmd-tap1 /sys/class/net/vllmd-tap2
  is "$(nft list ruleset)" "" "no translation is left"
  holds "the uplink is as it was" grep -q 'inet 192\.0\.2\.2/24' <(ip address show dev uplink0)
  is "$(find /etc \( -path '*vllmd*' -o -lname '*vllmd*' \) ! -path '*/vllmd-runtime@.service.d*' ! -name hostname)" "" \
    "nothing is left in /etc"

  other_networks
  finish
}

# A device that somebody holds stays where it is, and whoever wanted it back is told. Not by trying: vfio-pci's write to
# unbind waits, no signal ends it, and whoever reads of the device in /sys waits as well, the journal among them.
held_device() {
  local unit=vllmd-vfio@$plain.service holder
  part "a device that somebody has open"
  systemctl stop vllmd-runtime@2
  sleep 1000 8<>"$(node_of $plain)" &
  holder=$!
  eventually 10 test -e /proc/$holder/fd/8
  mark_journal
  holds "the release of a device in use ends" timeout 60 systemctl stop "$unit"
  kill $holder
  holds "it names the user" grep -qE "$plain.*in use by sleep" <(journal_of "$unit")
  is "$(driver_of $plain)" vfio-pci "the device stays on vfio-pci"
  systemctl start "$unit"

  part "a device that is held by its descriptor alone"
  stand-in/hold $plain >"$work"/held &
  holder=$!
  eventually 10 grep -q held "$work"/held
  mark_journal
  holds "the release of a held device ends" timeout 150 systemctl stop "$unit"
  holds "the journal goes on" timeout 30 journalctl --sync
  kill $holder
  holds "it says that the device is held" grep -qE "$plain.*(in use|does not let go)" <(journal_of "$unit")
  holds "the device is free again" timeout 150 systemctl start "$unit"
  is "$(driver_of $plain)" vfio-pci "it is on vfio-pci"
}

# one_plain_runtime: without the second runtime and without GPUs
one_plain_runtime() {
  gpus 1 ''
  awk '/^\[\[runtimes/ && n++ { exit } !/^allow_group_members/' "$config" >"$work"/edited
  cp "$work"/edited "$config"
}

other_networks() {
  part "a bridge of the operator's"
  ip link add lan0 type bridge
  ip link set lan0 up
  sed -i -e 's/^mode = .*/mode = "bridge"\nbridge_name = "lan0"/' -e '/^default_interface/d' "$config"
  one_plain_runtime
  expect 0 "install with a bridge of the operator's" install --config "$config"
  is "$(basename "$(readlink /sys/class/net/vllmd-tap1/master)")" lan0 "tap 1 is on it"
  is "$(nft list ruleset)" "" "nothing is translated"
  fails "the bridge got no address" grep -q 'inet ' <(ip address show dev lan0)
  # A guest that is still starting does not see its power button.
  guest_ready 1

  part "no network"
  sed -i -e 's/^mode = .*/mode = "none"/' -e '/^bridge_name/d' "$config"
  expect 0 "install without a network" install --config "$config"
  is "$(state_of 1)" active "the runtime is active"
  holds "there is no tap" absent /sys/class/net/vllmd-tap1
  fails "the VM has no network card" grep -q '"net"' "$config_dir"/runtime-1.vm.json
  guest_ready 1
  expect 0 "uninstall" uninstall
  holds "the operator's bridge is still there" test -d /sys/class/net/lan0/bridge
}

case $VFIO_TEST_BOOT in
  1) first_boot ;;
  2) second_boot ;;
  *) third_boot ;;
esac
