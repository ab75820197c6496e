/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "audit.h"
#include "audit_log.h"
#include <stdlib.h>
#include <string.h>

#define RUNS_AT_ONCE 1024

/* What goes through the pool with the audit. */
struct pass {
	struct audit *audit;
	const struct pm_act *act;
	struct log_index log;
};

static void add(struct share *share, uint64_t pages)
{
	share->allocations++;
	share->pages += pages;
}

/* A clock that went back makes ages negative: they count as young. */
static enum age_class age_of(uint64_t time_ns, uint64_t now_ns)
{
	static const uint64_t hours[] = {[AGE_HOUR] = 1, [AGE_DAY] = 24, [AGE_WEEK] = 7 * 24, [AGE_MONTH] = 30 * 24};
	uint64_t age = now_ns > time_ns ? (now_ns - time_ns) / UINT64_C(3600000000000) : 0;

	for (enum age_class class = AGE_HOUR; class < AGE_OLDER; class ++)
		if (age < hours[class])
			return class;
	return AGE_OLDER;
}

static bool count_in(struct tally *tally, const void *key, size_t bytes, uint64_t time_ns, uint64_t pages)
{
	struct tally_entry *entry = tally_take(tally, key, bytes, time_ns);

	if (!entry)
		return false;
	entry->allocations++;
	entry->pages += pages;
	return true;
}

static bool count_named(struct pass *pass, const struct run_copy *run)
{
	const struct pm_record *record = &run->record;
	struct audit *audit = pass->audit;
	size_t owner = strnlen(record->owner, sizeof(record->owner));

	add(&audit->ages[age_of(record->created_ns, pass->act->time_ns)], run->pages);
	return count_in(&audit->owners, record->owner, owner, record->created_ns, run->pages) &&
	       count_in(&audit->boots, record->boot_id, sizeof(record->boot_id), record->created_ns, run->pages);
}

static void leaked(struct audit *audit, const struct run_copy *run, const struct pm_log_entry *entry)
{
	struct leak *leak = &audit->leaks[audit->leak_count];

	add(&audit->leaked, run->pages);
	if (audit->leak_count == AUDIT_LIST_MAX)
		return;
	audit->leak_count++;
	leak->page = run->page;
	leak->pages = run->pages;
	leak->known = entry != NULL;
	if (!entry)
		return;
	leak->time_ns = entry->time_ns;
	memcpy(leak->boot_id, entry->boot_id, sizeof(leak->boot_id));
	memcpy(leak->actor, entry->actor, sizeof(leak->actor));
}

static bool count_unnamed(struct pass *pass, const struct run_copy *run)
{
	const struct pm_log_entry *entry = log_index_find(&pass->log, run->page, run->pages);
	struct audit *audit = pass->audit;

	add(&audit->unnamed, run->pages);
	if (!entry || entry->sequence < pass->log.boot_first)
		leaked(audit, run, entry);
	add(&audit->ages[entry ? age_of(entry->time_ns, pass->act->time_ns) : AGE_UNKNOWN], run->pages);
	if (entry)
		return count_in(&audit->boots, entry->boot_id, sizeof(entry->boot_id), entry->time_ns, run->pages);
	add(&audit->unknown_boot, run->pages);
	return true;
}

static enum pm_code count_runs(struct pass *pass, const struct pm_pool *pool, struct run_copy *runs,
			       struct pm_error *err)
{
	uint64_t from = 0;
	size_t count;

	do {
		enum pm_code code = guarded_runs(pool, from, UINT64_MAX, runs, RUNS_AT_ONCE, &count, err);

		if (code != PM_OK)
			return code;
		for (size_t i = 0; i < count; i++)
			if (!(runs[i].named ? count_named : count_unnamed)(pass, &runs[i]))
				return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to count owners and boots");
		if (count > 0)
			from = runs[count - 1].page + runs[count - 1].pages;
	} while (count == RUNS_AT_ONCE);
	return PM_OK;
}

static int most_pages_first(const void *a, const void *b)
{
	const struct tally_entry *left = a, *right = b;

	if (left->pages != right->pages)
		return left->pages > right->pages ? -1 : 1;
	return memcmp(left->key, right->key, sizeof(left->key));
}

static int newest_first(const void *a, const void *b)
{
	const struct tally_entry *left = a, *right = b;

	if (left->at_ns != right->at_ns)
		return left->at_ns > right->at_ns ? -1 : 1;
	return memcmp(left->key, right->key, sizeof(left->key));
}

static enum pm_code walk(struct pass *pass, const struct pm_pool *pool, struct pm_error *err)
{
	struct run_copy *runs = calloc(RUNS_AT_ONCE, sizeof(*runs));
	enum pm_code code;

	if (!runs)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for %d allocations", RUNS_AT_ONCE);
	code = count_runs(pass, pool, runs, err);
	free(runs);
	tally_sort(&pass->audit->owners, most_pages_first);
	tally_sort(&pass->audit->boots, newest_first);
	return code;
}

enum pm_code audit_pool(struct audit *audit, const struct pm_pool *pool, const uint8_t older_than[16],
			const struct pm_act *act, struct pm_error *err)
{
	struct pass pass = {.audit = audit, .act = act};
	enum pm_code code;

	memset(audit, 0, sizeof(*audit));
	audit->sequence = guarded_log_sequence(pool);
	code = guarded_usage(pool, &audit->usage, err);
	if (code == PM_OK)
		code = guarded_bad_list(pool, &audit->bad, &audit->bad_count, err);
	if (code == PM_OK)
		code = log_index_make(&pass.log, pool, older_than, err);
	if (code == PM_OK && pass.log.boot_first == UINT64_MAX &&
	    memcmp(older_than, act->boot_id, sizeof(act->boot_id)) != 0)
		code = pm_fail(err, PM_E_INVALID_PARAMS,
			       "parameter olderThanBoot: no entry of the event log is of that boot");
	if (code == PM_OK)
		code = walk(&pass, pool, err);
	log_index_free(&pass.log);
	return code;
}

void audit_free(struct audit *audit)
{
	tally_free(&audit->owners);
	tally_free(&audit->boots);
	free(audit->bad);
	audit->bad = NULL;
}

uint64_t audit_unusable(const struct pm_usage *usage, unsigned order)
{
	uint64_t usable;

	if (order >= PM_ORDERS || usage->pages_free == 0)
		return 1000;
	usable = usage->fits[order] << order;
	/* counted while others free and allocate: never below 0 */
	return usable >= usage->pages_free ? 0 : (usage->pages_free - usable) * 1000 / usage->pages_free;
}
