/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world stops while a pool is created or erased, over garbage and over another pool: what attaches then is the old
 * pool, none, or the new one, whole in each case, and in that order. In program order and in every order that the
 * flushes allow.
 */
#include "model.h"
#include "replay.h"
#include <stdlib.h>
#include <string.h>

#define BYTES ((UINT64_C(4) << 20) + 37 * 4096)
enum outcome { OLD, NONE, NEW, OUTCOMES };

struct site {
	uint8_t *start, *memory;
	bool flush, erases;
	struct model_view old, new, now;
	uint64_t seen[OUTCOMES];
};

static struct pm_pool_request request_of(const struct site *site, uint8_t uuid)
{
	struct pm_pool_request request = model_request();

	memset(request.pool_uuid, uuid, 16);
	memset(request.region_uuid, uuid + 1, 16);
	request.flush = site->flush;
	return request;
}

static enum pm_code attach(struct site *site, struct pm_pool *pool)
{
	const struct pm_mapping mapping = {
		.base = site->memory, .bytes = BYTES, .physical_base = MODEL_BASE, .flush = site->flush};

	return pm_pool_attach(pool, &mapping, 1, 0, &model_memory, &model_act);
}

static void act(struct site *site)
{
	struct pm_pool_request request = request_of(site, 0x77);

	if (site->erases)
		pm_pool_erase(site->memory, BYTES);
	else
		assert_int_equal(pm_pool_format(site->memory, BYTES, &request, &model_act), PM_OK);
}

static void old_pool_make(struct site *site)
{
	struct pm_pool_request request = request_of(site, 0x33);
	struct pm_alloc_request wants = {.pages = 70, .name = "old"};
	struct pm_pool pool;
	struct pm_run run;

	assert_int_equal(pm_pool_format(site->memory, BYTES, &request, &model_act), PM_OK);
	assert_int_equal(attach(site, &pool), PM_OK);
	assert_int_equal(pm_pool_begin(&pool, false, &model_act), PM_OK);
	assert_int_equal(pm_alloc(&pool, &wants, &model_act, &run), PM_OK);
	wants = (struct pm_alloc_request){.pages = 600};
	assert_int_equal(pm_alloc(&pool, &wants, &model_act, &run), PM_OK);
	pm_pool_end(&pool);
	model_view_take(&pool, &site->old);
	pm_pool_detach(&pool);
}

static const char *look(struct site *site, bool acknowledged)
{
	struct pm_pool pool;
	enum pm_code code = attach(site, &pool);
	struct pm_log_entry entry;
	enum outcome outcome = NONE, want = site->erases ? NONE : NEW;
	const char *wrong = NULL;

	if (code == PM_OK) {
		outcome = pool.sb.pool_uuid[0] == 0x77 ? NEW : OLD;
		wrong = model_audit(&pool);
		model_view_take(&pool, &site->now);
		if (!wrong && !model_view_equal(&site->now, outcome == NEW ? &site->new : &site->old))
			wrong = "a pool, but not whole";
		if (!wrong && outcome == NEW && (!pm_log_read(&pool, 1, &entry) || entry.verb != PM_VERB_POOL_CREATE))
			wrong = "its log does not begin with its creation";
		pm_pool_detach(&pool);
	} else if (code != PM_E_POOL_NOT_FOUND) {
		wrong = pm_error_name(code);
	}
	site->seen[outcome]++;
	if (!wrong && acknowledged && outcome != want)
		wrong = "acknowledged, but not there";
	return wrong;
}

static const char *check(struct replay *replay, void *context, bool acknowledged)
{
	struct site *site = context;
	const char *wrong;

	trace_start(&replay->touched, site->memory, BYTES);
	wrong = look(site, acknowledged);
	trace_stop();
	replay_restore(replay, &replay->touched);
	return wrong;
}

static void stop_everywhere(bool over_a_pool, bool erases, bool flush)
{
	struct site site = {.flush = flush, .erases = erases};
	struct trace trace = {0};
	struct replay replay;
	struct pm_pool pool;
	const char *wrong;

	site.start = aligned_alloc(4096, BYTES);
	site.memory = aligned_alloc(4096, BYTES);
	memset(site.memory, 0xa5, BYTES);
	if (over_a_pool)
		old_pool_make(&site);
	memcpy(site.start, site.memory, BYTES);
	trace_start(&trace, site.memory, BYTES);
	act(&site);
	trace_mark();
	trace_stop();
	if (!erases) {
		assert_int_equal(attach(&site, &pool), PM_OK);
		assert_false(model_recovered_anything(&pool));
		model_view_take(&pool, &site.new);
		pm_pool_detach(&pool);
	}
	replay_begin(&replay, site.start, site.memory, BYTES, check, &site);
	wrong = replay_run(&replay, &trace, flush ? REPLAY_ORDERS : REPLAY_PROGRAM, REPLAY_SKIP_NONE);
	if (wrong)
		fail_msg("%s%s%s: %s", erases ? "erase" : "create", over_a_pool ? " over a pool" : "",
			 flush ? ", flushed" : "", wrong);
	assert_true(!over_a_pool || site.seen[OLD]);
	assert_true(site.seen[NONE] && (erases || site.seen[NEW]));
	replay_end(&replay);
	trace_end(&trace);
	model_view_end(&site.old);
	model_view_end(&site.new);
	model_view_end(&site.now);
	free(site.start);
	free(site.memory);
	assert_int_equal(model_memory_out(), 0);
}

static void in_program_order(void **state)
{
	stop_everywhere(false, false, false);
	stop_everywhere(true, false, false);
	stop_everywhere(true, true, false);
}

/* pm_pool_erase is not told whether the memory is persistent: it always has to flush. */
static void in_every_order(void **state)
{
	stop_everywhere(false, false, true);
	stop_everywhere(true, false, true);
	stop_everywhere(true, true, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_program_order),
		cmocka_unit_test(in_every_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
