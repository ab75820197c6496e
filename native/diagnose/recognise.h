/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What bytes are by themselves. Each test says so only when it would hardly ever say it of something else. */
#ifndef PMPOOL_DIAGNOSE_RECOGNISE_H
#define PMPOOL_DIAGNOSE_RECOGNISE_H

#include "looks.h"

struct bytes {
	const uint8_t *at;
	size_t count;
	uint64_t address; /* physical, of the first one */
};

static inline bool starts_with(const struct bytes *bytes, size_t offset, const char *magic, size_t length)
{
	return bytes->count >= offset + length && __builtin_memcmp(bytes->at + offset, magic, length) == 0;
}
#define STARTS_WITH(bytes, offset, magic) starts_with(bytes, offset, magic, sizeof(magic) - 1)

static inline uint32_t number_at(const struct bytes *bytes, size_t offset, size_t size)
{
	uint32_t value = 0;

	for (size_t i = 0; i < size && offset + i < bytes->count; i++)
		value |= (uint32_t)bytes->at[offset + i] << 8 * i;
	return value;
}

/* Confidence in per cent; 0: it is not that. */
unsigned recognise_elf(const struct bytes *bytes, char note[NOTE_BYTES]);
unsigned recognise_kernel(const struct bytes *bytes, char note[NOTE_BYTES]);
unsigned recognise_initrd(const struct bytes *bytes, char note[NOTE_BYTES]);
unsigned recognise_page_table(const struct bytes *bytes, char note[NOTE_BYTES]);
unsigned recognise_pattern(const struct bytes *bytes, char note[NOTE_BYTES]);
unsigned recognise_pool(const struct bytes *bytes, char note[NOTE_BYTES]);
unsigned recognise_text(const struct bytes *bytes, char note[NOTE_BYTES]);
unsigned recognise_file(const struct bytes *bytes, char note[NOTE_BYTES]); /* others, by their first bytes */

/* Bytes as printable ASCII, at most `max` of them and up to the first NUL. */
void pm_note_text(char *note, size_t room, const uint8_t *bytes, size_t max);

#endif
