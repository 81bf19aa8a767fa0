#!/bin/bash
# vllmd is killed with SIGKILL at many steps of each kind of transaction, and meets full disks. Afterwards every runtime is
# wholly on the old generation or wholly on the new one, and the record says which.
# shellcheck source=test/host/lib.sh
. ./lib.sh
install_dir=/var/lib/vllmd/install
count() {
  echo $(($(cat "$work/$1" 2>/dev/null || echo 0) + 1)) >"$work/$1"
}

# The states of the host. A has two runtimes; in B both are changed, in C they have exchanged their GPUs, in D one is gone.
configs() {
  cp vllmd.toml $work/A.toml
  sed 's/^memory_gb = 32/memory_gb = 24/; s/^default_memory_gb = 16/default_memory_gb = 12/' vllmd.toml >$work/B.toml
  sed 's/0000:01:/0000:XX:/; s/0000:02:/0000:01:/; s/0000:XX:/0000:02:/' vllmd.toml >$work/C.toml
  awk -v RS= -v ORS='\n\n' '!/index = 2/' vllmd.toml >$work/D.toml
}
# go STATE
go() {
  vllmd install --config "$work/$1.toml" --settle 0 >$work/out 2>$work/err
}
look() {
  node check.cjs look
}
# The first line says which generation; what follows is wrong.
compare() {
  look >$work/now.json
  node check.cjs compare $work/old.json $work/new.json $work/now.json >$work/verdict
  verdict=$(head -n 1 $work/verdict)
}
problems() {
  tail -n +2 $work/verdict
}

# transaction NAME START ARGUMENT...: what is killed is `vllmd ARGUMENT...`, in state START
transaction() {
  name=$1 start=$2
  shift 2
  command=("$@" --settle 0)
  to_start || not_ok "$name: cannot begin: $(tail -n 3 $work/err | xargs)"
  look >$work/old.json
  killable '' || not_ok "$name: exit code $?: $(tail -n 3 $work/err | xargs)"
  look >$work/new.json
  cp $work/steps $work/trace
  is "$(node -p 'process.argv.slice(1).flatMap((file) => JSON.parse(fs.readFileSync(file)).problems).join("; ")' \
    $work/old.json $work/new.json)" "" "$name: whole before it and after it, in $(wc -l <$work/trace) steps"
  echo "# $SECONDS s: $name"
  to_start || not_ok "$name: cannot begin again"
}
# By way of another state, so that a rollback has somewhere to go.
to_start() {
  [ "$name" != rollback ] || go A
  go "$start"
}
# killable K HOW: an empty K only notes the steps
killable() {
  rm -f $work/steps
  KILL_LOG=$work/steps KILL_AT=$1 KILL_HOW=${2:-before} \
    node -r ./kill-at.cjs ./vllmd.mjs "${command[@]}" >$work/out 2>$work/err
} 2>/dev/null # where bash says that it was killed
# The number of the first step like this.
step_of() {
  grep -m 1 -E "$1" $work/trace | cut -d ' ' -f 1
}

# survive K HOW: killed there, the host is put right by `recover` and by the next install in turn
survive() {
  local where wrong rc=0
  killable "$1" "$2" || rc=$?
  where="$name, $2 step $(tail -n 1 $work/steps | sed -E 's/\.vllmd-[0-9a-f]+$//')"
  if [ $rc != 137 ]; then
    not_ok "$where: exit code $rc, not killed"
    return
  fi
  turn=$((turn + 1))
  if [ $((turn % 2)) = 0 ]; then
    vllmd recover --settle 0 >$work/out 2>$work/err || rc=$?
  else
    go "$start" || rc=$?
  fi
  compare
  wrong=$(problems)
  # What the record says is what is there, seen by vllmd itself.
  vllmd verify --json >$work/out 2>>$work/err
  wrong+=$(verified)
  if [ $rc = 137 ] && [ -z "$wrong" ]; then
    ok "$where: ${verdict}$([ $((turn % 2)) = 0 ] || echo ' after an install')"
    count kills
  else
    not_ok "$where: ${verdict}"
    printf '%s\n' "exit code $rc" "$wrong" | cat - $work/err | cut -c -600 | sed 's/^/# /'
  fi
  # An install may have kept a runtime on its new generation before it went back: a rollback would go there.
  [ "$verdict" != old ] || [ "$name/$((turn % 2))" = rollback/1 ] || return
  to_start
  compare
  [ "$verdict$(problems)" = old ] || not_ok "$where: the old state does not come back: $(head -c 600 $work/verdict | xargs)"
}
# Where one runtime is on the old generation and one on the new, an install has something to do, and else nothing has changed.
verified() {
  local codes
  codes=$(json "d.findings.map(({ code }) => code).sort().join(' ')")
  case "$verdict/$codes" in
    old/ | new/ | *=*/changes-pending | old/drifted) ;;
    *) echo "verify says: $codes" ;;
  esac
}
# spread COUNT: so many steps at the same distances, half of them before and half of them within
spread() {
  local steps number
  steps=$(wc -l <$work/trace)
  for number in $(seq "$1"); do
    survive $((steps * number / ($1 + 1))) "$([ $((number % 2)) = 0 ] && echo before || echo within)"
  done
}
# while_systemctl_runs: each call of systemctl, when it has just begun or some way into it. Two at a time, so that both are
# put right by recover and by an install.
called=0
while_systemctl_runs() {
  local step calls
  mapfile -t calls < <(grep ' systemctl ' $work/trace)
  for step in "${calls[@]}"; do
    survive "${step%% *}" "$([ $((called / 2 % 2)) = 0 ] && echo begun || echo within)"
    called=$((called + 1))
  done
}

# What the guests have written is theirs.
guest_writes() {
  local n
  for n in 1 2; do printf 'guest %s' "$n" | dd of=$state_dir/runtime-$n/disk.raw bs=1 seek=4096 conv=notrunc status=none; done
}
guests_have_it() {
  local n
  for n in 1 2; do dd if=$state_dir/runtime-$n/disk.raw bs=1 skip=4096 count=7 status=none; done >$work/written
  is "$(cat $work/written)" "guest 1guest 2" "what the guests have written is still there"
}

# recovered_at_boot STATE: the boot has put right what was cut off, before it started a VM
recovered_at_boot() {
  local order
  journalctl --sync
  journalctl -b -q -o cat _PID=1 >$work/boot
  order=$(grep -oE '^(Finished vllmd-recover|Starting vllmd-runtime@[12])\.service' $work/boot | sort -u -k 2 | wc -l)
  is "$order" 3 "after the reboot: recovered, and both runtimes started"
  is "$(grep -m 1 -oE '^(Finished vllmd-recover|Starting vllmd-runtime@[12])\.service' $work/boot)" \
    "Finished vllmd-recover.service" "first recovered, then started"
  compare
  is "$verdict$(problems)" "$1" "everything is as before"
  is "$(vllmd verify --json >$work/out; json 'd.findings.length')" 0 "verify has nothing to say"
}

# small_disk DIRECTORY KIB: a file system of its own, with what lies there
small_disk() {
  rm -rf $work/kept
  cp -a "$1" $work/kept
  mount -t tmpfs -o "size=$2k" tmpfs "$1"
  cp -a $work/kept/. "$1"
}
# free_in DIRECTORY: in bytes
free_in() {
  echo $(($(stat -f -c '%a * %S' "$1")))
}
# fill DIRECTORY BYTES: leaves so much free, up to the end of a block
fill() {
  local more
  more=$(($(free_in "$1") - $2))
  [ $more -le 0 ] || fallocate -l $more "$1/ballast" || return
  [ "$(free_in "$1")" -le $(($2 + $(stat -f -c %S "$1"))) ]
}
# full DIRECTORY BYTES: the transaction fails with so much free there, or does not; then there is room again
full() {
  local rc=0 wrong='' what
  what="$name, $2 bytes free in $1"
  if ! fill "$1" "$2"; then
    not_ok "$what: $(free_in "$1") are"
    rm -f "$1/ballast"
    return
  fi
  vllmd "${command[@]}" >$work/out 2>$work/err || rc=$?
  compare
  case $rc in
    0) [ "$verdict$(problems)" = new ] || wrong="not new: $(cat $work/verdict)" ;;
    1) [ "$verdict$(problems)" = old ] || wrong="not old: $(cat $work/verdict)" ;;
    8) grep -q 'sudo vllmd recover' $work/err || wrong='it does not say what helps' ;;
    *) wrong='an exit code that is none of a full disk' ;;
  esac
  [ $rc = 0 ] || grep -qE 'no space left|ENOSPC' $work/err || wrong+='; it does not say that there is no space'
  # A recovery finds the disk as full.
  [ $rc != 8 ] || vllmd recover --settle 0 >$work/out 2>>$work/err || [ $? = 8 ] || wrong+='; recover on a full disk: exit code is not 8'
  ! grep -q 'this is a bug' $work/err || wrong+='; it calls itself a bug'
  rm -f "$1/ballast"
  vllmd recover --settle 0 >$work/out 2>>$work/err || wrong+="; recover: exit code $?"
  compare
  wrong+=$(problems)
  if [ -z "$wrong" ]; then
    ok "$what: exit code $rc, then $verdict"
    [ $rc = 0 ] || count full
  else
    not_ok "$what: exit code $rc, then $verdict"
    printf '%s\n' "$wrong" | cat - $work/err | cut -c -600 | sed 's/^/# /'
  fi
  [ "$verdict" != old ] || return
  to_start
  compare
  [ "$verdict$(problems)" = old ] || not_ok "$what: the old state does not come back: $(head -c 600 $work/verdict | xargs)"
}
# The journal, the generation and the record do not fit.
full_record() {
  local eighth bytes
  small_disk $install_dir 2048
  transaction update A install --config $work/B.toml
  # Two journals while one is replaced, and the new generation beside it.
  eighth=$((($(cat $work/journal-size) * 2 + $(stat -c %s $install_dir/generations/*.json | sort -n | tail -n 1)) / 8))
  for bytes in 0 4096 $(seq $eighth $eighth $((eighth * 8))); do full $install_dir "$bytes"; done
  mkdir -p $install_dir/backups
  small_disk $install_dir/generations 1024
  full $install_dir/generations 0
}
# The files of a new runtime do not fit: those of its VM, those of its scripts, its units.
full_files() {
  local bytes
  small_disk $config_dir 256
  small_disk /etc/vllmd 256
  small_disk /etc/systemd/system 1024
  systemctl daemon-reload
  transaction create D install --config $work/A.toml
  for bytes in 0 4096 8192; do full $config_dir $bytes; done
  full /etc/vllmd 0
  for bytes in 0 4096; do full /etc/systemd/system $bytes; done
}
# counted NAME LEAST WHAT: a line that says how many, and no fewer are enough
counted() {
  local number
  number=$(cat "$work/$1" 2>/dev/null || echo 0)
  holds "$3: $2 at least" test "$number" -ge "$2"
  echo "# $3: $number"
}

first_boot() {
  prepare_host
  configs
  turn=0
  go A || not_ok "the first install: $(cat $work/err)"
  guest_writes
  transaction update A install --config $work/B.toml
  spread 4
  while_systemctl_runs
  transaction hand-over A install --config $work/C.toml
  spread 3
  while_systemctl_runs
  guests_have_it
  # A power cut, as far as vllmd is concerned: in the middle of a start.
  killable "$(step_of 'systemctl start -- vllmd-runtime@1')" within
  holds "killed while a runtime starts: the journal is there" test -f $install_dir/journal.json
  echo "# $SECONDS s: reboot, $(cat $work/kills) kills so far"
  reboot_or_finish
}

second_boot() {
  turn=0
  recovered_at_boot old
  count kills
  transaction remove A install --config $work/D.toml
  spread 3
  while_systemctl_runs
  transaction create D install --config $work/A.toml
  spread 3
  while_systemctl_runs
  transaction rollback B rollback
  spread 3
  while_systemctl_runs
  guests_have_it
  killable "$(step_of 'renameSync .*runtime-1.vm.json')" within
  holds "killed between two files: the journal is there" test -f $install_dir/journal.json
  stat -c %s $install_dir/journal.json >$work/journal-size
  echo "# $SECONDS s: reboot, $(cat $work/kills) kills so far"
  reboot_or_finish
}

third_boot() {
  turn=0
  recovered_at_boot old
  count kills
  counted kills 40 "kills survived"
  full_record
  full_files
  guests_have_it
  counted full 8 "full disks survived"
  finish
}

case $HOST_TEST_BOOT in
  1) first_boot ;;
  2) second_boot ;;
  *) third_boot ;;
esac
