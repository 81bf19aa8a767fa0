#!/bin/bash
# A host whose IOMMU is missing, off or without interrupt remapping: an install is refused before it changes anything.
# shellcheck source=test/vfio/lib.sh
. ./lib.sh

part "a host that cannot pass a device on"
prepare_host
cp vllmd.toml "$config"
case $(cat /proc/cmdline) in
  *intel_iommu=off*) remedy='intel_iommu=off.*remove' ;;
  *) remedy='(firmware|BIOS)' ;;
esac
if [ -d /sys/kernel/iommu_groups/0 ]; then
  refused "without interrupt remapping" '[Ii]nterrupts?.*remap' "$remedy"
  # The way round it lets a guest send any interrupt to the host.
  printed_not "it does not advise unsafe interrupts" 'allow_unsafe_interrupts=(1|Y)'
else
  refused "without an IOMMU" 'IOMMU' "$remedy"
fi
expect 0 "a dry run" install --dry-run --config "$config"
printed "the dry run says so too" 'IOMMU|[Ii]nterrupts?.*remap'
finish
