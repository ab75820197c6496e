/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *pm_region_kind_name(enum pm_region_kind kind)
{
	static const char *const names[] = {"memmap", "pmem", "devdax", "simulated"};

	return names[kind];
}

enum pm_medium pm_region_medium(enum pm_region_kind kind)
{
	static const enum pm_medium media[] = {PM_MEDIUM_MEMMAP, PM_MEDIUM_PMEM, PM_MEDIUM_DEVDAX, PM_MEDIUM_FILE};

	return media[kind];
}

bool pm_region_flush(enum pm_region_kind kind)
{
	return kind == PM_REGION_PMEM || kind == PM_REGION_DEVDAX;
}

/* Pools stand at multiples of the grain, so that at most 4096 places have to be looked at to find them. */
uint64_t pm_region_grain(uint64_t bytes, uint64_t least)
{
	uint64_t grain = bytes < PM_GRAIN_LEAST ? 4096 : PM_GRAIN_LEAST;

	if (grain < least)
		grain = least;
	while (grain < UINT64_C(1) << 62 && grain * 4096 < bytes)
		grain *= 2;
	return grain;
}

static struct pm_region_info *same_range_before(struct pm_region_info *list, size_t count,
						const struct pm_reservation *reservation)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].base == reservation->base && list[i].bytes == reservation->bytes)
			return &list[i];
	return NULL;
}

/* pmpool= over all of a memmap= is that region, by both. */
static void add_source(struct pm_region_info *info, const char *text)
{
	size_t used = strlen(info->source);

	if (!strstr(info->source, text) && used + strlen(text) + 1 < sizeof(info->source))
		snprintf(info->source + used, sizeof(info->source) - used, " %s", text);
}

static void name_region(const struct pm_region_info *list, size_t count, struct pm_region_info *info)
{
	snprintf(info->id, sizeof(info->id), "mem:0x%" PRIx64, info->base);
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].id, info->id) == 0) {
			/* pmpool= at the start of its memmap=: tell them apart by size */
			snprintf(info->id, sizeof(info->id), "mem:0x%" PRIx64 "+0x%" PRIx64, info->base, info->bytes);
			return;
		}
}

/* A range that pmpool= names is of the kind of the memmap= around it. */
static enum pm_region_kind kind_of(const struct pm_guard_facts *facts, const struct pm_reservation *reservation)
{
	for (size_t i = 0; i < facts->reservation_count && reservation->kind == PM_RESERVATION_PMPOOL; i++) {
		const struct pm_reservation *around = &facts->reservations[i];

		if (around->kind == PM_RESERVATION_MEMMAP_PMEM && reservation->base >= around->base &&
		    reservation->base - around->base < around->bytes)
			return PM_REGION_PMEM;
	}
	return reservation->kind == PM_RESERVATION_MEMMAP_PMEM ? PM_REGION_PMEM : PM_REGION_MEMMAP;
}

/* What of the option cannot be read. */
static void refuse_eaten(const struct pm_reservation *reservation, struct pm_region_info *info)
{
	const char *text = reservation->text;
	const char *sign = text + strcspn(text, "$!");

	if (!reservation->bytes)
		pm_fail(&info->refused, PM_E_REGION_NOT_RESERVED, "%s on the command line names no range: %s", text,
			strncmp(text, "pmpool=", 7) == 0 ? "pmpool=BASE,SIZE does" : "memmap=SIZE$BASE does");
	else if (*sign && sign[1] >= '0' && sign[1] <= '9' && sign[-1] != '\\')
		pm_fail(&info->refused, PM_E_REGION_NOT_RESERVED,
			"%s on the command line: what stands behind the `%c` is no address", text, *sign);
	else
		pm_fail(&info->refused, PM_E_REGION_CMDLINE_MISMATCH,
			"%s on the command line has no address after a `$`: the kernel only limits its RAM to that size",
			text);
}

static void add_reservation(const struct pm_host *host, const struct pm_guard_facts *facts,
			    const struct pm_reservation *reservation, struct pm_region_info *list, size_t *count)
{
	struct pm_region_info *info = &list[*count], *same = NULL;

	if (reservation->kind != PM_RESERVATION_EATEN)
		same = same_range_before(list, *count, reservation);
	if (same) {
		add_source(same, reservation->text);
		return;
	}
	memset(info, 0, sizeof(*info));
	info->numa_node = -1;
	info->kind = kind_of(facts, reservation);
	if (host->simulated)
		info->kind = PM_REGION_SIMULATED;
	info->base = reservation->base;
	info->bytes = reservation->bytes;
	info->grain = pm_region_grain(info->bytes, 0);
	snprintf(info->source, sizeof(info->source), "%s", reservation->text);
	if (reservation->kind == PM_RESERVATION_EATEN) {
		snprintf(info->id, sizeof(info->id), "%s:%.56s", reservation->bytes ? "eaten" : "unread",
			 reservation->text);
		refuse_eaten(reservation, info);
	} else {
		name_region(list, *count, info);
		pm_guard_decide(facts, info->base, info->bytes, &info->refused);
	}
	(*count)++;
}

static void add_devdax(const struct pm_host *host, const struct pm_guard_facts *facts, const struct pm_devdax *device,
		       struct pm_region_info *list, size_t *count)
{
	struct pm_region_info *info = &list[(*count)++];

	memset(info, 0, sizeof(*info));
	info->kind = host->simulated ? PM_REGION_SIMULATED : PM_REGION_DEVDAX;
	info->base = device->base;
	info->bytes = device->bytes;
	info->grain = pm_region_grain(info->bytes, device->align);
	snprintf(info->id, sizeof(info->id), "dax:%s", device->name);
	snprintf(info->source, sizeof(info->source), "%s", device->name);
	info->numa_node = device->numa_node;
	pm_guard_decide(facts, info->base, info->bytes, &info->refused);
}

static void find_nodes(const struct pm_host *host, struct pm_region_info *list, size_t count)
{
	struct pm_numa numa;

	pm_numa_begin(host, &numa);
	for (size_t i = 0; i < count; i++)
		if (!list[i].refused.code && list[i].numa_node < 0 && !pm_region_is_dax(&list[i]))
			list[i].numa_node = pm_numa_node(&numa, list[i].base, list[i].bytes);
	pm_numa_end(&numa);
}

static bool share_memory(const struct pm_region_info *a, const struct pm_region_info *b)
{
	return !a->refused.code && !b->refused.code && a->base < b->base + b->bytes && b->base < a->base + a->bytes;
}

/* Where pmpool= stands inside a memmap=, or two memmap= overlap: all that hang together get one name. */
static void name_locks(struct pm_region_info *list, size_t count)
{
	char other[sizeof(list->lock)];

	for (size_t i = 0; i < count; i++) {
		memcpy(list[i].lock, list[i].id, sizeof(list[i].lock));
		for (size_t j = 0; j < i; j++) {
			if (!share_memory(&list[i], &list[j]))
				continue;
			memcpy(other, list[i].lock, sizeof(other));
			for (size_t k = 0; k <= i; k++)
				if (strcmp(list[k].lock, other) == 0)
					memcpy(list[k].lock, list[j].lock, sizeof(other));
		}
	}
}

enum pm_code pm_region_list(const struct pm_host *host, struct pm_region_info **list, size_t *count,
			    struct pm_error *err)
{
	struct pm_guard_facts *facts;
	enum pm_code code = pm_guard_facts_read(host, &facts, err);

	*list = NULL;
	*count = 0;
	if (code)
		return code;
	*list = calloc(facts->reservation_count + facts->devdax_count + 1, sizeof(**list));
	if (!*list) {
		pm_guard_facts_free(facts);
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for the list of regions");
	}
	/* What reserves first: a range comes before the parts of it that pmpool= names, whatever their order was. */
	for (int named = 0; named < 2; named++)
		for (size_t i = 0; i < facts->reservation_count; i++)
			if ((facts->reservations[i].kind == PM_RESERVATION_PMPOOL) == named)
				add_reservation(host, facts, &facts->reservations[i], *list, count);
	for (size_t i = 0; i < facts->devdax_count; i++)
		add_devdax(host, facts, &facts->devdax[i], *list, count);
	name_locks(*list, *count);
	find_nodes(host, *list, *count);
	pm_guard_facts_free(facts);
	return PM_OK;
}

enum pm_code pm_region_find(const struct pm_host *host, const char *id, struct pm_region_info *info,
			    struct pm_error *err)
{
	struct pm_region_info *list;
	size_t count, i;
	enum pm_code code = pm_region_list(host, &list, &count, err);

	if (code)
		return code;
	for (i = 0; i < count && strcmp(list[i].id, id) != 0; i++)
		;
	if (i < count)
		*info = list[i];
	else
		code = pm_fail(err, PM_E_REGION_NOT_FOUND, "no region has the id `%.60s`", id);
	free(list);
	return code;
}
