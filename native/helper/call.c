/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "call.h"
#include <string.h>

uint64_t param_count(const struct call *call, const char *name, uint64_t otherwise)
{
	struct json_object *value = param_object(call, name);

	return value ? json_object_get_uint64(value) : otherwise;
}

const char *param_text(const struct call *call, const char *name, const char *otherwise)
{
	struct json_object *value = param_object(call, name);

	return value ? json_object_get_string(value) : otherwise;
}

bool param_bool(const struct call *call, const char *name, bool otherwise)
{
	struct json_object *value = param_object(call, name);

	return value ? json_object_get_boolean(value) : otherwise;
}

bool param_given(const struct call *call, const char *name)
{
	return param_object(call, name) != NULL;
}

struct json_object *param_object(const struct call *call, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(call->params, name, &value);
	return value;
}

static void on_progress(void *context, uint64_t done, uint64_t total)
{
	struct call *call = context;

	if (call->on_progress)
		call->on_progress(call, done, total);
}

void call_unlock(struct call *call)
{
	if (call->locked)
		mapped_unlock(call->locked);
	call->locked = NULL;
}

static void on_metadata_copied(void *context)
{
	call_unlock(context);
}

void call_task(struct call *call)
{
	call->task.context = call;
	call->task.progress = on_progress;
	call->task.metadata_copied = on_metadata_copied;
}

enum pm_code call_begin(const struct method *method, struct call *call)
{
	enum pm_code code = params_check(method->params, call->params, &call->err);

	call_task(call);
	return code == PM_OK ? method->begin(call) : code;
}

enum pm_code call_run(const struct method *method, struct call *call)
{
	enum pm_code code = call_begin(method, call);

	while (code == PM_OK && call->more)
		code = method->step(call);
	if (code != PM_OK || !method->work)
		return code;
	return method->end(call, method->work(call));
}

void call_clear(struct call *call)
{
	json_object_put(call->params);
	json_object_put(call->result);
	memset(call, 0, sizeof(*call));
}

enum pm_code call_pool(struct call *call, struct attached **pool)
{
	return session_pool(call->session, param_text(call, "pool", ""), pool, &call->err);
}

const struct method *method_find(const char *name)
{
	for (const struct method *method = methods; method->name; method++)
		if (strcmp(method->name, name) == 0)
			return method;
	return NULL;
}
