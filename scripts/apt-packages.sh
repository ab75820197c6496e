#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian packages that the project needs, one a line: apt-packages.sh GROUP...
set -eu

for group in "$@"; do
	case $group in
	build) # the native part: compilers, libraries, formatter, sanitizers, what its tests read; ssh to reach hosts
		set -- gcc libc6-dev clang libclang-rt-14-dev clang-format meson ninja-build pkg-config
		set -- "$@" libcmocka-dev libjson-c-dev libsystemd-dev libzstd-dev libxxhash-dev
		set -- "$@" libblkid-dev libseccomp-dev libcap-dev groff-base python3 openssh-client
		set -- "$@" gdb # reads the cores that are exported
		set -- "$@" libpmemobj-dev zstd # peers of the benchmarks
		;;
	browser) # what the page is tested in
		set -- chromium fonts-dejavu-core
		;;
	pack) # deb, rpm and AppImage, made and looked into
		set -- dpkg fakeroot rpm squashfs-tools desktop-file-utils file
		;;
	vm) # the lab VM: emulator and image building
		set -- qemu-system-x86 mmdebstrap e2fsprogs cpio uidmap
		;;
	*)
		echo "apt-packages.sh: no group '$group' (build, browser, pack, vm)" >&2
		exit 2
		;;
	esac
	printf '%s\n' "$@"
done
