// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What others did while pages were copied. Asked once at the end and under no lock, so it is what the page states and
 * the event log told then. Pages that moved are marked BAD in the copied states: each counts once.
 */
#include "job.h"
#include "pmpool/region.h"
#include "json/json.h"
#include <stdlib.h>

#define BATCH_WORDS 4096u /* states that are read at once: a multiple of those of a window */
#define WINDOW_WORDS (PM_GROUP_PAGES / PM_PAGES_PER_WORD)
#define LOOKS_MAX (UINT64_C(1) << 22) /* windows looked at for what was freed and allocated again */

struct moves {
	struct pm_job *job;
	uint64_t batch; /* number of its first word; UINT64_MAX: none was read */
	uint64_t states[BATCH_WORDS];
	uint64_t sequence; /* of the log */
	struct pm_log_entry entry;
	bool entry_found;
	uint64_t looks;
	/* the run that is growing */
	uint64_t page, pages;
	const char *state;
	uint64_t run_count, act_count;
	struct json_object *runs, *acts;
};

static void run_end(struct moves *moves)
{
	struct json_object *run;

	if (!moves->pages)
		return;
	if (moves->run_count++ < PM_MOVES_MAX) {
		run = json_object_new_object();
		json_set_count(run, "page", moves->page);
		json_set_count(run, "pages", moves->pages);
		json_set(run, "state", json_object_new_string(moves->state));
		json_object_array_add(moves->runs, run);
	}
	moves->pages = 0;
}

static void moved(struct moves *moves, uint64_t page, const char *state)
{
	uint64_t shift = page % PM_PAGES_PER_WORD * 2, *word = &moves->job->copy.states[page / PM_PAGES_PER_WORD];

	*word = (*word & ~(UINT64_C(3) << shift)) | (uint64_t)PM_PAGE_BAD << shift;
	moves->job->result.moved_pages++;
	if (moves->page + moves->pages != page || moves->state != state)
		run_end(moves);
	if (!moves->pages)
		moves->page = page;
	moves->state = state;
	moves->pages++;
}

/* --- states --- */

static void states_body(void *argument)
{
	struct moves *moves = argument;
	uint64_t left = moves->job->copy.state_words - moves->batch;

	pm_page_states(moves->job->pool, moves->batch * PM_PAGES_PER_WORD, left < BATCH_WORDS ? left : BATCH_WORDS,
		       moves->states);
}

static enum pm_page_state state_in(const uint64_t *words, uint64_t page)
{
	return (enum pm_page_state)(words[page / PM_PAGES_PER_WORD] >> page % PM_PAGES_PER_WORD * 2 & 3);
}

static void window_compare(struct moves *moves, const struct pm_held_window *window)
{
	static const char *const names[] = {"free", "allocated", "bad", "allocated"};
	uint64_t from = moves->batch * PM_PAGES_PER_WORD;

	for (uint32_t i = 0; i < window->count; i++) {
		uint64_t page = window->first + i;
		enum pm_page_state now = state_in(moves->states, page - from);

		if (window->held[i / 64] >> i % 64 & 1 && now != state_in(moves->job->copy.states, page))
			moved(moves, page, names[now]);
	}
}

static enum pm_code states_compare(struct moves *moves, struct pm_error *err)
{
	struct pm_held_window window;
	enum pm_code code = PM_OK;

	for (uint64_t at = 0; !code && pm_copy_next(&moves->job->copy, at, &window); at++) {
		uint64_t batch = window.first / PM_PAGES_PER_WORD / BATCH_WORDS * BATCH_WORDS;

		if (batch != moves->batch) {
			moves->batch = batch;
			code = pm_region_guarded(states_body, moves, err);
		}
		if (!code)
			window_compare(moves, &window);
		at = window.first / PM_GROUP_PAGES;
	}
	run_end(moves);
	return code;
}

/* --- log --- */

static void sequence_body(void *argument)
{
	struct moves *moves = argument;

	moves->sequence = pm_log_sequence(moves->job->pool);
}

static void entry_body(void *argument)
{
	struct moves *moves = argument;

	moves->entry_found = pm_log_read(moves->job->pool, moves->sequence, &moves->entry);
}

/* Its pages have the state they had: they were allocated again. */
static void freed(struct moves *moves, uint64_t first, uint64_t pages)
{
	uint64_t page_end = moves->job->copy.page_end, end;
	struct pm_held_window window;

	if (first >= page_end)
		return;
	end = pages < page_end - first ? first + pages : page_end;
	for (uint64_t at = first / PM_GROUP_PAGES; at * PM_GROUP_PAGES < end && moves->looks < LOOKS_MAX; at++) {
		moves->looks++;
		if (!pm_copy_window(&moves->job->copy, at, &window))
			continue;
		for (uint32_t i = 0; i < window.count; i++)
			if (window.held[i / 64] >> i % 64 & 1 && window.first + i >= first && window.first + i < end)
				moved(moves, window.first + i, "again");
	}
}

static void act_add(struct moves *moves)
{
	const struct pm_log_entry *entry = &moves->entry;
	struct json_object *act;
	uint64_t first, pages;

	if (moves->act_count++ < PM_MOVES_MAX) {
		act = json_object_new_object();
		json_set_count(act, "sequence", entry->sequence);
		json_set_count(act, "verb", entry->verb);
		json_set_count(act, "page", entry->page);
		json_set_count(act, "pages", entry->pages);
		json_object_array_add(moves->acts, act);
	}
	pages = pm_log_given_back(entry, &first);
	if (pages)
		freed(moves, first, pages);
}

/* Entries that were overwritten meanwhile are counted, not told. */
static enum pm_code log_look(struct moves *moves, uint64_t *newest, struct pm_error *err)
{
	uint64_t slots = pm_log_slots(moves->job->pool), from = moves->job->copy.log_sequence;
	enum pm_code code = pm_region_guarded(sequence_body, moves, err);

	*newest = moves->sequence;
	if (*newest > from && *newest - from > slots) {
		moves->act_count = *newest - from - slots;
		from = *newest - slots;
	}
	for (uint64_t sequence = from + 1; !code && sequence <= *newest; sequence++) {
		moves->sequence = sequence;
		code = pm_region_guarded(entry_body, moves, err);
		if (!code && moves->entry_found)
			act_add(moves);
	}
	run_end(moves);
	return code;
}

enum pm_code pm_job_moved(struct pm_job *job, struct json_object **move, struct pm_error *err)
{
	struct moves *moves = calloc(1, sizeof(*moves));
	uint64_t newest = 0;
	enum pm_code code;

	if (!moves)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to look at what others did.");
	moves->job = job;
	moves->batch = UINT64_MAX;
	moves->runs = json_object_new_array();
	moves->acts = json_object_new_array();
	code = states_compare(moves, err);
	if (!code)
		code = log_look(moves, &newest, err);
	*move = json_object_new_object();
	json_set_count(*move, "logSequence", newest);
	json_set_count(*move, "movedPages", job->result.moved_pages);
	json_set_count(*move, "runCount", moves->run_count);
	json_set_count(*move, "actCount", moves->act_count);
	json_set(*move, "pages", moves->runs);
	json_set(*move, "acts", moves->acts);
	free(moves);
	return code;
}
