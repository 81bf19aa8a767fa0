#!/bin/bash
# topology.sh MARKED [UNPLUGGED...]: prints the QEMU arguments of the PCI devices under test, one a line.
# MARKED is a file whose start a VM can recognise; the disk-like devices read it. UNPLUGGED are buses to leave empty.
# A root port has ACS, so what sits behind it is one IOMMU group.
#   01:00.0  VGA [0300] 1002:5159      one group with 01:00.1; no driver in the cloud kernel; the display of the boot
#   01:00.1  Audio [0403] 8086:293e
#   02:00.0  Display [0380] 1234:1111  alone in its group, 256 MiB BAR; no driver
#   03:00.0  Bridge [0604] 1b36:000e   one group of three with the two behind it
#   04:01.0  Display [0380] 1234:1111  no driver
#   04:02.0  Network [0200] 1af4:1041  virtio-pci has it, so the group is not viable
#   05:00.0  VGA [0300] 1af4:1050      one group with 05:00.1; virtio-pci has both
#   05:00.1  Audio [0403] 1af4:1042    ... so the group is viable only when both are bound
#   06:00.0  3D [0302] 1af4:1042       virtio-pci has it; a VM reads MARKED from it: a GPU with a proof of DMA
#   07:00.0  NVMe [0108] 1b36:0010     nvme has it: not a GPU; a VM reads MARKED from it
set -eu
marked=${1:?MARKED}
shift
unplugged=" $* "
args=()

dev() {
  args+=(-device "$1")
}
# root_port N ADDR: bus numbers follow the order of the addresses. Fails for a bus to leave empty.
root_port() {
  dev "pcie-root-port,id=rp$1,chassis=$1,slot=$1,bus=pcie.0,addr=$2"
  [[ $unplugged != *" 0$3 "* ]]
}
# virtio_blk ID CLASS BUS ADDR: the only QEMU device whose class can be set and that has a driver on the host.
# iommu_platform and disable-legacy: without them its DMA goes past the IOMMU.
virtio_blk() {
  args+=(-drive "file=$marked,format=raw,if=none,id=$1,readonly=on")
  dev "virtio-blk-pci,drive=$1,iommu_platform=on,disable-legacy=on,class=$2,bus=$3,addr=$4"
}

if root_port 1 0x10 1; then
  dev ati-vga,model=rv100,bus=rp1,addr=0.0,multifunction=on
  dev ich9-intel-hda,bus=rp1,addr=0.1
fi
if root_port 2 0x11 2; then
  dev bochs-display,vgamem=256M,bus=rp2,addr=0.0
fi
# Always there: the bridge takes a bus number of its own, and so moves those that follow.
root_port 3 0x12 3
dev pcie-pci-bridge,id=br3,bus=rp3,addr=0.0
dev secondary-vga,bus=br3,addr=1
dev virtio-net-pci,iommu_platform=on,disable-legacy=on,romfile=,bus=br3,addr=2

if root_port 4 0x13 5; then
  dev virtio-vga,bus=rp4,addr=0.0,multifunction=on
  virtio_blk audio 0x0403 rp4 0.1
fi
if root_port 5 0x14 6; then
  virtio_blk gpu3d 0x0302 rp5 0.0
fi
if root_port 6 0x15 7; then
  args+=(-drive "file=$marked,format=raw,if=none,id=nvme7,readonly=on")
  dev nvme,drive=nvme7,serial=nvme7,bus=rp6,addr=0.0
fi

printf '%s\n' "${args[@]}"
