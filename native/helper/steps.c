/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests that go on by steps of the main thread: in turn, one step each time that the server comes round. */
#include "server.h"
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 64u /* with more of them a request goes on at once, to its end */

struct stepped {
	struct stepped *next;
	struct call call;
	const struct method *method;
	struct json_object *id;
};

static struct stepped *stepped_new(struct server *server, const struct method *method, const struct call *call,
				   struct json_object *id)
{
	struct stepped *stepped = calloc(1, sizeof(*stepped));

	if (!stepped)
		return NULL;
	stepped->method = method;
	stepped->call.session = &server->session;
	stepped->call.params = json_object_get(call->params);
	stepped->id = json_object_get(id);
	return stepped;
}

static void finish(struct server *server, struct stepped *stepped, enum pm_code code)
{
	call_answer(server, stepped->id, &stepped->call, code);
	call_clear(&stepped->call);
	json_object_put(stepped->id);
	free(stepped);
}

static struct stepped **tail(struct server *server, unsigned *count)
{
	struct stepped **at = &server->steps;

	for (*count = 0; *at; at = &(*at)->next)
		++*count;
	return at;
}

enum pm_code steps_start(struct server *server, const struct method *method, struct call *call, struct json_object *id)
{
	struct stepped *stepped = stepped_new(server, method, call, id), **end;
	unsigned count;
	enum pm_code code;

	if (!stepped)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory for this request");
	code = call_begin(method, &stepped->call);
	end = tail(server, &count);
	while (code == PM_OK && stepped->call.more && count >= STEPS_MAX)
		code = method->step(&stepped->call);
	if (code == PM_OK && stepped->call.more)
		*end = stepped;
	else
		finish(server, stepped, code);
	return PM_OK;
}

void steps_go_on(struct server *server)
{
	struct stepped *stepped = server->steps;
	unsigned count;
	enum pm_code code;

	if (!stepped)
		return;
	server->steps = stepped->next;
	stepped->next = NULL;
	code = stepped->method->step(&stepped->call);
	if (code == PM_OK && stepped->call.more)
		*tail(server, &count) = stepped;
	else
		finish(server, stepped, code);
}

void steps_cancel(struct server *server, struct json_object *id)
{
	for (struct stepped *stepped = server->steps; stepped; stepped = stepped->next)
		if (json_object_equal(stepped->id, id))
			atomic_store(&stepped->call.task.cancelled, true);
}

void steps_end(struct server *server)
{
	struct stepped *next;

	for (struct stepped *stepped = server->steps; stepped; stepped = next) {
		next = stepped->next;
		atomic_store(&stepped->call.task.cancelled, true);
		stepped->method->step(&stepped->call);
		call_clear(&stepped->call);
		json_object_put(stepped->id);
		free(stepped);
	}
	server->steps = NULL;
}
