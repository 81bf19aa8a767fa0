# shellcheck shell=bash
# lib.sh: what the cases share. A case sources it as ./lib.sh, in its share beside vllmd.mjs and vllmd.toml.
# Prints `ok - …` and `not ok - …`; ends with `finish`, or with `reboot_or_finish` where the case goes on after a reboot.
set -u
# Kept through a reboot, and no part of changed-files.
work=/var/lib/host-test/work
config=$work/vllmd.toml
home=/home/sdake
# shellcheck disable=SC2034 # for the cases
config_dir=$home/.config/vllmd state_dir=$home/.local/state/vllmd-hypervisor
systemctl_log=/run/host-test/systemctl.log
mkdir -p $work

# shellcheck source=test/system/assert.sh
. ./assert.sh

as_sdake() {
  HOME=$home setpriv --reuid=sdake --regid=sdake --init-groups "$@"
}
# json EXPRESSION: a value of the JSON in $work/out, which the expression calls d
json() {
  node -e "const d = JSON.parse(require('node:fs').readFileSync('$work/out', 'utf8')); console.log(String($1))"
}

state_of() {
  systemctl show -P ActiveState "vllmd-runtime@$1.service"
}
pid_of() {
  systemctl show -P MainPID "vllmd-runtime@$1.service"
}
start_of() {
  systemctl show -P ExecMainStartTimestampMonotonic "vllmd-runtime@$1.service"
}
# journal_of N: what runtime N wrote since the mark, or since boot
mark_journal() {
  journalctl --sync
  journal_since=$(journalctl -n 0 --show-cursor -q | sed -n 's/^-- cursor: //p')
}
journal_of() {
  journalctl --sync
  journalctl -q -o cat -u "vllmd-runtime@$1.service" ${journal_since:+--after-cursor="$journal_since"}
}
mode_of() {
  stat -c '%U:%G %a' -- "$1"
}

# Every path that vllmd may write, with its time of change in nanoseconds: equal text is an untouched host.
snapshot() {
  find /etc /home /srv /opt /var/lib/vllmd /usr/local /lib/systemd \
    -printf '%p %y %m %u:%g %s %T@ %C@ %l\n' 2>/dev/null | sort
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
# tree: what lies on the host, whenever it was written; without vllmd's record, and what guests and starts write.
tree() {
  local roots=(/etc /home /srv /opt /var/lib/vllmd /usr/local)
  local left_out=(-path /var/lib/vllmd/install -o -path "$state_dir/runtime-*" ! -type d)
  find "${roots[@]}" \( "${left_out[@]}" \) -prune -o -printf '%p %y %m %u:%g %l\n' 2>/dev/null | sort
  find /etc /home /srv /var/lib/vllmd \( "${left_out[@]}" \) -prune -o -type f -exec sha256sum {} + | sort -k 2
}
# same_tree NAME BEFORE: compares with a tree in a file
same_tree() {
  if tree | diff "$2" - >$work/diff; then
    ok "$1"
  else
    not_ok "$1"
    sed 's/^/# /' $work/diff
  fi
}
# The calls of systemctl since the log was emptied that are more than a look.
mutating_calls() {
  grep -vE '^(--version|show|status|cat|is-[a-z-]+|list-[a-z-]+)( |$)' $systemctl_log
}

# prepare_host: what an operator has installed before vllmd: cloud-hypervisor, an image, firmware.
prepare_host() {
  cp vllmd.toml $config
  install -m755 stand-in/cloud-hypervisor stand-in/ch-remote /usr/bin/
  install -D -m644 stand-in/vm-check.cjs /usr/lib/vllmd-stand-in/vm-check.cjs
  # What vllmd-recover.service starts at boot.
  ln -s "$PWD/vllmd.mjs" /usr/local/bin/vllmd
  prepare_shims
  : >$systemctl_log
  hash -r
  mkdir -p /var/lib/vllmd/images
  truncate -s 1M /var/lib/vllmd/images/base.raw
  echo firmware >/var/lib/vllmd/images/CLOUDHV.fd
  # The stand-in is a node program, and node makes one call that the set lacks. The drop-in shows besides that
  # vllmd leaves those of an operator alone.
  mkdir -p /etc/systemd/system/vllmd-runtime@.service.d
  printf '[Service]\nSystemCallFilter=@system-service pkey_alloc\n' \
    >/etc/systemd/system/vllmd-runtime@.service.d/90-node.conf
}
# prepare_shims: programs that take the place of the system's own
prepare_shims() {
  # A container loads no modules: vfio-pci is as good as there.
  printf '#!/bin/sh\nexit 0\n' >/usr/local/sbin/modprobe
  # Notes each call, so that a test can say what was not called.
  cat >/usr/local/bin/systemctl <<'SHIM'
#!/bin/sh
printf '%s\n' "$*" >>/run/host-test/systemctl.log
exec /usr/bin/systemctl "$@"
SHIM
  chmod 755 /usr/local/sbin/modprobe /usr/local/bin/systemctl
}
# clean_host: takes away what prepare_host made, so that what is left in changed-files is vllmd's.
clean_host() {
  holds "the operator's drop-in is still there" test -f /etc/systemd/system/vllmd-runtime@.service.d/90-node.conf
  rm -f /usr/bin/cloud-hypervisor /usr/bin/ch-remote /usr/local/sbin/modprobe /usr/local/bin/systemctl /usr/local/bin/vllmd
  rm -r /usr/lib/vllmd-stand-in
  rm -f /var/lib/vllmd/images/base.raw /var/lib/vllmd/images/CLOUDHV.fd
  rmdir /var/lib/vllmd/images && rmdir /var/lib/vllmd
  rm -f /etc/systemd/system/vllmd-runtime@.service.d/90-node.conf
  rmdir /etc/systemd/system/vllmd-runtime@.service.d
}

# said UNIT PATTERN NAME: the end of what a unit wrote to the journal has a line like this
said() {
  journalctl --sync
  journalctl -q -o cat -n 20 -u "$1" >$work/said
  holds "$3" grep -qE -- "$2" $work/said || sed 's/^/# said: /' $work/said
}
# config_2 TOML: a config of version 2 for one runtime without a GPU; the text takes the place of its further tables
config_2() {
  cat >$config <<TOML
schema_version = 2

[global]
user = "sdake"
state_dir = "$home/.local/state/vllmd-hypervisor"
config_dir = "$home/.config/vllmd"
$1
TOML
}

# two_runtimes CPUS_1 CPUS_2 [KEYS_1 [KEYS_2]]: a config for two runtimes with a GPU each
two_runtimes() {
  config_2 "$(runtime_1 "$1" "${3:-}")

[[runtimes]]
index = 2
name = \"two\"
gpus = [\"0000:02:00.0\"]
cpus = $2
${4:-}"
}
# one_runtime CPUS [KEYS]: without runtime 2
one_runtime() {
  config_2 "$(runtime_1 "$1" "${2:-}")"
}
runtime_1() {
  cat <<TOML
[storage]
disk_gb = 1

[network]
bridge_name = "vllmd-br0"

[[runtimes]]
index = 1
name = "one"
gpus = ["0000:01:00.0"]
cpus = $1
$2
TOML
}
# cpus_of N: of the VM that runs
cpus_of() {
  ch-remote --api-socket "/run/vllmd/$1/api.sock" info |
    node -p 'JSON.parse(require("node:fs").readFileSync(0, "utf8")).config.cpus.boot_vcpus'
}
# both_are CPUS NAME: the VMs that run have so many: "4 5"
both_are() {
  is "$(state_of 1) $(cpus_of 1) $(state_of 2) $(cpus_of 2)" "active ${1% *} active ${1#* }" "$2"
}
# tell N WHAT [CPUS]: from now on the stand-in of runtime N does so, with so many CPUs or always: fail-boot, die-after-boot,
# ignore-power-button
tell() {
  local text=
  [ $# = 2 ] || text="\"boot_vcpus\":$3"
  printf %s "$text" >"$state_dir/runtime-$1/$2"
  chmod 644 "$state_dir/runtime-$1/$2"
}
untell() {
  rm -f "$state_dir/runtime-$1"/{fail-boot,die-after-boot,ignore-power-button}
}
# step NAME: how far a case has come
step() {
  echo "# $SECONDS s: $1"
}

finish() {
  exit $failed
}
reboot_or_finish() {
  [ $failed = 0 ] || exit 1
  exit 194
}
