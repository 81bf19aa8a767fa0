#!/bin/bash
# prereq.sh: installs what the tests of hosts need: both ends of ssh, and hosts as network namespaces. Root, Debian.
set -euo pipefail

packages=(
  openssh-client
  openssh-server
  iproute2
)

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  [[ $status == ii* ]] || missing+=("$package")
done

# A warm machine costs no network access at all.
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  # No server of the system's own comes up: the tests start theirs.
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
