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
# The calls of systemctl since the log was emptied that are more than a look.
mutating_calls() {
  grep -vE '^(show|status|cat|is-[a-z-]+|list-[a-z-]+)( |$)' $systemctl_log
}

# prepare_host: what an operator has installed before vllmd: cloud-hypervisor, an image, firmware.
prepare_host() {
  cp vllmd.toml $config
  install -m755 stand-in/cloud-hypervisor stand-in/ch-remote /usr/bin/
  install -D -m644 stand-in/vm-check.cjs /usr/lib/vllmd-stand-in/vm-check.cjs
  # A container loads no modules: vfio-pci is as good as there.
  printf '#!/bin/sh\nexit 0\n' >/usr/local/sbin/modprobe
  # Notes each call, so that a test can say what was not called.
  cat >/usr/local/bin/systemctl <<'SHIM'
#!/bin/sh
printf '%s\n' "$*" >>/run/host-test/systemctl.log
exec /usr/bin/systemctl "$@"
SHIM
  chmod 755 /usr/local/sbin/modprobe /usr/local/bin/systemctl
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
# clean_host: takes away what prepare_host made, so that what is left in changed-files is vllmd's.
clean_host() {
  holds "the operator's drop-in is still there" test -f /etc/systemd/system/vllmd-runtime@.service.d/90-node.conf
  rm -f /usr/bin/cloud-hypervisor /usr/bin/ch-remote /usr/local/sbin/modprobe /usr/local/bin/systemctl
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

finish() {
  exit $failed
}
reboot_or_finish() {
  [ $failed = 0 ] || exit 1
  exit 194
}
