/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults put into a pool on purpose. On a real host memory is really falsified, so a word has to say so. */
#include "acts.h"
#include "json_build.h"
#include "pool_worker.h"
#include <pmpool/fault.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FAULTS_MAX 4096u

struct injection {
	struct pm_pool *pool;
	struct pm_fault_request request;
	struct pm_fault *faults; /* the first FAULTS_MAX */
	uint64_t count;
	enum pm_code code;
	struct pm_error err;
};

/* Runs inside pm_region_guarded: takes no memory. */
static void put(void *context, const struct pm_fault *fault)
{
	struct injection *injection = context;

	if (injection->count < FAULTS_MAX)
		injection->faults[injection->count] = *fault;
	injection->count++;
}

static void inject_body(void *argument)
{
	struct injection *injection = argument;

	injection->code = pm_fault_inject(injection->pool, &injection->request, put, injection, &injection->err);
}

static bool spoils_metadata(enum pm_fault_kind kind)
{
	return kind == PM_FAULT_SUPERBLOCK || kind == PM_FAULT_STATES || kind == PM_FAULT_RECORD;
}

static enum pm_code confirmed(struct call *call, const struct attached *attached)
{
	const struct pm_superblock *sb = &attached->pool.sb;

	if (call->session->host.simulated)
		return PM_OK;
	snprintf(call->confirm, sizeof(call->confirm), "falsify-%.*s", (int)sizeof(sb->pool_name), sb->pool_name);
	if (strcmp(param_text(call, "confirm", ""), call->confirm) == 0)
		return PM_OK;
	return pm_fail(&call->err, PM_E_CONFIRM_NEEDED,
		       "memory of pool %.*s on this host would really be falsified; the word for it is %s",
		       (int)sizeof(sb->pool_name), sb->pool_name, call->confirm);
}

/* What is left of a fault that was cut short by a lost mapping is told by the log all the same. */
static enum pm_code inject_locked(struct call *call, struct attached *attached, struct injection *injection)
{
	enum pm_code code, noted = PM_OK;
	char detail[sizeof(((struct pm_log_entry *)0)->detail)];
	struct pm_act act;

	code = guarded_run(inject_body, injection, &injection->code, &attached->pool, "cannot inject a fault",
			   &call->err);
	if (code != PM_OK && injection->err.code == code)
		call->err = injection->err;
	if (injection->count == 0)
		return code;
	snprintf(detail, sizeof(detail), "%s, seed %llu", pm_fault_name(injection->request.kind),
		 (unsigned long long)injection->request.seed);
	session_act(call->session, &act);
	noted = guarded_log_append(&attached->pool, PM_VERB_FAULT, injection->faults[0].page, injection->count, detail,
				   &act, code == PM_OK ? &call->err : NULL);
	/* What is attached was right before the fault; the next act looks at the pool anew. */
	attached->stale = attached->stale || spoils_metadata(injection->request.kind);
	return code == PM_OK ? noted : code;
}

static struct json_object *answer(const struct injection *injection)
{
	struct json_object *result = json_object_new_object(), *faults = json_object_new_array();

	for (uint64_t i = 0; i < injection->count && i < FAULTS_MAX; i++) {
		const struct pm_fault *fault = &injection->faults[i];
		struct json_object *object = json_object_new_object();

		json_set_count(object, "page", fault->page);
		json_set_count(object, "address", fault->address);
		json_set_count(object, "bytes", fault->bytes);
		json_set_field(object, "detail", fault->detail, sizeof(fault->detail));
		json_object_array_add(faults, object);
	}
	json_set_text(result, "kind", pm_fault_name(injection->request.kind));
	json_set_count(result, "seed", injection->request.seed);
	json_set(result, "faults", faults);
	json_set_count(result, "count", injection->count);
	return result;
}

static enum pm_code request_of(struct call *call, struct pm_fault_request *request)
{
	uint64_t chance = 0;

	if (!pm_fault_parse(param_text(call, "kind", ""), &request->kind))
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter kind: there is no fault \"%.40s\"",
			       param_text(call, "kind", ""));
	if (getrandom(&chance, sizeof(chance), 0) != (ssize_t)sizeof(chance))
		return pm_fail(&call->err, PM_E_IO_FAILED, "the kernel gives no random number");
	request->seed = param_count(call, "seed", chance & JSON_COUNT_MAX);
	request->pages = param_count(call, "pages", 0);
	request->first = param_count(call, "from", 0);
	request->end = param_count(call, "to", 0);
	return pool_range_check(call);
}

enum pm_code act_fault_inject(struct call *call)
{
	struct injection injection = {.code = PM_OK};
	struct attached *attached;
	enum pm_code code = request_of(call, &injection.request);

	if (code == PM_OK)
		code = call_pool(call, &attached);
	if (code == PM_OK)
		code = session_writable(attached, &call->err);
	if (code == PM_OK)
		code = confirmed(call, attached);
	if (code != PM_OK)
		return code;
	injection.faults = calloc(FAULTS_MAX, sizeof(*injection.faults));
	if (!injection.faults)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory for a list of faults");
	injection.pool = &attached->pool;
	code = session_lock(call->session, attached, &call->err);
	if (code == PM_OK) {
		code = inject_locked(call, attached, &injection);
		session_unlock(attached);
	}
	if (code == PM_OK)
		call->result = answer(&injection);
	free(injection.faults);
	return code;
}
