#!/bin/bash
# container.sh CACHE SHARE OUT: runs SHARE/run.sh under a real systemd (PID 1) in a container and exits with its code.
# OUT is emptied first. It gets run.log, journal.N.log, console.log, rc and changed-files.
# Exit code 98: no result. Environment: HOST_TEST_TIMEOUT (seconds a boot, 120), HOST_TEST_BOOTS (at most, 3),
# HOST_TEST_NETNS (a network namespace that it runs in, such as /run/netns/NAME; else it has one that leads nowhere).
set -u
cache=$(realpath "${1:?CACHE}")
share=$(realpath "${2:?SHARE}")
out=$(realpath -m "${3:?OUT}")
rm -rf "$out"
mkdir -p "$out/o"

# With --keep-unit the containers of one cgroup share those of their units, and now and then a unit of one fails at step
# CGROUP because another has just removed its directory. So each has a cgroup of its own, in every hierarchy but that of
# cpuset, which takes no process before it is set up and which systemd leaves alone.
cgroups=()
while IFS=: read -r _ controllers path; do
  case $controllers in
    cpuset) continue ;;
    '') mounted=$(findmnt -n -o TARGET -t cgroup2 | head -n 1) ;;
    *) mounted=$(findmnt -n -o TARGET -t cgroup -O "$controllers" | head -n 1) ;;
  esac
  [ -z "$mounted" ] || cgroups+=("${mounted%/}${path%/}/vllmd-host-test-$$")
done </proc/self/cgroup

# An overlay that the host makes survives a reboot of the container, and its upper directory lists what was written.
work=$(mktemp -d "$cache/container.XXXX")
# A cgroup with others below it goes away last.
trap 'umount -R "$work/merged"; rm -rf --one-file-system "$work"; find "${cgroups[@]}" -depth -type d -exec rmdir {} +' EXIT
mkdir "${cgroups[@]}" || exit 98
mkdir "$work"/{upper,scratch,merged}
mount -t overlay overlay -o "lowerdir=$cache/root,upperdir=$work/upper,workdir=$work/scratch" "$work/merged" || exit 98

# in_cgroups COMMAND...
in_cgroups() (
  for cgroup in "${cgroups[@]}"; do
    echo "$BASHPID" >"$cgroup/cgroup.procs" || exit 98
  done
  exec "$@"
)

network=(--private-network)
# nspawn takes this right from whoever does not have a network of its making, and shows him another one in /sys.
if [ -n "${HOST_TEST_NETNS:-}" ]; then
  network=("--network-namespace-path=$HOST_TEST_NETNS" --capability=CAP_NET_ADMIN)
  export SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
fi

# --kill-signal: at a time-out nspawn ends the container at once. If nspawn itself is killed, the container lives on.
for _ in $(seq "${HOST_TEST_BOOTS:-3}"); do
  in_cgroups timeout -k 5 "${HOST_TEST_TIMEOUT:-120}" \
    systemd-nspawn --quiet -D "$work/merged" -M "vllmd-host-test-$$" --hostname=vllmd-host-test \
    --register=no --keep-unit "${network[@]}" --link-journal=no \
    --resolv-conf=off --timezone=off --console=read-only --kill-signal=SIGKILL \
    --bind-ro="$share:/host-test/in" --bind="$out/o:/host-test/out" \
    --boot systemd.wants=host-test.service systemd.show_status=0 systemd.log_color=0 \
    </dev/null >>"$out/console.log" 2>&1
  nspawn_rc=$?
  # With --keep-unit a reboot ends nspawn with 133. Start it again on the same tree.
  [ $nspawn_rc = 133 ] || break
done

find "$out/o" -mindepth 1 -maxdepth 1 -exec mv -t "$out" {} +
rmdir "$out/o"

# What a boot writes by itself
noise='^[a-z]+ /(host-test|etc/\.pwd\.lock|etc/machine-id|var/lib/dbus/machine-id|var/lib/host-test|var/lib/systemd|var/log/journal'
noise+='|var/tmp/systemd-private-[^/]*)(/|$)'

# A deleted file is a character device ("whiteout") in the upper directory. A directory that was
# there before is listed in it only because something below changed, so it says nothing.
cd "$work/upper" || exit 98
find . -xdev -mindepth 1 | sort | while read -r path; do
  if [ -c "$path" ]; then
    echo "deleted ${path#.}"
  elif [ ! -e "$cache/root/$path" ] && [ ! -L "$cache/root/$path" ]; then
    echo "new ${path#.}"
  elif [ ! -d "$path" ]; then
    echo "changed ${path#.}"
  fi
done | grep -vE "$noise" >"$out/changed-files"
cd / || exit 98

cat "$out/run.log" 2>/dev/null
grep -E '^# [0-9]+ s: ' "$out/run.log" >&2
if [ -f "$out/rc" ]; then
  exit "$(cat "$out/rc")"
fi
echo "container.sh: the container gave no result (nspawn exit code $nspawn_rc)" >&2
tail -n 30 "$out/console.log" >&2
exit 98
