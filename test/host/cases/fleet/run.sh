#!/bin/bash
# A started model under the real systemd: of root in the system manager, of an account in a process group of its own.
# shellcheck source=test/host/lib.sh
. ./lib.sh
secret="marker'of \"a\" \$ecret"
runtime() {
  SECRET=$secret node ./runtime.cjs "$@"
}
# started NAME COMMAND GRACE_MS: its outcome is in $work/out, what it is known by in $process, its unit in $unit
started() {
  runtime start "$2" "$3" >$work/out
  process=$(json 'JSON.stringify(d.process)')
  unit=$(json 'd.process.unit?.name')
  is "$(json 'd.state.kind + (d.state.exitCode ?? "")')" "$4" "$1"
}
# looks WANTED NAME
looks() {
  runtime look "$process" >$work/out
  is "$(json 'd.kind + (d.exitCode ?? "")')" "$1" "$2"
}
# stops NAME
stops() {
  runtime stop "$process" >$work/out
  is "$(json 'd.kind')" gone "$1: nothing is left"
  is "$(systemctl show -P LoadState "$unit")" not-found "$1: systemd has forgotten its unit"
  looks gone "$1: it is gone"
}
log() {
  runtime tail "$process"
}

# shellcheck disable=SC2016 # expanded where it runs
started 'a command in the foreground runs' 'echo "$API_KEY"; sleep 300' 300 running
is "$(log)" "[\"marker'of \\\"a\\\" \$ecret\"]" 'its secret arrived'
holds 'its unit is named after its model' test "${unit#vllmd-model-model-}" != "$unit"
systemctl show "$unit" >$work/out
systemctl cat "$unit" >$work/err
printed_not 'its secret is no property of its unit' marker
printed_not 'nor is its command' 'sleep 300'
journalctl --sync
journalctl -b -q -o cat >$work/out
cat /proc/[0-9]*/cmdline >$work/err
printed_not 'it is in no argument, and in no journal' marker
is "$(systemctl show -P KillMode "$unit")" control-group 'all of its unit ends with it'
is "$(mode_of "$(cd ~root/.local/state/vllmd/fleet/logs && echo "$PWD/model-host.log")")" 'root:root 600' 'its log is for root only'
holds 'nothing of its start is left' absent /run/vllmd-start.*
looks running 'it still runs'
stops 'a command in the foreground'

started 'a command that puts itself into the background runs' 'nohup sleep 301 >/dev/null 2>&1 &' 300 running
holds 'it is in its unit' grep -q "/system.slice/$unit$" "/proc/$(pgrep -f '^sleep 301$')/cgroup"
stops 'one in the background'
fails 'it does not run any more' pgrep -f '^sleep 301$'

started 'a command that makes a daemon of itself runs' 'setsid --fork sleep 302' 300 running
stops 'a daemon'
fails 'it does not run any more' pgrep -f '^sleep 302$'

started 'a command that fails is told with its exit code' 'echo why; exit 7' 20000 ended7
is "$(log)" '["why"]' 'its log says why'
looks ended7 'its exit code is kept'
stops 'one that has failed'

started 'one that a signal ends is told with the code of it' 'kill -KILL $$' 20000 ended137
stops 'one that was killed'
started 'one that hands over to others has ended well' 'true' 20000 ended0
stops 'one that has handed over'

started 'one that does not care runs' 'trap "" TERM; while :; do sleep 1; done' 300 running
stops 'one that does not care'

as_sdake env SECRET="$secret" node ./runtime.cjs start 'sleep 303' 300 >$work/out
is "$(json 'd.state.kind')" running 'the account that does not linger runs it too'
is "$(json 'typeof d.process.group.pgid')" number 'in a process group'
process=$(json 'JSON.stringify(d.process)')
as_sdake node ./runtime.cjs stop "$process" >$work/out
is "$(json 'd.kind')" gone 'and ends it'
fails 'it does not run any more' pgrep -f '^sleep 303$'
is "$(mode_of $home/.local/state/vllmd/fleet/logs/model-host.log)" 'sdake:sdake 600' 'its log is its own'

# A session of its own is what an account has by ssh: without XDG_RUNTIME_DIR where no PAM module sets it.
user_systemctl() {
  as_sdake env XDG_RUNTIME_DIR="/run/user/$(id -u sdake)" systemctl --user "$@"
}
loginctl enable-linger sdake
# shellcheck disable=SC2317 # called by name
manager_answers() {
  for _ in {1..600}; do
    user_systemctl show-environment && return
    sleep 0.1
  done
  return 1
}
holds 'the account that lingers gets a manager of its own' manager_answers
# shellcheck disable=SC2016 # expanded where it runs
as_sdake env SECRET="$secret" node ./runtime.cjs start 'echo "$API_KEY"; sleep 304' 300 >$work/out
is "$(json 'd.state.kind')" running 'the account that lingers runs a command'
is "$(json 'd.process.unit?.manager')" user 'in a unit of its own manager'
unit=$(json 'd.process.unit?.name')
process=$(json 'JSON.stringify(d.process)')
holds 'the command is in that unit' grep -q "/user@1000.service/.*$unit$" "/proc/$(pgrep -f '^sleep 304$')/cgroup"
as_sdake node ./runtime.cjs tail "$process" >$work/out
is "$(cat $work/out)" "[\"marker'of \\\"a\\\" \$ecret\"]" 'its secret arrived'
user_systemctl show "$unit" >$work/out
user_systemctl cat "$unit" >$work/err
printed_not 'its secret is no property of its unit' marker
printed_not 'nor is its command' 'sleep 304'
as_sdake node ./runtime.cjs look "$process" >$work/out
is "$(json 'd.kind')" running 'it still runs'
as_sdake node ./runtime.cjs stop "$process" >$work/out
is "$(json 'd.kind')" gone 'and ends it'
fails 'it does not run any more' pgrep -f '^sleep 304$'
is "$(user_systemctl show -P LoadState "$unit")" not-found 'its manager has forgotten its unit'
loginctl disable-linger sdake

step "a selection switches the units of a host that vllmd provisions"
llama=$work/llama.toml
fleet=$work/runtimes.json
install -m755 llama-server.mjs /usr/local/bin/llama-server
# The container has no curl, and node asks as well.
cat >/usr/local/bin/curl <<'CURL'
#!/usr/local/bin/node
fetch(process.argv.at(-1)).then(
  (answer) => process.exit(answer.ok ? 0 : 22),
  () => process.exit(7),
);
CURL
chmod 755 /usr/local/bin/curl
mkdir -p /srv/models /etc/systemd/system/vllmd-llama@.service.d
echo model >/srv/models/small.gguf
# The stand-in is a node program, and node makes one call that the set lacks.
printf '[Service]\nSystemCallFilter=@system-service pkey_alloc\n' \
  >/etc/systemd/system/vllmd-llama@.service.d/90-node.conf
cat >$llama <<TOML
[instance.server]
host = "127.0.0.1"
model = "/srv/models/small.gguf"

[instance.one.server]
port = 8081

[instance.two.server]
port = 8082
TOML
states() {
  echo "$(systemctl show -P ActiveState vllmd-llama@one.service) $(systemctl show -P ActiveState vllmd-llama@two.service)"
}
expect 0 'the instances are installed' llama install --config $llama --settle 1
expect 0 'their entries are made' hosts add --file $fleet --from-vllmd --config $llama
is "$(mode_of $fleet)" 'root:root 600' 'the file is for root only'
expect 0 'its doctor finds all of it' hosts doctor --file $fleet
expect 4 'one that runs and is on no record is not taken' select --file $fleet --model one
is "$(states)" 'active active' 'and nothing was stopped'
systemctl stop vllmd-llama@one.service vllmd-llama@two.service
expect 0 'the first is selected' select --file $fleet --model one
is "$(states)" 'active inactive' 'its unit runs, and that of the other does not'
expect 0 'the second is selected' select --file $fleet --model two
is "$(states)" 'inactive active' 'the units have changed places'
pid=$(systemctl show -P MainPID vllmd-llama@two.service)
expect 0 'the second is selected again' select --file $fleet --model two
printed 'it is left alone' 'already active and healthy'
is "$(systemctl show -P MainPID vllmd-llama@two.service)" "$pid" 'its process is the same'
expect 0 'it is healthy' select status --check --file $fleet
systemctl stop vllmd-llama@two.service
expect 4 'a unit that was stopped is not' select status --check --file $fleet

finish
