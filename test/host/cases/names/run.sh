#!/bin/bash
# A name, and directories, with every character that some syntax on the way treats as its own.
# shellcheck source=test/host/lib.sh
. ./lib.sh
prepare_host

name="Großer 'Test' \"q\" 100% \$HOME #1; a:b"
state='/srv/vm state/50% "ü" it'\''s a:b #c;d'
settings='/srv/set tings/100% "ö" e:f'
cat >$config <<TOML
[global]
user = "sdake"
state_dir = '''$state'''
config_dir = '''$settings'''

[[runtimes]]
index = 1
gpus = ["0000:01:00.0"]
memory_gb = 8
cpus = 2
name = '''$name'''

[[runtimes]]
index = 2
gpus = ["0000:02:00.0"]
name = "50%s %i %% \${HOME} \\\\n"

[network]
default_interface = "eth0"
bridge_name = "vllmd-br0"
TOML

expect 0 "install" install --config $config
is "$(state_of 1) $(state_of 2)" "active active" "both runtimes are active"
is "$(systemctl show -P Description vllmd-runtime@1)" "vllmd runtime 1: $name" "systemd has the first name"
is "$(systemctl show -P Description vllmd-runtime@2)" "vllmd runtime 2: 50%s %i %% \${HOME} \\n" "systemd has the second"
# As systemd reads the file, not as we wrote it.
is "$(systemd-run --quiet --wait --pipe -p EnvironmentFile=/etc/vllmd/runtime-1.env printenv VLLMD_RUNTIME_NAME)" \
  "$name" "the environment has the name"
is "$(systemd-run --quiet --wait --pipe -p EnvironmentFile=/etc/vllmd/runtime-1.env printenv VLLMD_RUNTIME_DIR)" \
  "$state/runtime-1" "the environment has the directory"
expect 0 "status" status --json
is "$(json 'd.runtimes[0].name')" "$name" "status has the name"
holds "the disk is where the config says" test -s "$state/runtime-1/disk.raw"
is "$(stat -c %U "$state/runtime-1/disk.raw")" sdake "and is the user's"
snapshot >$work/before
expect 0 "second install" install --config $config
untouched "nothing to do" $work/before
mark_journal
expect 0 "uninstall" uninstall --purge-data
is "$(journal_of 1 | grep -c 'guest powered off')" 1 "stopped with the power button"
holds "nothing is left" absent "$state" "$settings"

# What systemd and its environment files make of hundreds of other names, which are rendered and not installed.
node hostile.cjs config 300 >$work/hostile.toml
expect 0 "render" render --config $work/hostile.toml --out $work/tree
mkdir -p /run/systemd/system
cp -r $work/tree/etc/systemd/system/vllmd-runtime@* /run/systemd/system/
systemctl daemon-reload
systemctl show -p Id -p Description 'vllmd-runtime@'{1..300}.service >$work/seen
for index in {1..300}; do
  sed -n "s/^VLLMD_RUNTIME_NAME=/NAME_$index=/p" "$work/tree/etc/vllmd/runtime-$index.env"
done >$work/names.env
systemd-run --quiet --wait --pipe -p EnvironmentFile=$work/names.env env -0 >$work/values
is "$(node hostile.cjs compare 300 $work/seen $work/values)" "600 as they were" "systemd has 300 hostile names twice"
rm -r /run/systemd/system/vllmd-runtime@*
systemctl daemon-reload
clean_host
finish
