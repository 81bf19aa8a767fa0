#!/bin/bash
# A host that is managed from elsewhere: it has what an operator puts there before vllmd, and an account that may use sudo.
# It waits until that is over, then says what has come of it.
# shellcheck source=test/host/lib.sh
. ./lib.sh
prepare_host
# The package brings it.
rm /usr/local/bin/vllmd
bash ./nodejs-package.sh $work
holds "nodejs is a package" dpkg --install $work/nodejs.deb >$work/out 2>&1

useradd --create-home --shell /bin/bash ops
install -d -o ops -g ops -m 700 /home/ops/.ssh
install -o ops -g ops -m 600 ./authorized_keys /home/ops/.ssh/authorized_keys
echo 'ops ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ops
chmod 440 /etc/sudoers.d/ops
# As Debian's installer has it; sudo asks for it.
echo '127.0.1.1 vllmd-host-test' >>/etc/hosts
systemctl start ssh.service
step "it can be reached"
touch /host-test/out/ready

until [ -e ./done ]; do sleep 0.2; done
step "nobody comes any more"
journalctl --sync
systemctl --failed --no-legend | sed 's/^/# failed: /'
is "$(systemctl is-system-running)" running "nothing has failed"
finish
