/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a file system or volume ends: the few numbers of its superblock that say so. Hostile: sums saturate. */
#include "extent.h"
#include "pmpool/format.h"
#include <stdbool.h>
#include <string.h>

static uint64_t little(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

static uint64_t big(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

static uint64_t times(uint64_t count, uint64_t bytes)
{
	uint64_t product;

	return __builtin_mul_overflow(count, bytes, &product) ? UINT64_MAX : product;
}

/* ext2, ext3, ext4: superblock at 1024 */
static uint64_t ext_bytes(const uint8_t *head)
{
	const uint8_t *sb = head + 1024;
	uint64_t shift = little(sb + 24, 4), blocks = little(sb + 4, 4);

	/* a copy that a later block group keeps is no start */
	if (little(sb + 56, 2) != 0xef53 || shift > 6 || little(sb + 90, 2))
		return 0;
	if (little(sb + 96, 4) & 0x80) /* incompat feature 64bit */
		blocks |= little(sb + 0x150, 4) << 32;
	return times(blocks, UINT64_C(1024) << shift);
}

static uint64_t xfs_bytes(const uint8_t *head)
{
	return memcmp(head, "XFSB", 4) ? 0 : times(big(head + 8, 8), big(head + 4, 4));
}

/* superblock at 64 KiB */
static uint64_t btrfs_bytes(const uint8_t *head)
{
	return memcmp(head + 0x10040, "_BHRfS_M", 8) ? 0 : little(head + 0x10070, 8);
}

/* Header in sector 1: the last of its backup. */
static uint64_t gpt_bytes(const uint8_t *head)
{
	uint64_t last = little(head + 512 + 32, 8);

	return memcmp(head + 512, "EFI PART", 8) || last == UINT64_MAX ? 0 : times(last + 1, 512);
}

/* Four entries at 446: type, first sector, sectors. A boot sector of a file system has no sane ones. */
static uint64_t mbr_bytes(const uint8_t *head)
{
	uint64_t end = 0;

	if (little(head + 510, 2) != 0xaa55)
		return 0;
	for (const uint8_t *entry = head + 446; entry < head + 510; entry += 16) {
		uint64_t first = little(entry + 8, 4), sectors = little(entry + 12, 4);

		if (entry[0] & 0x7f)
			return 0;
		if (entry[4] && first && sectors && (first + sectors) * 512 > end)
			end = (first + sectors) * 512;
	}
	return end;
}

/* The header does not say how long the volume is; its data are behind it. */
static uint64_t luks_bytes(const uint8_t *head)
{
	return memcmp(head, "LUKS\xba\xbe", 6) ? 0 : PM_EXTENT_UNKNOWN;
}

/* Label in one of the first four sectors; the header that it points to has the volume's size behind a UUID. */
static uint64_t lvm_bytes(const uint8_t *head)
{
	for (const uint8_t *label = head; label < head + 2048; label += 512) {
		uint64_t offset = little(label + 20, 4), bytes;

		if (memcmp(label, "LABELONE", 8) || memcmp(label + 24, "LVM2 001", 8))
			continue;
		bytes = offset <= 512 - 40 ? little(label + offset + 32, 8) : 0;
		return bytes ? bytes : PM_EXTENT_UNKNOWN;
	}
	return 0;
}

/* The signature ends the first page; version 1 has the number of its last page at 1028. */
static uint64_t swap_bytes(const uint8_t *head)
{
	return memcmp(head + 4086, "SWAPSPACE2", 10) ? 0 : times(little(head + 1028, 4) + 1, 4096);
}

static bool ext_is(const uint8_t *head, unsigned at, uint32_t features)
{
	return (little(head + 1024 + at, 4) & features) != 0;
}

/* By what the superblock needs: extents, 64bit, flex_bg are ext4's, a journal is ext3's. */
static const char *ext_name(const uint8_t *head)
{
	return ext_is(head, 96, 0x2c0) ? "ext4" : ext_is(head, 92, 0x4) ? "ext3" : "ext2";
}

uint64_t pm_extent_of(const uint8_t *head, const char **name)
{
	static const struct {
		const char *name;
		uint64_t (*bytes)(const uint8_t *head);
	} known[] = {
		{"crypto_LUKS", luks_bytes},
		{"LVM2_member", lvm_bytes},
		{"ext", ext_bytes},
		{"xfs", xfs_bytes},
		{"btrfs", btrfs_bytes},
		{"swap", swap_bytes},
		{"partition table gpt", gpt_bytes},
		{"partition table dos", mbr_bytes},
	};

	*name = "";
	/* What stands behind the superblock of a pool is old. */
	if (memcmp(head, PM_MAGIC, 8) == 0)
		return 0;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		uint64_t bytes = known[i].bytes(head);

		if (bytes) {
			*name = known[i].bytes == ext_bytes ? ext_name(head) : known[i].name;
			return bytes;
		}
	}
	return 0;
}
