#!/bin/bash
# prereq.sh: gets a real llama-server for the tests, beside the system: nothing is installed. Debian on amd64, no root.
#   CACHE/llama/llama-server  runs it from any directory, and wherever the folder is copied or mounted
#   CACHE/llama/root          what the packages hold
# CACHE is where test/system/run.ts looks. It is got again only when this file changes. Delete CACHE/llama to get a newer one.
set -euo pipefail
parent=${VLLMD_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vllmd-test}
key=$(sha256sum "$0" | cut -c1-16)
mkdir -p "$parent"
parent=$(realpath "$parent")
cache=$parent/llama

fail() {
  echo "prereq.sh: $1" >&2
  exit 1
}
is_cached() {
  [ "$(cat "$cache/key" 2>/dev/null)" = "$key" ]
}

# A warm machine costs no network access at all.
if is_cached; then exit 0; fi
# Who has waited may find it there.
exec 9>"$parent/llama.lock"
flock 9
if is_cached; then exit 0; fi
[ "$(dpkg --print-architecture)" = amd64 ] || fail 'the tests have a llama-server for amd64 only'

work=$(mktemp -d "$parent/llama.XXXX")
trap 'rm -rf --one-file-system "$work" "$parent/llama.gone"' EXIT
mkdir -p "$work"/{apt/lists,apt/cache/archives/partial,apt/debs,tree/root}
: >"$work/apt/status"

# 1. The packages, of the suite that has them, from the mirror that this system has its own from. Its Release file may have
#    expired on a mirror that stands still.
mirror() {
  # shellcheck disable=SC2016 # expanded by apt-get
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1
}
uri=$(mirror)
if [ -z "$uri" ] && [ "$(id -u)" = 0 ]; then
  apt-get update -qq
  uri=$(mirror)
fi
[ -n "$uri" ] || fail 'apt knows no mirror of Debian: run apt-get update'
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri sid main" >"$work/apt/sid.list"
apt=(apt-get -qq
  -o "Dir::Etc::sourcelist=$work/apt/sid.list"
  -o Dir::Etc::sourceparts=/dev/null
  -o "Dir::State::lists=$work/apt/lists"
  -o "Dir::State::status=$work/apt/status"
  -o "Dir::Cache=$work/apt/cache"
  -o Acquire::Check-Valid-Until=false
  -o Acquire::Languages=none
  -o Acquire::Retries=2
  -o Acquire::http::Timeout=30
  -o APT::Update::Error-Mode=any
  -o APT::Sandbox::User=root) # apt drops to the _apt user, who cannot write here
packages=(llama.cpp-tools libllama0 libggml0 # the server and its back ends
  libc6 libgcc-s1 libstdc++6 libgomp1 libssl3t64 zlib1g libzstd1
  patchelf)
"${apt[@]}" update || fail "the mirror of Debian does not answer, or has no sid: the lines above say why"
(cd "$work/apt/debs" && "${apt[@]}" download "${packages[@]}") ||
  fail "the mirror of Debian does not have all of: ${packages[*]}"
root=$work/tree/root
for package in "$work"/apt/debs/*.deb; do
  dpkg-deb -x "$package" "$root"
done
rm -rf "$work/apt"

# 2. A program that finds its loader and its libraries itself where it lies now. A router starts itself again by
#    /proc/self/exe, which would else be the loader.
library=usr/lib/x86_64-linux-gnu
loader=$library/ld-linux-x86-64.so.2
unpacked() {
  "$root/$loader" --library-path "$root/$library:$root/$library/llama" "$root/usr/bin/$1" "${@:2}"
}
for object in "$root/$library"/lib{llama,mtmd}*.so.*.* "$root/$library"/llama/*.so; do
  unpacked patchelf --remove-rpath "$object"
done
unpacked patchelf --set-interpreter "$cache/root/$loader" --force-rpath \
  --set-rpath "\$ORIGIN/../lib/x86_64-linux-gnu:\$ORIGIN/../lib/x86_64-linux-gnu/llama" "$root/usr/bin/llama-server"

cat >"$work/tree/llama-server" <<SCRIPT
#!/bin/sh
here=\$(dirname "\$(readlink -f "\$0")")
library=\$here/root/$library
export GGML_BACKEND_PATH="\$library/ggml/backends0/libggml-cpu-x64.so"
# A copy that lies elsewhere has to be told where its loader is.
if [ "\$here" = '${cache//\'/\'\\\'\'}' ]; then exec "\$here/root/usr/bin/llama-server" "\$@"; fi
exec "\$here/root/$loader" --library-path "\$library:\$library/llama" "\$here/root/usr/bin/llama-server" "\$@"
SCRIPT
chmod 755 "$work/tree/llama-server"
says=$("$work/tree/llama-server" --version 2>&1) || fail "what was got does not run: $says"

# 3. In one step, so that nobody finds a half of it.
[ ! -e "$cache" ] || mv -T "$cache" "$parent/llama.gone"
mv -T "$work/tree" "$cache"
says=$("$cache/llama-server" --version 2>&1) || fail "it does not run where it lies: $says"
# Last, so that one that was cut off is no cache hit.
echo "$key" >"$cache/key"
echo "$says" | grep version
