#!/bin/bash
# The life of two runtimes: install, nothing to do, edit, reboot, remove, drift, uninstall, purge.
# The caller asserts besides that changed-files is empty at the end.
# shellcheck source=test/host/lib.sh
. ./lib.sh

all_active() {
  is "$(state_of 1) $(state_of 2)" "active active" "$1"
}
# status_says NAME STATES: the JSON and the table agree
status_says() {
  expect 0 "status --json $1" status --json
  is "$(json "d.runtimes.map((r) => r.index + '=' + r.active_state)")" "$2" "status --json: $1"
  is "$(json 'd.drifted.length')" 0 "status --json, no drift: $1"
  expect 0 "status $1" status
}

before_reboot() {
  prepare_host

  snapshot >$work/before
  expect 0 "dry run" install --dry-run --config $config
  printed "the dry run names both runtimes" 'vllmd-runtime@1'
  printed "the dry run shows the environment file" 'VLLMD_RUNTIME_MEMORY=32G'
  untouched "the dry run wrote nothing" $work/before
  expect 0 "status before the first install" status

  expect 0 "install" install --config $config
  all_active "both runtimes are active"
  is "$(ps -o user= -p "$(pid_of 1)") $(ps -o user= -p "$(pid_of 2)")" "sdake sdake" "they run as global.user"
  is "$(systemctl is-active vllmd-vfio@0000:01:00.0 vllmd-vfio@0000:02:00.0 vllmd-network | uniq)" active \
    "the units they need are active"
  local n file
  for n in 1 2; do
    for file in $config_dir/runtime-$n.env $config_dir/runtime-$n.vm.json; do
      is "$(mode_of "$file")" "root:sdake 640" "owner and mode of $file"
    done
    file=/etc/systemd/system/vllmd-runtime@$n.service.d/10-vllmd.conf
    is "$(mode_of "$file")" "root:root 644" "owner and mode of $file"
    is "$(basename "$(readlink /sys/class/net/vllmd-tap$n/master)")" vllmd-br0 "tap $n is a port of the bridge"
    for file in disk.raw seed.img; do
      holds "runtime $n has its $file" test -s $state_dir/runtime-$n/$file
    done
    is "$(stat -c %U $state_dir/runtime-$n/disk.raw)" sdake "the disk of runtime $n is the user's"
    is "$(stat -c '%U %a' "/dev/vfio/1$n")" "sdake 600" "the node of GPU $n is the user's"
    ch-remote --api-socket /run/vllmd/$n/api.sock info >$work/out
    is "$(json "d.state + ' ' + (JSON.stringify(d.config) ===
      JSON.stringify(JSON.parse(require('node:fs').readFileSync('$config_dir/runtime-$n.vm.json', 'utf8'))))")" \
      "Running true" "the VM of runtime $n runs with exactly its definition"
    holds "the request was the file's bytes" grep -q \
      "$(sha256sum <$config_dir/runtime-$n.vm.json | cut -d' ' -f1)" <(journal_of $n)
  done
  is "$(grep -h VLLMD_RUNTIME_MEMORY $config_dir/runtime-{1,2}.env | xargs)" \
    "VLLMD_RUNTIME_MEMORY=32G VLLMD_RUNTIME_MEMORY=16G" "memory of each, and the default"
  fails "the user cannot edit what he may read" as_sdake sh -c "echo >>$config_dir/runtime-1.env" 2>/dev/null
  holds "NAT to the uplink" grep -q 'oifname "eth0" masquerade' <(nft list ruleset)
  is "$(cat /proc/sys/net/ipv4/ip_forward)" 1 "packets are forwarded"
  status_says "after install" "1=active,2=active"
  printed "status shows both" '^2 +runtime-2 +running +[0-9]+ (s|min) +[0-9]+ '

  nothing_to_do
  edit
  reboot_or_finish
}

nothing_to_do() {
  local pids
  pids="$(pid_of 1) $(pid_of 2)"
  snapshot >$work/before
  : >$systemctl_log
  expect 0 "second install" install --config $config
  is "$(mutating_calls)" "" "the second install calls systemctl only to look"
  untouched "the second install touches no file" $work/before
  is "$(pid_of 1) $(pid_of 2)" "$pids" "the VMs went on running"
  expect 0 "dry run: nothing pending" install --dry-run --detailed-exitcode --config $config
}

edit() {
  local pid1 pid2
  pid1=$(pid_of 1)
  pid2=$(pid_of 2)
  sed -i 's/^name = "runtime-2"/memory_gb = 24\n&/' $config
  expect 2 "dry run after an edit of runtime 2" install --dry-run --detailed-exitcode --config $config
  printed "it restarts runtime 2" 'restart.*vllmd-runtime@2'
  printed_not "it does not mention runtime 1" 'runtime(@|-)1'
  mark_journal
  expect 0 "install of the edit" install --config $config
  is "$(pid_of 1)" "$pid1" "runtime 1 went on running"
  isnt "$(pid_of 2)" "$pid2" "runtime 2 was restarted"
  holds "with its power button" grep -q 'guest powered off' <(journal_of 2)
  ch-remote --api-socket /run/vllmd/2/api.sock info >$work/out
  # On a host with several nodes the memory is one zone a node.
  is "$(json '(d.config.memory.zones ?? [d.config.memory]).reduce((sum, { size }) => sum + size, 0)')" $((24 << 30)) \
    "and has its new memory"
  all_active "both are active after the edit"
}

after_reboot() {
  : >$systemctl_log
  all_active "both runtimes are active after a reboot"
  expect 0 "dry run after a reboot: nothing pending" install --dry-run --detailed-exitcode --config $config
  status_says "after a reboot" "1=active,2=active"

  cp $config $work/both.toml
  drop_runtime_2
  drift
  unprivileged

  cp $work/both.toml $config
  expect 0 "runtime 2 again" install --config $config
  all_active "both are active again"
  is "$(head -c 6 $state_dir/runtime-2/disk.raw)" "marked" "runtime 2 has its old disk"

  uninstall
  clean_host
  finish
}

drop_runtime_2() {
  local pid1
  pid1=$(pid_of 1)
  printf marked | dd of=$state_dir/runtime-2/disk.raw conv=notrunc status=none
  node -e "
    const fs = require('node:fs');
    const tables = fs.readFileSync('$config', 'utf8').split(/^(?=\[)/m);
    fs.writeFileSync('$config', tables.filter((table) => !/^index = 2$/m.test(table)).join(''));"
  mark_journal
  expect 0 "install without runtime 2" install --config $config
  is "$(state_of 2)" inactive "runtime 2 is stopped"
  holds "its guest was asked to power off" grep -q 'guest powered off' <(journal_of 2)
  fails "its power was not cut" grep -q 'power cut' <(journal_of 2)
  is "$(pid_of 1)" "$pid1" "runtime 1 went on running"
  holds "its files are gone" absent $config_dir/runtime-2.env $config_dir/runtime-2.vm.json \
    /etc/vllmd/runtime-2.env /etc/systemd/system/vllmd-runtime@2.service.d \
    /etc/systemd/system/vllmd.target.wants/vllmd-runtime@2.service
  holds "its tap is gone" absent /sys/class/net/vllmd-tap2
  holds "its disk is kept" test -f $state_dir/runtime-2/disk.raw
  status_says "without runtime 2" "1=active"
}

drift() {
  local file=/etc/systemd/system/vllmd-runtime@1.service.d/10-vllmd.conf pid1
  pid1=$(pid_of 1)
  cp -a $file $work/kept
  echo '# my own line' >>$file
  snapshot >$work/before
  : >$systemctl_log
  expect 5 "install over a hand edit" install --config $config
  printed "it names the file" "$file"
  printed "it shows the line" '# my own line'
  untouched "it changed nothing" $work/before
  is "$(mutating_calls)" "" "it called systemctl only to look"
  is "$(pid_of 1)" "$pid1" "the VM went on running"
  expect 0 "status with a hand edit" status --json
  is "$(json d.drifted)" $file "status names the file"
  cp -a $work/kept $file
  # A change of time only is no change.
  expect 0 "dry run with the file put back" install --dry-run --detailed-exitcode --config $config
}

unprivileged() {
  local rc=0
  chmod 755 /var/lib/host-test $work
  as_sdake node ./vllmd.mjs install --config $config >$work/out 2>$work/err || rc=$?
  is $rc 77 "install without root"
  is "$(wc -l <$work/err) $(wc -c <$work/out)" "1 0" "it says so in one line"
  rc=0
  snapshot >$work/before
  as_sdake node ./vllmd.mjs install --dry-run --config $config >$work/out 2>$work/err || rc=$?
  is $rc 0 "dry run without root"
  [ $rc = 0 ] || sed 's/^/# /' $work/err
  untouched "it changed nothing either" $work/before
}

uninstall() {
  snapshot >$work/before
  : >$systemctl_log
  expect 0 "uninstall --dry-run" uninstall --dry-run
  untouched "it changed nothing" $work/before
  is "$(mutating_calls)" "" "it called systemctl only to look"
  all_active "both still run"

  mark_journal
  expect 0 "uninstall" uninstall
  is "$(state_of 1) $(state_of 2)" "inactive inactive" "both are stopped"
  is "$(journal_of 1 | grep -c 'guest powered off') $(journal_of 2 | grep -c 'guest powered off')" "1 1" \
    "both guests were asked"
  holds "network and devices are down" absent /sys/class/net/vllmd-br0 /sys/class/net/vllmd-tap1
  is "$(nft list ruleset)" "" "no NAT is left"
  # A slice needs no unit file: systemd forgets an empty one at the next boot.
  is "$(systemctl list-units --all --plain --no-legend 'vllmd*' | awk '$1 != "vllmd.slice" { print $1 }')" "" \
    "systemd knows no unit of ours"
  is "$(find $state_dir -name disk.raw | wc -l)" 2 "the disks are kept"
  is "$(head -c 6 $state_dir/runtime-2/disk.raw)" "marked" "as they were"
  # But for the record in /var/lib/vllmd/install, which knows whose the disks are.
  holds "all else is gone" absent /etc/vllmd $config_dir/runtime-1.env \
    /etc/systemd/system/vllmd.slice /etc/systemd/system/vllmd.target /etc/systemd/system/vllmd-runtime@.service
  expect 0 "uninstall again" uninstall
  expect 0 "status after uninstall" status

  expect 0 "install on the kept disks" install --config $config
  all_active "both are active"
  is "$(head -c 6 $state_dir/runtime-2/disk.raw)" "marked" "runtime 2 has its old disk"
  expect 0 "uninstall --purge-data" uninstall --purge-data
  holds "nothing is left below the home" absent $state_dir $config_dir
}

if [ "$HOST_TEST_BOOT" = 1 ]; then before_reboot; else after_reboot; fi
