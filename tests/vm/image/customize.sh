#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# mmdebstrap's customize hook: turns the fresh root file system $1 into the lab VM's disk image.
# Reads LAB_RECIPE (a copy of this folder), LAB_INIT (the static /init), LAB_PUBKEY (the ssh public key) and
# LAB_KERNEL (a kernel package name); writes vm.img, vmlinuz, initrd.img and known_hosts into LAB_OUT.
set -Eeuo pipefail
trap 'echo "customize.sh: line $LINENO: $BASH_COMMAND" >&2' ERR
root=$1
archives=$root/var/cache/apt/archives
export PATH=$PATH:/usr/sbin:/sbin

# The kernel meta-package names the real one, which is only unpacked: its maintainer scripts would build the
# distribution's initramfs. The archive's own digest decides whether the cached file is the right one.
fetch_kernel() {
	local package digest
	export APT_CONFIG=$MMDEBSTRAP_APT_CONFIG
	package=$(apt-cache depends "$LAB_KERNEL" | sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p')
	kernel_deb=$archives/$(kernel_field Filename)
	digest=$(kernel_field SHA256)
	if ! sha256sum --check --status <<< "$digest  $kernel_deb" 2> /dev/null; then
		rm -f "$kernel_deb"
		(cd "$archives" && apt-get -q download "$package")
	fi
	unset APT_CONFIG
}

# The last path component of one field of the kernel package's entry in the archive.
kernel_field() {
	apt-cache show --no-all-versions "$package" | sed -n "s/^$1: \(.*\/\)\?//p"
}

unpack_kernel() {
	dpkg-deb --fsys-tarfile "$kernel_deb" | tar -C "$root" -x --keep-directory-symlink --exclude=./usr/share/doc
	release=$(ls "$root/lib/modules")
	chroot "$root" depmod "$release"
	# A regular file, root's own: the helper loads no kernel that it finds through a link.
	mv "$root/boot/vmlinuz-$release" "$root/boot/vmlinuz"
	chmod 0644 "$root/boot/vmlinuz"
}

# virtio and ext4 modules in load order, and the static init. The network driver is here as well, so that the
# ssh server need not wait for udev. Not stripped: a kernel in lockdown loads what its maker signed, whole.
make_initrd() {
	local tree module index=10
	tree=$(mktemp -d)
	mkdir "$tree/modules"
	install -m 0755 "$LAB_INIT" "$tree/init"
	while read -r module; do
		cp "$root$module" "$tree/modules/$index-${module##*/}"
		index=$((index + 1))
	done < <(
		for name in virtio_pci virtio_blk virtio_net ext4 crc32c_generic; do
			chroot "$root" modprobe -S "$release" --show-depends "$name"
		done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
	)
	(cd "$tree" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) > "$root/boot/initrd.img"
	chmod 0600 "$root/boot/initrd.img"
	rm -rf "$tree"
}

configure() {
	local unit generator
	cp -r --no-preserve=ownership "$LAB_RECIPE/rootfs/." "$root/"
	for unit in lab-network.service lab-ssh.socket lab-ready.service; do
		systemctl_enable "$unit"
	done
	grep -v '^#' "$LAB_RECIPE/masked-units" | while read -r unit; do
		ln -sf /dev/null "$root/etc/systemd/system/$unit"
	done
	mkdir -p "$root/etc/systemd/system-generators"
	for generator in "$root"/usr/lib/systemd/system-generators/*; do
		ln -sf /dev/null "$root/etc/systemd/system-generators/${generator##*/}"
	done
	# udev starts when the kernel has something to tell it, which in this guest is rarely at boot.
	rm "$root/usr/lib/systemd/system/sysinit.target.wants/systemd-udevd.service"
	ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
	# Left on, kexec-tools would load a kernel of its own choice at every reboot.
	sed -i 's/^LOAD_KEXEC=.*/LOAD_KEXEC=false/' "$root/etc/default/kexec"
	rm -f "$root"/etc/init.d/* "$root"/etc/rc?.d/*
	echo 6c61622d766d6c61622d766d6c616221 > "$root/etc/machine-id"
	echo lab-vm > "$root/etc/hostname"
	echo '127.0.0.1 localhost lab-vm' > "$root/etc/hosts"
	: > "$root/etc/fstab"
}

# What `systemctl enable` does for a unit with one WantedBy=.
systemctl_enable() {
	local wants
	wants=$root/etc/systemd/system/$(sed -n 's/^WantedBy=//p' "$root/etc/systemd/system/$1").wants
	mkdir -p "$wants"
	ln -sf "../$1" "$wants/$1"
}

make_ssh() {
	install -d -m 0700 "$root/root/.ssh"
	install -m 0600 "$LAB_PUBKEY" "$root/root/.ssh/authorized_keys"
	install -d -m 0755 "$root/etc/dropbear"
	chroot "$root" dropbearkey -t ed25519 -f /etc/dropbear/hostkey |
		sed -n 's/^\(ssh-ed25519 [^ ]*\).*/lab-vm \1/p' > "$LAB_OUT/known_hosts"
	grep -q '^lab-vm ssh-ed25519 ' "$LAB_OUT/known_hosts"
}

# The build machine's mirror, proxy and package lists stay out of the image.
clean() {
	rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/usr/share/{man,doc,locale}/*
	rm -f "$root/etc/apt/apt.conf.d/99mmdebstrap" "$root/etc/apt/sources.list" "$root"/etc/apt/sources.list.d/*
	: > "$root/etc/resolv.conf"
}

# A bind mount shows the tree without what mmdebstrap mounted into it; its own mount namespace takes it away.
make_image() {
	local view
	view=$(mktemp -d)
	truncate -s "$LAB_DISK_SIZE" "$LAB_OUT/vm.img"
	unshare --mount --propagation private sh -euc '
		mount --bind "$1" "$2"
		mount -t tmpfs -o size=1m tmpfs "$2/var/cache/apt/archives"
		mke2fs -q -t ext4 -O ^metadata_csum,^64bit -E lazy_itable_init=0,nodiscard -m 0 -d "$2" "$3"
	' sh "$root" "$view" "$LAB_OUT/vm.img"
	rmdir "$view"
}

fetch_kernel
unpack_kernel
configure
make_ssh
make_initrd
clean
install -m 0644 "$root/boot/vmlinuz" "$LAB_OUT/vmlinuz"
install -m 0644 "$root/boot/initrd.img" "$LAB_OUT/initrd.img"
make_image
chmod 0644 "$LAB_OUT/vm.img" "$LAB_OUT/known_hosts"
