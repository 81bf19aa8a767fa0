#!/bin/bash
# machine.sh CACHE SHARE OUT: runs SHARE/run.sh as root in a full machine (QEMU without KVM) and exits with its code.
# The machine has a VT-d IOMMU and the PCI devices of topology.sh. Each boot's log is on stdout when it has ended; lines
# such as `# 12 s: install` are on stderr at once.
# Exit code 194 of run.sh: power cycle, then run it again. A file `unplug` that it leaves in $VFIO_TEST_OUT names the
# buses (02, 05, ...) that are empty from then on.
# A line of the live log that begins with `cut the power` does that, in a machine with VFIO_TEST_POWER_CUTS.
# OUT is emptied first. It gets run.log, journal.N.log, console.N.log, qemu.N.log and rc.
# A boot in which QEMU crashes or the machine's kernel breaks down, as happens to nested VMs that are emulated on a busy
# host, is tried again from the disk that it began with: `# again: boot 2: Kernel panic ...` on stderr. What vllmd does to a
# kernel it does again. Exit code 98: no result. 97: as many boots as may be tried again have broken down. Environment:
#   VFIO_TEST_TIMEOUT  seconds a boot (1500)
#   VFIO_TEST_SILENCE  seconds without a line after which a boot counts as broken (300)
#   VFIO_TEST_BOOTS    at most (4)
#   VFIO_TEST_AGAIN    boots that may be tried again (5)
#   VFIO_TEST_MEMORY   MiB (5120)
#   VFIO_TEST_IOMMU    QEMU arguments in place of the IOMMU's; empty = no IOMMU
#   VFIO_TEST_QEMU     more QEMU arguments
#   VFIO_TEST_APPEND   more kernel arguments
#   VFIO_TEST_POWER_CUTS  not empty: the root disk has a file system with a journal and a cache that loses its writes
set -u
cache=$(realpath "${1:?CACHE}")
share=$(realpath "${2:?SHARE}")
out=$(realpath -m "${3:?OUT}")
rm -rf "$out"
mkdir -p "$out"
here=$(dirname "$(realpath "$0")")

work=$(mktemp -d "$cache/machine.XXXX")
qemu=
trap '[ -z "$qemu" ] || kill "$qemu" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 143' TERM INT
# A copy, not snapshot=on: that one loses its writes when QEMU is started again after a power cycle.
cp --sparse=always --reflink=auto "$cache/machine.ext4" "$work/root.img"
# What a host has. The image has none, because it costs emulated time.
cuts=${VFIO_TEST_POWER_CUTS:-}
[ -z "$cuts" ] || tune2fs -O has_journal "$work/root.img" >/dev/null
tar -cf "$work/in.tar" -C "$share" .
truncate -s %1M "$work/in.tar"
printf 'VLLMD-TEST-DISK' >"$work/marked.img"
truncate -s 16M "$work/marked.img"

kernel_args=(
  root=/dev/nvme0n1 rw
  console=ttyS0 loglevel=4
  panic=-1                      # a panic reboots, and with -no-reboot that ends QEMU
  softlockup_panic=1            # both CPUs can come to wait for each other for ever while they run nested VMs
  intel_iommu=on                # Debian's default too (but for integrated GPUs); said, so that it holds elsewhere
  tsc=unstable clocksource=hpet # the emulated TSC drifts
  systemd.show_status=0 systemd.wants=vfio-test.service
)

read -ra iommu <<<"${VFIO_TEST_IOMMU--device intel-iommu,intremap=on,caching-mode=on}"
read -ra more <<<"${VFIO_TEST_QEMU:-}"
disks=()

# disk ID FILE ADDR: the lowest address becomes /dev/nvme0n1, the others are found by serial number
disk() {
  disks+=(-drive "file=$2,if=none,id=$1,format=raw,cache=unsafe")
  disks+=(-device "nvme,drive=$1,serial=$1,bus=pcie.0,addr=$3")
}
# A boot has a copy of the disk. With cuts, there is a log of all its writes and flushes besides: killing QEMU alone would
# lose nothing that the machine's kernel has sent to the disk, flushed or not.
if [ -z "$cuts" ]; then
  disk root "$work/copy.img" 0x1c
else
  disks+=(
    -blockdev "driver=file,node-name=copy,filename=$work/copy.img,cache.no-flush=on"
    -blockdev "driver=file,node-name=writes,filename=$work/writes.log,cache.no-flush=on"
    -blockdev "driver=blklogwrites,node-name=root,file=copy,log=writes"
    -device "nvme,drive=root,serial=root,bus=pcie.0,addr=0x1c"
  )
fi
disk in "$work/in.tar" 0x1d
disk out "$work/out.tar" 0x1e

# live: the live log goes into a file, and what tells how far it is to stderr. Its reader is the machine's mains switch: a
# machine whose emulation hangs says nothing, and would use up all the time of its boot.
live() {
  local line got
  while true; do
    got=0
    IFS= read -t "$silence" -r line || got=$?
    if [ $got -gt 128 ]; then
      : >"$work/silent"
      kill -KILL "$(cat "$work/qemu.pid")"
      continue
    fi
    if [ $got -ne 0 ] && [ -z "$line" ]; then break; fi
    printf '%s\n' "$line"
    if [[ $line =~ ^#\ [0-9]+\ s:\  ]]; then printf '%s\n' "$line" >&2; fi
    if [ -n "$cuts" ] && [[ $line == "cut the power"* ]]; then
      : >"$work/cut"
      kill -KILL "$(cat "$work/qemu.pid")"
    fi
  done >"$work/live.log"
}
mkfifo "$work/live"

# breakdown BOOT: what this boot has broken down with, in one line; without one it ended in another way
breakdown() {
  if [ -f "$work/silent" ]; then
    echo "it has said nothing for $silence s"
    return
  fi
  case $qemu_rc in
    139 | 134) echo "QEMU has crashed (exit code $qemu_rc)" ;; # a crash of its own: SIGSEGV or SIGABRT
    *) grep -m 1 -hE 'Kernel panic|BUG: |blocked for more than' "$out/console.$1.log" | tr -d '\r' ;;
  esac
}

silence=${VFIO_TEST_SILENCE:-300}
rc=
broken=
boot=1
again=0
while [ $boot -le "${VFIO_TEST_BOOTS:-4}" ]; do
  read -ra unplugged <<<"$(cat "$out/unplug" 2>/dev/null)"
  mapfile -t pci < <("$here/topology.sh" "$work/marked.img" "${unplugged[@]}")
  cp --sparse=always --reflink=auto "$work/root.img" "$work/copy.img"
  [ -z "$cuts" ] || : >"$work/writes.log"
  rm -f "$work/out.tar"
  truncate -s 64M "$work/out.tar"
  rm -f "$work/silent"
  live <"$work/live" &
  reader=$!
  # First serial port: kernel messages to a file. Second: the live log. In the background, because bash looks at
  # a signal only when its foreground command has ended.
  timeout -k 5 "${VFIO_TEST_TIMEOUT:-1500}" \
    qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot -nic none \
    -M q35,kernel-irqchip=split -accel tcg,thread=multi -cpu max -smp 2 -m "${VFIO_TEST_MEMORY:-5120}" \
    "${iommu[@]}" "${more[@]}" \
    -kernel "$cache/vmlinuz" -append "${kernel_args[*]} ${VFIO_TEST_APPEND:-}" \
    "${disks[@]}" "${pci[@]}" -pidfile "$work/qemu.pid" \
    -serial file:"$out/console.$boot.log" -serial stdio \
    </dev/null >"$work/live" 2>"$out/qemu.$boot.log" &
  qemu=$!
  wait $qemu
  qemu_rc=$?
  qemu=
  wait $reader
  if [ -f "$work/cut" ]; then
    rm "$work/cut"
    cat "$work/live.log"
    node "$here/surviving-writes.mjs" "$work/writes.log" "$work/root.img" || break
    boot=$((boot + 1))
    continue
  fi
  rm -rf "$work/result"
  mkdir "$work/result"
  tar -xf "$work/out.tar" -C "$work/result" 2>/dev/null
  rc=$(cat "$work/result/rc" 2>/dev/null)
  broken=
  # A boot that has come to its end is believed, whatever its kernel complains of; not where something has failed in it.
  if [ ! -f "$work/result/journal.$boot.log" ] || [ "${rc:-0}" != 0 ]; then broken=$(breakdown $boot); fi
  if [ -n "$broken" ] && [ $again -lt "${VFIO_TEST_AGAIN:-5}" ]; then
    echo "# again: boot $boot: $broken" >&2
    again=$((again + 1))
    mv "$out/console.$boot.log" "$out/broken.$again.log"
    continue
  fi
  cat "$work/live.log"
  cp -r "$work/result/." "$out"
  mv "$work/copy.img" "$work/root.img"
  # QEMU ended well but there is no result: the machine asked for a power cycle.
  if [ $qemu_rc != 0 ] || [ -n "$rc" ] || [ -n "$broken" ]; then break; fi
  boot=$((boot + 1))
done

[ "$rc" != 0 ] || exit 0
if [ -n "$broken" ]; then
  echo "machine.sh: $broken" >&2
  exit 97
fi
[ -z "$rc" ] || exit "$rc"
echo "machine.sh: the machine gave no result (QEMU exit code $qemu_rc)" >&2
tail -n 30 "$out"/console.*.log "$out"/qemu.*.log >&2
exit 98
