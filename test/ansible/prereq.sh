#!/bin/bash
# prereq.sh: installs what the tests of the Ansible role need, besides those of test/host/prereq.sh. Root, Debian 12.
set -euo pipefail

packages=(
  ansible-core
  ansible-lint
  iproute2
  openssh-client
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
