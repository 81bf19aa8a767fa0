#!/bin/bash
# A record that is damaged, a journal that is cut short, a way back that fails: what is said, and what puts it right.
# shellcheck source=test/host/lib.sh
. ./lib.sh

record=/var/lib/vllmd/install
# killed_install: an install that is killed once a VM of it runs, so that its journal is left
killed_install() {
  node ./vllmd.mjs install --config $config --settle 30 >$work/first 2>&1 &
  timeout 30 sh -c "until grep -q '^waiting: ' $work/first; do sleep 0.05; done"
  kill -9 $!
  wait $! 2>/dev/null
  holds "an install is killed, and its journal is left" test -s $record/journal.json
}

# await_both: until both VMs run, for a minute at most
await_both() {
  local i
  for ((i = 0; i < 300; i++)); do
    [ "$(state_of 1) $(state_of 2)" != "active active" ] || return 0
    sleep 0.2
  done
}

damaged_record() {
  step "a damaged record"
  cp $record/manifest.json $work/manifest.json
  local damage
  for damage in 'head -c 300' 'tr -d }' 'sed s/schema/other/'; do
    $damage <$work/manifest.json >$record/manifest.json
    snapshot >$work/before
    expect 1 "install on a record after '$damage'" install --config $config
    printed "it names the way out" 'vllmd recover'
    untouched "nothing was changed" $work/before
    expect 1 "status" status
    expect 1 "uninstall" uninstall
    expect 0 "recover" recover
    printed "it says what it has done" 'the record was damaged: it is that of generation 1 again'
    holds "the record is what it was" cmp $work/manifest.json $record/manifest.json
  done
  holds "the damaged one is kept" test -s $record/failed/damaged-manifest.json
  expect 0 "verify" verify
  sed 's/"schema":1/"schema":9/' $work/manifest.json >$record/manifest.json
  expect 1 "install on a record of a newer vllmd" install --config $config
  cp $work/manifest.json $record/manifest.json
  both_are "4 4" "both VMs went on running"
}

failed_rollback() {
  step "a way back that fails"
  two_runtimes 6 4
  tell 1 fail-boot
  pid2=$(pid_of 2)
  tree >$work/tree
  expect 8 "install where neither the new nor the old VM starts" install --config $config
  printed "it says why" 'told to fail this boot'
  printed "and what is left to do" 'The way back is not finished; the journal is kept'
  same_tree "every file is as before" $work/tree
  holds "the journal is kept" test -s $record/journal.json
  is "$(state_of 1) $(pid_of 2)" "inactive $pid2" "one VM is down, the other went on running"
  sed -n 's/^  [0-9]*\. sudo //p' $work/err >$work/commands
  is "$(xargs <$work/commands)" "systemctl start vllmd-runtime@1.service vllmd recover" "the commands are these"
  expect 2 "verify" verify
  printed "says so" 'interrupted: '
  expect 8 "another install" install --config $config
  printed "says the same" 'systemctl start vllmd-runtime@1.service'
  expect 8 "recover" recover
  expect 0 "a dry run" install --dry-run --config $config
  printed "warns" 'an earlier install was cut off'
  untell 1
  while read -r command; do
    holds "\`$command\` works then" sh -c "$command" 2>$work/err
  done <$work/commands
  both_are "4 4" "both run as before"
  is "$(pid_of 2)" "$pid2" "the other VM went on running"
  holds "no journal is left" absent $record/journal.json
  two_runtimes 4 4
  expect 0 "verify" verify
  # Without the commands as well.
  two_runtimes 6 4
  tell 1 fail-boot
  expect 8 "once more" install --config $config
  untell 1
  expect 0 "install once the cause is gone" install --config $config
  printed "it undoes the first one" 'undone: runtime 1 as in generation 1'
  both_are "6 4" "and does what the config says"
}

truncated_journal() {
  step "a journal that is cut short"
  two_runtimes 8 7
  killed_install
  truncate -s 500 $record/journal.json
  pids="$(pid_of 1) $(pid_of 2)"
  snapshot >$work/before
  expect 8 "install" install --config $config
  printed "it says that it knows no way" 'journal.json .*: what an interrupted install has changed is not known any more'
  printed "and what helps" 'vllmd recover --discard-journal'
  expect 8 "recover" recover
  expect 8 "rollback" rollback
  expect 8 "uninstall" uninstall
  untouched "nothing was changed" $work/before
  is "$(pid_of 1) $(pid_of 2)" "$pids" "the VMs go on running"
  expect 2 "verify" verify
  printed "says so" 'interrupted: '
}

before_reboot() {
  prepare_host
  two_runtimes 4 4
  expect 0 "install" install --config $config
  damaged_record
  failed_rollback
  truncated_journal
  reboot_or_finish
}

no_start_at_boot() {
  step "a boot with a journal that is cut short"
  is "$(state_of 1) $(state_of 2)" "inactive inactive" "no VM has started"
  is "$(systemctl show -P Result,ActiveState vllmd-recover | xargs)" "exit-code failed" "recovery has failed"
  said vllmd-recover 'what an interrupted install has changed is not known any more' "its journal says why"
  said vllmd-recover 'vllmd recover --discard-journal' "and what helps"
  fails "a start by hand is refused as well" systemctl start vllmd-runtime@1
  is "$(systemctl show -P AssertResult vllmd-runtime-pre-start@1)" no "since it asserts that there is no such mark"
  holds "the mark is there" test -e /run/vllmd/unrecovered
  expect 8 "recover" recover
  expect 0 "recover --discard-journal" recover --discard-journal
  printed "it says what to do" 'run .sudo vllmd install. now'
  cp $work/err $work/discard
  holds "the mark is gone" absent /run/vllmd/unrecovered $record/journal.json
  holds "the journal is kept aside" test -s $record/failed/discarded-journal.json
  expect 0 "install" install --config $config
  grep -o 'systemctl start [a-z.]*' $work/discard >$work/command
  is "$(cat $work/command)" "systemctl start vllmd.target" "and what starts the VMs"
  holds "which it does" sh $work/command
  await_both
  both_are "8 7" "both run as the config says"
  expect 0 "verify" verify
}

# As after an update that went wrong.
no_program_at_boot() {
  step "a boot without vllmd"
  is "$(state_of 1) $(state_of 2)" "inactive inactive" "no VM has started"
  is "$(systemctl is-failed vllmd-recover)" failed "recovery has failed"
  holds "the journal is still there" test -s $record/journal.json
  mv /usr/local/bin/vllmd.away /usr/local/bin/vllmd
  expect 0 "recover once it is there again" recover
  printed "it undoes what was cut off" 'undone: '
  printed "and starts what did not start" 'the runtimes that the last boot has not started start now'
  await_both
  both_are "8 7" "both run as before"
  holds "no journal is left" absent $record/journal.json /run/vllmd/unrecovered
  same_tree "every file is as before" $work/tree
  two_runtimes 8 7
  expect 0 "verify" verify
}

case $HOST_TEST_BOOT in
  1) before_reboot ;;
  2)
    no_start_at_boot
    tree >$work/tree
    two_runtimes 9 7
    killed_install
    mv /usr/local/bin/vllmd /usr/local/bin/vllmd.away
    reboot_or_finish
    ;;
  *)
    no_program_at_boot
    expect 0 "uninstall" uninstall --purge-data
    clean_host
    finish
    ;;
esac
