#!/bin/bash
# Plans that are looked at first and carried out later, and installs that go back unless somebody confirms them.
# shellcheck source=test/host/lib.sh
. ./lib.sh

record=/var/lib/vllmd/install
plan=$work/plan.json
# save_plan: of the config as it is now
save_plan() {
  expect 0 "dry run --plan-out" install --dry-run --config $config --plan-out $plan
}
# stale NAME PATTERN: the saved plan is refused with such a line
stale() {
  snapshot >$work/before
  expect 5 "install --plan after $1" install --plan $plan
  printed "it says what has moved" "the plan in $plan is stale: $2"
  untouched "nothing was changed" $work/before
}

saved_plans() {
  step "saved plans"
  local pid1 own=/etc/systemd/system/vllmd-runtime@2.service.d/10-vllmd.conf
  two_runtimes 4 5
  snapshot >$work/before
  save_plan
  untouched "a saved plan changes nothing" $work/before
  is "$(mode_of $plan)" "root:root 600" "it is for root only"
  pid1=$(pid_of 1)
  expect 0 "install --plan" install --plan $plan
  both_are "4 5" "it is carried out"
  is "$(pid_of 1)" "$pid1" "and no more than it"
  stale "it was carried out" 'another install ran since: generation 1 is now 2'

  two_runtimes 4 6
  save_plan
  two_runtimes 4 7
  stale "an edit of the config" "the config $config was changed after the plan was saved"
  save_plan
  cp -a $own $work/own
  echo '# by hand' >>$own
  stale "an edit by hand" "$own was changed after the plan was saved"
  cp -a $work/own $own
  printf '[Service]\nNice=1\n' >${own%/*}/60-nice.conf
  stale "a new drop-in" '.*60-nice.conf'
  rm ${own%/*}/60-nice.conf
  systemctl stop vllmd-runtime@2
  stale "a stop of the runtime" 'vllmd-runtime@2.service would no longer be restarted'
  systemctl start vllmd-runtime@2
  expect 0 "install --plan when all is as it was" install --plan $plan
  both_are "4 7" "it is carried out"
}

confirmed() {
  step "confirmed"
  two_runtimes 4 8
  expect 0 "install --confirm-within 10m" install --config $config --confirm-within 10m
  is "$(systemctl is-active vllmd-confirm.timer)" active "a timer waits"
  expect 0 "status" status
  printed "status says so" 'the last install waits to be confirmed'
  expect 2 "verify" verify
  printed "verify says so" 'unconfirmed: '
  two_runtimes 4 4
  expect 5 "an install meanwhile" install --config $config
  printed "is refused" 'generation 4 still waits for its confirmation'
  two_runtimes 4 8
  expect 0 "confirm" confirm
  is "$(systemctl is-active vllmd-confirm.timer)" inactive "no timer waits any more"
  both_are "4 8" "it stays"
  expect 0 "verify" verify
  expect 64 "confirm once more" confirm
}

not_confirmed() {
  step "not confirmed"
  local own=/etc/systemd/system/vllmd-runtime@2.service.d/10-vllmd.conf
  tree >$work/tree
  two_runtimes 4 9
  sed -i 's/name = "two"/name = "deux"/' $config
  mark_journal
  expect 0 "install --confirm-within 3s" install --config $config --confirm-within 3s
  both_are "4 9" "it is carried out"
  # Nobody is there to ask about it when the time is over.
  echo '# meanwhile' >>$own
  timeout 60 sh -c "while [ -e $record/confirm.json ] || systemctl -q is-active vllmd-confirm; do sleep 0.2; done"
  both_are "4 8" "it goes back when the time is over"
  same_tree "every file is as before" $work/tree
  holds "what was edited meanwhile is kept" grep -rqs '^# meanwhile' $record/backups
  journalctl --sync
  holds "the journal says so" grep -q 'rolling back to generation 4' \
    <(journalctl -q -o cat -u vllmd-confirm --after-cursor="$journal_since")
  two_runtimes 4 8
  expect 0 "verify" verify

  two_runtimes 4 9
  expect 0 "install --confirm-within 10m" install --config $config --confirm-within 10m
  expect 0 "rollback before the time is over" rollback
  is "$(systemctl is-active vllmd-confirm.timer) $(cpus_of 2)" "inactive 8" "it goes back, and no timer waits"
  same_tree "every file is as before" $work/tree

  tell 2 fail-boot 9
  expect 4 "install --confirm-within of what does not start" install --config $config --confirm-within 10m
  is "$(systemctl is-active vllmd-confirm.timer)" inactive "nothing is left to confirm"
  holds "nor is it noted" absent $record/confirm.json
  untell 2
}

if [ "$HOST_TEST_BOOT" = 1 ]; then
  prepare_host
  two_runtimes 4 4
  expect 0 "install" install --config $config
  saved_plans
  confirmed
  not_confirmed
  step "not confirmed before a reboot"
  tree >$work/tree
  two_runtimes 6 9
  expect 0 "install --confirm-within 10m" install --config $config --confirm-within 10m
  both_are "6 9" "it is carried out"
  reboot_or_finish
fi
step "after the reboot"
both_are "4 8" "it has gone back"
same_tree "every file is as before" $work/tree
recovered=$(systemctl show -P ExecMainExitTimestampMonotonic vllmd-recover)
first=$(printf '%s\n' "$(start_of 1)" "$(start_of 2)" | sort -n | head -n 1)
holds "no VM has started before that ($recovered, $first)" test "$recovered" -gt 0 -a "$recovered" -lt "$first"
journalctl --sync
holds "the journal says so" grep -q 'not confirmed before the reboot: back to generation' \
  <(journalctl -b -q -o cat -u vllmd-recover)
holds "nothing waits for a confirmation" absent $record/confirm.json
two_runtimes 4 8
expect 0 "verify" verify
expect 0 "uninstall" uninstall --purge-data
holds "what the operator has written stays" grep -rqs '^# meanwhile' $record/backups
rm -r $record
clean_host
finish
