#!/bin/bash
# What a host serves is told to a registry by the agent that an install brings: from two config files to an answer of a real
# llama-server, through the router.
# shellcheck source=test/host/lib.sh disable=SC2317 # some functions are called through becomes
. ./lib.sh
agent=vllmd-hive-agent.service
registry=http://127.0.0.1:8800

# answer PATH EXPRESSION [BODY]: of the JSON that the registry answers, which the expression calls d
answer() {
  node -e "
    const [url, body] = process.argv.slice(1);
    const headers = { 'content-type': 'application/json', authorization: 'Bearer client-key' };
    fetch(url, body === undefined ? { headers } : { method: 'POST', headers, body })
      .then((r) => r.json()).then((d) => console.log(String($2)), () => console.log('no answer'))" \
    "$registry$1" ${3:+"$3"}
}
# becomes NAME WANTED COMMAND...: within a minute
becomes() {
  local name=$1 wanted=$2 got limit=$((SECONDS + 60))
  shift 2
  while [ $SECONDS -lt $limit ]; do
    got=$("$@")
    [ "$got" != "$wanted" ] || break
    sleep 0.2
  done
  is "$got" "$wanted" "$name"
}
start_registry() {
  systemd-run --quiet --unit=registry --property=KillSignal=SIGTERM vllmd hive serve --config $work/control.yaml
}
services() {
  answer /v1/cluster/services 'd.data.map((s) => s.service_id + " " + s.state.health).sort().join(", ")'
}
# told PATTERN: whether the agent has said so lately
told() {
  journalctl --sync
  journalctl -q -o cat -u "$agent" -n 30 | grep -c "$1" | sed 's/[1-9][0-9]*/some/'
}
agent_pid() {
  systemctl show -P MainPID $agent
}
# configure HIVE: the table of the agent, with what stands in it besides the address
configure() {
  config_2 "
[storage]
disk_gb = 1

[network]
bridge_name = \"vllmd-br0\"
$1

[[runtimes]]
index = 1
name = \"guest\"
gpus = [\"0000:01:00.0\"]

[runtimes.llama]
config = \"guest.toml\""
}
with_agent="
[hive]
url = \"$registry\"
key_file = \"/etc/vllmd-hive.key\"
host_id = \"atlas\"
llama_config = \"llama.toml\""

prepare_host
cp -r llama /opt/llama
mkdir -p /srv/models
cp small.gguf /srv/models/small.gguf
chmod -R a+rX /opt/llama /srv/models
(umask 077 && echo node-key >/etc/vllmd-hive.key)
cat >$work/control.yaml <<'YAML'
server:
  host: 127.0.0.1
  port: 8800
auth:
  client_api_keys: [client-key]
  node_api_keys:
    - {key: node-key, key_id: atlas, host_ids: [atlas]}
storage:
  sqlite_path: registry.sqlite
routing:
  allow_networks: [10.77.0.0/24]
YAML
cat >$work/llama.toml <<'TOML'
[master]
llama_cpp_path = "/opt/llama/llama-server"

[instance.small.server]
host = "127.0.0.1"
port = 8081
model = "/srv/models/small.gguf"
alias = "small-model"
threads = 2
metrics = true
TOML
cat >$work/guest.toml <<'TOML'
[instance.coder.server]
host = "0.0.0.0"
port = 8080
model = "/models/coder-Q4_K_M.gguf"
TOML

step "install"
expect 0 "the instance" llama install --config $work/llama.toml
start_registry
configure "$with_agent"
expect 0 "dry run" install --dry-run --config $config
printed "the plan names the agent" 'start vllmd-hive-agent.service'
printed "and what the registry will be told" '"asset_id": "small-model"'
printed_not "but not its key" 'node-key'
expect 0 "install" install --config $config
is "$(state_of 1)" active "the VM runs"
becomes "the registry knows both services, and how they are" \
  "atlas/chat/guest.coder unhealthy, atlas/chat/small healthy" services
is "$(answer /v1/cluster/hosts 'd.data[0].host_id + " " + d.data[0].resources.gpus[0].gpu_id')" "atlas 0000:01:00.0" \
  "a GPU of the host is called by its PCI address"
chat='{"model":"small-model","max_tokens":4,"messages":[{"role":"user","content":"hello"}]}'
is "$(answer /v1/chat/completions 'd.choices[0].message.role' "$chat")" assistant "a request for the model is answered"
expect 0 "nothing pending" install --dry-run --detailed-exitcode --config $config
printed_not "nothing of the agent is pending" 'hive'

step "its rights"
isnt "$(ps -o user= -p "$(agent_pid)")" root "the agent is not root"
is "$(tr '\0' '\n' <"/proc/$(agent_pid)/environ" | grep -c node-key)" 0 "its key is in no variable"
is "$(tr '\0' ' ' <"/proc/$(agent_pid)/cmdline" | grep -c node-key)" 0 "and in no argument"
journalctl --sync
journalctl -b -q -o cat >$work/out
: >$work/err
printed_not "and in no journal" 'node-key'
fails "the service user cannot read it" as_sdake cat /etc/vllmd-hive.key
is "$(stat -c '%U %a' /etc/vllmd/hive-inventory.json)" "root 644" "what it tells is root's"

step "what happens later"
systemctl stop vllmd-llama@small
becomes "an instance that has stopped is told" \
  "atlas/chat/guest.coder unhealthy, atlas/chat/small unhealthy" services
systemctl start vllmd-llama@small
becomes "and one that runs again" "atlas/chat/guest.coder unhealthy, atlas/chat/small healthy" services
systemctl stop registry
becomes "that the registry is away stands in the journal" some told 'cannot be reached'
rm -f $work/registry.sqlite*
start_registry
becomes "one that has forgotten everything is told again" \
  "atlas/chat/guest.coder unhealthy, atlas/chat/small healthy" services

step "a change"
before=$(pid_of 1)
was=$(agent_pid)
sed -i 's/small-model/renamed/' $work/llama.toml
expect 0 "the instance is changed" llama install --config $work/llama.toml
expect 0 "and the agent" install --config $config
printed "it says why" 'restart vllmd-hive-agent.service'
isnt "$(agent_pid)" "$was" "the agent was started again"
is "$(pid_of 1)" "$before" "the VM was not"
becomes "the registry has the new name" "renamed" \
  answer /v1/cluster/services 'd.data.find((s) => s.service_id === "atlas/chat/small").assets[0].asset_id'

step "a key that is not known"
echo other-key >/etc/vllmd-hive.key
systemctl restart $agent
becomes "the agent says so" some told 'does not take this key'
expect 0 "an install goes on without it" install --config $config
is "$(state_of 1)" active "the VM runs"
echo node-key >/etc/vllmd-hive.key
systemctl restart $agent
becomes "with its own key it is heard again" "atlas/chat/guest.coder unhealthy, atlas/chat/small healthy" services

step "without it"
chmod 644 /etc/vllmd-hive.key
expect 0 "validate on this host" install --dry-run --config $config
printed "that others can read the key is told" 'hive-key-file'
chown sdake /etc/vllmd-hive.key
expect 6 "a key of the service user is refused" install --config $config
chown root /etc/vllmd-hive.key
configure ""
expect 0 "install without it" install --config $config
is "$(systemctl show -P LoadState $agent) $(state_of 1)" "not-found active" "the agent is gone, the VM is not"
is "$(pid_of 1)" "$before" "and was not started again"
holds "none of its files is left" absent /etc/vllmd/hive-agent.env /etc/vllmd/hive-inventory.json /etc/systemd/system/$agent

step "a host without VMs"
install -m644 $work/llama.toml /etc/llama.toml
systemd-run --quiet --unit=own-agent --property=DynamicUser=yes --setenv=VLLMD_HIVE_URL=$registry \
  --property=LoadCredential=hive-key:/etc/vllmd-hive.key vllmd hive agent --llama /etc/llama.toml --host-id atlas
becomes "an agent in a unit of one's own tells what a llama.cpp config says" "atlas/chat/small healthy" services
systemctl stop own-agent

expect 0 "uninstall" uninstall --purge-data
finish
