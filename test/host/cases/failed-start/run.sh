#!/bin/bash
# One VM does not boot: the other runs, the operator is told why, and a second install mends it.
# shellcheck source=test/host/lib.sh
. ./lib.sh
prepare_host

# The stand-in refuses to boot from a disk that starts so.
printf FAIL-BOOT | dd of=/var/lib/vllmd/images/base.raw conv=notrunc status=none
install -d -o sdake -g sdake -m750 $home/.local $home/.local/state $state_dir $state_dir/runtime-1
install -o sdake -g sdake -m600 /var/lib/vllmd/images/base.raw $state_dir/runtime-1/disk.raw
truncate -s 0 /var/lib/vllmd/images/base.raw
truncate -s 1M /var/lib/vllmd/images/base.raw

expect 4 "install with a disk that does not boot" install --config $config
printed "it names the unit" 'vllmd-runtime@1\.service'
printed "it shows the reason from the journal" 'told to fail this boot'
is "$(state_of 2)" active "runtime 2 runs"
isnt "$(state_of 1)" active "runtime 1 does not"
isnt "$(systemctl show -P SubState vllmd-runtime@1)" auto-restart "it is not started again and again"
pid2=$(pid_of 2)

expect 0 "status" status --json
is "$(json 'd.runtimes.map((r) => r.active_state === "active")')" "false,true" "status shows which one"

expect 4 "install again, the cause still there" install --config $config
is "$(pid_of 2)" "$pid2" "runtime 2 went on running"

printf 'a good disk' | dd of=$state_dir/runtime-1/disk.raw conv=notrunc status=none
expect 0 "install with the cause gone" install --config $config
is "$(state_of 1)" active "runtime 1 runs"
is "$(pid_of 2)" "$pid2" "runtime 2 went on running all the while"

snapshot >$work/before
expect 0 "install once more" install --config $config
untouched "nothing to do" $work/before

# The guest ends by itself with an error, later: systemd starts it again.
mark_journal
pid1=$(pid_of 1)
[ "$pid1" = 0 ] || kill -9 "$pid1"
for _ in $(seq 100); do
  [ "$(systemctl show -P NRestarts vllmd-runtime@1)/$(state_of 1)" = 1/active ] && break
  sleep 0.1
done
is "$(state_of 1)" active "a VM that was killed comes back"
finish
