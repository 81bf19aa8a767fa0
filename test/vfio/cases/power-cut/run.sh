#!/bin/bash
# Power cuts in the middle of installs, and in the middle of recoveries at boot: each runtime is wholly on its old
# generation or wholly on its new one, before any VM starts. What the disk had only in its cache is lost each time.
# shellcheck source=test/vfio/lib.sh disable=SC2317 # some functions are called through holds and fails
. ./lib.sh

plain=0000:02:00.0 card=0000:05:00.0 audio=0000:05:00.1 gpu3d=0000:06:00.0

# next_step FUNCTION: what the machine does when it has power again
next_step() {
  echo "$1" >"$work/step"
}
# order N PATH TEXT: the power goes before a file with such a path and such a text is put in place, in the Nth vllmd from now
order() {
  mkdir -p "$work/cuts"
  printf '%s\n' "$2" "$3" >"$work/cuts/$1"
}
# power_goes NAME: an install that is not to come to its end
power_goes() {
  part "power cut: $1"
  # Written over at the moment of the cut, as cut.cjs says.
  printf '%-4096s' "as flushed" >"$work/canary"
  sync
  /usr/local/bin/vllmd install --settle 1 --config "$config" >"$work/out" 2>"$work/err"
  not_ok "the power goes: $1 (exit code $?)"
  tail -n 40 "$work/err" | sed 's/^/# err: /'
  finish
}
# kernel_argument TEXT: for both VMs
kernel_argument() {
  sed -i "s/vllmd\.test=wait/& $1/" "$config"
}

# text_of N: everything that vllmd has written for runtime N, and how
text_of() {
  local file
  for file in "$config_dir/runtime-$1".* "/etc/vllmd/runtime-$1.env" "/etc/systemd/system/vllmd-runtime@$1.service.d"/*; do
    stat -c '== %n %U:%G %a' "$file"
    cat "$file"
  done
}
# is_on_first N: its files are those of the first install
is_on_first() {
  if text_of "$1" | cmp -s - "$work/first-$1"; then
    ok "runtime $1 has its old files, all of them"
  else
    not_ok "runtime $1 has its old files, all of them"
    text_of "$1" | diff "$work/first-$1" - | sed 's/^/# /'
  fi
}

runs() {
  is "$(state_of "$1")" active "runtime $1 is active"
  [ "$(state_of "$1")" = active ] || journal_of "vllmd-runtime@$1.service" | tail -n 40 | sed 's/^/# journal: /'
}
# recovered: what holds after each cut
recovered() {
  part "power is back: $1"
  head -c 10 "$work/canary" >>"$work/canaries"
  holds "no journal is left" absent /var/lib/vllmd/install/journal.json /run/vllmd/unrecovered
  is "$(find / -xdev -name '.*.vllmd-*')" "" "nothing half-written is left"
  recovery_came_first
  local n
  for n in 1 2; do
    runs $n
    holds "it was started from the files on the disk" node booted.cjs $n
  done
  is "$(drivers $plain $gpu3d $card $audio)" "vfio-pci vfio-pci vfio-pci vfio-pci" "all GPUs are on vfio-pci"
}
recovery_came_first() {
  journalctl --sync
  journalctl -q -b -o cat _PID=1 |
    grep -oE '^(Finished vllmd-recover|(Starting|Started) vllmd-runtime[^ ]*@[0-9]+)\.service' >"$work/order"
  is "$(head -n 1 "$work/order")" "Finished vllmd-recover.service" "the recovery was done before any unit of a VM was begun"
  is "$(grep -c '^Starting vllmd-runtime-pre-start@' "$work/order")" 2 "and all of them came after it"
  is "$(grep -c '^Started vllmd-runtime@' "$work/order")" 2 "each VM was started once"
}
recovery_said() {
  journal_of vllmd-recover.service >"$work/said"
  holds "the recovery says: $1" grep -qE -- "$1" "$work/said"
  sed 's/^/# said: /' "$work/said"
}
status_is() {
  expect 0 "status" status --json
  is "$(node -p "const d = JSON.parse(require('fs').readFileSync('$work/out', 'utf8'));
    [d.interrupted, d.drift.length, ...d.runtimes.map((r) => r.index + '=' + r.running + ':' + r.generation)].join(' ')")" \
    "$1" "status: $1"
}

install_first() {
  prepare_host
  is "$(cat /sys/block/nvme0n1/queue/write_cache)" "write back" "the disk has a cache that must be flushed"
  # In place of the link: the program with its saboteur
  rm /usr/local/bin/vllmd
  printf '#!/bin/sh\nexec node --require %s/cut.cjs %s/vllmd.mjs "$@"\n' "$PWD" "$PWD" >/usr/local/bin/vllmd
  chmod 755 /usr/local/bin/vllmd
  cp vllmd.toml "$config"
  part "install"
  expect 0 "install" install --settle 1 --config "$config"
  runs 1
  runs 2
  text_of 1 >"$work/first-1"
  text_of 2 >"$work/first-2"

  kernel_argument vllmd.mark=second
  next_step after_writing
  order 1 '/runtime-2.vm.json$' .
  power_goes "half of the files are written"
}

after_writing() {
  recovered "half of the files had been written"
  is_on_first 1
  is_on_first 2
  recovery_said '^undone: runtimes? 1.* 2 as in generation 1$'
  status_is "false 0 1=current:1 2=current:1"
  expect 2 "verify knows that the config asks for something else" verify
  printed "and nothing but that" '^not as installed: generation 1, 1 difference'
  cp vllmd.toml "$config"
  expect 0 "with the config of the first install" verify
  printed "verify finds nothing" '^as installed: generation 1'
  guest_ready 1
  guest_ready 2

  # A GPU goes from one to the other: both are stopped, all files are written, and neither is started yet.
  gpus 1 "\"$gpu3d\""
  gpus 2 "\"$card\", \"$plain\""
  next_step after_hand_over
  order 1 '/journal.json$' '"state":"active"'
  # And again in the recovery from it, when it has put back some of the files.
  order 2 '/runtime-1.vm.json$' .
  power_goes "a GPU is between two runtimes"
}

after_hand_over() {
  recovered "a GPU was between two runtimes, and the power went in the recovery too"
  holds "the recovery was cut as well" absent "$work"/cuts/*
  is_on_first 1
  is_on_first 2
  status_is "false 0 1=current:1 2=current:1"
  cp vllmd.toml "$config"
  expect 0 "with the config of the first install" verify
  guest_ready 1
  holds "guest 1 has the GPU that was to go" told 1 'NESTED pci class=0x038000'

  kernel_argument vllmd.mark=third
  next_step after_first_of_two
  order 1 '/journal.json$' '"runtimes":\[1\],"state":"good".*"runtimes":\[2\],"state":"active"'
  # And again in the recovery, when all is decided and the record does not say so yet.
  order 2 '/manifest.json$' .
  power_goes "one of two runtimes is on its new generation"
}

after_first_of_two() {
  recovered "one of two runtimes was on its new generation, and the power went in the recovery too"
  holds "the recovery was cut as well" absent "$work"/cuts/*
  holds "runtime 1 has its new file" grep -q 'vllmd.mark=third' $config_dir/runtime-1.vm.json
  is_on_first 2
  recovery_said '^finished: runtime 1 on generation 2$'
  status_is "false 0 1=current:2 2=current:1"
  expect 2 "verify" verify
  printed "verify says that the config is not all in force" 'changes-pending'
  guest_ready 1
  holds "guest 1 has its new kernel argument" told 1 '-append .* vllmd.mark=third'
  guest_ready 2
  fails "guest 2 has its old ones" told 2 'vllmd.mark'
  # Not each time: somebody else may have flushed the disk in the last moment.
  holds "what was written without a flush was lost" grep -q "as flushed" "$work/canaries"
  finish
}

# Not by the count of boots: the one that is cut in its recovery may have been counted or not.
"$(cat "$work/step" 2>/dev/null || echo install_first)"
