#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What is installed beside the program says what the program does: the man page has every verb and option, the polkit
# policy every act that the helper asks about, the units are ones that systemd takes.
#   test_resources.sh PMPOOL RESOURCES HELPER-SOURCES
set -eu

pmpool=$(realpath "$1") resources=$2 sources=$3
page=$resources/man/pmpool.1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0
complain() {
	echo "$*" >&2
	failed=1
}

# The page as a reader has it: escapes of roff gone
sed -e 's/\\-/-/g' -e 's/\\ / /g' -e 's/"//g' "$page" >"$folder/page"

"$pmpool" help | sed -n 's/^  \([a-z][a-z ]*[a-z]\)  .*/\1/p' | grep -v '^help' >"$folder/verbs"
[ "$(wc -l <"$folder/verbs")" -ge 24 ] || complain "help names few verbs: $(cat "$folder/verbs")"
while read -r verb; do
	grep -Eq "^\.(B|BI) $verb( |\$)" "$folder/page" || complain "the man page has no verb \"$verb\""
	# shellcheck disable=SC2086 # a noun and a verb are two words
	"$pmpool" help $verb >"$folder/help"
	grep -q '^Examples:' "$folder/help" || complain "help $verb has no example"
	sed -n 's/^  \(--[a-z-]*\).*/\1/p' "$folder/help" >"$folder/options"
	while read -r option; do
		grep -Eq "^\.(B|BI|BR) $option( |,|\$)" "$folder/page" || complain "the man page has no $option of $verb"
	done <"$folder/options"
done <"$folder/verbs"

for action in $(grep -o 'org\.pmpool\.[a-z]*' "$sources/gate.c" | sort -u); do
	grep -q "<action id=\"$action\">" "$resources/polkit/org.pmpool.policy" || complain "no polkit action $action"
done
python3 - "$resources/polkit/org.pmpool.policy" <<'PYTHON' || complain "the polkit policy is no XML"
import sys, xml.dom.minidom
xml.dom.minidom.parse(sys.argv[1])
PYTHON

if command -v systemd-analyze >/dev/null; then
	cp "$resources/systemd/pmpool.socket" "$folder/"
	sed "s|/usr/bin/pmpool|$pmpool|" "$resources/systemd/pmpool@.service" >"$folder/pmpool@.service"
	# only what it says of our units: a machine may have others that it dislikes
	systemd-analyze verify --man=no --recursive-errors=no "$folder/pmpool.socket" "$folder/pmpool@.service" 2>&1 |
		grep -i pmpool >"$folder/verify" || :
	[ ! -s "$folder/verify" ] || complain "systemd-analyze: $(cat "$folder/verify")"
fi

if command -v groff >/dev/null; then
	groff -man -ww -z "$page" 2>"$folder/groff"
	[ ! -s "$folder/groff" ] || complain "groff: $(cat "$folder/groff")"
elif [ "$failed" = 0 ]; then
	echo "all but the man page's syntax: groff is not installed"
	exit 77
fi
exit $failed
