#!/bin/bash
# The service user races against root: he turns his directories and files into links while vllmd writes in them, and plants
# links where a journal or a backup leads. Nothing outside of his own directories may change, and nothing that he cannot
# read may become readable for him.
# shellcheck source=test/host/lib.sh
. ./lib.sh
prepare_host
install_dir=/var/lib/vllmd/install
victim=/srv/victim
cp vllmd.toml $work/A.toml
sed 's/^memory_gb = 32/memory_gb = 24/; s/^default_memory_gb = 16/default_memory_gb = 12/' vllmd.toml >$work/B.toml

echo 'root:SECRET-HASH:1::::::' >/etc/shadow.test
chmod 600 /etc/shadow.test

# Everything but what is vllmd's, what is his, and what any run of a system writes.
outside() {
  find / -xdev \( -path /home/sdake -o -path /var/lib/vllmd -o -path /etc/vllmd -o -path /var/lib/host-test -o -path /var/log \
    -o -path /var/lib/systemd -o -path /var/tmp -o -path '/etc/systemd/system/*vllmd*' -o -path '/etc/*.d/*vllmd*' \
    -o -path /etc/default/grub.d -o -path '/etc/systemd/system/nftables.service.wants' -o -path '/var/cache/*' \) -prune \
    -o -type d -printf '%p %y %m %u:%g\n' -o -path /etc/shadow.test -printf '%p %y %m %u:%g %s %T@\n' \
    -o -printf '%p %y %m %u:%g %s %T@ %C@ %l\n' | sort
}
# unharmed NAME
unharmed() {
  if outside | diff $work/outside - >$work/diff; then
    ok "$1: nothing outside has changed"
  else
    not_ok "$1: nothing outside has changed"
    head -n 20 $work/diff | cut -c -300 | sed 's/^/# /'
  fi
  if as_sdake grep -rlsI SECRET-HASH $home /run/vllmd /var/lib/vllmd /etc /tmp >$work/found; then
    not_ok "$1: the secret is not readable for him: $(xargs <$work/found)"
  else
    ok "$1: the secret is not readable for him"
  fi
}

# attacked ARGUMENT...: it ends with a code that a host in disorder has, it is no bug, and no secret is printed
codes=
attacked() {
  local rc=0 is_known=1
  NOTES=$work/notes timeout -s KILL 100 node -r ./note-journal.cjs ./vllmd.mjs "$@" >$work/out 2>$work/err || rc=$?
  codes+=" $1=$rc"
  case $1/$rc in
    */[0124568] | rollback/64) ;; # 64: what there was to roll back to has been undone
    *) is_known=0 ;;
  esac
  if grep -qE 'this is a bug|SECRET-HASH|^    at ' $work/out $work/err || [ $is_known = 0 ]; then
    not_ok "vllmd $1, attacked: exit code $rc"
    tail -n 25 $work/err | cut -c -300 | sed 's/^/# err: /'
    return 1
  fi
}
# race MODE ROUNDS: more of them where every run ended in its plan
all_meanwhile=0
race() {
  local pid round=0 good=0 writing meanwhile
  : >$work/notes
  HOME=$home setpriv --reuid=sdake --regid=sdake --init-groups node ./attack.cjs "$1" >$work/swaps &
  pid=$!
  codes=
  while [ $round -lt "$2" ] || { [ $round -lt $((3 * $2)) ] && ! grep -q ' writing$' $work/notes; }; do
    round=$((round + 1))
    attacked install --config $work/A.toml --settle 0 || good=1
    attacked install --config $work/B.toml --settle 0 || good=1
    attacked rollback --settle 0 || good=1
    attacked recover || good=1
    attacked install --dry-run --config $work/B.toml || good=1
    attacked verify || good=1
    attacked uninstall --purge-data || good=1
  done
  kill $pid
  wait $pid
  is $good 0 "attacked at $1, $round rounds: no run ends as a bug"
  read -r writing meanwhile < <(node count.cjs $work/notes $work/swaps)
  echo "# $SECONDS s: $(wc -l <$work/swaps) swaps, $meanwhile while $writing runs wrote;$codes"
  holds "attacked at $1: a run got past its plan and wrote files" test "$writing" -ge 1
  holds "attacked at $1: he did attack while it did" test "$meanwhile" -ge 5
  all_meanwhile=$((all_meanwhile + meanwhile))
  unharmed "attacked at $1"
  systemctl reset-failed
}
# put_right NAME: with him gone, everything becomes as the config says. What he has mixed up is an edit of his, which an
# install would not overwrite.
put_right() {
  rm -rf $home/junk-* $home/link $home/aside
  expect 0 "$1: recover" recover
  rm -f $config_dir/runtime-* $state_dir/runtime-*/cloud-init/*
  expect 0 "$1: install" install --config $work/A.toml --settle 0 --retry-failed
  is "$(state_of 1) $(state_of 2)" "active active" "$1: both runtimes are active"
  expect 0 "$1: verify" verify
  unharmed "$1"
}

expect 0 "install" install --config $work/A.toml --settle 0
# Root's files with the names and the texts of vllmd's own, wherever a link could lead.
install -d -m700 $victim $victim/state
cp -a $config_dir/. $victim/
cp -a $config_dir $victim/vllmd
cp -a $state_dir $victim/vllmd-hypervisor
cp -a $state_dir $victim/state/
cp -a $victim/vllmd $victim/.config
mkdir $victim/.local && cp -a $victim/state $victim/.local/
for n in 1 2; do
  cp -a $state_dir/runtime-$n $victim/
  cp -a $state_dir/runtime-$n/cloud-init $state_dir/runtime-$n/cloud-init/* $state_dir/runtime-$n/*.* $victim/
done
chown -R root:root $victim
outside >$work/outside
is "$(grep -cE "^($victim/runtime-1.env|/etc/shadow.test|/usr/bin/env) " $work/outside)" 3 "what lies outside is noted"

# cut_off NAME: an install of B that is killed while it writes; its journal is there
cut_off() {
  local pid
  node ./vllmd.mjs install --config $work/B.toml --settle 0 >$work/out 2>$work/err &
  pid=$!
  timeout 60 sh -c "until grep -q '\"phase\":\"writing\"' $install_dir/journal.json; do :; done" 2>/dev/null
  kill -9 $pid
  wait $pid 2>/dev/null
  holds "$1: an install is cut off" test -f $install_dir/journal.json
}
# planted NAME: what he has planted stays harmless, whatever recover and install say to it
planted() {
  local good=0
  codes=
  attacked recover || good=1
  attacked install --config $work/A.toml --settle 0 || good=1
  attacked uninstall || good=1
  attacked recover || good=1
  is $good 0 "$1: no run ends as a bug ($(xargs <<<"$codes"))"
  unharmed "$1"
}

cut_off "config_dir"
as_sdake mv $config_dir $config_dir.away
as_sdake ln -s $victim $config_dir
planted "a journal whose config_dir is a link"
as_sdake rm $config_dir
as_sdake mv $config_dir.away $config_dir
put_right "without that link"

cut_off "a file"
for n in 1 2; do
  as_sdake mv -f $config_dir/runtime-$n.vm.json $home/aside
  as_sdake ln -s /etc/shadow.test $config_dir/runtime-$n.vm.json
done
planted "a journal whose files are links"
as_sdake rm -f $config_dir/runtime-1.vm.json $config_dir/runtime-2.vm.json
put_right "without those links"

# As if a file of root could be linked: fs.protected_hardlinks=0.
cut_off "a hard link"
ln -f /etc/shadow.test $config_dir/runtime-1.env
attacked recover
# What was put right is linked again.
ln -f /etc/shadow.test $config_dir/runtime-1.env
for flag in --overwrite-drift --adopt; do
  expect 64 "a hard link to a secret: install $flag" install --config $work/A.toml $flag $config_dir/runtime-1.env
  printed "it says what is there" 'there is a file with several names in place of what vllmd wrote'
  printed_not "the secret is not printed" SECRET-HASH
done
is "$(mode_of /etc/shadow.test) $(cat /etc/shadow.test)" "root:root 600 root:SECRET-HASH:1::::::" "a hard link to a secret: it stays as it is"
rm -f $config_dir/runtime-1.env
put_right "without that hard link"

race random 2
put_right "after the attack at random"
race watch 2
put_right "after the attack on sight"
race storm 2
put_right "after the storm"
echo "# swaps while installing: $all_meanwhile"
expect 0 "uninstall" uninstall --purge-data
unharmed "at the end"
finish
