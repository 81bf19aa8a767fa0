#!/bin/bash
# One VM does not boot at the first install: the other runs, what is new goes again, and the operator is told why. A second
# install mends it.
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
printed "and on which generation each is" 'generation 1 is in place, but .*runtime 1.* not installed'
is "$(state_of 2)" active "runtime 2 runs"
is "$(systemctl show -P ActiveState,SubState vllmd-runtime@1 | xargs)" "inactive dead" "runtime 1 is not started again and again"
holds "what was installed for it is gone" absent $config_dir/runtime-1.env $config_dir/runtime-1.vm.json \
  /etc/vllmd/runtime-1.env /etc/systemd/system/vllmd-runtime@1.service.d \
  /etc/systemd/system/vllmd.target.wants/vllmd-runtime@1.service
failed_dir=/var/lib/vllmd/install/failed/1
holds "but for a copy" test -f $failed_dir/etc/vllmd/runtime-1.env
holds "with what the unit said" grep -rqs 'told to fail this boot' $failed_dir
pid2=$(pid_of 2)

expect 0 "status" status --json
is "$(json 'd.runtimes.map((r) => r.index + "=" + r.active_state)')" "2=active" "status has the other one only"
expect 2 "verify" verify
printed "an install is due" 'changes-pending: .*vllmd.toml'

expect 4 "install again, the cause still there" install --config $config
printed "nothing is new" 'everything is as in generation 1'
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

# mine FILE...: they become the operator's, with bytes that are no text; as_mine NAME FILE...: they are so to the last byte.
mine() {
  local file
  for file in "$@"; do
    printf '# my own line, \xe4 and no end' >>"$file"
    chown sdake:kvm "$file"
    chmod 604 "$file"
    cp -a "$file" "$work/$(basename "$file")"
  done
}
as_mine() {
  local name=$1 file
  shift
  for file in "$@"; do
    holds "$name: the bytes of $file" cmp "$work/$(basename "$file")" "$file"
    is "$(mode_of "$file")" "sdake:kvm 604" "$name: its owner and mode"
  done
}

step "an edit that is overwritten, and a VM that does not start with what came instead"
own=/etc/systemd/system/vllmd-runtime@1.service.d/10-vllmd.conf
mine $own
sed -i 's/^cpus = 8/cpus = 6/' $config
tell 1 fail-boot 6
for flag in '' --all-or-nothing; do
  # shellcheck disable=SC2086 # none or one
  expect 4 "install --overwrite-drift $flag" install --config $config --overwrite-drift $own $flag
  printed "it says why" 'told to fail this boot'
  as_mine "an edit that was overwritten $flag" $own
  is "$(state_of 1) $(cpus_of 1)" "active 8" "runtime 1 runs as before"
  expect 2 "verify" verify
  printed "the edit is still one" "edited: $own"
done
untell 1
expect 0 "install --overwrite-drift with the cause gone" install --config $config --overwrite-drift $own
fails "now the file is vllmd's" grep -qa 'my own line' $own
is "$(mode_of $own) $(cpus_of 1)" "root:root 644 6" "with its mode, and runtime 1 runs with it"
expect 0 "uninstall" uninstall

step "files of somebody else that are adopted, and a VM that does not start"
foreign=(/etc/vllmd/network.env /etc/vllmd/runtime-1.env)
mkdir -p /etc/vllmd
mine "${foreign[@]}"
tell 1 fail-boot
# The file of the network is in the way of both runtimes, so both go back with it.
for flag in '' --all-or-nothing; do
  # shellcheck disable=SC2086 # none or one
  expect 4 "install --adopt of a file that both need $flag" install --config $config --adopt "${foreign[@]}" $flag
  as_mine "files that were adopted $flag" "${foreign[@]}"
  is "$(find /etc/vllmd -type f | sort | xargs)" "${foreign[*]}" "and nothing is left beside them"
done
rm /etc/vllmd/network.env
expect 4 "install --adopt of a file of runtime 1" install --config $config --adopt /etc/vllmd/runtime-1.env
as_mine "a file that was adopted" /etc/vllmd/runtime-1.env
is "$(state_of 1) $(state_of 2)" "inactive active" "runtime 2 runs"
untell 1
expect 0 "install --adopt with the cause gone" install --config $config --adopt /etc/vllmd/runtime-1.env
is "$(state_of 1) $(state_of 2)" "active active" "both runtimes are active"
fails "now the file is vllmd's" grep -qa 'my own line' /etc/vllmd/runtime-1.env
expect 0 "uninstall" uninstall --purge-data
as_mine "uninstalled" /etc/vllmd/runtime-1.env
finish
