/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Another name, owner or purpose: a new record takes the old one's place when it becomes live. */
#include "directory.h"
#include "records.h"
#include "runs.h"
#include "text.h"
#include <string.h>

static bool texts_fit(const struct pm_label *label)
{
	return (!label->name || pm_name_fit(label->name)) &&
	       (!label->owner || pm_text_valid(label->owner, PM_OWNER_BYTES)) &&
	       (!label->purpose || pm_text_valid(label->purpose, PM_PURPOSE_BYTES));
}

/* What the record of the run shall say; `old` is NULL when it has none. */
static void body_make(struct pm_record *body, const struct pm_record *old, uint64_t page, uint64_t pages,
		      const struct pm_label *label, const struct pm_act *act)
{
	struct pm_record_texts texts = {label->name, label->owner, label->purpose};

	if (old) {
		texts.name = label->name ? label->name : old->name;
		texts.owner = label->owner ? label->owner : old->owner;
		texts.purpose = label->purpose ? label->purpose : old->purpose;
	}
	pm_record_fill(body, PM_RECORD_ALLOCATION, page, pages, &texts, act);
	if (!old)
		return;
	/* The allocation is as old as it was. */
	body->created_ns = old->created_ns;
	memcpy(body->boot_id, old->boot_id, sizeof(body->boot_id));
	body->replaces = old->id;
}

static bool says_the_same(const struct pm_record *old, const struct pm_record *body)
{
	return memcmp(old->name, body->name, sizeof(old->name)) == 0 &&
	       memcmp(old->owner, body->owner, sizeof(old->owner)) == 0 &&
	       memcmp(old->purpose, body->purpose, sizeof(old->purpose)) == 0;
}

static void gone(struct pm_pool *pool, struct pm_member *member, struct pm_record *record)
{
	pm_record_state_set(member, record, PM_RECORD_FREE);
	pm_directory_remove_locked(pool, member, record);
	pm_directory_give_locked(member, record);
}

/* The record still is what attach would take it for. */
static bool stands(const struct pm_member *member, uint64_t page, const struct pm_record *copy)
{
	return pm_record_state_load(copy) == PM_RECORD_LIVE && pm_record_sane(member, copy) && copy->page == page &&
	       pm_run_is(member, page, copy->pages);
}

static enum pm_code change(struct pm_pool *pool, struct pm_member *member, uint64_t page, const struct pm_label *label,
			   const struct pm_act *act, struct pm_run *run)
{
	struct pm_record *old = pm_directory_find_locked(member, page), *slot, *other, body, copy;
	enum pm_code code;

	if (old)
		pm_record_load(old, &copy);
	if (old && copy.kind != PM_RECORD_ALLOCATION)
		return PM_E_NOT_ALLOCATED;
	if (page < member->sb.data_first || page >= member->sb.data_end ||
	    pm_member_state(member, page) != PM_PAGE_HEAD)
		return PM_E_NOT_ALLOCATED;
	if (!old && !label->name)
		return PM_E_NAME_INVALID;
	if (old && !stands(member, page, &copy))
		return PM_E_POOL_CORRUPT; /* somebody wrote here without the lock */
	run->pages = old ? copy.pages : pm_run_end(member, page + 1) - page;
	other = label->name ? pm_names_find_locked(pool, label->name, NULL) : NULL;
	if (other && other != old)
		return PM_E_NAME_TAKEN;
	body_make(&body, old ? &copy : NULL, page, run->pages, label, act);
	run->record = old;
	if (old && says_the_same(&copy, &body))
		return PM_OK;
	code = pm_directory_take_locked(pool, member, 0, act, &slot);
	if (code)
		return code;
	body.id = member->directory->next_id++;
	pm_record_pending(member, slot, &body);
	pm_directory_expect_locked(member, page);
	pm_record_state_set(member, slot, PM_RECORD_LIVE);
	pm_directory_add_locked(pool, member, slot);
	pm_directory_expected_locked(member, page);
	if (old) {
		gone(pool, member, old);
	} else if (!pm_run_is(member, page, run->pages)) {
		/* Another thread freed it, who could not know of the record yet. */
		gone(pool, member, slot);
		return PM_E_NOT_ALLOCATED;
	}
	run->record = slot;
	return PM_OK;
}

enum pm_code pm_record_change(struct pm_pool *pool, uint64_t page, const struct pm_label *label,
			      const struct pm_act *act, struct pm_run *run)
{
	struct pm_member *member;
	enum pm_code code;
	uint64_t index;

	*run = (struct pm_run){.page = page};
	if (pool->read_only)
		return PM_E_POOL_READ_ONLY;
	if (!texts_fit(label))
		return PM_E_NAME_INVALID;
	member = pm_member_at(pool, page, &index);
	if (!member)
		return PM_E_NOT_ALLOCATED;
	pm_books_lock(pool);
	code = change(pool, member, index, label, act, run);
	pm_books_unlock(pool);
	return code;
}
