/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

const char *word_count(uint64_t count, char word[WORD_BYTES])
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%" PRIu64, count);
	size_t to = 0;

	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			word[to++] = ',';
		word[to++] = digits[i];
	}
	word[to] = 0;
	return word;
}

const char *word_size(uint64_t bytes, char word[WORD_BYTES])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double size = (double)bytes;
	unsigned unit = 0;

	for (; size >= 1024 && unit < 6; unit++)
		size /= 1024;
	snprintf(word, WORD_BYTES, size < 10 && size != (double)(unsigned)size ? "%.1f %s" : "%.0f %s", size,
		 units[unit]);
	return word;
}

const char *word_hex(uint64_t address, char word[WORD_BYTES])
{
	snprintf(word, WORD_BYTES, "%#" PRIx64, address);
	return word;
}

const char *word_time(uint64_t ms, char word[WORD_BYTES])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || strftime(word, WORD_BYTES, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
		snprintf(word, WORD_BYTES, "%" PRIu64 " ms", ms);
	return word;
}

const char *word_duration(uint64_t ms, char word[WORD_BYTES])
{
	if (ms < 1000)
		snprintf(word, WORD_BYTES, "%" PRIu64 " ms", ms);
	else
		snprintf(word, WORD_BYTES, "%.1f s", (double)ms / 1000);
	return word;
}

const char *word_plural(uint64_t count, const char *noun, char word[WORD_BYTES])
{
	char number[WORD_BYTES];
	const char *end = count == 1 ? "" : noun[strlen(noun) - 1] == 's' ? "es" : "s";

	snprintf(word, WORD_BYTES, "%.26s %.16s%s", word_count(count, number), noun, end);
	return word;
}

struct pair {
	const char *name, *word;
};

static const char *look_up(const struct pair *pairs, const char *name)
{
	for (; pairs->name; pairs++)
		if (strcmp(pairs->name, name) == 0)
			return pairs->word;
	return name;
}

const char *word_class(const char *class)
{
	static const struct pair words[] = {
		{"intact", "Intact"},
		{"wrong-boot", "Wrong boot"},
		{"region-gone", "Region gone"},
		{"region-moved", "Region moved or resized"},
		{"became-ram", "Became System RAM"},
		{"superblock-lost", "Superblock lost"},
		{"metadata-torn", "Metadata torn"},
		{"records-changed", "Records changed"},
		{"content-changed", "Content changed"},
		{NULL, NULL},
	};

	return look_up(words, class);
}

const char *word_boot(const char *how)
{
	static const struct pair words[] = {
		{"kexec", "the planned kexec"},
		{"same-boot", "none: the same kernel is still running"},
		{"other-boot", "another one: a cold boot, or another kexec"},
		{NULL, NULL},
	};

	return look_up(words, how);
}
