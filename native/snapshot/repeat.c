// SPDX-License-Identifier: GPL-2.0-or-later
#include "repeat.h"
#include <string.h>
#include <sys/mman.h>

struct slot {
	uint8_t digest[PM_DIGEST_BYTES];
	uint64_t next; /* one more than the page, so that 0 is an empty slot */
};

struct pm_repeats {
	struct slot slots[PM_REPEAT_SLOTS];
};

/* Not from the heap, which would fill it with zeros: of a small file hardly a page of it is touched. */
struct pm_repeats *pm_repeats_new(void)
{
	void *memory =
		mmap(NULL, sizeof(struct pm_repeats), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

void pm_repeats_free(struct pm_repeats *repeats)
{
	if (repeats)
		munmap(repeats, sizeof(*repeats));
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
