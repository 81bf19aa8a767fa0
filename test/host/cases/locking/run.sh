#!/bin/bash
# One install at a time, and what a signal, the end of the terminal or of the process does to it.
# shellcheck source=test/host/lib.sh
. ./lib.sh
prepare_host

lock=/run/vllmd/install.lock
# begin LINE ARGUMENT...: an install in the background, in a session of its own, until it has printed such a line
begin() {
  local line=$1
  shift
  : >$work/first
  # A shell has its background ignore what a terminal sends.
  SUDO_USER=alice setsid env --default-signal=INT,QUIT node ./vllmd.mjs install --config $config "$@" >$work/first 2>&1 &
  first=$!
  timeout 30 sh -c "until grep -q '$line' $work/first; do sleep 0.05; done" || not_ok "no line '$line' within 30 s"
}
# ended CODE NAME
ended() {
  local rc=0
  wait $first || rc=$?
  if [ $rc = "$1" ]; then ok "$2: exit code $rc"; else
    not_ok "$2: exit code $rc, want $1"
    tail -n 30 $work/first | sed 's/^/# /'
  fi
}

# A guest that does not answer its power button gets two seconds, so that a restart takes them.
mkdir -p /etc/systemd/system/vllmd-runtime@1.service.d
printf '[Service]\nTimeoutStopSec=2\n' >/etc/systemd/system/vllmd-runtime@1.service.d/50-short.conf
two_runtimes 4 4
expect 0 "install" install --config $config
is "$(mode_of /run/vllmd) $(mode_of $lock)" "root:root 755 root:root 600" "the lock is root's"

step "two at once"
two_runtimes 5 4
# Longer than the eight commands below take on a busy machine.
begin '^waiting: ' --settle 20
expect 7 "an install beside another" install --config $config
printed "it says whose" "\`vllmd install\` by alice \(pid $first, [0-9]+s\) holds the lock"
printed "and how to wait" '\-\-lock-timeout 60s'
expect 7 "a rollback" rollback
expect 7 "an uninstall" uninstall
expect 7 "a recover" recover
for command in "install --dry-run --config $config" status verify; do
  # shellcheck disable=SC2086 # its words
  vllmd $command >$work/out 2>$work/err
  printed "${command%% --config*} says that it may be out of date" "warning: \`vllmd install\` by alice .* is changing this host"
  holds "${command%% --config*} prints all the same" test -s $work/out
done
expect 0 "an install that waits" install --config $config --lock-timeout 60s
printed "it says for whom" "waiting up to 60s for \`vllmd install\` by alice"
printed "and finds nothing to do" 'Nothing to do'
ended 0 "the first one"
both_are "5 4" "both run as it was to be"
is "$(cat $lock)" "" "nobody holds the lock"
rc=0
VLLMD_LOCK_HELD=1 vllmd install --config $config >$work/out 2>$work/err || rc=$?
is $rc 7 "an install that an install has started"
printed "it says so" 'was called from within an install'

step "kill -9"
two_runtimes 6 4
begin '^waiting: ' --settle 20
kill -9 $first
ended 137 "an install that is killed"
expect 0 "status" status
printed "status says so" 'an install was interrupted'
printed_not "nobody holds the lock" 'is changing this host'
expect 0 "the next install" install --config $config
printed "it finishes what was cut off" 'finished: runtime 1 on generation 3'
both_are "6 4" "both run as they were to be"
expect 0 "verify" verify

step "signals"
tell 1 ignore-power-button
tree >$work/tree
two_runtimes 7 5
begin '^\[1/2\] restart'
sleep 0.5
# As a terminal does it: to all of the session.
kill -INT -- -$first
ended 130 "SIGINT during a restart"
holds "it says what follows" grep -q 'SIGINT: the current step is finished, then everything goes back' $work/first
holds "and what that is" grep -q 'everything is as in generation 3' $work/first
same_tree "every file is as before" $work/tree
both_are "6 4" "both run as before"
holds "no journal is left" absent /var/lib/vllmd/install/journal.json

begin '^\[1/2\] restart'
sleep 0.5
kill -TERM $first
ended 143 "SIGTERM during a restart"
same_tree "every file is as before" $work/tree
both_are "6 4" "both run as before"

begin '^\[1/2\] restart'
sleep 0.5
kill -INT -- -$first
sleep 0.5
kill -INT -- -$first
sleep 0.5
kill -TERM -- -$first
ended 130 "SIGINT twice"
holds "the second is answered" grep -q 'SIGINT again: ' $work/first
same_tree "every file is as before" $work/tree
both_are "6 4" "both run as before"

begin '^\[1/2\] restart'
kill -HUP -- -$first
ended 0 "SIGHUP during a restart"
both_are "7 5" "it goes on"
expect 0 "verify" verify

step "a terminal that goes"
untell 1
two_runtimes 8 6
: >$work/first
script -qfc "node ./vllmd.mjs install --config $config --settle 3" $work/first >/dev/null 2>&1 </dev/null &
terminal=$!
timeout 30 sh -c "until grep -q '^\[1/2\] restart' $work/first; do sleep 0.05; done"
installer=$(node -p "JSON.parse(require('node:fs').readFileSync('$lock', 'utf8')).pid")
kill -9 $terminal
wait $terminal 2>/dev/null
holds "the install goes on" test -d "/proc/$installer"
timeout 60 sh -c "while [ -d /proc/$installer ]; do sleep 0.1; done"
both_are "8 6" "to its end"
holds "which it records" absent /var/lib/vllmd/install/journal.json
expect 0 "verify" verify
expect 0 "uninstall" uninstall --purge-data
finish
