#!/bin/bash
# prereq.sh: installs what the test of the hive's page needs: a browser, and letters for it to show. Root, Debian.
set -euo pipefail

packages=(
  chromium
  fonts-dejavu-core
  fonts-liberation
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
