#!/bin/bash
# Back to earlier installs, each of them whole; and at the end nothing is left.
# shellcheck source=test/host/lib.sh
. ./lib.sh
prepare_host

record=/var/lib/vllmd/install
tree >$work/tree0
two_runtimes 4 4
expect 0 "install" install --config $config
tree >$work/tree1
two_runtimes 6 5 'restart = "manual"'
sed -i 's/vllmd-br0/llm-br1/; s/name = "one"/name = "uno"/' $config
expect 0 "install of other CPUs and another bridge" install --config $config
systemctl restart vllmd-runtime@1
tree >$work/tree2
one_runtime 6
expect 0 "install without runtime 2" install --config $config
tree >$work/tree3

expect 0 "history" history --json
is "$(json 'd.generations.map((g) => [g.generation, g.operation, g.runtimes, g.changed, g.current].join(" "))')" \
  "3 install 1 1,2 true,2 install 1,2 1,2 false,1 install 1,2 1,2 false" "history has the three"
expect 0 "history" history
printed "the newest comes first" '^3 .* current *$'
printed "and says how to go back" 'vllmd rollback N'

step "rollback"
snapshot >$work/before
expect 0 "rollback --dry-run" rollback --dry-run
printed "it says what would change" 'start vllmd-runtime@2.service +it is in that generation'
untouched "it changes nothing" $work/before
pid1=$(pid_of 1)
expect 0 "rollback" rollback
printed "it says where to" 'rolling back to generation 2'
printed "and which generation that is now" 'generation 4 is in place'
same_tree "every file is as after the second install" $work/tree2
is "$(cpus_of 1) $(cpus_of 2)" "6 5" "both run as then"
expect 0 "rollback 1" rollback 1
same_tree "every file is as after the first install" $work/tree1
both_are "4 4" "both run as then"
isnt "$(pid_of 1)" "$pid1" "which took a restart"
expect 0 "rollback 3" rollback 3
same_tree "every file is as after the third install" $work/tree3
is "$(state_of 1) $(cpus_of 1) $(state_of 2)" "active 6 inactive" "one runs as then"
snapshot >$work/before
expect 64 "rollback to what never was" rollback 99
printed "it says what there is" 'there are: 0, 1, 2, 3'
untouched "it changes nothing" $work/before
expect 0 "rollback to the one that is in place" rollback --dry-run 6
expect 0 "status" status --json
is "$(json 'd.generation')" 6 "each rollback is a generation of its own"

step "before the first install"
expect 0 "rollback 0" rollback 0
is "$(state_of 1) $(state_of 2)" "inactive inactive" "nothing runs"
tree | grep -vE "^($state_dir|$home/.local)" >$work/now
is "$(grep -vE "^($state_dir|$home/.local)" $work/tree0 | diff - $work/now | grep -v ' /home/sdake/.config ')" "" \
  "no file is left but the disks"
holds "which are there" test -s $state_dir/runtime-1/disk.raw
expect 0 "rollback 1" rollback 1
same_tree "every file is as after the first install" $work/tree1
both_are "4 4" "both run as then"

step "a rollback that does not start"
two_runtimes 6 6
expect 0 "install" install --config $config
tree >$work/tree
tell 1 fail-boot 4
expect 4 "rollback to what does not start any more" rollback 1
printed "it shows why" 'told to fail this boot'
both_are "6 4" "it goes back by itself"
untell 1
expect 0 "rollback once it does" rollback 1
both_are "4 4" "both are back"
same_tree "every file is as after the first install" $work/tree1

step "ten are kept"
pid2=$(pid_of 2)
for n in 1 2 3 4 5 6; do
  two_runtimes 4 4
  sed -i "s/name = \"one\"/name = \"name $n\"/" $config
  vllmd install --config $config --settle 0 >$work/out 2>$work/err || not_ok "install $n"
done
is "$(pid_of 2)" "$pid2" "what nobody changes goes on running all the while"
is "$(find $record/generations -type f | wc -l)" 10 "ten generations are kept"
first=$(find $record/generations -type f -printf '%f\n' | sort -n | head -n 1)
expect 0 "history" history
printed "and it says so" "those before ${first%.json} are not kept"
expect 64 "rollback to one that is not" rollback 1

expect 0 "uninstall --purge-data" uninstall --purge-data
same_tree "everything is as before the first install" $work/tree0
holds "nothing is left of the record" absent $record /var/lib/vllmd/install
expect 64 "rollback of nothing" rollback
clean_host
finish
