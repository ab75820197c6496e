/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "records.h"
#include "persist.h"
#include "text.h"
#include <string.h>

#define CHECKED_FROM offsetof(struct pm_record, kind)
#define PHYSICAL_END (UINT64_C(1) << 52)

static uint32_t record_crc(const struct pm_record *record)
{
	return pm_crc32c(0, (const uint8_t *)record + CHECKED_FROM, sizeof(*record) - CHECKED_FROM);
}

unsigned pm_record_state_load(const struct pm_record *record)
{
	uint64_t word = __atomic_load_n(&record->state, __ATOMIC_ACQUIRE);
	unsigned state = (unsigned)word & 0xff;

	return state <= PM_RECORD_LEAVING && word == PM_RECORD_STATE(state) ? state : PM_RECORD_BROKEN;
}

void pm_record_load(const struct pm_record *record, struct pm_record *copy)
{
	const uint64_t *from = (const uint64_t *)(const void *)record;
	uint64_t words[sizeof(*record) / 8];

	for (size_t i = 0; i < sizeof(words) / 8; i++)
		words[i] = __atomic_load_n(from + i, __ATOMIC_ACQUIRE);
	memcpy(copy, words, sizeof(words));
}

bool pm_record_whole(const struct pm_record *copy)
{
	return copy->id && copy->id <= PM_RECORD_ID_MAX && copy->crc == record_crc(copy);
}

static bool pages_sane(const struct pm_member *member, const struct pm_record *copy)
{
	const struct pm_superblock *sb = &member->sb;

	if (copy->page < sb->data_first || copy->page >= sb->data_end)
		return false;
	return copy->pages && copy->pages <= sb->data_end - copy->page;
}

static bool member_sane(const struct pm_member *member, const struct pm_record *copy)
{
	uint64_t base = copy->member.physical_base;

	if (member->sb.region_index || !copy->region_index || copy->region_index >= PM_REGIONS_MAX)
		return false;
	if (!copy->page || copy->page % PM_BLOCK_PAGES || copy->page >= PM_POOL_PAGES_MAX)
		return false;
	if (copy->pages < PM_MIN_REGION_BYTES >> PM_PAGE_SHIFT || copy->pages > PM_MAX_REGION_BYTES >> PM_PAGE_SHIFT ||
	    copy->pages > PM_POOL_PAGES_MAX - copy->page)
		return false;
	return base % PM_PAGE_SIZE == 0 && base < PHYSICAL_END &&
	       copy->pages <= (PHYSICAL_END - base) >> PM_PAGE_SHIFT && copy->member.medium <= PM_MEDIUM_FILE &&
	       copy->member.numa_node >= -1;
}

static bool kind_sane(const struct pm_member *member, const struct pm_record *copy)
{
	switch (copy->kind) {
	case PM_RECORD_ALLOCATION:
		return pm_name_valid(copy->name) && pages_sane(member, copy);
	case PM_RECORD_DIRECTORY:
	case PM_RECORD_QUARANTINE:
		return !*copy->name && pages_sane(member, copy);
	case PM_RECORD_MEMBER:
		return !*copy->name && member_sane(member, copy);
	default:
		return false;
	}
}

bool pm_record_sane(const struct pm_member *member, const struct pm_record *copy)
{
	return pm_record_whole(copy) && pm_text_field_valid(copy->name, PM_NAME_BYTES) &&
	       pm_text_field_valid(copy->owner, PM_OWNER_BYTES) &&
	       pm_text_field_valid(copy->purpose, PM_PURPOSE_BYTES) && kind_sane(member, copy);
}

void pm_record_fill(struct pm_record *body, enum pm_record_kind kind, uint64_t page, uint64_t pages,
		    const struct pm_record_texts *texts, const struct pm_act *act)
{
	*body = (struct pm_record){.kind = (uint16_t)kind, .page = page, .pages = pages, .created_ns = act->time_ns};
	memcpy(body->boot_id, act->boot_id, sizeof(body->boot_id));
	pm_text_put(body->name, sizeof(body->name), texts->name);
	pm_text_put(body->owner, sizeof(body->owner), texts->owner);
	pm_text_put(body->purpose, sizeof(body->purpose), texts->purpose);
}

void pm_record_pending(struct pm_member *member, struct pm_record *slot, struct pm_record *body)
{
	body->crc = record_crc(body);
	pm_store_bytes((uint8_t *)slot + 8, (const uint8_t *)body + 8, sizeof(*body) - 8);
	pm_persist_if(member->flush, slot, sizeof(*slot));
	pm_record_state_set(member, slot, PM_RECORD_PENDING);
}

void pm_record_state_set(struct pm_member *member, struct pm_record *record, enum pm_record_state state)
{
	pm_store64(&record->state, PM_RECORD_STATE(state));
	pm_persist_if(member->flush, record, 8);
}
