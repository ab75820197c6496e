/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a page looks like after a fault of each kind: as the fault does it to real memory. */
#include "test_fault_pool.h"
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 40, PAGE = 4096 };

typedef void page_check(const struct fault_pool *pool, const struct pm_fault *fault, const uint8_t *now,
			const uint8_t *then);

static unsigned turned_bits(const uint8_t *now, const uint8_t *then)
{
	unsigned bits = 0;

	for (size_t i = 0; i < PAGE; i++)
		bits += (unsigned)__builtin_popcount(now[i] ^ then[i]);
	return bits;
}

static bool told(const struct pm_fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool told(const struct pm_fault *fault, const char *format, ...)
{
	char words[128];
	va_list values;

	va_start(values, format);
	vsnprintf(words, sizeof(words), format, values);
	va_end(values);
	return strcmp(fault->detail, words) == 0;
}

static void bit_flip(const struct fault_pool *pool, const struct pm_fault *fault, const uint8_t *now,
		     const uint8_t *then)
{
	size_t at = fault->address % PAGE;
	unsigned bit = (unsigned)__builtin_ctz(now[at] ^ then[at]);

	assert_int_equal(turned_bits(now, then), 1);
	assert_int_equal(fault->bytes, 1);
	assert_true(told(fault, "bit %u of byte %zu: %u to %u", bit, at, then[at] >> bit & 1, now[at] >> bit & 1));
}

static void bit_flips(const struct fault_pool *pool, const struct pm_fault *fault, const uint8_t *now,
		      const uint8_t *then)
{
	assert_in_range(turned_bits(now, then), 2, 32);
	assert_int_equal(strtoul(fault->detail, NULL, 10), turned_bits(now, then));
}

/* All words have the lane at the same value, and differ in nothing else. */
static void stuck_bit(const struct fault_pool *pool, const struct pm_fault *fault, const uint8_t *now,
		      const uint8_t *then)
{
	unsigned lane, value, changed = 0, words;

	assert_int_equal(
		sscanf(fault->detail, "bit %u of each 64-bit word stuck at %u: %u words", &lane, &value, &words), 3);
	for (size_t i = 0; i < PAGE; i += 8) {
		uint64_t is, was;

		memcpy(&is, now + i, 8);
		memcpy(&was, then + i, 8);
		assert_int_equal(is >> lane & 1, value);
		assert_int_equal((is ^ was) & ~(UINT64_C(1) << lane), 0);
		changed += is != was;
	}
	assert_int_equal(changed, words);
	assert_true(changed >= 8);
	assert_int_equal(strncmp(fault->detail, pool->faults[0].detail, strcspn(fault->detail, ":")), 0);
}

static bool all(const uint8_t *now, uint8_t byte)
{
	return now[0] == byte && memcmp(now, now + 1, PAGE - 1) == 0;
}

static void zeroed(const struct fault_pool *pool, const struct pm_fault *fault, const uint8_t *now, const uint8_t *then)
{
	assert_true(all(now, 0));
}

static void ones(const struct fault_pool *pool, const struct pm_fault *fault, const uint8_t *now, const uint8_t *then)
{
	assert_true(all(now, 0xff));
}

static void filled(const struct fault_pool *pool, const struct pm_fault *fault, const uint8_t *now, const uint8_t *then)
{
	uint64_t word;

	memcpy(&word, now, 8);
	assert_memory_equal(now, now + 8, PAGE - 8);
	assert_true(word != 0 && word != UINT64_MAX);
	assert_int_equal(strtoull(fault->detail + strlen("filled with "), NULL, 16), word);
	assert_string_equal(fault->detail, pool->faults[0].detail);
}

/* The page whose content stands there, as the words say it. */
static uint64_t source_of(const struct pm_fault *fault)
{
	assert_int_equal(strncmp(fault->detail, "content of page ", 16), 0);
	return strtoull(fault->detail + 16, NULL, 10);
}

static void aliased(const struct fault_pool *pool, const struct pm_fault *fault, const uint8_t *now,
		    const uint8_t *then)
{
	uint64_t source = source_of(fault);
	uint64_t bit = (MODEL_BASE + source * PAGE) ^ (MODEL_BASE + fault->page * PAGE);
	uint64_t first = (MODEL_BASE + source_of(&pool->faults[0]) * PAGE) ^ (MODEL_BASE + pool->faults[0].page * PAGE);

	assert_int_equal(bit & (bit - 1), 0);
	assert_int_equal(bit, first);
	assert_memory_equal(now, fault_then(pool, source), PAGE);
	assert_memory_not_equal(now, now + 8, PAGE - 8);
}

static void displaced(const struct fault_pool *pool, const struct pm_fault *fault, const uint8_t *now,
		      const uint8_t *then)
{
	uint64_t source = source_of(fault);
	uint64_t bits = (MODEL_BASE + source * PAGE) ^ (MODEL_BASE + fault->page * PAGE);

	assert_true((bits & (bits - 1)) != 0);
	assert_memory_equal(now, fault_then(pool, source), PAGE);
	assert_memory_not_equal(now, now + 8, PAGE - 8);
}

/* Byte for byte against the whole part as it was. */
static void shifted(const struct fault_pool *pool, const struct pm_fault *fault, const uint8_t *now,
		    const uint8_t *then)
{
	unsigned long long pages, first;
	unsigned by;
	char way[8];

	assert_int_equal(sscanf(fault->detail, "%u bytes %7[onback], over %llu pages from page %llu", &by, way, &pages,
				&first),
			 4);
	assert_in_range(by, 1, PAGE - 1);
	assert_true(fault->page >= first && fault->page < first + pages);
	for (uint64_t i = 0; i < PAGE; i++) {
		uint64_t at = (fault->page - first) * PAGE + i, from = at;

		if (strcmp(way, "on") == 0)
			from = at < by ? at : at - by;
		else
			from = at + by < pages * PAGE ? at + by : at;
		assert_int_equal(now[i], fault_then(pool, first)[from]);
	}
}

static void torn(const struct fault_pool *pool, const struct pm_fault *fault, const uint8_t *now, const uint8_t *then)
{
	size_t from, to;

	assert_int_equal(sscanf(fault->detail, "other bytes from byte %zu to %zu", &from, &to), 2);
	assert_int_equal(from, fault->address % PAGE);
	assert_int_equal(to - from + 1, fault->bytes);
	assert_in_range(from, 64, PAGE - 65);
	assert_memory_equal(now, then, from);
	assert_memory_equal(now + to + 1, then + to + 1, PAGE - to - 1);
}

static void elf(const struct fault_pool *pool, const struct pm_fault *fault, const uint8_t *now, const uint8_t *then)
{
	Elf64_Ehdr header;

	memcpy(&header, now, sizeof(header));
	assert_memory_equal(header.e_ident, ELFMAG, SELFMAG);
	assert_int_equal(header.e_machine, EM_X86_64);
	assert_int_equal(header.e_phentsize, sizeof(Elf64_Phdr));
	for (unsigned i = 0; i < header.e_phnum; i++) {
		Elf64_Phdr segment;

		memcpy(&segment, now + header.e_phoff + i * sizeof(segment), sizeof(segment));
		assert_true(segment.p_filesz <= segment.p_memsz);
		assert_true(segment.p_offset + segment.p_filesz <= header.e_shoff);
		assert_int_equal(segment.p_align > 1 ? segment.p_offset % segment.p_align : 0,
				 segment.p_align > 1 ? segment.p_vaddr % segment.p_align : 0);
	}
}

static void kernel(const struct fault_pool *pool, const struct pm_fault *fault, const uint8_t *now, const uint8_t *then)
{
	assert_memory_equal(now, "MZ", 2);
	assert_memory_equal(now + 0x1fe, "\x55\xaa", 2);
	assert_memory_equal(now + 0x202, "HdrS", 4);
	assert_int_equal(now[0x206] | now[0x207] << 8, 0x20f);
}

/* Header follows header, as the sizes in them say. */
static void initrd(const struct fault_pool *pool, const struct pm_fault *fault, const uint8_t *now, const uint8_t *then)
{
	size_t at = 0, count = 0, entries;

	while (at + 110 <= PAGE) {
		unsigned body, name;

		assert_memory_equal(now + at, "070701", 6);
		assert_int_equal(sscanf((const char *)now + at + 54, "%8x", &body), 1);
		assert_int_equal(sscanf((const char *)now + at + 94, "%8x", &name), 1);
		if (at + 110 + name <= PAGE)
			assert_int_equal(strnlen((const char *)now + at + 110, name), name - 1);
		at = (at + 110 + name + 3) / 4 * 4;
		at += (body + 3) / 4 * 4;
		count++;
	}
	assert_int_equal(sscanf(fault->detail, "first page of a cpio archive (newc), %zu", &entries), 1);
	assert_in_range(entries, count, count + 1);
}

static void page_table(const struct fault_pool *pool, const struct pm_fault *fault, const uint8_t *now,
		       const uint8_t *then)
{
	unsigned present = 0, neighbours = 0;
	uint64_t entry, before = 0;

	for (size_t i = 0; i < PAGE; i += 8, before = entry) {
		memcpy(&entry, now + i, 8);
		assert_true(entry == 0 || entry & 1);
		assert_int_equal(entry & UINT64_C(0x7ff0000000000e00) & ~UINT64_C(0x800), 0); /* reserved */
		assert_true((entry & UINT64_C(0x000ffffffffff000)) < UINT64_C(1) << 36);
		present += entry & 1;
		neighbours += entry == before + PAGE;
	}
	assert_true(present >= 64);
	assert_true(neighbours > present / 2);
	assert_true(told(fault, "x86-64 page table with %u present entries", present));
}

static void text(const struct fault_pool *pool, const struct pm_fault *fault, const uint8_t *now, const uint8_t *then)
{
	for (size_t i = 0; i < PAGE; i++)
		assert_true(now[i] == '\n' || (now[i] >= ' ' && now[i] < 0x7f));
}

static void overwritten(const struct fault_pool *pool, const struct pm_fault *fault, const uint8_t *now,
			const uint8_t *then)
{
	unsigned bits = turned_bits(now, then);

	assert_in_range(bits, PAGE * 3, PAGE * 5);
}

static page_check *const checks[PM_FAULT_COUNT] = {
	[PM_FAULT_BIT_FLIP] = bit_flip,
	[PM_FAULT_BIT_FLIPS] = bit_flips,
	[PM_FAULT_STUCK_BIT] = stuck_bit,
	[PM_FAULT_ZEROED] = zeroed,
	[PM_FAULT_ONES] = ones,
	[PM_FAULT_FILLED] = filled,
	[PM_FAULT_ALIASED] = aliased,
	[PM_FAULT_DISPLACED] = displaced,
	[PM_FAULT_SHIFTED] = shifted,
	[PM_FAULT_TORN] = torn,
	[PM_FAULT_ELF] = elf,
	[PM_FAULT_KERNEL] = kernel,
	[PM_FAULT_INITRD] = initrd,
	[PM_FAULT_PAGE_TABLE] = page_table,
	[PM_FAULT_TEXT] = text,
	[PM_FAULT_OVERWRITTEN] = overwritten,
};

static void pages_look_as_the_fault_makes_them(void **state)
{
	struct fault_pool *pool = malloc(sizeof(*pool));

	(void)state;
	assert_non_null(pool);
	fault_pool_open(pool);
	for (unsigned kind = 0; kind < PM_FAULT_SUPERBLOCK; kind++)
		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			struct pm_fault_request request = {.kind = (enum pm_fault_kind)kind, .seed = seed * 977};

			assert_int_equal(fault_pool_inject(pool, &request), PM_OK);
			for (size_t i = 0; i < pool->count; i++) {
				const struct pm_fault *fault = &pool->faults[i];

				checks[kind](pool, fault, fault_now(pool, fault->page), fault_then(pool, fault->page));
			}
			fault_pool_restore(pool);
		}
	fault_pool_close(pool);
	free(pool);
}

/* A page of zeros cannot be zeroed, one of 0xff not be made ones. */
static void pages_that_would_not_change_are_not_chosen(void **state)
{
	static const struct {
		enum pm_fault_kind kind;
		uint8_t byte;
	} cases[] = {{PM_FAULT_ZEROED, 0},
		     {PM_FAULT_ONES, 0xff},
		     {PM_FAULT_SHIFTED, 0x35},
		     {PM_FAULT_ALIASED, 0x35},
		     {PM_FAULT_DISPLACED, 0x35}};
	struct pm_alloc_request request = {.pages = 500};
	struct fault_pool *pool = malloc(sizeof(*pool));
	struct pm_run run;

	(void)state;
	assert_non_null(pool);
	fault_pool_open_empty(pool);
	assert_int_equal(pm_alloc(&pool->region.pool, &request, &model_act, &run), PM_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pm_fault_request fault = {.kind = cases[i].kind, .seed = i};
		uint8_t *bytes = pm_page_bytes(&pool->region.pool, run.page);

		memset(bytes, cases[i].byte, 500 * PAGE);
		assert_int_equal(fault_pool_inject(pool, &fault), PM_E_NOT_ALLOCATED);
		if (cases[i].kind != PM_FAULT_ZEROED && cases[i].kind != PM_FAULT_ONES)
			continue;
		bytes[321 * PAGE + 5] ^= 1;
		assert_int_equal(fault_pool_inject(pool, &fault), PM_OK);
		assert_int_equal(pool->count, 1);
		assert_int_equal(pool->faults[0].page, run.page + 321);
		assert_int_equal(pool->faults[0].bytes, 1);
	}
	fault_pool_close(pool);
	free(pool);
}

/* Torn at a line mostly, at an odd place sometimes; to the end mostly, over a part sometimes. Shifted both ways. */
static void kinds_have_all_their_forms(void **state)
{
	unsigned lines = 0, odd = 0, whole = 0, parts = 0, on = 0, back = 0;
	struct fault_pool *pool = malloc(sizeof(*pool));

	(void)state;
	assert_non_null(pool);
	fault_pool_open(pool);
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct pm_fault_request tear = {.kind = PM_FAULT_TORN, .seed = seed};
		struct pm_fault_request shift = {.kind = PM_FAULT_SHIFTED, .seed = seed};

		assert_int_equal(fault_pool_inject(pool, &tear), PM_OK);
		*(pool->faults[0].address % 64 ? &odd : &lines) += 1;
		*((pool->faults[0].address + pool->faults[0].bytes) % PAGE ? &parts : &whole) += 1;
		fault_pool_restore(pool);
		assert_int_equal(fault_pool_inject(pool, &shift), PM_OK);
		*(strstr(pool->faults[0].detail, " back") ? &back : &on) += 1;
		fault_pool_restore(pool);
	}
	assert_true(lines > odd && odd > 0);
	assert_true(whole > parts && parts > 0);
	assert_true(on > 0 && back > 0);
	fault_pool_close(pool);
	free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_look_as_the_fault_makes_them),
		cmocka_unit_test(pages_that_would_not_change_are_not_chosen),
		cmocka_unit_test(kinds_have_all_their_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
