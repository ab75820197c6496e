/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call: one method of main/api with its parameters, from a connection or from the command line. Both print or
 * send `result`, so that `pmpool VERB --json` and the protocol cannot drift apart.
 *
 * A short method has only `begin`. One that may take longer than others should wait sets `more` and goes on by `step`, a
 * few milliseconds at a time, on the main thread and with the session's own pools; other requests are answered in
 * between. A long one begins on the main thread (checks, opens), works on a thread of its
 * own (touches nothing but `state`, the task and what begin held for it) and ends on the main thread (commits or
 * takes back, builds the result). `end` runs whenever `begin` succeeded.
 */
#ifndef PMPOOL_HELPER_CALL_H
#define PMPOOL_HELPER_CALL_H

#include "session.h"
#include <json-c/json.h>
#include <pmpool/task.h>

#define CONFIRM_BYTES 96 /* "falsify-" and the name of a pool */

enum act_kind { ACT_NONE, ACT_READ, ACT_CHANGE, ACT_KEXEC }; /* what polkit is asked about */

struct call {
	struct session *session;
	struct json_object *params; /* checked against the method's table; never NULL */
	struct json_object *result;
	struct pm_error err;
	char confirm[CONFIRM_BYTES]; /* region-occupied, confirm-needed: the word */
	bool more; /* `step` is due, until it clears this or fails; it lets go of `state` then */
	bool gone; /* kexec/jump on a simulated host: this process ends once the answer is out */
	struct pm_task task; /* its context is the call */
	void (*on_progress)(struct call *call, uint64_t done, uint64_t total); /* on the working thread, or NULL */
	void *listener; /* whom on_progress tells */
	struct mapped *locked; /* by the working thread, until the metadata is copied */
	void *state; /* of a long method, freed by its end; of one in steps, freed by the last */
};

enum param_type {
	PARAM_COUNT, /* 0 .. 2^53-1, within min..max */
	PARAM_COUNT_OR_NULL,
	PARAM_BOOL,
	PARAM_TEXT, /* at most max bytes, no NUL */
	PARAM_TEXT_OR_NULL,
	PARAM_UUID,
	PARAM_FILE_NAME,
	PARAM_TOKEN, /* text or integer */
	PARAM_OBJECT, /* as `fields` */
	PARAM_COUNT_LIST,
	PARAM_TEXT_LIST,
	PARAM_OBJECT_LIST, /* each as `fields` */
};

struct param {
	const char *name; /* NULL ends a table */
	enum param_type type;
	bool required;
	uint64_t min, max; /* value of a count, bytes of a text, items of a list; max 0: the type's own */
	uint64_t multiple_of; /* 0: any */
	const struct param *fields;
};

struct method {
	const char *name;
	enum act_kind kind;
	const struct param *params;
	enum pm_code (*begin)(struct call *call);
	enum pm_code (*work)(struct call *call);
	enum pm_code (*end)(struct call *call, enum pm_code worked);
	enum pm_code (*step)(struct call *call); /* of a cancelled task: the last one, and CANCELLED */
};

extern const struct method methods[]; /* ends with a NULL name */
const struct method *method_find(const char *name);

/* PM_OK or INVALID_PARAMS with a message that names the parameter. */
enum pm_code params_check(const struct param *table, struct json_object *params, struct pm_error *err);

/* Values of checked parameters. */
uint64_t param_count(const struct call *call, const char *name, uint64_t otherwise);
const char *param_text(const struct call *call, const char *name, const char *otherwise);
bool param_bool(const struct call *call, const char *name, bool otherwise);
bool param_given(const struct call *call, const char *name);
struct json_object *param_object(const struct call *call, const char *name);

/* Check the parameters and begin. A long method that began has to be worked and ended. */
enum pm_code call_begin(const struct method *method, struct call *call);
void call_task(struct call *call); /* ties task and call together, for who works without a method */
void call_unlock(struct call *call);
/* Begin, work or step, and end on this thread: the command line's way. */
enum pm_code call_run(const struct method *method, struct call *call);
void call_clear(struct call *call);

/* The pool that `params.pool` names, attached. */
enum pm_code call_pool(struct call *call, struct attached **pool);

bool file_name_valid(const char *name); /* letters, digits, dot, dash, underscore; no leading dot; 1 to 100 */

#endif
