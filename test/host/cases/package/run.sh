#!/bin/bash
# The Debian package: installed, used, upgraded, removed and purged while VMs run, which go on; put back, and gone without a trace.
# shellcheck source=test/host/lib.sh
. ./lib.sh
record=/var/lib/vllmd/install

# The program of the package, and no other.
vllmd() {
  case "${1:-} $*" in
    *' --settle '*) ;;
    install\ * | recover\ *) set -- "$@" --settle 1 ;;
  esac
  /usr/bin/vllmd "$@"
}
# does RC NAME COMMAND...: its output is in $work/out and $work/err
does() {
  local wanted=$1 name=$2 rc=0
  shift 2
  "$@" >$work/out 2>$work/err || rc=$?
  is $rc "$wanted" "$name: exit code" || sed 's/^/# err: /' $work/err
}
# dpkg_does RC NAME ARGUMENT...
dpkg_does() {
  # The container leaves documents out.
  does "$1" "$2" dpkg --path-include='/usr/share/*' "${@:3}"
}
# apt_installs NAME FILE...
apt_installs() {
  does 0 "$1" apt-get install --yes -o 'DPkg::Options::=--path-include=/usr/share/*' "${@:2}"
}
# nothing_broken NAME: as dpkg and apt see it
nothing_broken() {
  is "$(dpkg --audit 2>&1; apt-get -qq check 2>&1)" "" "$1"
}
# higher_sqlite: $work/vllmd-hive-sqlite-higher.deb, which goes with vllmd-higher.deb
higher_sqlite() {
  local tree=$work/sqlite
  dpkg-deb --raw-extract vllmd-hive-sqlite.deb $tree
  sed -i 's/^Version: .*/&.1/; s/vllmd (= [^)]*/&.1/' $tree/DEBIAN/control
  dpkg-deb --root-owner-group --build $tree $work/vllmd-hive-sqlite-higher.deb
  rm -r $tree
}
state_of_package() {
  dpkg-query -W -f='${db:Status-Abbrev}${Version}' "$1" 2>/dev/null | tr -d ' '
}
pids() {
  echo "$(pid_of 1) $(pid_of 2)"
}
# All that is on the disk of the host, but for what dpkg and apt note of themselves.
everything() {
  find / -xdev \( -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/lib/host-test -o -path /var/log -o -path /var/cache -o -path /tmp \
    -o -path /var/tmp -o -path /var/lib/systemd -o -path /host-test -o -path /root \) -prune \
    -o ! -type d -printf '%p %y %m %u:%g %s %l\n' -o -type d -printf '%p %y %m %u:%g\n' | sort
}
# killed_install: of a changed runtime 1, once its VM runs, so that its journal is left
killed_install() {
  /usr/bin/vllmd install --config $config --settle 30 >$work/first 2>&1 &
  timeout 30 sh -c "until grep -q '^waiting: ' $work/first; do sleep 0.05; done"
  kill -9 $!
  wait $! 2>/dev/null
  holds "an install is killed, and its journal is left" test -s $record/journal.json
}

install_package() {
  step "install the package"
  dpkg_does 1 "without Node.js" -i vllmd.deb
  printed "it says what is missing" 'depends on nodejs \(>= 20\.19\)'
  dpkg_does 0 "purge of what was unpacked" --purge vllmd
  bash ./nodejs-package.sh $work
  dpkg_does 0 "Node.js" -i $work/nodejs.deb
  everything >$work/without

  dpkg_does 0 "install beside a program in /usr/local" -i vllmd.deb
  printed "it says which is found first" '/usr/local/bin/vllmd comes before'
  rm /usr/local/bin/vllmd
  dpkg_does 0 "install" -i vllmd.deb
  is "$(cat $work/err)" "" "it has nothing to say"
  dpkg_does 0 "dpkg --verify" --verify vllmd
  is "$(cat $work/out)" "" "all is as it was packed"
  is "$(command -v vllmd | tail -n 1; vllmd --version)" "vllmd
$(cat version)" "the program answers"
  holds "it is compiled" test -s "$(echo /usr/lib/vllmd/program-*.code)"
  is "$(stat -c '%U:%G %a' /usr/lib/vllmd/program-*.code)" "root:root 644" "for all to read"
  is "$(systemctl is-enabled vllmd-recover)" disabled "vllmd-recover.service is there, and not enabled"
  is "$(systemctl show -P FragmentPath vllmd-recover) $(systemctl show -P LoadState vllmd-recover)" \
    "/lib/systemd/system/vllmd-recover.service loaded" "systemd reads it"
  holds "it would run" systemd-analyze verify /usr/lib/systemd/system/vllmd-recover.service
  expect 0 "the example of the package is valid" validate /usr/share/doc/vllmd/examples/vllmd.toml
  holds "a manual page is there" gzip -t /usr/share/man/man1/vllmd-install.1.gz
}

registry() {
  step "the registry"
  printf 'server: {host: 127.0.0.1, port: 8800}\nauth: {client_api_keys: [client-key]}\nstorage: {sqlite_path: registry.sqlite}\n' \
    >$work/control.yaml
  expect 4 "hive serve without SQLite" hive serve --config $work/control.yaml
  printed "it names the package" 'vllmd-hive-sqlite'
  dpkg_does 0 "its package" -i vllmd-hive-sqlite.deb
  systemd-run --quiet --unit=registry --property=KillSignal=SIGTERM vllmd hive serve --config $work/control.yaml
  holds "hive serve with it" timeout 30 bash -c 'until (exec 3<>/dev/tcp/127.0.0.1/8800) 2>/dev/null; do sleep 0.2; done'
  systemctl stop registry
  rm -f $work/registry.sqlite*
}

unfinished() {
  step "what is not finished is not left alone"
  expect 0 "an install that is to be confirmed" install --config $config --confirm-within 10m
  pids >$work/pids
  dpkg_does 1 "remove" -r vllmd-hive-sqlite vllmd
  printed "it says why" 'an install waits to be confirmed: run .sudo vllmd confirm'
  # The first letter is what was asked for.
  is "$(state_of_package vllmd | cut -c 2-)" "i$(cat version)" "the package stays"
  is "$(pids)" "$(cat $work/pids)" "and so do the VMs"
  holds "and what was compiled" test -s "$(echo /usr/lib/vllmd/program-*.code)"
  expect 0 "confirm" confirm

  higher_sqlite
  flock /run/vllmd/install.lock sleep 3 &
  sleep 0.5
  apt_installs "upgrade while vllmd changes the host" ./vllmd-higher.deb $work/vllmd-hive-sqlite-higher.deb
  printed "it waits" 'waiting for the vllmd that changes this host'
  is "$(state_of_package vllmd) $(state_of_package vllmd-hive-sqlite)" "ii$(cat version).1 ii$(cat version).1" \
    "the new version of both is there"
  nothing_broken "and each has what it depends on"
  is "$(pids)" "$(cat $work/pids)" "the VMs have not been touched"
  is "$(find /usr/lib/vllmd -name 'program-*.code' | wc -l)" 1 "one program is compiled"
  expect 0 "nothing to do" install --dry-run --detailed-exitcode --config $config

  two_runtimes 6 4
  killed_install
  dpkg_does 1 "remove" -r vllmd-hive-sqlite vllmd
  printed "it says why" 'an install was cut off, and only vllmd can finish it: run .sudo vllmd recover'
}

before_reboot() {
  prepare_host
  install_package
  registry
  step "runtimes"
  two_runtimes 4 4
  expect 0 "dry run" install --dry-run --config $config
  printed_not "it finds the program where systemd will" 'systemd finds no vllmd'
  unfinished
  reboot_or_finish
}

removed() {
  step "after a boot"
  is "$(systemctl show -P FragmentPath vllmd-recover) $(systemctl show -P Result vllmd-recover)" \
    "/etc/systemd/system/vllmd-recover.service success" "the boot has finished what was cut off, with the program of the package"
  holds "there is no journal" absent $record/journal.json
  timeout 60 bash -c 'until systemctl -q is-active vllmd-runtime@1 vllmd-runtime@2; do sleep 0.2; done'
  is "$(state_of 1) $(state_of 2)" "active active" "both VMs run"
  pids >$work/pids
  tree >$work/before

  step "remove and purge"
  dpkg_does 0 "remove" -r vllmd-hive-sqlite vllmd
  printed "it says what stays" 'runtimes go on running, and start at every boot'
  printed "and how it is removed" 'sudo vllmd uninstall'
  is "$(pids)" "$(cat $work/pids)" "the VMs go on"
  holds "the program is gone" absent /usr/lib/vllmd /usr/bin/vllmd
  dpkg_does 0 "purge" --purge vllmd-hive-sqlite vllmd
  is "$(pids)" "$(cat $work/pids)" "the VMs go on after a purge"
  same_tree "what vllmd and the operator have made is there" $work/before
  holds "the record is there" test -s $record/manifest.json
  reboot_or_finish
}

put_back() {
  step "a boot without the package"
  is "$(state_of 1) $(state_of 2)" "active active" "both VMs have started"
  is "$(systemctl list-units --failed --no-legend --plain 'vllmd*')" "" "nothing of vllmd has failed"
  pids >$work/pids

  step "put back"
  dpkg_does 0 "install" -i vllmd.deb
  # Of which the boot has taken the change back.
  two_runtimes 4 4
  expect 0 "nothing to do" install --dry-run --detailed-exitcode --config $config
  expect 0 "verify" verify
  is "$(pids)" "$(cat $work/pids)" "the VMs go on"
  touch $work/mark
  dpkg_does 0 "Node.js once more" -i $work/nodejs.deb
  is "$(find /usr/lib/vllmd -name 'program-*.code' -newer $work/mark | wc -l)" 1 "it is compiled for that"

  step "an agent that is left alone"
  mv /etc/systemd/system/vllmd.target $work/vllmd.target
  touch /etc/systemd/system/vllmd-hive-agent.service
  dpkg_does 0 "remove" -r vllmd
  printed "it says that the agent fails" 'vllmd-hive-agent.service runs vllmd itself, and fails every 30 seconds'
  printed_not "and nothing of runtimes" 'runtimes go on running'
  rm /etc/systemd/system/vllmd-hive-agent.service
  mv $work/vllmd.target /etc/systemd/system/vllmd.target
  dpkg_does 0 "put back" -i vllmd.deb

  step "gone"
  expect 0 "uninstall" uninstall --purge-data
  is "$(systemctl show -P FragmentPath vllmd-recover) $(systemctl is-enabled vllmd-recover)" \
    "/lib/systemd/system/vllmd-recover.service disabled" "the recovery is that of the package again, and not enabled"
  dpkg_does 0 "purge" --purge vllmd
  is "$(cat $work/err)" "" "it has nothing to say"
  is "$(state_of_package vllmd)" "" "dpkg knows nothing of it"
  everything | diff $work/without - | grep -v ' /usr/local/bin/vllmd ' | grep '^[<>]' >$work/left
  is "$(cat $work/left)" "" "the host is as it was before"
  finish
}

case $HOST_TEST_BOOT in
  1) before_reboot ;;
  2) removed ;;
  *) put_back ;;
esac
