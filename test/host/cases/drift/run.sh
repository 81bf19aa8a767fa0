#!/bin/bash
# What operators have changed by hand: nothing of it is lost or reversed without a flag.
# shellcheck source=test/host/lib.sh
. ./lib.sh
prepare_host

record=/var/lib/vllmd/install
own=/etc/systemd/system/vllmd-runtime@1.service.d/10-vllmd.conf
env=/etc/vllmd/runtime-2.env
link=/etc/systemd/system/vllmd.target.wants/vllmd-runtime@2.service
# pids_are PIDS NAME
pids_are() {
  is "$(pid_of 1) $(pid_of 2)" "$1" "$2"
}

# A file of somebody else's at a path of ours.
mkdir -p /etc/vllmd
echo 'of somebody else' >/etc/vllmd/network.env
chmod 640 /etc/vllmd/network.env
cp -a /etc/vllmd/network.env $work/foreign
two_runtimes 4 4
snapshot >$work/before
expect 5 "install over a file of somebody else's" install --config $config
printed "it is named" 'conflict\[foreign\]: /etc/vllmd/network.env'
printed "with what helps" '\-\-adopt /etc/vllmd/network.env'
untouched "nothing was changed" $work/before
expect 64 "install --adopt of a path that is none of ours" install --config $config --adopt /etc/vllmd/network.env /etc/passwd
untouched "nothing was changed" $work/before
expect 0 "install --adopt" install --config $config --adopt /etc/vllmd/network.env
is "$(state_of 1) $(state_of 2)" "active active" "both runtimes are active"
holds "the other file is kept" grep -rqs 'of somebody else' $record/backups
expect 0 "verify" verify
printed "all is as installed" '^as installed: generation 1$'

step "an edited file"
pids="$(pid_of 1) $(pid_of 2)"
sed -i 's/^SupplementaryGroups=.*/&\n# my own line/' $own
two_runtimes 4 5
sed -i 's/name = "one"/name = "uno"/' $config
snapshot >$work/before
: >$systemctl_log
expect 5 "install over an edited file" install --config $config
printed "it shows what was changed" '^What you changed:'
printed "line by line" '^\+# my own line'
printed "and what install would do" '^What install would do:'
printed "line by line" '^-# my own line'
printed "with both ways out" "\-\-overwrite-drift $own .*\-\-keep-drift $own"
untouched "nothing was written" $work/before
is "$(mutating_calls)" "" "nor was a unit touched"
pids_are "$pids" "both VMs went on running"
expect 2 "verify" verify --json
is "$(json 'd.ok + " " + d.findings.filter((f) => f.code === "edited").map((f) => f.subject)')" "false $own" \
  "verify says the same"

expect 0 "install --keep-drift" install --config $config --keep-drift $own
holds "the edit stays" grep -q '^# my own line' $own
printed_not "nothing was refused" conflict
is "$(cpus_of 2)" 5 "the rest is installed"
expect 0 "status" status --json
is "$(json 'd.pinned + " " + d.drifted')" "$own " "status has it as kept"
expect 0 "verify takes it as it is" verify
two_runtimes 4 6
sed -i 's/name = "one"/name = "uno"/' $config
expect 0 "a later install goes on" install --config $config
holds "the edit stays" grep -q '^# my own line' $own
echo '# another line' >>$own
expect 5 "another edit is another question" install --config $config
expect 0 "install --overwrite-drift" install --config $config --overwrite-drift $own
fails "the file is vllmd's again" grep -q '^# my own line' $own
holds "and says what the config says" grep -q 'runtime 1: uno' $own
holds "a copy is kept" grep -rqs '^# another line' $record/backups
expect 0 "verify" verify

step "mode, owner, a file that is gone"
chmod 600 $env
chown sdake $env
expect 2 "verify" verify --json
is "$(json 'd.findings.map((f) => f.code + " " + f.subject).sort()')" "mode $env,owner $env" "verify says what is wrong"
pids="$(pid_of 1) $(pid_of 2)"
expect 0 "install" install --config $config
printed "it says so" "note: $env: its mode or owner was changed"
is "$(mode_of $env)" "root:root 644" "and puts it back"
rm $env
expect 2 "verify without a file" verify
printed "it says which" "missing: $env"
expect 0 "install" install --config $config
holds "it is there again" test -s $env
pids_are "$pids" "none of that stopped a VM"
expect 0 "verify" verify

step "a disabled runtime"
systemctl -q disable vllmd-runtime@2
expect 2 "verify" verify
printed "it says so" "disabled: $link"
expect 0 "install" install --config $config
printed "it is respected" 'vllmd-runtime@2.service: disabled by the operator and left so'
holds "it stays disabled" absent $link
two_runtimes 4 7
expect 0 "install of a change" install --config $config
is "$(cpus_of 2)" 7 "which it gets all the same"
holds "it stays disabled" absent $link
expect 0 "install --reenable" install --config $config --reenable
is "$(readlink $link)" ../vllmd-runtime@.service "it is enabled"
expect 0 "verify" verify

step "a masked runtime"
systemctl -q mask vllmd-runtime@2
pids="$(pid_of 1) $(pid_of 2)"
expect 2 "verify" verify
printed "it says so" 'masked: .*vllmd-runtime@2.service'
expect 0 "install of nothing new" install --config $config
printed "it is left alone" 'vllmd-runtime@2.service: masked by the operator and left alone'
two_runtimes 5 7
expect 0 "install of a change of the other one" install --config $config
is "$(cpus_of 1) $(pid_of 2)" "5 ${pids#* }" "the other one has it, and this one goes on running"
two_runtimes 5 8
tree >$work/tree
expect 5 "install of a change of this one" install --config $config
printed "it is refused" 'conflict\[masked\]: .*vllmd-runtime@2.service'
same_tree "nothing was changed" $work/tree
is "$(pid_of 2)" "${pids#* }" "it goes on running"
expect 0 "install --unmask" install --config $config --unmask
is "$(systemctl show -P LoadState vllmd-runtime@2) $(cpus_of 2)" "loaded 8" "it runs with the change"
expect 0 "verify" verify
systemctl stop vllmd-runtime@2
systemctl -q mask vllmd-runtime@2
expect 0 "install while it is masked and stopped" install --config $config
is "$(state_of 2)" inactive "it stays stopped"
systemctl -q unmask vllmd-runtime@2
expect 0 "install while it is stopped" install --config $config
printed "that is respected as well" 'vllmd-runtime@2.service: stopped by the operator'
systemctl start vllmd-runtime@2

step "drift of what is to go"
echo '# mine' >>$env
one_runtime 5
tree >$work/tree
expect 5 "install without runtime 2, whose file was edited" install --config $config
same_tree "nothing was changed" $work/tree
is "$(state_of 2)" active "it goes on running"
expect 5 "uninstall as well" uninstall
expect 0 "install with --overwrite-drift" install --config $config --overwrite-drift $env
holds "it is gone" absent $env
holds "a copy is kept" grep -rqs '^# mine' $record/backups

expect 0 "uninstall" uninstall --purge-data
holds "what --adopt took away is back" cmp $work/foreign /etc/vllmd/network.env
is "$(mode_of /etc/vllmd/network.env)" "root:root 640" "with its mode"
is "$(find /etc -name '*vllmd*' ! -path '/etc/systemd/system/vllmd-runtime@.service.d*')" /etc/vllmd \
  "and nothing else is left in /etc"
expect 2 "verify" verify
printed "it says that nothing is installed" 'not-installed'
finish
