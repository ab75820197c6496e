// SPDX-License-Identifier: GPL-2.0-or-later
#include "repeat.h"
#include <stdlib.h>
#include <string.h>

struct slot {
	uint8_t digest[PM_DIGEST_BYTES];
	uint64_t next; /* one more than the page, so that 0 is an empty slot */
};

struct pm_repeats {
	struct slot slots[PM_REPEAT_SLOTS];
};

struct pm_repeats *pm_repeats_new(void)
{
	return calloc(1, sizeof(struct pm_repeats));
}

void pm_repeats_free(struct pm_repeats *repeats)
{
	free(repeats);
}

static size_t slot_of(const uint8_t digest[PM_DIGEST_BYTES])
{
	uint64_t word;

	memcpy(&word, digest, sizeof(word));
	return (size_t)(word % PM_REPEAT_SLOTS);
}

uint64_t pm_repeats_find(const struct pm_repeats *repeats, const uint8_t digest[PM_DIGEST_BYTES])
{
	const struct slot *slot = &repeats->slots[slot_of(digest)];

	return slot->next && memcmp(slot->digest, digest, PM_DIGEST_BYTES) == 0 ? slot->next - 1 : PM_NO_REPEAT;
}

uint64_t pm_repeats_look(struct pm_repeats *repeats, const uint8_t digest[PM_DIGEST_BYTES], uint64_t page)
{
	uint64_t before = pm_repeats_find(repeats, digest);
	struct slot *slot = &repeats->slots[slot_of(digest)];

	if (before == PM_NO_REPEAT) {
		memcpy(slot->digest, digest, PM_DIGEST_BYTES);
		slot->next = page + 1;
	}
	return before;
}
