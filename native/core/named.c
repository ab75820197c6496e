/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Allocations with a record. The pages are found and fenced without the lock; it is held for the record alone. */
#include "directory.h"
#include "records.h"
#include "runs.h"

static bool name_taken(const struct pm_pool *pool, const char *name)
{
	bool taken;

	pm_books_lock(pool);
	taken = pm_names_find_locked(pool, name, NULL) != NULL;
	pm_books_unlock(pool);
	return taken;
}

static enum pm_code record_claimed(struct pm_pool *pool, struct pm_claim *claim, const struct pm_alloc_request *request,
				   const struct pm_act *act, struct pm_record **slot)
{
	struct pm_record_texts texts = {request->name, request->owner, request->purpose};
	struct pm_member *member = claim->member;
	struct pm_record body;
	enum pm_code code;

	if (pm_names_find_locked(pool, request->name, NULL))
		return PM_E_NAME_TAKEN;
	code = pm_directory_take_locked(pool, member, claim->lane, act, slot);
	if (code)
		return code;
	pm_record_fill(&body, PM_RECORD_ALLOCATION, claim->page, claim->pages, &texts, act);
	body.id = member->directory->next_id++;
	pm_record_pending(member, *slot, &body);
	pm_directory_expect_locked(member, claim->page);
	pm_claim_commit(claim);
	pm_record_state_set(member, *slot, PM_RECORD_LIVE);
	pm_directory_add_locked(pool, member, *slot);
	pm_directory_expected_locked(member, claim->page);
	return PM_OK;
}

enum pm_code pm_alloc_named(struct pm_pool *pool, const struct pm_alloc_request *request, const struct pm_act *act,
			    struct pm_run *run)
{
	struct pm_record *slot = NULL;
	struct pm_claim claim;
	enum pm_code code = pm_claim_begin(pool, request, &claim);

	if (code) /* of two reasons the name is the one that more room would not mend */
		return code == PM_E_NO_SPACE && name_taken(pool, request->name) ? PM_E_NAME_TAKEN : code;
	pm_books_lock(pool);
	code = record_claimed(pool, &claim, request, act, &slot);
	pm_books_unlock(pool);
	if (code) {
		pm_claim_abort(&claim);
		return code;
	}
	*run = (struct pm_run){pm_member_pool_page(claim.member, claim.page), claim.pages, slot};
	return PM_OK;
}

static enum pm_code free_recorded(struct pm_pool *pool, struct pm_member *member, uint64_t page, uint32_t lane,
				  uint64_t *pages)
{
	struct pm_record *record = pm_directory_find_locked(member, page);
	bool fenced;

	if (!record)
		return PM_E_NOT_ALLOCATED;
	if (record->kind != PM_RECORD_ALLOCATION)
		return PM_E_PAGE_IN_USE; /* of the directory itself, or in quarantine */
	*pages = record->pages;
	if (!pm_run_is(member, page, *pages))
		return PM_E_POOL_CORRUPT; /* somebody wrote here without the lock */
	pm_record_state_set(member, record, PM_RECORD_LEAVING);
	fenced = pm_run_fence(member, page);
	pm_record_state_set(member, record, PM_RECORD_FREE);
	pm_directory_remove_locked(pool, member, record);
	pm_directory_give_locked(member, record);
	if (!fenced)
		return PM_E_NOT_ALLOCATED; /* another thread was faster, who could not know of the record yet */
	/* Only now can others have the pages: while a record is leaving, a run that is like its own is its own. */
	pm_claim_abort(&(struct pm_claim){member, page, *pages, lane});
	return PM_OK;
}

enum pm_code pm_free_named(struct pm_pool *pool, struct pm_member *member, uint64_t page, uint32_t lane,
			   struct pm_run *run)
{
	enum pm_code code;

	*run = (struct pm_run){.page = pm_member_pool_page(member, page)};
	pm_books_lock(pool);
	code = free_recorded(pool, member, page, lane, &run->pages);
	pm_books_unlock(pool);
	return code;
}

void pm_free_orphan(struct pm_pool *pool, struct pm_member *member, uint64_t page)
{
	struct pm_record *record;

	pm_books_lock(pool);
	record = pm_directory_find_locked(member, page);
	if (record && record->kind == PM_RECORD_ALLOCATION && !pm_run_is(member, page, record->pages)) {
		pm_record_state_set(member, record, PM_RECORD_FREE);
		pm_directory_remove_locked(pool, member, record);
		pm_directory_give_locked(member, record);
	}
	pm_books_unlock(pool);
}
