// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Command lines for the next kernel. The input is two texts with a NUL between them, the running command line and
 * what is to be appended; what must hold of every result is checked. Short words come out as options that matter.
 */
#include "host/kexec_cmdline.h"
#include <json-c/json.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define NONCE "0123456789abcdef0123456789abcdef"
#define BASE UINT64_C(0x10000000)
#define SIZE UINT64_C(0x4000000)

static void must(int holds)
{
	if (!holds)
		abort();
}

/* Bytes above 0x7f stand for whole pieces, so that random input is not only noise. */
static char *expand(const uint8_t *data, size_t bytes)
{
	static const char *const pieces[] = {
		"memmap=",
		"64M$0x10000000",
		"32M$0x10000000",
		"32M!0x12000000",
		" ",
		",",
		"\"",
		" -- ",
		"pmpool.nonce=",
		"BOOT_IMAGE=",
		"crashkernel=",
		"64M@0x10000000",
		" nokaslr ",
		"pmpool=",
		"0x10000000,64M",
		"exactmap",
	};
	char *text = calloc(bytes + 1, 20);

	must(text != NULL);
	for (size_t i = 0, used = 0; i < bytes; i++) {
		const char *piece = pieces[data[i] % 16];

		if (data[i] < 0x80)
			text[used++] = (char)(data[i] ? data[i] : ' ');
		else
			used += strlen(strcpy(text + used, piece));
	}
	return text;
}

static void check_next(const struct pm_cmdline_edit *edit, const char *next)
{
	struct pm_option option;
	unsigned nonces = 0;

	for (const char *at = next; pm_option_next(&at, &option);) {
		if (option.length == 2 && strncmp(option.text, "--", 2) == 0)
			break;
		nonces += option.length == strlen("pmpool.nonce=" NONCE) &&
			  strncmp(option.text, "pmpool.nonce=" NONCE, option.length) == 0;
	}
	must(nonces >= 1);
	if (edit->drop_count == 0 && pm_cmdline_reserves(edit->from, BASE, SIZE))
		must(pm_cmdline_reserves(next, BASE, SIZE));
	if (edit->drop_count > 0 && !*edit->append)
		must(!pm_cmdline_reserves(next, BASE, SIZE));
}

static void edit_both_ways(const char *from, const char *append)
{
	for (int drop = 0; drop < 2; drop++) {
		static const struct pm_cmdline_range range = {BASE, SIZE};
		struct pm_cmdline_edit edit = {from, append, NONCE, &range, (size_t)drop};
		char *next;

		if (pm_cmdline_edit(&edit, &next, NULL))
			continue;
		check_next(&edit, next);
		json_object_put(pm_cmdline_difference(from, next));
		json_object_put(pm_cmdline_difference(next, from));
		free(next);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const uint8_t *middle = bytes ? memchr(data, 0, bytes) : NULL;
	size_t first = middle ? (size_t)(middle - data) : bytes;
	char *from = expand(data, first), *append = expand(data + first, middle ? bytes - first : 0);
	struct pm_option option;
	unsigned ranges;

	pm_cmdline_kaslr_risk(from, &ranges);
	pm_cmdline_crash_overlaps(from, BASE, SIZE, &option);
	pm_cmdline_refuse(from, "It", NULL);
	if (!pm_cmdline_refuse(append, "It", NULL))
		edit_both_ways(from, append);
	edit_both_ways(from, "");
	free(from);
	free(append);
	return 0;
}
