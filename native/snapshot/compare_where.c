// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare_where.h"
#include "compare_windows.h"
#include "pmpool/team.h"
#include <stdlib.h>
#include <string.h>

#define SLOTS (4u * PM_SUSPECTS_MAX) /* a power of two, never full */
#define MATCHES_MAX (4u * PM_SUSPECTS_MAX)
#define NONE UINT32_MAX

/* A digest that is looked for. */
struct slot {
	uint8_t digest[PM_DIGEST_BYTES];
	bool used;
	uint32_t pages; /* that were found */
	uint32_t first, last; /* in matches; NONE */
};

struct match {
	uint64_t page;
	uint32_t next; /* of the same digest, ascending; NONE */
};

struct seat { /* of a window in work */
	struct pm_window *window;
	size_t count;
	struct {
		uint64_t page;
		uint32_t slot;
	} found[PM_WINDOW_PAGES];
};

struct pm_where {
	struct pm_snapshot *file;
	struct pm_task *task; /* to be cancelled by; this is no part of its progress */
	struct pm_windows windows;
	struct slot *slots;
	struct match *matches;
	uint32_t match_count;
	struct seat *seats;
};

/* Digests are as good as random. */
static uint32_t slot_of(const struct pm_where *where, const uint8_t digest[PM_DIGEST_BYTES])
{
	uint32_t at;

	memcpy(&at, digest, sizeof(at));
	for (at %= SLOTS; where->slots[at].used; at = (at + 1) % SLOTS)
		if (memcmp(where->slots[at].digest, digest, PM_DIGEST_BYTES) == 0)
			break;
	return at;
}

static void look_for(struct pm_where *where, const uint8_t digest[PM_DIGEST_BYTES])
{
	struct slot *slot = &where->slots[slot_of(where, digest)];

	if (slot->used)
		return;
	*slot = (struct slot){.used = true, .first = NONE, .last = NONE};
	memcpy(slot->digest, digest, PM_DIGEST_BYTES);
}

static enum pm_code search(void *context, unsigned number, uint64_t item, struct pm_error *err)
{
	struct pm_where *where = context;
	struct seat *seat = &where->seats[number];
	enum pm_code code;

	if (where->task && atomic_load_explicit(&where->task->cancelled, memory_order_relaxed))
		return pm_fail(err, PM_E_CANCELLED, "Cancelled.");
	code = pm_snapshot_window(where->file, where->windows.list[item], false, seat->window, err);
	seat->count = 0;
	for (unsigned i = 0; !code && i < PM_WINDOW_PAGES; i++) {
		uint32_t at;

		if (seat->window->held[i] == PM_HELD_NOT)
			continue;
		at = slot_of(where, seat->window->digests[i]);
		if (where->slots[at].used) {
			seat->found[seat->count].page = seat->window->first + i;
			seat->found[seat->count++].slot = at;
		}
	}
	/* what cannot be read is not found there */
	return code == PM_E_FILE_CORRUPT ? PM_OK : code;
}

static enum pm_code collect(void *context, unsigned number, uint64_t item, struct pm_error *err)
{
	struct pm_where *where = context;
	const struct seat *seat = &where->seats[number];

	for (size_t i = 0; i < seat->count && where->match_count < MATCHES_MAX; i++) {
		struct slot *slot = &where->slots[seat->found[i].slot];
		uint32_t at = where->match_count;

		if (slot->pages == PM_WHERE_EACH)
			continue;
		where->matches[at] = (struct match){seat->found[i].page, NONE};
		if (slot->last == NONE)
			slot->first = at;
		else
			where->matches[slot->last].next = at;
		slot->last = at;
		slot->pages++;
		where->match_count++;
	}
	return PM_OK;
}

static bool take_memory(struct pm_where *where)
{
	bool enough = true;

	where->slots = calloc(SLOTS, sizeof(*where->slots));
	where->matches = calloc(MATCHES_MAX, sizeof(*where->matches));
	where->seats = calloc(pm_team_slots(), sizeof(*where->seats));
	for (unsigned i = 0; where->seats && i < pm_team_slots(); i++) {
		where->seats[i].window = pm_window_new();
		enough &= where->seats[i].window != NULL;
	}
	return enough && where->slots && where->matches && where->seats;
}

static void seats_free(struct pm_where *where)
{
	for (unsigned i = 0; where->seats && i < pm_team_slots(); i++)
		pm_window_free(where->seats[i].window);
	free(where->seats);
	where->seats = NULL;
	pm_windows_free(&where->windows);
}

struct pm_where *pm_where_new(struct pm_snapshot *file, const struct pm_changes *changes, struct pm_task *task,
			      struct pm_error *err)
{
	static const struct pm_stage stages[] = {{false, search}, {true, collect}};
	struct pm_where *where = calloc(1, sizeof(*where));
	enum pm_code code;

	if (!where || !take_memory(where)) {
		pm_where_free(where);
		pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to look for where changed pages came from.");
		return NULL;
	}
	where->file = file;
	where->task = task;
	for (size_t i = 0; i < changes->suspect_count; i++) {
		const struct pm_changed_page *page = &changes->suspects[i];

		if (page->kind != PM_CHANGE_CHANGED)
			continue;
		look_for(where, page->digest);
		if (!page->pattern)
			look_for(where, page->expected);
	}
	code = pm_windows_of(file, &where->windows, err);
	if (!code)
		code = pm_team_run(where->windows.count, stages, 2, where, NULL, 0, NULL, err);
	seats_free(where);
	if (!code)
		return where;
	pm_where_free(where);
	return NULL;
}

void pm_where_free(struct pm_where *where)
{
	if (!where)
		return;
	seats_free(where);
	free(where->slots);
	free(where->matches);
	free(where);
}

size_t pm_where_find(const struct pm_where *where, const uint8_t digest[PM_DIGEST_BYTES], uint64_t *pages, size_t max)
{
	const struct slot *slot = &where->slots[slot_of(where, digest)];
	size_t count = 0;

	if (!slot->used)
		return 0;
	for (uint32_t at = slot->first; at != NONE && count < max; at = where->matches[at].next)
		pages[count++] = where->matches[at].page;
	return count;
}
