#!/bin/bash
# prereq.sh: installs the host packages that the VM tests need. Root, Debian 12.
set -euo pipefail

packages=(
  mmdebstrap      # makes the tree of the test machine
  e2fsprogs       # mke2fs -d turns the tree into a disk image without a loop device
  qemu-system-x86 # the test machine
)

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  [[ $status == ii* ]] || missing+=("$package")
done

# A warm machine costs no network access at all.
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
