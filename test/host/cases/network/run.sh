#!/bin/bash
# Ways to the outside: an own bridge with address translation, somebody else's bridge, none.
# shellcheck source=test/host/lib.sh
. ./lib.sh
prepare_host
# mode NETWORK
mode() {
  config_2 "
[storage]
disk_gb = 1

[network]
$1

[[runtimes]]
index = 1
name = \"one\"
gpus = []"
}
seed() {
  mcopy -n -i $state_dir/runtime-1/seed.img "::$1" - 2>/dev/null
}
# up: the script as its unit runs it
# shellcheck disable=SC2317 # called by name
up() {
  systemd-run --quiet --wait --pipe -p EnvironmentFile=/etc/vllmd/network.env /etc/vllmd/libexec/network up >"$work/out" 2>"$work/err"
}

mode 'bridge_name = "vllmd-br0"
default_interface = "eth0"
subnet = "10.99.4.0/24"'
expect 0 "install with address translation" install --config $config
is "$(ip -4 -o address show vllmd-br0 | awk '{ print $4 }')" 10.99.4.1/24 "the bridge has the gateway's address"
is "$(basename "$(readlink /sys/class/net/vllmd-tap1/master)")" vllmd-br0 "the tap is its port"
nft list table ip vllmd >$work/rules
holds "guests get out by the uplink" grep -q 'iifname "vllmd-br0" ip saddr 10.99.4.0/24 oifname "eth0" accept' $work/rules
holds "and by nothing else" grep -q 'iifname "vllmd-br0" drop' $work/rules
holds "nobody else gets in" grep -q 'oifname "vllmd-br0" drop' $work/rules
holds "answers do" grep -qE 'oifname "vllmd-br0" ct state (established,related|related,established) accept' $work/rules
is "$(ip -4 -o address show eth0 | wc -l) $(readlink /sys/class/net/eth0/master)" "0 " "the uplink is untouched"
mac=$(cat /sys/class/net/vllmd-br0/address)
holds "once more changes nothing" up
is "$(nft list table ip vllmd | diff $work/rules -) $(cat /sys/class/net/vllmd-br0/address)" " $mac" "not even a rule"

# Another firewall.
nft 'add table inet other; add chain inet other forward { type filter hook forward priority 10; policy drop; }'
holds "with another firewall it comes up" up
printed "and says where packets may be dropped" 'nft list chain inet other forward'
systemctl reload vllmd-network
nft delete table inet other
# As nftables.service does when it is started.
nft flush ruleset
systemctl reload vllmd-network
holds "a reload brings the rules back" nft list table ip vllmd >/dev/null

# A subnet that is somewhere else already.
ip address add 10.98.0.7/16 dev eth0
systemctl stop vllmd-runtime@1 vllmd-network
sed -i 's/10\.99\.4\./10.98.3./' /etc/vllmd/network.env
fails "a subnet on another interface's route is refused" up
printed "with the route" 'subnet 10.98.3.0/24 lies on a route of this host: 10.98.0.0/16 dev eth0'
holds "and nothing was made" absent /sys/class/net/vllmd-br0
ip address del 10.98.0.7/16 dev eth0
sed -i 's/10\.98\.3\./10.99.4./' /etc/vllmd/network.env
ip link add vllmd-br0 type veth peer name other
fails "an interface of another kind is refused" up
printed "it says so" 'exists and is not a bridge'
ip link delete vllmd-br0
expect 0 "start again" install --config $config --retry-failed
systemctl start vllmd-runtime@1

# Somebody else's bridge.
mode 'mode = "bridge"
bridge_name = "br-office"'
sed -e 's/^VLLMD_NETWORK_MODE=.*/VLLMD_NETWORK_MODE=bridge/' -e 's/vllmd-br0/br-office/' /etc/vllmd/network.env >$work/network.env
ip link add br-office type bridge
ip link set br-office alias 'of the office'
# Shorter than at boot, where somebody may still be about to make it.
sed 's/-lt 30/-lt 2/' /etc/vllmd/libexec/network >$work/network
chmod 755 $work/network
# shellcheck disable=SC2317 # called by name
try() {
  systemd-run --quiet --wait --pipe -p EnvironmentFile="$work/network.env" "$work/network" "$1" \
    >"$work/out" 2>"$work/err"
}
fails "a bridge that is down is refused" try up
printed "it says what brings it up" 'br-office: it is down; ip link set br-office up'
ip link set br-office up
holds "one that is up is taken" try up
holds "and left there" try down
holds "it is still there" test -d /sys/class/net/br-office/bridge
expect 0 "install on somebody else's bridge" install --config $config
is "$(state_of 1)" active "the runtime is active"
is "$(basename "$(readlink /sys/class/net/vllmd-tap1/master)")" br-office "its tap is a port of that bridge"
is "$(ip -4 -o address show br-office | wc -l) $(cat /sys/class/net/br-office/ifalias)" "0 of the office" "which is as it was"
holds "our own bridge is gone" absent /sys/class/net/vllmd-br0
is "$(nft list ruleset)" "" "and so are its rules"
holds "the guest asks for its address" grep -q 'dhcp4: true' <(seed network-config)
is "$(seed network-config | grep -c addresses)" 0 "and has none of ours"

# None.
mode 'mode = "none"'
expect 0 "install without a network" install --config $config
is "$(state_of 1)" active "the runtime is active"
holds "its tap is gone" absent /sys/class/net/vllmd-tap1
holds "the bridge is not ours to remove" test -d /sys/class/net/br-office/bridge
holds "nothing about the network is left" absent /etc/vllmd/network.env /etc/systemd/system/vllmd-network.service
fails "the seed image says nothing about it" seed network-config
# vllmd-recover.service comes before it, whether it is there or not.
is "$(grep -rl --exclude=vllmd-recover.service vllmd-network /etc/systemd/system)" "" "no unit needs it"
expect 0 "uninstall" uninstall --purge-data
ip link delete br-office
finish
