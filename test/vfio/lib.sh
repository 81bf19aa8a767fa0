# shellcheck shell=bash
# lib.sh: what the cases share. A case sources it as ./lib.sh, in its share beside vllmd.mjs.
# Prints `ok - …` and `not ok - …`, and `# …` as progress; ends with `finish`, or with `power_cycle_or_finish` where
# the case goes on after one.
set -u
# shellcheck disable=SC2034 # for the cases
config_dir=/home/sdake/.config/vllmd state_dir=/home/sdake/.local/state/vllmd-hypervisor
# Kept through a power cycle.
work=/var/lib/vfio-test/work
# shellcheck disable=SC2034
config=$work/vllmd.toml
images=/var/lib/vllmd/images
pci=/sys/bus/pci/devices
mkdir -p $work

# shellcheck source=test/system/assert.sh
. ./assert.sh

# part TEXT: progress, so that a hang can be found in the log
part() {
  echo "# $(cut -d. -f1 /proc/uptime) s: $1"
}
# eventually SECONDS COMMAND...
eventually() {
  local limit=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $limit ] || return 1
    sleep 0.3
  done
}

driver_of() {
  if [ -e "$pci/$1/driver" ]; then basename "$(readlink "$pci/$1/driver")"; else echo none; fi
}
# drivers ADDRESS...: their drivers on one line
drivers() {
  local address
  for address in "$@"; do driver_of "$address"; done | xargs
}
override_of() {
  cat "$pci/$1/driver_override"
}
group_of() {
  basename "$(readlink "$pci/$1/iommu_group")"
}
node_of() {
  echo "/dev/vfio/$(group_of "$1")"
}
mode_of() {
  stat -c '%U %a' -- "$1"
}
# opened_in N NODE: what comes of opening the node inside runtime N's unit, as its user: an error, or nothing
opened_in() {
  local procs
  procs=/sys/fs/cgroup$(systemctl show -P ControlGroup "vllmd-runtime@$1.service")/cgroup.procs
  # shellcheck disable=SC2016 # expanded by the inner shell
  bash -c 'echo $$ >"$1"; exec setpriv --reuid=sdake --regid=sdake --clear-groups bash -c "exec 9<>$2"' _ "$procs" "$2" 2>&1 |
    sed 's/.*: //'
}
# bind ADDRESS DRIVER: by hand, as an operator would
bind() {
  [ "$(driver_of "$1")" = none ] || echo "$1" >"$pci/$1/driver/unbind"
  echo "$2" >"$pci/$1/driver_override"
  echo "$1" >/sys/bus/pci/drivers_probe
}

state_of() {
  systemctl show -P ActiveState "vllmd-runtime@$1.service"
}
# processes_of N [NAME]: ids of the processes in the runtime's unit. Those of KVM in the kernel are not its own.
processes_of() {
  local group
  group=$(systemctl show -P ControlGroup "vllmd-runtime@$1.service")
  [ -n "$group" ] || return 0
  xargs -r ps -o pid=,comm= -p <"/sys/fs/cgroup$group/cgroup.procs" | awk -v name="${2:-}" '$2 !~ /^kvm/ && index($2, name) { print $1 }'
}
# Of a process that is not there: nothing.
user_of() {
  ps -o user= -p "${1:-0}"
}
# status_of PID FIELD: one line of its status, without the name
status_of() {
  awk -v field="$2:" '$1 == field { $1 = ""; print substr($0, 2) }' "/proc/${1:-0}/status" 2>/dev/null
}
# locked PID KIB: at least so much of its memory is
locked() {
  local kib
  kib=$(status_of "$1" VmLck)
  [ "${kib%% *}0" -ge "${2}0" ]
}
# journal_of UNIT: what it wrote since the mark, or since boot
mark_journal() {
  journalctl --sync
  journal_since=$(journalctl -n 0 --show-cursor -q | sed -n 's/^-- cursor: //p')
}
journal_of() {
  journalctl --sync
  journalctl -q -b -o cat -u "$1" ${journal_since:+--after-cursor="$journal_since"}
}
# told N PATTERN: the guest of runtime N, or its hypervisor, wrote such a line
told() {
  journal_of "vllmd-runtime@$1.service" | grep -qE -- "$2"
}
# guest_ready N: waits until the guest has said what it has; told is then a matter of looking
guest_ready() {
  if [ "$(state_of "$1")" = active ] && eventually 240 told "$1" 'NESTED ready'; then
    ok "guest $1 is ready"
  else
    not_ok "guest $1 is ready"
    journal_of "vllmd-runtime@$1.service" | tail -n 40 | sed 's/^/# journal: /'
  fi
}

# Every path that vllmd may write, with its time of change, and every device with its driver: equal text is an
# untouched host.
snapshot() {
  find /etc /home /srv /opt /var/lib/vllmd /usr/local /lib/systemd \
    -printf '%p %y %m %u:%g %s %T@ %C@ %l\n' 2>/dev/null | sort
  grep -H . "$pci"/*/driver_override
  find "$pci"/*/ -maxdepth 1 -name driver -printf '%p %l\n' | sort
}
# untouched NAME BEFORE: compares with a snapshot in a file
untouched() {
  if snapshot | diff "$2" - >$work/diff; then
    ok "$1"
  else
    not_ok "$1"
    sed 's/^/# /' $work/diff
  fi
}

# gpus N LIST: the GPUs of runtime N in the config become this list
gpus() {
  awk -v n="$1" -v list="$2" '/^index/ { i = $3 } /^gpus/ && i == n { $0 = "gpus = [" list "]" } 1' "$config" >$work/edited
  cp $work/edited "$config"
}
# refused NAME PATTERN...: this config is refused, for a reason that says all this, and nothing changes
refused() {
  local name=$1 pattern
  shift
  snapshot >$work/before
  expect 6 "$name" install --config "$config"
  for pattern; do
    printed "$name: says $pattern" "$pattern"
  done
  sed 's/^/#   /' $work/err
  untouched "$name: changed nothing" $work/before
}

# prepare_host: what an operator has installed: vllmd where its units look for it, cloud-hypervisor, images.
prepare_host() {
  ln -sf "$PWD/vllmd.mjs" /usr/local/bin/vllmd
  install -m755 stand-in/cloud-hypervisor stand-in/ch-remote /usr/local/bin/
  install -D -m644 stand-in/vm-check.cjs /usr/local/lib/vllmd-stand-in/vm-check.cjs
  mkdir -p $images
  install -m644 vmlinuz nested.cpio $images/
  printf 'BASE-IMAGE' >$images/base.raw
  truncate -s 4M $images/base.raw
  # The stand-in's own kind of firmware
  cat >$images/CLOUDHV.fd <<FIRMWARE
{ "kernel": "$images/vmlinuz", "initramfs": "$images/nested.cpio",
  "cmdline": "console=ttyS0 quiet panic=-1 edd=off vllmd.test=wait" }
FIRMWARE
  # The stand-in is a node program, and node makes one call that the set lacks.
  mkdir -p /etc/systemd/system/vllmd-runtime@.service.d
  printf '[Service]\nSystemCallFilter=@system-service pkey_alloc\n' \
    >/etc/systemd/system/vllmd-runtime@.service.d/90-node.conf
  systemctl daemon-reload
}

finish() {
  part "end of boot $VFIO_TEST_BOOT"
  exit $failed
}
power_cycle_or_finish() {
  part "end of boot $VFIO_TEST_BOOT"
  [ $failed = 0 ] || exit 1
  exit 194
}
