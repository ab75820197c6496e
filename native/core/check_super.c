/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Superblocks A and B: which of them holds, and what the other should be. */
#include "check_work.h"
#include <string.h>

#define B(choice) ((choice)->copies[1])

enum copy_state { COPY_NONE, COPY_TORN, COPY_DAMAGED, COPY_NEWER, COPY_OLDER, COPY_GOOD };

struct copy {
	uint64_t at; /* offset; PM_NOWHERE: B is not mapped */
	enum copy_state state; /* as it stands */
	bool mended; /* one byte was wrong: sb is as it was */
	struct pm_superblock sb;
};

struct choice {
	struct copy copies[2]; /* A, B */
	int holds; /* 0, 1, or -1: none */
	bool foreign; /* both are good, of two pools */
};

static enum copy_state judge(const struct pm_superblock *sb)
{
	if (pm_crc32c(0, sb, offsetof(struct pm_superblock, crc)) != sb->crc)
		return COPY_DAMAGED;
	if (memcmp(sb->magic, PM_MAGIC, sizeof(sb->magic)) != 0)
		return COPY_DAMAGED;
	if (sb->version > PM_FORMAT_VERSION)
		return COPY_NEWER;
	if (sb->version < PM_FORMAT_VERSION)
		return COPY_OLDER;
	if (sb->incompat & ~PM_INCOMPAT_KNOWN)
		return COPY_NEWER;
	return pm_superblock_sane(sb) ? COPY_GOOD : COPY_DAMAGED;
}

/* A superblock is written without its magic first: what has none was being written, or never was one. */
static enum copy_state judge_place(const struct pm_superblock *sb)
{
	static const uint8_t none[8];
	enum copy_state state = judge(sb);

	if (state == COPY_DAMAGED && memcmp(sb->magic, none, 8) == 0)
		return COPY_TORN;
	if (state == COPY_DAMAGED && memcmp(sb->magic, PM_MAGIC, 8) != 0)
		return COPY_NONE;
	return state;
}

static void copy_read(const struct pm_check_work *work, const uint8_t *base, uint64_t at, struct copy *copy)
{
	struct pm_superblock was;

	*copy = (struct copy){.at = at};
	if (at == PM_NOWHERE)
		return;
	memcpy(&copy->sb, base + at, sizeof(copy->sb));
	copy->state = judge_place(&copy->sb);
	if (copy->state >= COPY_NEWER)
		return;
	was = copy->sb;
	copy->mended = check_mend(work, (uint8_t *)&copy->sb, offsetof(struct pm_superblock, crc), 0,
				  offsetof(struct pm_superblock, crc)) &&
		       judge(&copy->sb) == COPY_GOOD;
	if (!copy->mended)
		copy->sb = was;
}

static bool readable(const struct copy *copy)
{
	return copy->state == COPY_GOOD || copy->mended;
}

/* B speaks for the region only when it stands at its end. */
static void b_read(const struct pm_check_work *work, const uint8_t *base, uint64_t end, struct copy *b)
{
	copy_read(work, base, end > PM_PAGE_SIZE ? end - PM_PAGE_SIZE : PM_NOWHERE, b);
	if (readable(b) && b->sb.region_bytes != end)
		*b = (struct copy){.at = b->at, .state = COPY_NONE};
}

static bool same_region(const struct pm_superblock *a, const struct pm_superblock *b)
{
	return memcmp(a->pool_uuid, b->pool_uuid, 16) == 0 && memcmp(a->region_uuid, b->region_uuid, 16) == 0 &&
	       a->region_bytes == b->region_bytes && a->physical_base == b->physical_base;
}

static int which_holds(const struct choice *choice)
{
	const struct copy *a = &choice->copies[0], *b = &choice->copies[1];

	if (!readable(a) || !readable(b))
		return readable(a) ? 0 : readable(b) ? 1 : -1;
	return b->sb.sequence > a->sb.sequence ? 1 : 0;
}

static enum pm_code choose(const struct pm_check_work *work, const uint8_t *base, uint64_t bytes, struct choice *choice)
{
	struct copy *a = &choice->copies[0], *b = &choice->copies[1];
	uint64_t end = bytes & ~(PM_PAGE_SIZE - 1);

	copy_read(work, base, 0, a);
	if (readable(a))
		end = a->sb.region_bytes <= bytes ? a->sb.region_bytes : 0;
	b_read(work, base, end, b);
	choice->foreign = readable(a) && readable(b) && !same_region(&a->sb, &b->sb);
	choice->holds = choice->foreign ? 0 : which_holds(choice);
	if (a->state == COPY_NEWER || b->state == COPY_NEWER)
		return PM_E_POOL_FORMAT_NEWER;
	if (choice->holds >= 0)
		return PM_OK;
	if (a->state == COPY_OLDER || b->state == COPY_OLDER)
		return PM_E_POOL_FORMAT_OLDER;
	return a->state == COPY_DAMAGED || b->state == COPY_DAMAGED ? PM_OK : PM_E_POOL_NOT_FOUND;
}

static void write_over(struct pm_check_side *side, struct pm_finding *finding, const struct choice *choice, int which)
{
	size_t before = check_patches(side);
	const struct pm_superblock *holds = &choice->copies[choice->holds].sb;

	if (side->physical_base != holds->physical_base)
		check_refused(finding, CHECK_MOVED);
	else if (check_correct(side, choice->copies[which].at, holds, sizeof(*holds)))
		check_repaired(side, finding, before);
}

/* One of the copies as it stands against the one that holds. */
static void report(struct pm_check_side *side, const struct choice *choice, int which)
{
	const struct copy *copy = &choice->copies[which], *holds = &choice->copies[choice->holds];
	bool is_b = which == 1;
	struct pm_check_about about = CHECK_BYTES(copy->at, PM_PAGE_SIZE);

	if (copy->at == PM_NOWHERE || (copy->state == COPY_GOOD && which == choice->holds))
		return;
	if (copy->state == COPY_GOOD && memcmp(&copy->sb, &holds->sb, sizeof(copy->sb)) == 0)
		return;
	if (copy->state == COPY_GOOD || copy->state == COPY_TORN) {
		struct pm_finding *finding =
			check_found(side, is_b ? PM_FINDING_SUPERBLOCK_B_STALE : PM_FINDING_SUPERBLOCK_A_STALE, about,
				    copy->state == COPY_TORN ? "it has no magic: it was being written"
							     : "sequence %u, that of the other is %u",
				    copy->sb.sequence, holds->sb.sequence);

		write_over(side, finding, choice, which);
		return;
	}
	write_over(side,
		   check_found(side, is_b ? PM_FINDING_SUPERBLOCK_B_DAMAGED : PM_FINDING_SUPERBLOCK_A_DAMAGED, about,
			       copy->mended		   ? "one byte is wrong"
			       : copy->state == COPY_NONE  ? "there is none"
			       : copy->state == COPY_OLDER ? "it is of an older format"
							   : "its checksum is wrong, or its fields make no sense"),
		   choice, which);
}

static void report_none(struct pm_check_side *side, const struct choice *choice)
{
	static const char why[] = "both copies are damaged in more than one byte";

	check_refused(check_found(side, PM_FINDING_SUPERBLOCK_A_DAMAGED, CHECK_BYTES(0, PM_PAGE_SIZE),
				  "its checksum is wrong, or its fields make no sense"),
		      why);
	if (choice->copies[1].at != PM_NOWHERE)
		check_refused(check_found(side, PM_FINDING_SUPERBLOCK_B_DAMAGED,
					  CHECK_BYTES(choice->copies[1].at, PM_PAGE_SIZE),
					  "its checksum is wrong, or it is not there"),
			      why);
}

enum pm_code check_superblocks(struct pm_check_side *side)
{
	struct choice choice;
	enum pm_code code;

	if (side->bytes < PM_PAGE_SIZE)
		return PM_E_POOL_NOT_FOUND;
	code = choose(side->check->work, side->base, side->bytes, &choice);
	if (code != PM_OK)
		return code;
	if (choice.holds < 0) {
		report_none(side, &choice);
		return PM_OK;
	}
	side->region->sb = choice.copies[choice.holds].sb;
	side->region->index = side->region->sb.region_index;
	side->region->readable = true;
	if (choice.foreign) {
		check_refused(check_found(side, PM_FINDING_SUPERBLOCKS_DIFFER,
					  CHECK_BYTES(choice.copies[1].at, PM_PAGE_SIZE),
					  "pool \"%s\" by A, \"%s\" by B", choice.copies[0].sb.pool_name,
					  choice.copies[1].sb.pool_name),
			      "either may be the pool that is meant");
		return PM_OK;
	}
	report(side, &choice, 0);
	report(side, &choice, 1);
	return PM_OK;
}

uint64_t pm_check_region_bytes(const void *base, uint64_t bytes)
{
	struct pm_check_work work;
	struct choice choice;

	if (bytes < PM_PAGE_SIZE)
		return 0;
	check_locate_init(&work);
	if (choose(&work, base, bytes, &choice) != PM_OK || choice.holds < 0)
		return 0;
	return choice.copies[choice.holds].sb.region_bytes;
}
