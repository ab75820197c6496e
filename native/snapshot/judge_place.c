// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Did this kernel come by the kexec, and does it leave the regions alone. Intact bytes prove neither: an idle kernel
 * may leave memory that it owns untouched for a long time.
 */
#include "judge.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define RESERVATIONS_MAX 512u /* more do not fit a kernel command line of 2048 bytes */

static bool option_present(const char *cmdline, const char *name, const char *value)
{
	size_t length = strlen(name) + strlen(value);
	const char *at = cmdline;

	while (*value && (at = strstr(at, name)) != NULL) {
		bool starts = at == cmdline || at[-1] == ' ';

		if (starts && strncmp(at + strlen(name), value, strlen(value)) == 0 &&
		    (at[length] == 0 || at[length] == ' '))
			return true;
		at += strlen(name);
	}
	return false;
}

/* A kernel that still runs has no nonce because nothing has happened; one without it came some other way. */
static void judge_nonce(struct pm_judge *judge, const char *nonce)
{
	if (judge->boot == PM_BOOT_KEXEC) {
		pm_check_add(judge->checks, "nonce", PM_PASS, "It was the planned kexec", "",
			     "pmpool.nonce=%s is on /proc/cmdline.", nonce);
		return;
	}
	if (judge->boot == PM_BOOT_SAME)
		pm_check_add(judge->checks, "nonce", PM_FAIL, "No kexec took place", "Go through the kexec first.",
			     "The kernel that ran when the expectation was written still runs: %s.",
			     judge->kernel_after);
	else
		pm_check_add(judge->checks, "nonce", PM_FAIL, "It was not the planned kexec",
			     "A power cycle, a crash or another kexec came between; see the serial log.",
			     "pmpool.nonce=%s is not on /proc/cmdline: %.1024s", nonce, judge->cmdline);
	pm_judge_found(judge, PM_CLASS_WRONG_BOOT);
}

enum pm_code pm_judge_boot(struct pm_judge *judge, struct pm_error *err)
{
	const char *before = json_text(judge->facts, "bootId"), *nonce = json_text(judge->facts, "nonce");
	uint8_t boot_id[16];
	enum pm_code code = pm_host_boot_id(judge->host, boot_id, err);

	if (!code)
		code = pm_host_read_all(judge->host, "/proc/cmdline", &judge->cmdline, err);
	if (code)
		return code;
	judge->cmdline[strcspn(judge->cmdline, "\n")] = 0;
	pm_uuid_format(boot_id, judge->boot_after);
	if (pm_host_read(judge->host, "/proc/sys/kernel/osrelease", judge->kernel_after, sizeof(judge->kernel_after),
			 NULL))
		judge->kernel_after[0] = 0;
	judge->nonce_seen = option_present(judge->cmdline, "pmpool.nonce=", nonce);
	judge->boot = strcmp(before, judge->boot_after) == 0 ? PM_BOOT_SAME
		      : judge->nonce_seen		     ? PM_BOOT_KEXEC
							     : PM_BOOT_OTHER;
	if (judge->boot == PM_BOOT_SAME) {
		pm_check_add(judge->checks, "boot-id", PM_FAIL, "The host has not booted since",
			     "Go through the kexec first.", "Boot id %s, as when the expectation was written.", before);
		pm_judge_found(judge, PM_CLASS_WRONG_BOOT);
	} else {
		pm_check_add(judge->checks, "boot-id", PM_PASS, "The host booted", "", "Boot id %s, before %s.",
			     judge->boot_after, before);
	}
	judge_nonce(judge, nonce);
	return PM_OK;
}

static enum pm_code judge_ram(struct pm_judge *judge, const struct pm_judged *judged, uint64_t *ram_bytes,
			      struct pm_error *err)
{
	uint64_t base = judged->sb->physical_base, bytes = judged->sb->region_bytes;
	struct pm_iomem_cover cover;
	struct pm_iomem iomem;
	char *text;
	enum pm_code code = pm_host_read_all(judge->host, "/proc/iomem", &text, err);

	if (code)
		return code;
	code = pm_iomem_parse(text, &iomem);
	free(text);
	if (code)
		return pm_fail(err, code, "/proc/iomem cannot be understood.");
	pm_iomem_cover(&iomem, base, bytes, &cover);
	*ram_bytes = cover.ram_bytes;
	if (iomem.hidden) {
		code = pm_fail(err, PM_E_REGION_ADDRESSES_HIDDEN, "/proc/iomem shows no addresses to this process.");
	} else if (cover.ram_bytes) {
		pm_judge_add(judge, judged, "system-ram", PM_FAIL, "Linux uses the range as ordinary memory",
			     "Keep the memmap= of the region on the next command line.",
			     "%" PRIu64 " of %" PRIu64 " bytes of %#" PRIx64 "-%#" PRIx64
			     " are System RAM in /proc/iomem.",
			     cover.ram_bytes, bytes, base, base + bytes - 1);
		pm_judge_found(judge, PM_CLASS_BECAME_RAM);
	} else {
		pm_judge_add(judge, judged, "system-ram", PM_PASS, "Linux does not use the range as memory", "",
			     "%#" PRIx64 "-%#" PRIx64 " in /proc/iomem: %" PRIu64 " bytes Reserved, %" PRIu64
			     " persistent, %" PRIu64 " not listed, none System RAM.",
			     base, base + bytes - 1, cover.reserved_bytes, cover.persistent_bytes,
			     cover.uncovered_bytes);
	}
	pm_iomem_free(&iomem);
	return code;
}

static bool covers(const struct pm_region_info *info, const struct pm_superblock *sb)
{
	return info->base <= sb->physical_base && info->bytes >= sb->region_bytes &&
	       sb->physical_base - info->base <= info->bytes - sb->region_bytes;
}

static bool overlaps(uint64_t base, uint64_t bytes, const struct pm_superblock *sb)
{
	return base < sb->physical_base + sb->region_bytes && sb->physical_base < base + bytes;
}

/* A range given away now that was not before: somebody moved the reservation. */
static const char *new_reservation(struct pm_judge *judge, struct pm_reservation *list, size_t count)
{
	struct pm_reservation old[RESERVATIONS_MAX];
	size_t old_count = 0, j;

	if (pm_cmdline_parse(json_text(judge->facts, "cmdline"), old, RESERVATIONS_MAX, &old_count))
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (list[i].kind == PM_RESERVATION_EATEN || list[i].kind == PM_RESERVATION_PMPOOL)
			continue;
		for (j = 0; j < old_count; j++)
			if (old[j].base == list[i].base && old[j].bytes == list[i].bytes)
				break;
		if (j == old_count)
			return list[i].text;
	}
	return NULL;
}

/* Nothing covers the range any more: say what became of its reservation. */
static void judge_unreserved(struct pm_judge *judge, const struct pm_judged *judged, uint64_t ram_bytes)
{
	const struct pm_superblock *sb = judged->sb;
	const char *remedy = "Boot with the memmap= the pool was made with.", *moved = NULL;
	struct pm_reservation list[RESERVATIONS_MAX];
	size_t count = 0;

	pm_cmdline_parse(judge->cmdline, list, RESERVATIONS_MAX, &count); /* what fits is enough */
	for (size_t i = 0; i < count && !moved; i++)
		if (list[i].kind != PM_RESERVATION_EATEN && list[i].kind != PM_RESERVATION_PMPOOL &&
		    overlaps(list[i].base, list[i].bytes, sb))
			moved = list[i].text;
	if (!moved)
		moved = new_reservation(judge, list, count);
	if (moved) {
		pm_judge_add(judge, judged, "reservation", PM_FAIL, "The reservation is somewhere else", remedy,
			     "%s does not cover %#" PRIx64 "-%#" PRIx64 ".", moved, sb->physical_base,
			     sb->physical_base + sb->region_bytes - 1);
		pm_judge_found(judge, PM_CLASS_REGION_MOVED);
		return;
	}
	pm_judge_add(judge, judged, "reservation", PM_FAIL, "Nothing gives the range away any more", remedy,
		     "No memmap= for %#" PRIx64 "-%#" PRIx64 " on /proc/cmdline: %.1024s", sb->physical_base,
		     sb->physical_base + sb->region_bytes - 1, judge->cmdline);
	if (!ram_bytes)
		pm_judge_found(judge, PM_CLASS_REGION_GONE);
}

enum pm_code pm_judge_enter(struct pm_judge *judge, struct pm_judged *judged, const struct pm_region_info *info,
			    uint64_t offset, struct pm_error *err)
{
	uint64_t over = judged->sb->region_bytes % info->grain;
	uint64_t bytes = judged->sb->region_bytes + (over ? info->grain - over : 0);
	enum pm_code code;

	/* A pool that filled a region may have an odd end, and the region may have grown since. */
	if (bytes > info->bytes - offset)
		bytes = 0;
	code = pm_region_open(judge->host, info->id, offset, bytes, false, &judged->region, err);
	judged->open = !code;
	return code;
}

/* Refusals that say something of the region, not of what this process may do. */
static bool tells_of_region(enum pm_code code)
{
	return code == PM_E_REGION_SYSTEM_RAM || code == PM_E_REGION_MIXED || code == PM_E_REGION_NOT_RESERVED ||
	       code == PM_E_REGION_CMDLINE_MISMATCH || code == PM_E_REGION_NOT_FOUND;
}

static enum pm_code judge_reserved(struct pm_judge *judge, struct pm_judged *judged, const struct pm_region_info *info,
				   uint64_t ram_bytes, struct pm_error *err)
{
	enum pm_code code = info->refused.code;

	if (!code) {
		code = pm_judge_enter(judge, judged, info, judged->sb->physical_base - info->base, err);
		if (code && !tells_of_region(code))
			return code;
	} else if (!tells_of_region(code)) {
		return pm_fail(err, code, "%s", info->refused.message);
	}
	if (code == PM_E_REGION_NOT_RESERVED || code == PM_E_REGION_CMDLINE_MISMATCH) {
		judge_unreserved(judge, judged, ram_bytes);
		return PM_OK;
	}
	pm_judge_add(judge, judged, "reservation", PM_PASS, "The range is still given away", "", "By %s.",
		     info->source);
	/* The guard merges and rounds for itself; where it sees RAM and we did not, it is right. */
	if (code)
		pm_judge_found(judge, PM_CLASS_BECAME_RAM);
	return PM_OK;
}

enum pm_code pm_judge_place(struct pm_judge *judge, struct pm_judged *judged, struct pm_error *err)
{
	struct pm_region_info *list = NULL, *covering = NULL;
	uint64_t ram_bytes = 0;
	size_t count = 0;
	enum pm_code code = judge_ram(judge, judged, &ram_bytes, err);

	if (!code)
		code = pm_region_list(judge->host, &list, &count, err);
	if (code)
		return code;
	for (size_t i = 0; i < count; i++)
		if (covers(&list[i], judged->sb) && (!covering || covering->refused.code))
			covering = &list[i];
	if (covering)
		code = judge_reserved(judge, judged, covering, ram_bytes, err);
	else
		judge_unreserved(judge, judged, ram_bytes);
	free(list);
	return code;
}
