// SPDX-License-Identifier: GPL-2.0-or-later
#include "syndrome.h"
#include <pthread.h>
#include <string.h>

#define STRIDE 197u
#define POLYNOMIAL 0x82f63b78u /* CRC32C, reflected */
#define SLOTS 65536u

struct pm_linear {
	uint64_t bits[PM_PAGE_BITS];
	uint64_t solve[64]; /* word whose own two checks have just this bit set */
	uint32_t undo[256]; /* takes a byte of zeros back, by the highest byte */
	uint16_t slots[SLOTS]; /* bit + 1, by a hash of what it adds to crc */
	uint64_t seen[4096]; /* a filter before slots that stays in the first cache */
};

static struct pm_linear tables;
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static unsigned slot_of(uint32_t crc)
{
	return crc * 0x9e3779b1u >> 16;
}

static unsigned seen_bit(uint32_t crc)
{
	return crc * 0x85ebca6bu >> 14;
}

static uint32_t after_zero(uint32_t crc)
{
	return pm_crc_byte(crc, 0);
}

/* What a word adds when it is the last one of what is checked. */
static uint32_t word_crc(uint64_t word)
{
	uint32_t crc = 0;

	for (unsigned i = 0; i < 8; i++)
		crc = pm_crc_byte(crc, (uint8_t)(word >> 8 * i));
	return crc;
}

static uint64_t word_checks(uint64_t word)
{
	return word_crc(word) | (uint64_t)word_crc(word ^ word << 32) << 32;
}

static void make_bits(struct pm_linear *linear)
{
	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t checks = word_checks(UINT64_C(1) << bit);
		uint32_t crc = (uint32_t)checks, strided = (uint32_t)(checks >> 32);

		for (unsigned i = PM_PAGE_WORDS; i-- > 0;) {
			linear->bits[64 * i + bit] |= crc;
			linear->bits[64 * (i * STRIDE % PM_PAGE_WORDS) + bit] |= (uint64_t)strided << 32;
			for (unsigned zeros = 0; zeros < 8; zeros++) {
				crc = after_zero(crc);
				strided = after_zero(strided);
			}
		}
	}
}

static void make_slots(struct pm_linear *linear)
{
	for (unsigned bit = 0; bit < PM_PAGE_BITS; bit++) {
		uint32_t crc = (uint32_t)linear->bits[bit];
		unsigned slot = slot_of(crc);

		while (linear->slots[slot])
			slot = (slot + 1) % SLOTS;
		linear->slots[slot] = (uint16_t)(bit + 1);
		linear->seen[seen_bit(crc) / 64] |= UINT64_C(1) << seen_bit(crc) % 64;
	}
}

static void make_undo(struct pm_linear *linear)
{
	for (uint32_t value = 0; value < 256; value++) {
		uint32_t crc = value << 24;

		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc & 0x80000000u ? (crc ^ POLYNOMIAL) << 1 | 1 : crc << 1;
		linear->undo[value] = crc;
	}
}

/* Inverts the map from a word to its two checks. It can be inverted because the second check sees w ^ w << 32; a test
 * holds that each word comes back. */
static void make_solve(struct pm_linear *linear)
{
	uint64_t checks[64], words[64];

	for (unsigned i = 0; i < 64; i++) {
		words[i] = UINT64_C(1) << i;
		checks[i] = word_checks(words[i]);
	}
	for (unsigned bit = 0; bit < 64; bit++) {
		unsigned row = bit;
		uint64_t swap;

		while (row < 63 && !(checks[row] >> bit & 1))
			row++;
		swap = checks[bit], checks[bit] = checks[row], checks[row] = swap;
		swap = words[bit], words[bit] = words[row], words[row] = swap;
		for (unsigned other = 0; other < 64; other++)
			if (other != bit && checks[other] >> bit & 1) {
				checks[other] ^= checks[bit];
				words[other] ^= words[bit];
			}
	}
	memcpy(linear->solve, words, sizeof(words));
}

static void make(void)
{
	make_bits(&tables);
	make_slots(&tables);
	make_undo(&tables);
	make_solve(&tables);
}

const struct pm_linear *pm_linear(void)
{
	pthread_once(&tables_once, make);
	return &tables;
}

uint64_t pm_linear_bit(const struct pm_linear *linear, unsigned bit)
{
	return linear->bits[bit];
}

int pm_linear_find_crc(const struct pm_linear *linear, uint32_t crc)
{
	unsigned seen = seen_bit(crc), slot = slot_of(crc);

	if (!(linear->seen[seen / 64] >> seen % 64 & 1))
		return -1;
	for (; linear->slots[slot]; slot = (slot + 1) % SLOTS)
		if ((uint32_t)linear->bits[linear->slots[slot] - 1] == crc)
			return linear->slots[slot] - 1;
	return -1;
}

int pm_linear_find(const struct pm_linear *linear, uint64_t difference)
{
	int bit = pm_linear_find_crc(linear, (uint32_t)difference);

	return bit >= 0 && linear->bits[bit] == difference ? bit : -1;
}

size_t pm_linear_pairs(const struct pm_linear *linear, uint64_t difference, unsigned (*pairs)[2], size_t max)
{
	size_t count = 0;

	for (unsigned bit = 0; bit < PM_PAGE_BITS && count < max; bit++) {
		int other = pm_linear_find(linear, difference ^ linear->bits[bit]);

		if (other > (int)bit) {
			pairs[count][0] = bit;
			pairs[count++][1] = (unsigned)other;
		}
	}
	return count;
}

static uint64_t solved(const struct pm_linear *linear, uint64_t checks)
{
	uint64_t word = 0;

	for (; checks; checks &= checks - 1)
		word ^= linear->solve[__builtin_ctzll(checks)];
	return word;
}

static uint32_t before_word(const struct pm_linear *linear, uint32_t crc)
{
	for (unsigned i = 0; i < 8; i++)
		crc = crc << 8 ^ linear->undo[crc >> 24];
	return crc;
}

void pm_linear_words(const struct pm_linear *linear, uint64_t difference, uint64_t changes[PM_PAGE_WORDS])
{
	uint32_t crc = (uint32_t)difference, strided = (uint32_t)(difference >> 32);
	uint32_t own[PM_PAGE_WORDS], own_strided[PM_PAGE_WORDS];

	for (unsigned i = PM_PAGE_WORDS; i-- > 0;) {
		own[i] = crc;
		own_strided[i * STRIDE % PM_PAGE_WORDS] = strided;
		crc = before_word(linear, crc);
		strided = before_word(linear, strided);
	}
	for (unsigned word = 0; word < PM_PAGE_WORDS; word++)
		changes[word] = solved(linear, own[word] | (uint64_t)own_strided[word] << 32);
}
