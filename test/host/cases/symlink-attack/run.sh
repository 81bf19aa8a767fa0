#!/bin/bash
# The service user owns his home. He must not be able to make root write, own or print what is elsewhere.
# shellcheck source=test/host/lib.sh
. ./lib.sh
prepare_host

echo 'root:SECRET-HASH:1::::::' >/etc/shadow.test
chmod 600 /etc/shadow.test
sha256sum /etc/shadow /etc/shadow.test /etc/passwd >$work/sums
unharmed() {
  holds "$1: the files of root are as they were" sha256sum --quiet -c $work/sums
  is "$(mode_of /etc) $(mode_of /etc/shadow.test)" "root:root 755 root:root 600" "$1: and still root's"
  is "$(find /etc -maxdepth 1 -name 'runtime-*' -o -maxdepth 1 -name '.runtime-*' | wc -l)" 0 "$1: nothing new in /etc"
  printed_not "$1: the secret is not printed" SECRET-HASH
  is "$(find /etc/systemd/system /etc/vllmd -name 'vllmd*' ! -path '*/vllmd-runtime@.service.d*' 2>/dev/null | wc -l)" 0 \
    "$1: nothing is installed"
}
# refused NAME: whatever the code, it must not be 0 nor that of a bug
refused() {
  local rc=0
  vllmd install --config $config >$work/out 2>$work/err || rc=$?
  is $rc 5 "$1: refused"
  [ $rc = 5 ] || sed 's/^/# /' $work/err
  unharmed "$1"
}

as_sdake mkdir -p $home/.config
as_sdake ln -s /etc $config_dir
refused "config_dir is a link to /etc"
as_sdake rm $config_dir

as_sdake rmdir $home/.config
as_sdake ln -s /etc $home/.config
refused "a directory above config_dir is a link"
as_sdake rm $home/.config

as_sdake mkdir -p $config_dir
as_sdake ln -s /etc/shadow.test $config_dir/runtime-1.env
refused "runtime-1.env is a link to a secret"
as_sdake rm $config_dir/runtime-1.env

as_sdake mkfifo $config_dir/runtime-1.env
refused "runtime-1.env is a pipe"
as_sdake rm $config_dir/runtime-1.env

# A hard link has root's owner and a secret's text.
ln /etc/shadow.test $config_dir/runtime-1.env
refused "runtime-1.env is a hard link to a secret"
rm $config_dir/runtime-1.env

as_sdake mkdir -p $state_dir
as_sdake ln -s /etc $state_dir/runtime-1
refused "the directory of runtime 1 is a link to /etc"
as_sdake rm $state_dir/runtime-1

# With the traps gone it installs, and the same traps do not work afterwards.
expect 0 "install without traps" install --config $config
is "$(state_of 1) $(state_of 2)" "active active" "both runtimes are active"
as_sdake mv $config_dir $config_dir.away
as_sdake ln -s /etc $config_dir
snapshot >$work/before
expect 5 "config_dir became a link after the install" install --config $config
untouched "nothing was changed" $work/before
expect 5 "uninstall refuses as well" uninstall
holds "nothing of root's is gone" sha256sum --quiet -c $work/sums
as_sdake rm $config_dir
as_sdake mv $config_dir.away $config_dir
expect 0 "uninstall" uninstall --purge-data
rm /etc/shadow.test
clean_host
finish
