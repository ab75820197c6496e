#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# core does no I/O, takes no time and no memory: apart from its own names it calls only these.
# usage: core_calls.sh LIBRARY
set -eu
allowed='^(bcmp|mem(cmp|cpy|move|set)|str(chr|len|ncmp)|__(mem|str)[a-z]*_chk|__popcountdi2'
allowed="$allowed|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|__(asan|ubsan|sanitizer|tsan|gcov|llvm)_[A-Za-z0-9_]*|(asan|sancov)[.][A-Za-z0-9_.]*)\$"
called=$(nm --undefined-only --format=posix "$1" | awk 'NF >= 2 { print $1 }' | sort -u)
own=$(nm --defined-only --extern-only --format=posix "$1" | awk 'NF >= 2 { print $1 }' | sort -u)
test -n "$called" && test -n "$own"
other=$(echo "$called" | grep -Fxv "$own" | grep -Ev "$allowed" || true)
if [ -n "$other" ]; then
	echo "core calls what a kernel would not have:" >&2
	echo "$other" >&2
	exit 1
fi
