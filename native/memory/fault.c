/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fault_work.h"
#include <inttypes.h>
#include <stdio.h>

static const char *const names[] = {
#define PM_FAULT_NAME(id, name) name,
	PM_FAULTS(PM_FAULT_NAME)
#undef PM_FAULT_NAME
};

/* By kind: `spoil` for kinds that change page by page, `inject` for the others. */
static const struct {
	uint64_t pages; /* unless the request says how many */
	bool (*prepare)(struct fault_work *work);
	fault_spoil spoil;
	void (*inject)(struct fault_work *work);
} kinds[PM_FAULT_COUNT] = {
	[PM_FAULT_BIT_FLIP] = {.pages = 1, .spoil = spoil_bit_flip},
	[PM_FAULT_BIT_FLIPS] = {.pages = 1, .spoil = spoil_bit_flips},
	[PM_FAULT_STUCK_BIT] = {.pages = 16, .prepare = prepare_stuck_bit, .spoil = spoil_stuck_bit},
	[PM_FAULT_ZEROED] = {.pages = 4, .spoil = spoil_zeroed},
	[PM_FAULT_ONES] = {.pages = 4, .spoil = spoil_ones},
	[PM_FAULT_FILLED] = {.pages = 4, .prepare = prepare_filled, .spoil = spoil_filled},
	[PM_FAULT_ALIASED] = {.pages = 4, .prepare = prepare_aliased, .spoil = spoil_aliased},
	[PM_FAULT_DISPLACED] = {.pages = 2, .spoil = spoil_displaced},
	[PM_FAULT_SHIFTED] = {.pages = 1, .inject = inject_shifted},
	[PM_FAULT_TORN] = {.pages = 1, .spoil = spoil_torn},
	[PM_FAULT_ELF] = {.pages = 1, .spoil = spoil_elf},
	[PM_FAULT_KERNEL] = {.pages = 1, .spoil = spoil_kernel},
	[PM_FAULT_INITRD] = {.pages = 1, .spoil = spoil_initrd},
	[PM_FAULT_PAGE_TABLE] = {.pages = 2, .spoil = spoil_page_table},
	[PM_FAULT_TEXT] = {.pages = 1, .spoil = spoil_text},
	[PM_FAULT_OVERWRITTEN] = {.pages = 4, .spoil = spoil_overwritten},
	[PM_FAULT_SUPERBLOCK] = {.pages = 1, .inject = inject_superblock},
	[PM_FAULT_STATES] = {.pages = 1, .inject = inject_states},
	[PM_FAULT_RECORD] = {.pages = 1, .inject = inject_record},
};

const char *pm_fault_name(enum pm_fault_kind kind)
{
	return names[kind];
}

bool pm_fault_parse(const char *name, enum pm_fault_kind *kind)
{
	for (unsigned i = 0; i < PM_FAULT_COUNT; i++)
		if (strcmp(name, names[i]) == 0) {
			*kind = (enum pm_fault_kind)i;
			return true;
		}
	return false;
}

void fault_read(const struct fault_work *work, uint64_t page, uint8_t bytes[PM_PAGE_SIZE])
{
	memcpy(bytes, pm_page_bytes(work->pool, page), PM_PAGE_SIZE);
}

bool fault_uniform(const uint8_t bytes[PM_PAGE_SIZE])
{
	return memcmp(bytes, bytes + 8, PM_PAGE_SIZE - 8) == 0;
}

static void tell(struct fault_work *work, uint64_t page, uint64_t offset, uint64_t bytes, const char *detail)
{
	struct pm_fault fault = {
		.page = page,
		.address = pm_page_address(work->pool, page) + offset,
		.bytes = bytes,
	};

	snprintf(fault.detail, sizeof(fault.detail), "%s", detail);
	work->put(work->context, &fault);
}

bool fault_write(struct fault_work *work, uint64_t page, const char *detail)
{
	uint8_t *place = pm_page_bytes(work->pool, page);
	size_t from = 0, to = PM_PAGE_SIZE;

	while (from < to && work->after[from] == work->before[from])
		from++;
	if (from == to)
		return false;
	while (work->after[to - 1] == work->before[to - 1])
		to--;
	memcpy(place + from, work->after + from, to - from);
	tell(work, page, from, to - from, detail);
	return true;
}

void fault_write_metadata(struct fault_work *work, uint64_t page, void *at, const void *with, size_t bytes,
			  const char *detail)
{
	uint64_t offset = (uint64_t)((uint8_t *)at - (uint8_t *)pm_page_bytes(work->pool, page));

	memcpy(at, with, bytes);
	tell(work, page, offset, bytes, detail);
}

static void inject_pages(struct fault_work *work, fault_spoil spoil)
{
	char detail[DETAIL_BYTES];
	uint64_t page;

	while (work->done < work->wanted && choice_next(&work->choice, &page)) {
		fault_read(work, page, work->before);
		memcpy(work->after, work->before, PM_PAGE_SIZE);
		detail[0] = '\0';
		if (spoil(work, page, detail) && fault_write(work, page, detail))
			work->done++;
	}
}

static void inject(struct fault_work *work)
{
	bool by_heads = work->kind == PM_FAULT_SHIFTED || work->kind == PM_FAULT_STATES;

	choice_start(&work->choice, work->pool, work->first, work->end, by_heads, random_next(&work->random));
	if (kinds[work->kind].inject)
		kinds[work->kind].inject(work);
	else if (!kinds[work->kind].prepare || kinds[work->kind].prepare(work))
		inject_pages(work, kinds[work->kind].spoil);
}

enum pm_code pm_fault_inject(struct pm_pool *pool, const struct pm_fault_request *request,
			     void (*put)(void *context, const struct pm_fault *fault), void *context,
			     struct pm_error *err)
{
	struct fault_work work;

	if (pool->read_only)
		return pm_fail(err, PM_E_POOL_READ_ONLY, "a fault cannot be put into a pool that can only be read");
	work.pool = pool;
	work.kind = request->kind;
	work.first = request->first;
	work.end = request->end && request->end < pool->page_end ? request->end : pool->page_end;
	work.wanted = request->pages ? request->pages : kinds[request->kind].pages;
	work.done = 0;
	work.put = put;
	work.context = context;
	/* so that kinds with the same seed do not meet the same pages */
	work.random.state = splitmix64(request->seed) + request->kind;
	if (work.first < work.end)
		inject(&work);
	if (work.done == 0)
		return pm_fail(err, PM_E_NOT_ALLOCATED,
			       "no allocated page from %" PRIu64 " to before %" PRIu64 " suits a fault of kind %s",
			       work.first, work.end, names[request->kind]);
	return PM_OK;
}
