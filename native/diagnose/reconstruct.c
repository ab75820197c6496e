// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The expected bytes of a page, where only their digest is known: made from what is there, and right when the digest
 * is. Cheap ways first; the others pay for failures out of a purse.
 */
#include "looks.h"
#include "pmpool/pattern.h"
#include "snapshot/digest.h"
#include "syndrome.h"
#include <string.h>

#define TWINS_MAX 8u
#define PAIRS_MAX 16u
#define FEW_WORDS 56u /* fewer than the equations, so that chance solves them hardly ever */

static bool made(struct look *look, enum basis basis)
{
	if (!pm_digest_is(look->diagnosis->made, look->suspect->digest))
		return false;
	look->then = look->diagnosis->made;
	look->finding->basis = (uint8_t)basis;
	return true;
}

bool purse_open(const struct purse *purse)
{
	return purse->left > 0;
}

bool purse_pay(struct purse *purse, bool success)
{
	if (!success)
		purse->left--;
	return success;
}

static bool from_owner(struct look *look)
{
	struct pm_diagnosis *diagnosis = look->diagnosis;
	const struct pm_surroundings *around = &diagnosis->around;

	return around->then && around->then(around->context, look->suspect->page, diagnosis->made) &&
	       made(look, BASIS_GIVEN);
}

static bool from_uniform(struct look *look)
{
	struct pm_diagnosis *diagnosis = look->diagnosis;

	for (unsigned byte = 0; byte < 256; byte++)
		if (memcmp(diagnosis->fills[byte], look->suspect->digest, PM_DIGEST_SIZE) == 0) {
			memset(diagnosis->made, (int)byte, PM_PAGE_SIZE);
			look->then = diagnosis->made;
			look->finding->basis = BASIS_UNIFORM;
			return true;
		}
	return false;
}

/* Another page that should be equal, and still is. */
static bool from_twin(struct look *look)
{
	struct pm_diagnosis *diagnosis = look->diagnosis;
	const struct pm_surroundings *around = &diagnosis->around;
	uint64_t pages[TWINS_MAX];
	size_t count;

	if (!around->expected_with)
		return false;
	count = around->expected_with(around->context, look->suspect->digest, pages, TWINS_MAX);
	for (size_t i = 0; i < count && i < TWINS_MAX; i++) {
		if (pages[i] == look->suspect->page)
			continue;
		if (around->now && around->now(around->context, pages[i], diagnosis->made) && made(look, BASIS_TWIN))
			return true;
		if (around->then && around->then(around->context, pages[i], diagnosis->made) && made(look, BASIS_TWIN))
			return true;
	}
	return false;
}

static bool from_pattern(struct look *look)
{
	static const uint8_t kinds[] = {PM_PATTERN_ADDRESS,	 PM_PATTERN_ADDRESS_INVERTED,
					PM_PATTERN_CHECKERBOARD, PM_PATTERN_CHECKERBOARD_INVERTED,
					PM_PATTERN_WALKING_ONES, PM_PATTERN_WALKING_ZEROS};
	struct pm_diagnosis *diagnosis = look->diagnosis;

	if (look->suspect->address % 8)
		return false;
	for (unsigned i = 0; i < sizeof(kinds); i++) {
		struct pm_pattern pattern = {.kind = kinds[i]};

		pm_pattern_fill(&pattern, look->suspect->address, diagnosis->made, PM_PAGE_SIZE);
		if (made(look, BASIS_PATTERN))
			return true;
	}
	return false;
}

static void flip(uint8_t *page, unsigned bit)
{
	page[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

static bool from_one_bit(struct look *look)
{
	int bit = pm_linear_find(pm_linear(), look->difference);

	if (bit < 0)
		return false;
	memcpy(look->diagnosis->made, look->now, PM_PAGE_SIZE);
	flip(look->diagnosis->made, (unsigned)bit);
	return made(look, BASIS_SYNDROME);
}

/* Whether the number of wrong bits is odd: x + 1 divides the polynomial, so the check keeps their parity. */
static bool odd_flips(const struct look *look)
{
	return __builtin_popcount((uint32_t)look->difference) % 2;
}

static bool from_pair(struct look *look)
{
	unsigned pairs[PAIRS_MAX][2];
	size_t count = pm_linear_pairs(pm_linear(), look->difference, pairs, PAIRS_MAX);

	for (size_t i = 0; i < count; i++) {
		memcpy(look->diagnosis->made, look->now, PM_PAGE_SIZE);
		flip(look->diagnosis->made, pairs[i][0]);
		flip(look->diagnosis->made, pairs[i][1]);
		if (made(look, BASIS_SYNDROME))
			return true;
	}
	return false;
}

static bool from_word(struct look *look)
{
	uint64_t changes[PM_PAGE_WORDS];
	uint8_t *page = look->diagnosis->made;

	pm_linear_words(pm_linear(), look->difference, changes);
	memcpy(page, look->now, PM_PAGE_SIZE);
	for (unsigned i = 0; i < PM_PAGE_WORDS; i++) {
		uint64_t word = word_at(page, i), changed = word ^ changes[i];

		memcpy(page + 8 * i, &changed, 8);
		if (made(look, BASIS_SYNDROME))
			return true;
		memcpy(page + 8 * i, &word, 8);
	}
	return false;
}

/* Three bits of one lane that went the same way. */
static bool from_lane(struct look *look, unsigned lane, unsigned value)
{
	const struct pm_linear *linear = pm_linear();
	uint16_t words[PM_PAGE_WORDS];
	unsigned count = 0;

	for (unsigned i = 0; i < PM_PAGE_WORDS; i++)
		if ((word_at(look->now, i) >> lane & 1) == value)
			words[count++] = (uint16_t)i;
	for (unsigned i = 0; i < count; i++)
		for (unsigned j = i + 1; j < count; j++) {
			unsigned a = 64u * words[i] + lane, b = 64u * words[j] + lane;
			int c = pm_linear_find(linear,
					       look->difference ^ pm_linear_bit(linear, a) ^ pm_linear_bit(linear, b));

			if (c <= (int)b || (unsigned)c % 64 != lane)
				continue;
			memcpy(look->diagnosis->made, look->now, PM_PAGE_SIZE);
			flip(look->diagnosis->made, a);
			flip(look->diagnosis->made, b);
			flip(look->diagnosis->made, (unsigned)c);
			if (made(look, BASIS_SYNDROME))
				return true;
		}
	return false;
}

static bool from_lanes(struct look *look)
{
	for (unsigned lane = 0; lane < 64; lane++)
		if (from_lane(look, lane, 0) || from_lane(look, lane, 1))
			return true;
	return false;
}

/*
 * Any number of wrong bits of one lane that all went to `value`, where few words hold that value now: which of those are
 * wrong is a linear system of 64 equations, one for each bit of the two checks.
 */
static bool from_few(struct look *look, unsigned lane, unsigned value)
{
	const struct pm_linear *linear = pm_linear();
	uint64_t rows[64] = {0}, uses[64] = {0}, left = look->difference, used = 0;
	unsigned bits[FEW_WORDS], count = 0;

	for (unsigned i = 0; i < PM_PAGE_WORDS; i++) {
		if ((word_at(look->now, i) >> lane & 1) != value)
			continue;
		if (count == FEW_WORDS)
			return false;
		bits[count++] = 64u * i + lane;
	}
	for (unsigned i = 0; i < count; i++) {
		uint64_t row = pm_linear_bit(linear, bits[i]), use = UINT64_C(1) << i;

		while (row && rows[63 - __builtin_clzll(row)]) {
			use ^= uses[63 - __builtin_clzll(row)];
			row ^= rows[63 - __builtin_clzll(row)];
		}
		if (row) {
			rows[63 - __builtin_clzll(row)] = row;
			uses[63 - __builtin_clzll(row)] = use;
		}
	}
	while (left && rows[63 - __builtin_clzll(left)]) {
		used ^= uses[63 - __builtin_clzll(left)];
		left ^= rows[63 - __builtin_clzll(left)];
	}
	if (left || !used)
		return false;
	memcpy(look->diagnosis->made, look->now, PM_PAGE_SIZE);
	for (; used; used &= used - 1)
		flip(look->diagnosis->made, bits[__builtin_ctzll(used)]);
	return made(look, BASIS_SYNDROME);
}

static bool from_few_words(struct look *look)
{
	for (unsigned lane = 0; lane < 64; lane++)
		if (from_few(look, lane, 0) || from_few(look, lane, 1))
			return true;
	return false;
}

static unsigned range_slot(uint64_t sum)
{
	return (unsigned)(sum * UINT64_C(0x9e3779b97f4a7c15) >> 51); /* 8192 slots */
}

/* Something was written over a part that should hold `byte` over and over: sums of what each byte adds find it. */
static bool from_range(struct look *look, uint8_t byte)
{
	const struct pm_linear *linear = pm_linear();
	uint64_t sums[PM_PAGE_SIZE + 1] = {0};
	uint16_t slots[8192] = {0}; /* offset + 1 by its sum */

	for (unsigned end = 0; end <= PM_PAGE_SIZE; end++) {
		unsigned slot = range_slot(sums[end] ^ look->difference);

		for (; slots[slot]; slot = (slot + 1) % 8192) {
			unsigned first = slots[slot] - 1u;

			if (sums[first] != (sums[end] ^ look->difference))
				continue;
			memcpy(look->diagnosis->made, look->now, PM_PAGE_SIZE);
			memset(look->diagnosis->made + first, byte, end - first);
			return made(look, BASIS_SYNDROME);
		}
		if (end == PM_PAGE_SIZE)
			return false;
		if (end == 0 || sums[end] != sums[end - 1]) {
			for (slot = range_slot(sums[end]); slots[slot];)
				slot = (slot + 1) % 8192;
			slots[slot] = (uint16_t)(end + 1);
		}
		sums[end + 1] = sums[end];
		for (unsigned bit = 0; bit < 8; bit++)
			if ((look->now[end] ^ byte) >> bit & 1)
				sums[end + 1] ^= pm_linear_bit(linear, 8 * end + bit);
	}
	return false;
}

/* Without a syndrome: each bit in turn. */
static bool from_trying(struct look *look)
{
	memcpy(look->diagnosis->made, look->now, PM_PAGE_SIZE);
	for (unsigned bit = 0; bit < PM_PAGE_BITS; bit++) {
		flip(look->diagnosis->made, bit);
		if (made(look, BASIS_TRIED))
			return true;
		flip(look->diagnosis->made, bit);
	}
	return false;
}

/* Bytes that were handed in may be stored, or follow from what the page is: then it needs no store to know them. */
static enum basis basis_given(const struct look *look)
{
	struct recognised recognised;

	if (pm_page_repeats(look->then, 1))
		return BASIS_UNIFORM;
	pm_recognise(look->then, PM_PAGE_SIZE, look->suspect->address, &recognised);
	return recognised.kind == PM_DIAGNOSIS_PATTERN && recognised.confidence >= 99 ? BASIS_PATTERN : BASIS_GIVEN;
}

void expected_cheaply(struct look *look)
{
	struct pm_diagnosis *diagnosis = look->diagnosis;

	if (look->then || from_owner(look)) {
		look->finding->basis = (uint8_t)basis_given(look);
		return;
	}
	if (from_uniform(look) || from_twin(look) || (look->suspect->syndrome && from_one_bit(look)))
		return;
	if (purse_open(&diagnosis->try_pattern))
		purse_pay(&diagnosis->try_pattern, from_pattern(look));
}

void expected_dearly(struct look *look)
{
	struct pm_diagnosis *diagnosis = look->diagnosis;

	if (look->then)
		return;
	if (!look->suspect->syndrome) {
		if (purse_open(&diagnosis->try_bit))
			purse_pay(&diagnosis->try_bit, from_trying(look));
		return;
	}
	if (!odd_flips(look) && purse_open(&diagnosis->try_pairs) && purse_pay(&diagnosis->try_pairs, from_pair(look)))
		return;
	if (purse_open(&diagnosis->try_range) &&
	    purse_pay(&diagnosis->try_range, from_range(look, 0) || from_range(look, 0xff)))
		return;
	if (purse_open(&diagnosis->try_words) && purse_pay(&diagnosis->try_words, from_word(look)))
		return;
	if (purse_open(&diagnosis->try_few) && purse_pay(&diagnosis->try_few, from_few_words(look)))
		return;
	if (odd_flips(look) && purse_open(&diagnosis->try_lanes))
		purse_pay(&diagnosis->try_lanes, from_lanes(look));
}
