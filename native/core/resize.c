/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Another length for a run, where it is. What a run has too much becomes a run of its own without a head: its first page
 * a fence, which cuts it off in one store; then it goes as any run that is freed. What a run is to get is claimed behind
 * a fence, and the fence becomes a page that continues: one store too.
 *
 * A record says how long its run is, and attach wants both alike. So before that store there are two pending records,
 * the old one and the one that says the new length, and none is live; attach makes the one live that has exactly its run.
 *
 *   new: body -> PENDING    old: LIVE -> PENDING    the store    new: LIVE    old: FREE    what was cut off goes
 */
#include "claim.h"
#include "directory.h"
#include "records.h"

#define TRIES 3 /* at free pages that threads are about to give back, or to join to a block */

struct resize {
	struct pm_pool *pool;
	struct pm_member *member;
	const struct pm_act *act;
	uint64_t page, old, pages; /* page index; both lengths */
	struct pm_record *record, copy; /* NULL: it has none; the copy is what attach would take it for */
	struct pm_record *slot; /* of the record that takes over */
	struct pm_claim part; /* fenced: what is cut off, or what it is to get */
};

/* --- the record --- */

static enum pm_code slot_take(struct resize *r)
{
	return r->record ? pm_directory_take_locked(r->pool, r->member, 0, r->act, &r->slot) : PM_OK;
}

/* From here on the run decides which of both records holds. */
static void records_open(struct resize *r)
{
	struct pm_record body = r->copy;

	if (!r->record)
		return;
	body.id = r->member->directory->next_id++;
	body.pages = r->pages;
	body.replaces = r->copy.id;
	pm_record_pending(r->member, r->slot, &body);
	pm_record_state_set(r->member, r->record, PM_RECORD_PENDING);
}

/* The run has its new length. */
static void records_close(struct resize *r)
{
	if (!r->record)
		return;
	pm_record_state_set(r->member, r->slot, PM_RECORD_LIVE);
	pm_directory_add_locked(r->pool, r->member, r->slot);
	pm_record_state_set(r->member, r->record, PM_RECORD_FREE);
	pm_directory_remove_locked(r->pool, r->member, r->record);
	pm_directory_give_locked(r->member, r->record);
	r->record = r->slot;
}

/* The run is as it was. */
static void records_back(struct resize *r)
{
	if (!r->record)
		return;
	pm_record_state_set(r->member, r->record, PM_RECORD_LIVE);
	pm_record_state_set(r->member, r->slot, PM_RECORD_FREE);
	pm_directory_give_locked(r->member, r->slot);
}

/* --- shorter, longer --- */

static enum pm_code shrink(struct resize *r)
{
	enum pm_code code = slot_take(r);

	if (code)
		return code;
	r->part = (struct pm_claim){r->member, r->page + r->pages, r->old - r->pages, 0};
	records_open(r);
	if (!pm_run_cut(r->member, r->part.page)) {
		records_back(r);
		return PM_E_POOL_CORRUPT; /* somebody wrote here without the lock */
	}
	records_close(r);
	return PM_OK;
}

/* Fences the pages behind the run. *in_the_way is the first one that is not free. */
static enum pm_code part_claim(struct resize *r, uint64_t *in_the_way)
{
	uint64_t first = r->page + r->old, data_end = r->member->sb.data_end, end, used;

	end = r->pages > data_end - r->page ? data_end : r->page + r->pages;
	for (int i = 0; i < TRIES; i++) {
		used = pm_next_used(r->member, first, end);
		*in_the_way = pm_member_pool_page(r->member, used);
		if (used < end || r->pages > data_end - r->page)
			return PM_E_NO_SPACE;
		if (pm_claim_place(r->member, first, end - first, PM_PAGE_BAD, 0)) {
			r->part = (struct pm_claim){r->member, first, end - first, 0};
			return PM_OK;
		}
	}
	*in_the_way = pm_member_pool_page(r->member, first);
	return PM_E_NO_SPACE;
}

static enum pm_code grow(struct resize *r, uint64_t *in_the_way)
{
	enum pm_code code = part_claim(r, in_the_way);

	if (code)
		return code;
	code = slot_take(r); /* the directory may grow: never into what the run is to get */
	if (code) {
		pm_claim_abort(&r->part);
		return code;
	}
	records_open(r);
	pm_claim_join(&r->part);
	records_close(r);
	return PM_OK;
}

/* --- both --- */

static enum pm_code find(struct resize *r)
{
	const struct pm_superblock *sb = &r->member->sb;

	if (r->page < sb->data_first || r->page >= sb->data_end || pm_member_state(r->member, r->page) != PM_PAGE_HEAD)
		return PM_E_NOT_ALLOCATED;
	r->record = pm_directory_find_locked(r->member, r->page);
	if (!r->record) {
		r->old = pm_run_end(r->member, r->page + 1) - r->page;
		return PM_OK;
	}
	pm_record_load(r->record, &r->copy);
	if (r->copy.kind != PM_RECORD_ALLOCATION)
		return PM_E_NOT_ALLOCATED;
	r->old = r->copy.pages;
	if (pm_record_state_load(&r->copy) != PM_RECORD_LIVE || !pm_record_sane(r->member, &r->copy) ||
	    r->copy.page != r->page || !pm_run_is(r->member, r->page, r->old))
		return PM_E_POOL_CORRUPT; /* somebody wrote here without the lock */
	return PM_OK;
}

enum pm_code pm_resize(struct pm_pool *pool, uint64_t page, uint64_t pages, const struct pm_act *act,
		       struct pm_run *run, uint64_t *in_the_way)
{
	struct resize r = {.pool = pool, .act = act, .pages = pages};
	enum pm_code code;

	*run = (struct pm_run){.page = page};
	*in_the_way = 0;
	if (pool->read_only)
		return PM_E_POOL_READ_ONLY;
	if (!pages)
		return PM_E_COUNT_INVALID;
	r.member = pm_member_at(pool, page, &r.page);
	if (!r.member)
		return PM_E_NOT_ALLOCATED;
	pm_books_lock(pool);
	code = find(&r);
	run->pages = r.old;
	if (!code && pages != r.old)
		code = pages < r.old ? shrink(&r) : grow(&r, in_the_way);
	run->record = r.record;
	pm_books_unlock(pool);
	if (code)
		return code;
	run->pages = pages;
	if (pages < r.old)
		pm_claim_abort(&r.part); /* nobody's since it was cut off */
	return PM_OK;
}
