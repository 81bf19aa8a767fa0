#!/bin/bash
# The disk of a runtime is copied once, grows and is never overwritten; the seed image has what the config says.
# shellcheck source=test/host/lib.sh
. ./lib.sh
prepare_host
disk=$state_dir/runtime-1/disk.raw
# config DISK_GB MORE
small() {
  config_2 "
[storage]
disk_gb = $1

[guest]
user = \"op\"
ssh_authorized_keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJu9sFWcqXr7rGZ5h0Zx1pXJ3xk8rOt2dF8m0yq4v1aB op\"]
user_data = \"$work/own-data\"

[network]
bridge_name = \"vllmd-br0\"

[[runtimes]]
index = 1
name = \"one\"
gpus = []
${2:-}"
}
# seed NAME: a file of the seed image
seed() {
  mcopy -n -i $state_dir/runtime-1/seed.img "::$1" -
}

printf '#cloud-config\nbootcmd: [\"%s\"]\n' "$(head -c 40000 /dev/zero | tr '\0' x)" >$work/own-data
chmod 644 $work/own-data
printf 'boot sector' | dd of=/var/lib/vllmd/images/base.raw conv=notrunc status=none
small 1
expect 0 "install" install --config $config
is "$(stat -c '%s %U %a' $disk)" "$((1 << 30)) sdake 600" "size, owner and mode of the disk"
is "$(head -c 11 $disk)" "boot sector" "it is a copy of the base image"
holds "it takes no more room than its content" test "$(stat -c %b $disk)" -lt 10000

is "$(stat -c '%U %a' $state_dir/runtime-1/seed.img)" "sdake 600" "owner and mode of the seed image"
is "$(seed user-data | sha256sum)" "$(sha256sum <$state_dir/runtime-1/cloud-init/user-data)" "the seed image has the user data"
holds "with the operator's own part" grep -q '^bootcmd:' <(seed user-data)
holds "and the key" grep -q 'AAAAC3NzaC1lZDI1NTE5' <(seed user-data)
holds "a fixed address" grep -q 10.77.0.2/24 <(seed network-config)
holds "and an instance" grep -q '^instance-id:' <(seed meta-data)

# What the guest wrote stays, whatever becomes of the base image.
printf 'guest data!' | dd of=$disk conv=notrunc status=none
printf 'QFI\373' | dd of=/var/lib/vllmd/images/base.raw conv=notrunc status=none
echo 'half a copy' >$disk.new
chown sdake:sdake $disk.new
small 2
expect 0 "install with a larger disk" install --config $config
is "$(stat -c %s $disk) $(head -c 11 $disk)" "$((2 << 30)) guest data!" "the disk has grown, and its content is the guest's"
holds "what an interrupted copy left is gone" absent $disk.new
small 1
expect 0 "install with a smaller disk" install --config $config
is "$(stat -c %s $disk) $(head -c 11 $disk)" "$((2 << 30)) guest data!" "a disk does not shrink"

# A base image that is not raw, at a start: an install would refuse it before it comes to that.
systemctl stop vllmd-runtime@1
mv $disk $work/kept.raw
fails "a qcow2 image is not copied" systemctl start vllmd-runtime@1
said vllmd-runtime-pre-start@1 'is a qcow2 image.*qemu-img convert -O raw' "it names the command that converts it"
holds "nothing is left of it" absent $disk $disk.new

# No room for the copy.
mount -t tmpfs -o size=2M,mode=755 tmpfs $state_dir/runtime-1
mkdir $state_dir/runtime-1/cloud-init
touch $state_dir/runtime-1/cloud-init/{user-data,meta-data}
chown -R sdake:sdake $state_dir/runtime-1
head -c 8M /dev/urandom >/var/lib/vllmd/images/base.raw
systemctl reset-failed
fails "a disk that there is no room for is not made" systemctl start vllmd-runtime@1
said vllmd-runtime-pre-start@1 'needs 8 MiB and the file system has 2 MiB free' "it says how much is missing"
holds "nothing is left of it" absent $disk $disk.new
umount $state_dir/runtime-1

mv $work/kept.raw $disk
systemctl reset-failed
holds "with its disk back the VM starts" systemctl start vllmd-runtime@1
is "$(head -c 11 $disk)" "guest data!" "on what the guest wrote"
printf 'QFI\373' | dd of=/var/lib/vllmd/images/base.raw conv=notrunc status=none
expect 6 "disk reset while the base image is not raw" disk reset 1 --yes
printed "it says what it is" 'base.raw is no raw disk image but qcow2'
printf 'boot sector' | dd of=/var/lib/vllmd/images/base.raw conv=notrunc status=none
expect 64 "disk reset that nobody has confirmed" disk reset 1
is "$(systemctl is-active vllmd-runtime@1) $(head -c 11 $disk)" "active guest data!" "changes nothing"
expect 0 "disk reset" disk reset 1 --yes
is "$(systemctl is-active vllmd-runtime@1) $(head -c 11 $disk)" "active boot sector" "the VM runs on a new disk"
is "$(stat -c '%s %U %a' $disk)" "$((1 << 30)) sdake 600" "of the size that the config has"
expect 0 "uninstall" uninstall --purge-data
finish
