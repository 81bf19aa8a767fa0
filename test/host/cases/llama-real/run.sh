#!/bin/bash
# The real llama-server under its units: what they forbid must not be what it needs.
# shellcheck source=test/host/lib.sh
. ./lib.sh
llama=$work/llama.toml

state() {
  systemctl show -P ActiveState "vllmd-llama@$1.service"
}
pid() {
  systemctl show -P MainPID "vllmd-llama@$1.service"
}
# answer PORT PATH EXPRESSION [BODY]: of the JSON that is answered, which the expression calls d
answer() {
  node -e "
    const [url, body] = process.argv.slice(1);
    const json = { 'content-type': 'application/json', authorization: 'Bearer sk-real' };
    fetch(url, body === undefined ? { headers: json } : { method: 'POST', headers: json, body })
      .then((r) => r.json()).then((d) => console.log(String($3)))" \
    "http://127.0.0.1:$1$2" ${4:+"$4"}
}
await_active() {
  local i
  for ((i = 0; i < 100; i++)); do
    [ "$(systemctl show -P NRestarts "vllmd-llama@$1")" = 1 ] && [ "$(state "$1")" = active ] && return
    sleep 0.2
  done
}

prepare_shims
cp -r llama /opt/llama
mkdir -p /srv/models
cp small.gguf /srv/models/small.gguf
chmod -R a+rX /opt/llama /srv/models
cat >$llama <<'TOML'
[master]
llama_cpp_path = "/opt/llama/llama-server"

[instance.server]
host = "127.0.0.1"
model = "/srv/models/small.gguf"
threads = 2

[instance.one.control]
log_dir = "/var/log/llama"

[instance.one.server]
port = 8081
alias = "first"
api_key = "sk-real"

[instance.two.server]
port = 8082
alias = "second"
metrics = true
TOML

step "install"
expect 0 "install" llama install --config $llama --settle 1
is "$(state one) $(state two)" "active active" "both are healthy"
is "$(answer 8081 /v1/models 'd.data[0].id') $(answer 8082 /v1/models 'd.data[0].id')" "first second" \
  "each serves its model by its alias"
chat='{"model":"x","max_tokens":4,"messages":[{"role":"user","content":"hello"}]}'
is "$(answer 8081 /v1/chat/completions 'd.choices[0].message.role' "$chat")" assistant "one answers a chat"
is "$(answer 8082 /v1/chat/completions 'd.choices[0].message.role' "$chat")" assistant "and so does the other"
isnt "$(stat -c %u "/proc/$(pid one)")" 0 "none runs as root"
is "$(tr '\0' ' ' </proc/"$(pid one)"/cmdline | grep -c sk-real)" 0 "the key is in no command line"
holds "the log is where the config says" test -s /var/log/llama/llama-server-one.log
expect 0 "verify" llama verify

step "killed"
before=$(pid two)
kill -KILL "$before"
await_active two
is "$(state two)" active "systemd has started it again"
isnt "$(pid two)" "$before" "as another process"
is "$(answer 8082 /v1/models 'd.data[0].id')" second "which serves its model"

step "a bad option"
before=$(pid one)
sed -i 's/^metrics = true/metrics = true\nextra_args = ["--no-such-flag"]/' $llama
expect 4 "install" llama install --config $llama --settle 1
printed "what llama-server said is shown" 'invalid argument: --no-such-flag'
is "$(state one) $(state two)" "active active" "both run"
is "$(pid one)" "$before" "and the other one has gone on"
is "$(answer 8082 /v1/models 'd.data[0].id')" second "with the options of before"

step "uninstall"
expect 0 "uninstall" llama uninstall
is "$(state one) $(state two)" "inactive inactive" "nothing runs"
finish
