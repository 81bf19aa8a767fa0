#!/bin/bash
# Which runtimes an install restarts, which of them wait for that, and what is done about those that have failed.
# shellcheck source=test/host/lib.sh
. ./lib.sh
prepare_host

two_runtimes 4 5
expect 0 "install" install --config $config
pids="$(pid_of 1) $(pid_of 2)"

step "what waits"
two_runtimes 4 5 'restart = "manual"'
expect 0 "install of restart = manual" install --config $config
is "$(pid_of 1) $(pid_of 2)" "$pids" "is no reason to restart"
two_runtimes 6 6 'restart = "manual"'
expect 9 "install that leaves a restart to the operator" install --config $config --detailed-exitcode
printed "it says so" 'vllmd-runtime@1.service: NOT restarting \(pending\).*restart = "manual"'
both_are "4 6" "one waits, the other is restarted"
expect 0 "status" status --json
is "$(json 'd.runtimes.map((r) => r.index + "=" + r.running + " " + r.pending)')" "1=older true,2=current false" \
  "status compares what runs with what lies there"
expect 2 "verify" verify
printed "verify as well" 'restart-pending: vllmd-runtime@1.service'
expect 0 "the next install" install --config $config
both_are "4 6" "waits as well"
systemctl restart vllmd-runtime@1
expect 0 "status after the restart" status --json
is "$(json 'd.runtimes.map((r) => r.running)')" "current,current" "both are current"
expect 0 "verify after the restart" verify
both_are "6 6" "and run as the config says"

pids="$(pid_of 1) $(pid_of 2)"
two_runtimes 7 7
expect 9 "install with --no-restart" install --config $config --no-restart --detailed-exitcode
is "$(pid_of 1) $(pid_of 2)" "$pids" "nothing restarts"
expect 9 "install with --only" install --config $config --only 2 --detailed-exitcode
both_are "6 7" "one of them restarts"
printed "the other is named" 'runtime 1: changes as well, and is left out by --only'
expect 0 "install" install --config $config
both_are "7 7" "what waited is done"

step "drop-ins of the operator"
# They count from the next install on.
pid2=$(pid_of 2)
dropin=/etc/systemd/system/vllmd-runtime@1.service.d/60-nice.conf
printf '[Service]\nNice=5\n' >$dropin
expect 2 "dry run after a new drop-in" install --config $config --dry-run --detailed-exitcode
printed "it is the reason of a restart" "restart vllmd-runtime@1.service +the drop-in $dropin"
expect 0 "install after a new drop-in" install --config $config
is "$(ps -o ni= -p "$(pid_of 1)" | xargs) $(pid_of 2)" "5 $pid2" "it is in force, and the other runtime went on running"
sed -i 's/=5/=6/' $dropin
systemctl daemon-reload
expect 2 "verify after an edit of it" verify
rm $dropin
expect 0 "install without it" install --config $config
is "$(ps -o ni= -p "$(pid_of 1)" | xargs) $(pid_of 2)" "0 $pid2" "it is out of force"

step "more starts than systemd allows"
# Five in five minutes, of which vllmd's own are none.
for cpus in 1 2 3 4 5 6 7; do
  two_runtimes 7 $cpus
  vllmd install --config $config --settle 0 >$work/out 2>$work/err || not_ok "install with $cpus CPUs: exit code $?"
done
both_are "7 7" "a seventh restart is as good as the first"

step "one that has failed"
tell 1 fail-boot
# systemd gives up at the fifth time; what prepares the VM has a limit of its own.
for _ in 1 2 3 4 5 6; do
  systemctl reset-failed vllmd-runtime-pre-start@1
  systemctl restart vllmd-runtime@1 2>/dev/null
done
is "$(state_of 1)" failed "a runtime has failed"
untell 1
expect 0 "install" install --config $config
printed "it is left so, and that is said" 'vllmd-runtime@1.service: failed, and nothing about it has changed'
is "$(state_of 1)" failed "it is still failed"
expect 2 "verify" verify
printed "verify says so as well" 'failed: vllmd-runtime@1.service'
expect 0 "install with --retry-failed" install --config $config --retry-failed
both_are "7 7" "both run"
expect 0 "verify" verify

expect 0 "uninstall" uninstall --purge-data
finish
