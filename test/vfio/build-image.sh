#!/bin/bash
# build-image.sh CACHE: makes what machine.sh and the nested VMs boot from.
#   CACHE/machine.ext4  Debian 12 with systemd, node, QEMU for the nested VMs and the kernel's modules, as a disk
#   CACHE/vmlinuz       kernel of the test machine and of the nested VMs
#   CACHE/nested.cpio   initramfs of the nested VMs
# Builds again only when this file, guest/, nested/ or the host's node changes. Delete CACHE to get newer packages.
set -euo pipefail
cache=$(realpath -m "${1:?CACHE}")
cd "$(dirname "$0")"

key=$({
  cat build-image.sh guest/* nested/*
  node --version
} | sha256sum | cut -c1-16)
if [ "$(cat "$cache/key" 2>/dev/null)" = "$key" ]; then
  echo "cache hit $key"
  exit 0
fi

root=$cache/root
kernel=$cache/kernel
initramfs=$cache/nested
mkdir -p "$cache"
# Only what this script made: the argument may be a directory that holds other things.
rm -rf --one-file-system "$cache"/{key,root,kernel,nested,machine.ext4,vmlinuz,nested.cpio}

# 1. Kernel. The cloud flavour has ext4, nvme, 8250 serial and intel-iommu built in, vfio and kvm as modules.
#    So QEMU boots it with -kernel and an NVMe root disk, and no initramfs is needed.
apt-get update -qq
package=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ && !n++ { print $2 }')
mkdir "$kernel"
(
  cd "$kernel"
  # apt drops to the _apt user, who cannot write here.
  apt-get -qq -o APT::Sandbox::User=root download "$package"
  dpkg-deb -x ./*.deb .
  rm ./*.deb
) &
download=$!

# 2. User space: what vllmd wants on a host, and the nested VM in place of cloud-hypervisor's.
include=(systemd systemd-sysv dbus udev kmod pciutils iproute2 procps)
include+=(nftables)                        # address translation of the VM network
include+=(mtools dosfstools util-linux)    # the seed disk of a VM; flock, setpriv
include+=(qemu-system-x86 busybox-static)  # the nested VM and its initramfs
# No mirror argument: mmdebstrap then takes release, updates and security.
mmdebstrap --quiet --variant=minbase \
  --aptopt='APT::Install-Recommends "false"' \
  --include="$(IFS=,; echo "${include[*]}")" \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  bookworm "$root"
wait "$download"

install -m755 "$(readlink -f "$(command -v node)")" "$root/usr/local/bin/node"
# A distribution's node needs shared libraries that the tree lacks. Fail here, not in the machine.
chroot "$root" /usr/local/bin/node --version >/dev/null

# The account that runs the VMs.
chroot "$root" groupadd --force --system kvm
chroot "$root" groupadd --gid 1000 sdake
chroot "$root" useradd --uid 1000 --gid sdake --create-home --shell /bin/bash sdake

install -m644 guest/vfio-test.service guest/vfio-test-devices.service "$root/etc/systemd/system/"
install -m755 guest/vfio-test-runner guest/vfio-test-devices "$root/usr/local/sbin/"
systemctl --root="$root" --quiet enable vfio-test-devices.service
install -m644 guest/80-vfio-test.rules "$root/etc/udev/rules.d/"
echo 'blacklist virtio_pci' >"$root/etc/modprobe.d/vfio-test.conf"
echo vllmd-vfio-test >"$root/etc/hostname"
# A set machine-id: without one systemd takes this for the first boot and runs presets.
echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"

# No login prompts (they share the consoles with our logs) and no background jobs (emulated time is dear).
masked=(
  serial-getty@ttyS0.service
  console-getty.service
  getty@tty1.service
  apt-daily.timer
  apt-daily-upgrade.timer
  dpkg-db-backup.timer
  e2scrub_all.timer
  e2scrub_reap.service
  fstrim.timer
  modprobe@drm.service
  modprobe@efi_pstore.service
  nftables.service
  systemd-pstore.service
  systemd-update-utmp.service
  systemd-update-utmp-runlevel.service
)
for unit in "${masked[@]}"; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done

versions=("$kernel"/lib/modules/*)
version=${versions[0]##*/}
mkdir -p "$root/lib/modules"
mv "$kernel/lib/modules/$version" "$root/lib/modules/"
mv "$kernel/boot/vmlinuz-$version" "$cache/vmlinuz"
rm -rf "$kernel"
chroot "$root" depmod "$version" # the host may have no depmod

# 3. Initramfs of the nested VMs: busybox, and the drivers of what they are given, in the order they are loaded.
mkdir -p "$initramfs"/{bin,proc,sys,dev,modules}
cp "$root/bin/busybox" "$initramfs/bin/"
install -m755 nested/init "$initramfs/init"
number=10
chroot "$root" modprobe --set-version "$version" --show-depends --all virtio_pci virtio_blk virtio_net button evdev |
  awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
  while read -r module; do
    cp "$root$module" "$initramfs/modules/$number-$(basename "$module")"
    number=$((number + 1))
  done
node nested/cpio.mjs "$initramfs" >"$cache/nested.cpio"
rm -rf "$initramfs"

# 4. Disk image. No journal and no checksums: it is a throw-away copy, and they cost emulated time.
mke2fs -q -t ext4 -m 0 -O ^has_journal,^metadata_csum -E lazy_itable_init=1,nodiscard \
  -d "$root" "$cache/machine.ext4" 3G >/dev/null
rm -rf --one-file-system "$root"

# Last, so that a build that was cut off is no cache hit.
echo "$key" >"$cache/key"
