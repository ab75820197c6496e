/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages that are never handed out: bad ones, with who said so and why. */
#include "directory.h"
#include "records.h"
#include "runs.h"
#include "text.h"

static enum pm_code fence_off(struct pm_pool *pool, struct pm_member *member, struct pm_record *body,
			      const struct pm_act *act)
{
	struct pm_record *slot;
	enum pm_code code;

	/* Cheap, and most mistakes end here; what threads claim meanwhile pm_pages_fence meets. */
	if (pm_next_used(member, body->page, body->page + body->pages) < body->page + body->pages)
		return PM_E_PAGE_IN_USE;
	code = pm_directory_take_locked(pool, member, 0, act, &slot);
	if (code)
		return code;
	body->id = member->directory->next_id++;
	pm_record_pending(member, slot, body);
	if (!pm_pages_fence(member, body->page, body->pages)) {
		pm_record_state_set(member, slot, PM_RECORD_FREE);
		pm_directory_give_locked(member, slot);
		return PM_E_PAGE_IN_USE;
	}
	pm_record_state_set(member, slot, PM_RECORD_LIVE);
	pm_directory_add_locked(pool, member, slot);
	return PM_OK;
}

enum pm_code pm_quarantine(struct pm_pool *pool, uint64_t page, uint64_t pages, const char *why,
			   const struct pm_act *act)
{
	struct pm_record_texts texts = {.owner = act->actor, .purpose = why};
	struct pm_member *member;
	struct pm_record body;
	enum pm_code code;
	uint64_t index;

	if (pool->read_only)
		return PM_E_POOL_READ_ONLY;
	if (why && !pm_text_valid(why, PM_PURPOSE_BYTES))
		return PM_E_NAME_INVALID;
	member = pm_member_at(pool, page, &index);
	if (!member)
		return PM_E_OUT_OF_RANGE;
	if (!pages)
		return PM_E_COUNT_INVALID;
	if (pages > member->sb.page_count - index)
		return PM_E_OUT_OF_RANGE;
	if (index < member->sb.data_first || index + pages > member->sb.data_end)
		return PM_E_PAGE_IN_USE;
	pm_record_fill(&body, PM_RECORD_QUARANTINE, index, pages, &texts, act);
	pm_books_lock(pool);
	code = fence_off(pool, member, &body, act);
	pm_books_unlock(pool);
	return code;
}

static enum pm_code release(struct pm_pool *pool, struct pm_member *member, uint64_t page, uint64_t *pages)
{
	struct pm_record *record = pm_directory_find_locked(member, page), copy;

	if (!record)
		return PM_E_NOT_ALLOCATED;
	pm_record_load(record, &copy);
	if (pm_record_state_load(&copy) != PM_RECORD_LIVE || !pm_record_sane(member, &copy) || copy.page != page)
		return PM_E_POOL_CORRUPT; /* somebody wrote here without the lock */
	if (copy.kind != PM_RECORD_QUARANTINE)
		return PM_E_NOT_ALLOCATED;
	*pages = copy.pages;
	pm_record_state_set(member, record, PM_RECORD_LEAVING);
	pm_pages_unfence(member, page, *pages);
	pm_record_state_set(member, record, PM_RECORD_FREE);
	pm_directory_remove_locked(pool, member, record);
	pm_directory_give_locked(member, record);
	return PM_OK;
}

enum pm_code pm_quarantine_release(struct pm_pool *pool, uint64_t page, struct pm_run *released)
{
	struct pm_member *member;
	enum pm_code code;
	uint64_t index;

	*released = (struct pm_run){.page = page};
	if (pool->read_only)
		return PM_E_POOL_READ_ONLY;
	member = pm_member_at(pool, page, &index);
	if (!member)
		return PM_E_NOT_ALLOCATED;
	pm_books_lock(pool);
	code = release(pool, member, index, &released->pages);
	pm_books_unlock(pool);
	return code;
}
