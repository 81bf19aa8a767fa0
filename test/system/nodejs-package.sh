#!/bin/bash
# nodejs-package.sh OUT [NODE]: makes OUT/nodejs.deb, which says that the host has NODE (/usr/local/bin/node), in its version.
# What is tested on a system whose Node.js is in no package can then be installed with what it depends on.
set -euo pipefail
out=${1:?OUT}
node=${2:-/usr/local/bin/node}

version=$("$node" -p process.versions.node)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/DEBIAN" "$tree/usr/bin"
ln -s "$node" "$tree/usr/bin/node"
cat >"$tree/DEBIAN/control" <<CONTROL
Package: nodejs
Version: $version
Architecture: all
Maintainer: vllmd maintainers <maintainers@vllmd.invalid>
Description: stands for the Node.js of this host
CONTROL
chmod -R u=rwX,go=rX "$tree"
dpkg-deb --root-owner-group --build "$tree" "$out/nodejs.deb" >/dev/null
