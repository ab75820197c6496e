/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was found of one page, and how the parts of the engine share it. */
#ifndef PMPOOL_FINDING_H
#define PMPOOL_FINDING_H

#include "pmpool/diagnose.h"
#include "pmpool/format.h"
#include <json-c/json.h>

#define PM_DIGEST_SIZE 16u
#define NO_OFFSET UINT16_MAX
#define PARAMETER_MANY UINT64_MAX /* of a group of pages whose parameters differ */

/* Pages that get every hypothesis; later ones only what costs no more than reading them. */
#define PAGES_CLOSELY 65536u

struct finding {
	uint64_t page;
	/* What pages of one entry have in common, by kind: fill value, address line, distance, stuck lanes ... */
	uint64_t parameter, parameter2;
	uint32_t cells_at; /* its flipped bits, in the engine's array */
	uint16_t cells; /* how many of them */
	uint16_t first, last; /* bytes of the page in which wrong ones lie; NO_OFFSET: not known */
	uint8_t kind; /* enum pm_diagnosis_kind */
	uint8_t confidence;
	uint8_t basis; /* enum basis */
	bool mixed; /* one of many small groups that were put together */
	bool lanes; /* parameters are the AND and the OR of its words, until settle_lanes */
	uint8_t measure; /* overwritten: entropy in tenths of a bit a byte; torn: enum torn_shape; stuck: per cent that went */
	uint32_t sample; /* number of its sample, from 1; 0: none */
	uint32_t place; /* number of its places, from 1; 0: its content is expected nowhere */
};

/* How the expected bytes came to be known. */
enum basis {
	BASIS_NONE, /* they are not */
	BASIS_GIVEN,
	BASIS_TWIN, /* another page is expected to be equal, and still is */
	BASIS_UNIFORM, /* the digest is that of a page of one byte */
	BASIS_PATTERN, /* the digest is that of an address pattern */
	BASIS_SYNDROME, /* found by the syndrome, proven by the digest */
	BASIS_TRIED, /* found by trying, proven by the digest */
	BASIS_SHALLOW, /* not tried: there were too many pages */
};

struct cell { /* bits of one lane of the page's 64-bit words that went one way */
	uint8_t lane;
	uint8_t to_one;
	uint16_t count;
};

#define SAMPLE_BYTES 32u
#define NOTE_BYTES 80u
struct sample {
	uint64_t address; /* of its first byte */
	uint8_t expected[SAMPLE_BYTES], found[SAMPLE_BYTES];
	bool expected_known, found_known;
	char note[NOTE_BYTES]; /* what was recognised, printable ASCII */
};

/* Tries that failed and may still fail: a hypothesis that explains pages is tried on and on, another one not for ever. */
struct purse {
	unsigned left;
};

/* Torn: what the wrong part holds (parameter), and how it lies in the page (measure). */
enum torn_holds { TORN_ZEROS, TORN_ONES, TORN_FILL, TORN_OTHER };
enum torn_shape {
	TORN_LINE_START = 1, /* begins at a multiple of 64 bytes */
	TORN_LINE_END = 2,
	TORN_SCATTERED = 4, /* right lines between wrong ones */
	TORN_FROM_START = 8, /* of the page */
	TORN_TO_END = 16,
};

/* Overwritten: what more is known (parameter). */
enum overwritten { OVERWRITTEN_BY_SOMETHING, OVERWRITTEN_UNSTEADY, OVERWRITTEN_SHALLOW, OVERWRITTEN_UNKNOWN };

#define PLACES_KEPT 4u
struct places { /* where else a page's content is expected, as far as it is told */
	uint64_t address; /* of the page itself */
	uint64_t lines; /* address lines in which such a place differs, and nothing else */
	int64_t distances[PLACES_KEPT]; /* bytes from where it belongs to where it is */
	unsigned count; /* of distances */
	bool common; /* in so many places that it proves nothing by itself */
};

struct pm_diagnosis {
	struct pm_surroundings around;
	struct finding *findings;
	size_t count, room;
	struct cell *cells;
	size_t cell_count, cell_room;
	struct sample *samples;
	size_t sample_count, sample_room;
	struct places *places;
	size_t place_count, place_room;
	uint8_t fills[256][PM_DIGEST_SIZE]; /* digest of a page of each byte */
	int32_t shifts[8]; /* distances at which content was found, newest first */
	unsigned shift_count;
	struct purse try_bit, try_pairs, try_words, try_few, try_lanes, try_range, try_pattern, try_shift;
	uint8_t window[3 * PM_PAGE_SIZE]; /* the page and its neighbours, as they are now */
	uint8_t made[PM_PAGE_SIZE]; /* the expected page, where it could be made */
	uint8_t other[PM_PAGE_SIZE];
};

/* One page while it is looked at. */
struct look {
	struct pm_diagnosis *diagnosis;
	const struct pm_suspect *suspect;
	const uint8_t *now;
	const uint8_t *then; /* NULL: not known, and could not be made */
	uint8_t digest[PM_DIGEST_SIZE]; /* of now */
	uint64_t difference; /* of the syndromes; only when the suspect has one */
	struct finding *finding;
	char note[NOTE_BYTES];
};

bool pm_digest_is(const void *page, const uint8_t digest[PM_DIGEST_SIZE]);
static inline uint64_t word_at(const uint8_t *page, size_t word)
{
	uint64_t value;

	__builtin_memcpy(&value, page + 8 * word, 8);
	return value;
}

/* --- entries --- */
struct json_object *diagnosis_entries(struct pm_diagnosis *diagnosis);

#endif
