#!/bin/bash
# A VM that does not start, does not stay up or does not stop, and units that systemd does not take.
# shellcheck source=test/host/lib.sh
. ./lib.sh
prepare_host

failed_dir=/var/lib/vllmd/install/failed

# A stop of runtime 2 gives its guest two seconds.
mkdir -p /etc/systemd/system/vllmd-runtime@2.service.d
printf '[Service]\nTimeoutStopSec=2\n' >/etc/systemd/system/vllmd-runtime@2.service.d/50-short.conf
two_runtimes 4 4
expect 0 "install" install --config $config
printed "a drop-in of the operator is listed" 'your drop-in /etc/systemd/system/vllmd-runtime@2.service.d/50-short.conf'
both_are "4 4" "both runtimes are active"

step "a VM that does not start"
pid2=$(pid_of 2)
tell 1 fail-boot 6
two_runtimes 6 4
tree >$work/tree
expect 4 "install of what does not start" install --config $config
printed "it says which unit" 'error: vllmd-runtime@1.service did not restart'
printed "and shows why" '^  \| .*told to fail this boot'
printed "it goes back" 'going back: runtime 1'
printed "and says where that is" 'everything is as in generation 1'
same_tree "every file is as before" $work/tree
both_are "4 4" "both run as before"
is "$(pid_of 2)" "$pid2" "runtime 2 went on running"
is "$(systemctl show -P Result,NRestarts,ActiveState vllmd-runtime@1 | xargs)" "success 0 active" "runtime 1 is healthy"
holds "what it was started from is kept" grep -q 'VLLMD_RUNTIME_CPUS=6' $failed_dir/2/etc/vllmd/runtime-1.env
holds "with what it said" grep -q 'told to fail this boot' $failed_dir/2/journal-1.txt
is "$(mode_of $failed_dir/2/journal-1.txt)" "root:root 600" "for root only"
holds "no journal is left" absent /var/lib/vllmd/install/journal.json

step "one of two"
two_runtimes 6 5
expect 4 "install of one that starts and one that does not" install --config $config
printed "each is on one generation" 'generation 2 is in place, but .*runtime 1.* as in generation 1'
both_are "4 5" "one runs as before, one as the config says"
expect 0 "status" status --json
is "$(json 'd.generation + ": " + d.runtimes.map((r) => r.index + "=" + r.generation + " " + r.running)')" \
  "2: 1=1 current,2=2 current" "status says the same"
expect 2 "verify" verify
printed "the rest is due" 'changes-pending'

pid1=$(pid_of 1)
two_runtimes 6 7
tree >$work/tree
expect 4 "install with --all-or-nothing" install --config $config --all-or-nothing
both_are "4 5" "both run as before"
same_tree "every file is as before" $work/tree
isnt "$(pid_of 1)" "$pid1" "runtime 1 has been tried"
untell 1

step "a VM that does not stay up"
tell 1 die-after-boot 7
two_runtimes 7 5
tree >$work/tree
expect 4 "install of what dies after three seconds" install --config $config --settle 5
printed "it says so" 'vllmd-runtime@1.service did not stay up'
printed "with its last words" '^  \| .*told to die after its boot'
same_tree "every file is as before" $work/tree
both_are "4 5" "both run as before"
untell 1
two_runtimes 4 5
expect 0 "install of what runs" install --config $config --detailed-exitcode
both_are "4 5" "both go on running"

step "a VM that does not stop"
tell 2 ignore-power-button
one_runtime 4
tree >$work/tree
pid1=$(pid_of 1)
expect 4 "install without a runtime that does not stop" install --config $config
printed "it says so" 'vllmd-runtime@2.service did not power off in time and was killed'
printed "and what to do" 'systemctl stop vllmd-runtime@2.service. first, then install again'
same_tree "its files are kept" $work/tree
both_are "4 5" "both runtimes run"
is "$(pid_of 1)" "$pid1" "runtime 1 went on running"
untell 2
expect 0 "install without it, once it stops" install --config $config
is "$(state_of 1) $(state_of 2)" "active inactive" "it is gone"
is "$(pid_of 1)" "$pid1" "runtime 1 went on running"
holds "the operator's drop-in is left" test -f /etc/systemd/system/vllmd-runtime@2.service.d/50-short.conf
holds "and the disk" test -s $state_dir/runtime-2/disk.raw
two_runtimes 4 5
expect 0 "install of both" install --config $config

step "units that systemd does not take"
# What systemd-analyze finds is found before anything is written.
cat >/usr/local/bin/systemd-analyze <<'SHIM'
#!/bin/sh
[ "$1" = --version ] && exec /usr/bin/systemd-analyze "$@"
for file in /run/vllmd/stage/etc/systemd/system/vllmd-runtime@1.service.d/10-vllmd.conf; do
  printf '[Service]\nNoSuchKey=1\n' >>"$file"
done
exec /usr/bin/systemd-analyze "$@"
SHIM
chmod 755 /usr/local/bin/systemd-analyze
two_runtimes 6 5
# What is in the unit's own drop-in, so that systemd has to read it.
sed -i 's/name = "one"/name = "uno"/' $config
pids="$(pid_of 1) $(pid_of 2)"
snapshot >$work/before
: >$systemctl_log
expect 3 "install of a unit with an unknown key" install --config $config
printed "it says which key" "systemd does not understand the units: .*10-vllmd.conf:.*NoSuchKey"
untouched "nothing was written" $work/before
is "$(mutating_calls)" "" "nor was anything started"

# What only the daemon finds is taken back before anything stops.
printf '#!/bin/sh\nexit 0\n' >/usr/local/bin/systemd-analyze
cat >/usr/local/bin/systemctl <<'SHIM'
#!/bin/sh
printf '%s\n' "$*" >>/run/host-test/systemctl.log
dropin=/etc/systemd/system/vllmd-runtime@1.service.d/10-vllmd.conf
if [ "$1" = daemon-reload ] && ! grep -q Broken $dropin && [ -f /run/host-test/break ]; then
  rm /run/host-test/break
  sed -i.orig 's/^\[Service\]/&\nExecStart=\n# Broken/' $dropin
  /usr/bin/systemctl daemon-reload
  mv $dropin.orig $dropin
  exit 0
fi
exec /usr/bin/systemctl "$@"
SHIM
touch /run/host-test/break
tree >$work/tree
expect 1 "install of a unit that the daemon does not load" install --config $config
printed "it says which" 'systemd has not taken over what was written: vllmd-runtime@1.service: systemd did not load it \(bad-setting\)'
same_tree "every file is as before" $work/tree
is "$(pid_of 1) $(pid_of 2)" "$pids" "both VMs went on running"
is "$(systemctl show -P LoadState vllmd-runtime@1)" loaded "and systemd has their units as before"
prepare_shims
rm /usr/local/bin/systemd-analyze

# A fatal drop-in is the operator's own: it is named, and nothing is written or stopped for it.
bad=/etc/systemd/system/vllmd-runtime@1.service.d/95-bad.conf
printf '[Service]\nExecStart=\n' >$bad
expect 3 "install over a fatal drop-in of the operator" install --config $config
printed "it is named" "error: nothing was changed: with your drop-ins .*$bad"
is "$(pid_of 1) $(pid_of 2)" "$pids" "both VMs went on running"
rm $bad
systemctl daemon-reload
two_runtimes 4 5
expect 0 "install without it" install --config $config
is "$(pid_of 1) $(pid_of 2)" "$pids" "both VMs went on running"

expect 0 "uninstall" uninstall --purge-data
finish
