/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "superblock.h"
#include "layout.h"
#include "persist.h"
#include <string.h>

enum copy_state {
	COPY_ABSENT,
	COPY_DAMAGED,
	COPY_OLDER, /* whole, but of version 1 */
	COPY_NEWER_MAYBE, /* says a newer version, but its checksum is not where ours is */
	COPY_NEWER,
	COPY_GOOD,
};

static enum copy_state read_copy(const uint8_t *place, struct pm_superblock *copy)
{
	bool whole;

	memcpy(copy, place, sizeof(*copy));
	if (memcmp(copy->magic, PM_MAGIC, sizeof(copy->magic)) != 0)
		return COPY_ABSENT;
	whole = pm_crc32c(0, copy, offsetof(struct pm_superblock, crc)) == copy->crc;
	if (copy->version > PM_FORMAT_VERSION)
		return whole ? COPY_NEWER : COPY_NEWER_MAYBE;
	if (!whole || copy->version == 0)
		return COPY_DAMAGED;
	if (copy->version < PM_FORMAT_VERSION)
		return COPY_OLDER;
	if (copy->incompat & ~PM_INCOMPAT_KNOWN)
		return COPY_NEWER;
	return pm_superblock_sane(copy) ? COPY_GOOD : COPY_DAMAGED;
}

static enum pm_code without_good_copy(enum copy_state a, enum copy_state b)
{
	if (a == COPY_NEWER || b == COPY_NEWER || a == COPY_NEWER_MAYBE || b == COPY_NEWER_MAYBE)
		return PM_E_POOL_FORMAT_NEWER;
	if (a == COPY_OLDER || b == COPY_OLDER)
		return PM_E_POOL_FORMAT_OLDER;
	return a == COPY_DAMAGED || b == COPY_DAMAGED ? PM_E_POOL_CORRUPT : PM_E_POOL_NOT_FOUND;
}

static bool same_pool(const struct pm_superblock *a, const struct pm_superblock *b)
{
	return memcmp(a->pool_uuid, b->pool_uuid, 16) == 0 && memcmp(a->region_uuid, b->region_uuid, 16) == 0 &&
	       a->region_bytes == b->region_bytes && a->physical_base == b->physical_base;
}

/* Where B stands: A says it when A is good, else the end of what is mapped. 0: nowhere. */
static uint64_t place_of_b(enum copy_state a_state, const struct pm_superblock *a, uint64_t bytes)
{
	uint64_t region = a_state == COPY_GOOD ? a->region_bytes : bytes & ~(PM_PAGE_SIZE - 1);

	return region > PM_PAGE_SIZE && region <= bytes ? region - PM_PAGE_SIZE : 0;
}

enum pm_code pm_superblock_choose(const void *base, uint64_t bytes, struct pm_superblock_choice *choice)
{
	struct pm_superblock *a = &choice->sb, b;
	enum copy_state a_state, b_state = COPY_ABSENT;
	uint64_t b_at;

	memset(choice, 0, sizeof(*choice));
	if (bytes < PM_PAGE_SIZE)
		return PM_E_POOL_NOT_FOUND;
	a_state = read_copy(base, a);
	b_at = place_of_b(a_state, a, bytes);
	if (b_at)
		b_state = read_copy((const uint8_t *)base + b_at, &b);
	/* The end of the mapping may belong to another, smaller pool. */
	if (b_state == COPY_GOOD && b.region_bytes != b_at + PM_PAGE_SIZE)
		b_state = COPY_ABSENT;
	if (a_state == COPY_GOOD && b_state == COPY_GOOD && !same_pool(a, &b))
		b_state = COPY_ABSENT;
	if (a_state != COPY_GOOD && b_state != COPY_GOOD)
		return without_good_copy(a_state, b_state);
	/* An upgrade that stopped half way is the newer software's to finish. */
	if (a_state == COPY_NEWER || b_state == COPY_NEWER)
		return PM_E_POOL_FORMAT_NEWER;
	choice->mend_a = a_state != COPY_GOOD || (b_state == COPY_GOOD && b.sequence > a->sequence);
	choice->mend_b = b_at && (b_state != COPY_GOOD || (!choice->mend_a && memcmp(a, &b, sizeof(b)) != 0));
	if (choice->mend_a)
		*a = b;
	return PM_OK;
}

enum pm_code pm_pool_probe(const void *base, uint64_t bytes, struct pm_superblock *sb)
{
	struct pm_superblock_choice choice;
	enum pm_code code = pm_superblock_choose(base, bytes, &choice);

	/* Of a newer format or a damaged copy the caller may still want to show the UUID and name. */
	*sb = choice.sb;
	return code;
}

void pm_superblock_seal(struct pm_superblock *sb)
{
	sb->crc = pm_crc32c(0, sb, offsetof(struct pm_superblock, crc));
}

void pm_superblock_write(void *place, const struct pm_superblock *sb, bool flush)
{
	uint64_t magic;

	pm_store64(place, 0);
	pm_persist_if(flush, place, 8);
	pm_store_bytes((uint8_t *)place + 8, (const uint8_t *)sb + 8, sizeof(*sb) - 8);
	pm_persist_if(flush, place, sizeof(*sb));
	memcpy(&magic, sb->magic, 8);
	pm_store64(place, magic);
	pm_persist_if(flush, place, 8);
}
