/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers, times and names of the contract as words for people. */
#ifndef PMPOOL_REPORT_WORDS_H
#define PMPOOL_REPORT_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#define WORD_BYTES 48u

const char *word_count(uint64_t count, char word[WORD_BYTES]); /* 16,384 */
const char *word_size(uint64_t bytes, char word[WORD_BYTES]); /* 64 MiB */
const char *word_hex(uint64_t address, char word[WORD_BYTES]); /* 0x100000000 */
const char *word_time(uint64_t ms, char word[WORD_BYTES]); /* 2026-11-22 19:22:30 UTC */
const char *word_duration(uint64_t ms, char word[WORD_BYTES]); /* 1.5 s */
/* "1 page", "2 pages": `noun` gets an s unless count is 1. */
const char *word_plural(uint64_t count, const char *noun, char word[WORD_BYTES]);
const char *word_class(const char *class); /* of a verdict; itself when it is a newer one */
const char *word_boot(const char *how);

#endif
