#!/bin/bash
# build-tree.sh CACHE: makes CACHE/root, the Debian 12 tree that container.sh boots.
# Builds again only when this file, guest/ or the host's node changes. Delete CACHE to get newer packages.
set -euo pipefail
cache=$(realpath -m "${1:?CACHE}")
cd "$(dirname "$0")"

key=$({
  cat build-tree.sh guest/*
  node --version
} | sha256sum | cut -c1-16)
if [ "$(cat "$cache/key" 2>/dev/null)" = "$key" ]; then
  echo "cache hit $key"
  exit 0
fi

root=$cache/root
mkdir -p "$cache"
# Only what this script made: the argument may be a directory that holds other things.
rm -rf --one-file-system "$cache/key" "$root"

# What vllmd expects on a host, and no more: no kernel (a container has none), no cloud-hypervisor (stand-in/).
include=(systemd systemd-sysv dbus udev kmod iproute2 procps)
include+=(nftables)             # NAT of the VM network
include+=(mtools dosfstools)    # the seed disk of a VM
include+=(util-linux)           # flock, setpriv, mount
include+=(cloud-init)           # for the case that is a guest and no host
include+=(libpam-systemd)      # the manager of an account that lingers
include+=(openssh-server sudo python3) # for hosts that are managed from another machine
# No mirror argument: mmdebstrap then takes release, updates and security.
mmdebstrap --quiet --variant=minbase \
  --aptopt='APT::Install-Recommends "false"' \
  --include="$(IFS=,; echo "${include[*]}")" \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  bookworm "$root"

install -m755 "$(readlink -f "$(command -v node)")" "$root/usr/local/bin/node"
# A distribution's node needs shared libraries that the tree lacks. Fail here, not in the container.
chroot "$root" /usr/local/bin/node --version >/dev/null

# The account that runs the VMs.
chroot "$root" groupadd --force --system kvm
chroot "$root" groupadd --gid 1000 sdake
chroot "$root" useradd --uid 1000 --gid sdake --create-home --shell /bin/bash sdake

install -m644 guest/host-test.service "$root/etc/systemd/system/host-test.service"
install -m755 guest/host-test-runner "$root/usr/local/sbin/host-test-runner"
install -m644 guest/host-test-devices.service "$root/etc/systemd/system/host-test-devices.service"
install -m755 guest/host-test-devices "$root/usr/local/sbin/host-test-devices"
install -m644 guest/host-test-kernel.service "$root/etc/systemd/system/host-test-kernel.service"
install -m755 guest/host-test-kernel "$root/usr/local/sbin/host-test-kernel"
systemctl --root="$root" --quiet enable host-test-devices.service host-test-kernel.service
# Nobody listens until a case starts it.
systemctl --root="$root" --quiet disable ssh.service
# A host does not have it: nothing of it runs until a case takes this away.
touch "$root/etc/cloud/cloud-init.disabled"
echo vllmd-host-test >"$root/etc/hostname"
# A set machine-id: without one systemd takes this for the first boot and runs presets.
echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"

# No login prompts (they share the console with our log) and no background jobs.
masked=(
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
  systemd-pstore.service
  systemd-update-utmp.service
  systemd-update-utmp-runlevel.service
)
for unit in "${masked[@]}"; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done

# Last, so that a build that was cut off is no cache hit.
echo "$key" >"$cache/key"
