#!/bin/bash
# llama.cpp instances as units: an account of systemd's, the gate at /health, restarts, and a way back.
# shellcheck source=test/host/lib.sh
. ./lib.sh
llama=$work/llama.toml

# config_of MORE_OF_TWO
config_of() {
  cat >$llama <<TOML
[instance.server]
host = "127.0.0.1"
model = "/srv/models/small.gguf"

[instance.one.control]
log_dir = "/var/log/llama"

[instance.one.server]
port = 8081
api_key = "sk-one"
grammar = "root ::= \"a\"\n\tb"
alias = '50% of \$HOME "q" \\ ; é'

[instance."two-2.5".control]
gpu_ids = "none"

[instance."two-2.5".server]
port = 8082
$1
TOML
}
state() {
  systemctl show -P ActiveState "vllmd-llama@$1.service"
}
pid() {
  systemctl show -P MainPID "vllmd-llama@$1.service"
}
# seen PORT EXPRESSION: of what the stand-in was started with, which the expression calls d
seen() {
  node -e "fetch('http://127.0.0.1:$1/seen').then((r) => r.json()).then((d) => console.log(String($2)))"
}
both() {
  is "$(state one) $(state two-2.5)" "active active" "$1"
}
# cut_off: an install that is killed once an instance runs with its new options, so that its journal is left
cut_off() {
  config_of "ctx_size = $1"
  node ./vllmd.mjs llama install --config $llama --settle 30 >$work/first 2>&1 &
  timeout 60 sh -c "until grep -q '^waiting: ' $work/first; do sleep 0.05; done"
  kill -9 $!
  wait $! 2>/dev/null
  holds "an install is killed, and its journal is left" test -s /var/lib/vllmd/llama/journal.json
}
# await_both STATE
await_both() {
  local i
  for ((i = 0; i < 300; i++)); do
    [ "$(state one) $(state two-2.5)" != "$1 $1" ] || return 0
    sleep 0.2
  done
}

first_boot() {
  prepare_shims
  : >$systemctl_log
  install -m755 llama-server.mjs /usr/local/bin/llama-server
  ln -s "$PWD/vllmd.mjs" /usr/local/bin/vllmd
  mkdir -p /srv/models /etc/systemd/system/vllmd-llama@.service.d
  echo model >/srv/models/small.gguf
  # The stand-in is a node program, and node makes one call that the set lacks.
  printf '[Service]\nSystemCallFilter=@system-service pkey_alloc\n' \
    >/etc/systemd/system/vllmd-llama@.service.d/90-node.conf

  step "dry run"
  config_of ""
  snapshot >$work/before

  expect 0 "dry run" llama install --config $llama --dry-run
  untouched "a dry run writes nothing" $work/before
  printed "it shows what it starts" "start vllmd-llama@one\.service"
  printed_not "and no secret" sk-one

  step "install"
  expect 0 "install" llama install --config $llama --settle 1
  both "both instances are active"
  printed_not "no secret is shown" sk-one
  is "$(seen 8081 'd.argv.at(-1)')" "50% of \$HOME \"q\" \\ ; é" "an argument comes as it was written"
  is "$(seen 8081 'JSON.stringify(d.argv.at(-3))')" '"root ::= \"a\"\n\tb"' "also one of several lines"
  is "$(seen 8081 d.env.LLAMA_API_KEY)" sk-one "the key is in the environment"
  is "$(tr '\0' ' ' </proc/"$(pid one)"/cmdline | grep -c sk-one)" 0 "and in no command line"
  is "$(mode_of /etc/vllmd/llama/one.secrets)" "root:root 600" "and in a file of root's"
  isnt "$(seen 8081 d.uid)" 0 "it does not run as root"
  fails "its account is gone when nothing runs as it" grep -q vllmd-llama /etc/passwd
  is "$(seen 8081 d.env.HOME) $(seen 8082 d.env.LLAMA_CACHE)" \
    "/var/lib/vllmd-llama/one /var/lib/vllmd-llama/two-2.5/cache" "each has a home"
  is "$(seen 8082 'd.env.CUDA_VISIBLE_DEVICES === ""') $(seen 8081 d.env.CUDA_VISIBLE_DEVICES)" \
    "true undefined" "only one of them is kept from the GPUs"
  holds "the log is where the config says" grep -q 'loading /srv/models' /var/log/llama/llama-server-one.log
  isnt "$(stat -c %u /var/log/llama/llama-server-one.log)" 0 "and is the account's"
  said vllmd-llama@two-2.5 'loading /srv/models' "the other logs to the journal"
  said vllmd-llama@one 'the model is being loaded' "a start says what it waits for"
  expect 0 "verify" llama verify
  expect 0 "status" llama status
  printed "status shows where it is healthy" 'one +active \(running\) +[0-9]+ +0 +http://127\.0\.0\.1:8081/health'

  step "again"
  snapshot >$work/before
  : >$systemctl_log
  expect 0 "second install" llama install --config $llama --settle 1
  untouched "nothing to do" $work/before
  is "$(mutating_calls)" "" "and nothing was called"

  step "only what changed"
  one=$(pid one) two=$(pid two-2.5)
  config_of 'ctx_size = 512'
  expect 0 "changed" llama install --config $llama --settle 1
  is "$(pid one)" "$one" "the one that did not change goes on"
  isnt "$(pid two-2.5)" "$two" "the other one was restarted"
  is "$(seen 8082 "d.argv.includes('--ctx-size')")" true "with its new option"

  step "one that does not start"
  two=$(pid two-2.5)
  config_of 'extra_args = ["--broken"]'
  expect 4 "broken" llama install --config $llama --settle 1 --lenient
  printed "what it said is shown" 'error: invalid argument: --broken'
  both "the old one is back"
  is "$(pid one)" "$one" "and the other one has gone on"
  is "$(seen 8082 "d.argv.includes('--ctx-size')")" true "with its old option"
  config_of 'ctx_size = 512'
  expect 0 "verify" llama verify

  step "killed"
  kill -KILL "$(pid one)"
  for _ in $(seq 100); do
    [ "$(systemctl show -P NRestarts vllmd-llama@one)" = 1 ] && [ "$(state one)" = active ] && break
    sleep 0.2
  done
  both "systemd has started it again"
  isnt "$(pid one)" "$one" "as another process"

  step "the target"
  systemctl stop vllmd-llama.target
  # systemctl waits for the target, which stops before its instances do.
  await_both inactive
  is "$(state one) $(state two-2.5)" "inactive inactive" "the target stops both"
  systemctl start vllmd-llama.target
  both "and starts both"

  step "rollback"
  expect 0 "rollback" llama rollback --settle 1
  is "$(seen 8082 "d.argv.includes('--ctx-size')")" false "its old options are back"
  expect 0 "history" llama history
  printed "history has three installs" '^3 .* rollback'

  step "cut off"
  cut_off 1024
  reboot_or_finish
}

second_boot() {
  step "after a reboot"
  await_both active
  both "both have started"
  is "$(seen 8082 "d.argv.includes('--ctx-size')")" false "with the options of before"
  said vllmd-llama-recover 'undone: instance two-2\.5 as in generation 3' "the boot has undone what was cut off"
  holds "no journal is left" absent /var/lib/vllmd/llama/journal.json /run/vllmd/llama-unrecovered
  config_of ""
  expect 0 "verify" llama verify
  cut_off 2048
  mv /usr/local/bin/vllmd /usr/local/bin/vllmd.away
  reboot_or_finish
}

third_boot() {
  step "a boot without vllmd"
  is "$(state one) $(state two-2.5)" "inactive inactive" "no instance has started"
  is "$(systemctl is-failed vllmd-llama-recover)" failed "recovery has failed"
  mv /usr/local/bin/vllmd.away /usr/local/bin/vllmd
  expect 0 "recover once it is there again" llama recover --settle 1
  printed "it undoes what was cut off" 'undone: instance two-2\.5 as in generation 3'
  printed "and starts what did not start" 'the instances that the last boot has not started start now'
  await_both active
  both "both run as before"
  config_of ""
  expect 0 "verify" llama verify

  step "an account"
  expect 6 "another account" llama install --config $llama --user nobody-here
  chown -R sdake /srv/models && chmod 700 /srv/models
  expect 6 "a closed directory" llama install --config $llama
  printed "is told" 'llama-model-readable.*may not be read by the account that systemd makes up'
  expect 0 "its owner" llama install --config $llama --user sdake --settle 1
  is "$(seen 8081 d.uid)" 1000 "it runs as that account"
  both "with a model of its own"
  expect 0 "verify" llama verify

  step "uninstall"
  expect 0 "uninstall" llama uninstall
  is "$(state one) $(state two-2.5) $(systemctl show -P ActiveState vllmd-llama.slice)" "inactive inactive inactive" "nothing runs"
  rm -r /srv/models /usr/local/bin/llama-server /usr/local/sbin/modprobe /usr/local/bin/systemctl /usr/local/bin/vllmd
  rm -r /etc/systemd/system/vllmd-llama@.service.d
  # Models and logs stay; this is where.
  rm -r /var/lib/vllmd-llama /var/log/llama
  rm -rf /var/lib/private/vllmd-llama /var/log/private/llama
  finish
}

case $HOST_TEST_BOOT in
  1) first_boot ;;
  2) second_boot ;;
  *) third_boot ;;
esac
