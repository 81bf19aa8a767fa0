#!/bin/bash
# What a guest makes of its seed: this container is one, with cloud-init as Debian has it. A seed that was made anew is read at
# every boot, though the instance id in it stays.
# shellcheck source=test/host/lib.sh
. ./lib.sh
seed=$work/seed
# render: what an install would put into the seed image of runtime 1
render() {
  rm -rf $work/tree
  expect 0 "render" render --config $config --out $work/tree
  rm -rf $seed
  mkdir -p $seed
  cp $work/tree$state_dir/runtime-1/cloud-init/{user-data,meta-data,vendor-data} $seed/
}
# llama INSTANCE...: a llama.cpp config with these, in the order of their ports
llama() {
  local port=8080
  cat <<'TOML'
[instance.server]
api_key = "hunter 2$"

[instance.control]
log_dir = "/var/log/llama"
TOML
  for name in "$@"; do
    cat <<TOML

[instance."$name".control]
gpu_ids = "$(if [ "$name" = chat ]; then echo none; else echo 0; fi)"

[instance."$name".server]
extra_args = ["--chat-template", "100% of \"\$HOME\"; \\\\n"]
model = "/srv/models/$name 1.gguf"
port = $port
TOML
    port=$((port + 1))
  done
}
llama_state() {
  systemctl show -P ActiveState "vllmd-llama@$1.service"
}
# noted INSTANCE: what the stand-in for llama-server was started with
noted() {
  cat "/var/lib/private/vllmd-llama/$1/noted"
}

if [ "$HOST_TEST_BOOT" = 1 ]; then
  cat >/usr/local/bin/llama-server <<'PYTHON'
#!/usr/bin/python3
# Stands for llama-server: notes what it was started with, and answers /health.
import http.server, os, sys
with open(os.environ['HOME'] + '/noted', 'w') as noted:
    print('made up' if 61184 <= os.getuid() <= 65519 else os.getuid(), file=noted)
    print('cuda=' + os.environ.get('CUDA_VISIBLE_DEVICES', 'unset'), 'key=' + os.environ['LLAMA_API_KEY'], file=noted)
    print('\n'.join(sys.argv[1:]), file=noted)
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == '/health' else 404)
        self.end_headers()
    def log_message(self, *_):
        pass
print('listens', flush=True)
http.server.HTTPServer(('127.0.0.1', int(sys.argv[-1])), Health).serve_forever()
PYTHON
  chmod 755 /usr/local/bin/llama-server
  config_2 '
[guest]
user_data = "/srv/user-data"

[[runtimes]]
index = 1
name = "one"

[runtimes.llama]
config = "llama.toml"'
  # A guest's own part runs once in the life of a guest.
  printf '#!/bin/sh\necho once >>/srv/first-boots\n' >/srv/user-data
  llama chat code-2.5 >$work/llama.toml
  render
  # Where the image of a VM has it as a disk, this guest has it as a directory. As with a disk nothing says of it whether it is
  # still the same one.
  cat >/etc/cloud/cloud.cfg.d/99-seed.cfg <<CFG
datasource_list: [NoCloud]
datasource:
  NoCloud:
    seedfrom: $seed/
    fs_label: null
CFG
  rm /etc/cloud/cloud-init.disabled
  reboot_or_finish
fi

cloud-init status --wait >$work/out 2>&1
step "cloud-init has ended"
instance=$(cat /var/lib/cloud/data/instance-id)

if [ "$HOST_TEST_BOOT" = 2 ]; then
  is "$(cat /srv/first-boots)" once "cloud-init has read the seed"
  is "$(systemctl is-active vllmd-llama.target)" active "the target is active"
  for name in chat code-2.5; do
    is "$(llama_state $name)" active "$name runs"
  done
  is "$(systemctl show -P FragmentPath vllmd-llama@chat.service)" /run/systemd/system/vllmd-llama@.service "its unit lies below /run"
  is "$(noted chat)" "made up
cuda= key=hunter 2$
--chat-template
100% of \"\$HOME\"; \\n
--model
/srv/models/chat 1.gguf
--port
8080" "it has an account that systemd made up, its GPUs, its key and its arguments as they are written"
  is "$(mode_of /run/vllmd/llama/chat.secrets)" "root:root 600" "its key is root's alone"
  holds "the key is in no unit" sh -c '! grep -rq "hunter 2" /run/systemd/system'
  fails "and nobody else can read the vendor data" as_sdake test -r /var/lib/cloud/instance/vendor-data.txt
  is "$(noted code-2.5 | sed -n 2p)" "cuda=0 key=hunter 2$" "another has other GPUs"
  is "$(systemctl show -P SupplementaryGroups vllmd-llama@code-2.5)" "video render" "and the groups of their nodes that this guest has"
  is "$(cat /var/log/llama/llama-server-chat.log)" listens "its log is where the config says"
  is "$(systemctl --failed --no-legend | grep -c llama)" 0 "no unit has failed"
  echo "$instance" >$work/instance
  llama code-2.5 new >$work/llama.toml
  render
  reboot_or_finish
fi

is "$instance" "$(cat $work/instance)" "the instance id is the same"
is "$(cat /srv/first-boots)" once "so what is done once was not done again"
is "$(llama_state new) $(llama_state code-2.5)" "active active" "what the config has now runs"
is "$(noted code-2.5 | tail -n 1)" 8080 "with its new port"
holds "and of what it no longer has nothing is there" absent /run/systemd/system/vllmd-llama@chat.service.d /run/vllmd/llama/chat.env
isnt "$(llama_state chat)" active "it does not run"
finish
