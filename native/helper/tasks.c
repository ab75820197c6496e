/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json_build.h"
#include "server.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

void call_answer(struct server *server, struct json_object *id, struct call *call, enum pm_code code)
{
	if (code == PM_OK) {
		rpc_result(&server->output, id, call->result);
		call->result = NULL;
		return;
	}
	if (call->err.code != code) /* somebody returned a code without words */
		pm_fail(&call->err, code, "%s", code > 0 ? pm_error_reason(code) : "failed");
	rpc_error(&server->output, id, &call->err, call->confirm);
}

static void send_progress(struct call *call, uint64_t done, uint64_t total)
{
	struct task *task = call->listener;
	struct json_object *params = json_object_new_object(), *value = json_object_new_object();
	struct json_object *token = json_member(call->params, "progressToken");

	json_set_count(value, "done", done);
	json_set_count(value, "total", total);
	/* json-c counts references without a lock, so the main thread's objects are copied here */
	if (json_object_is_type(token, json_type_int))
		json_set(params, "token", json_object_new_int64(json_object_get_int64(token)));
	else
		json_set_text(params, "token", json_object_get_string(token));
	json_set(params, "value", value);
	rpc_notify(&task->server->output, "$/progress", params);
}

static void *work(void *argument)
{
	struct task *task = argument;
	uint64_t one = 1;

	task->worked = task->method->work(&task->call);
	atomic_store(&task->done, true);
	while (write(task->server->wake_fd, &one, sizeof(one)) < 0)
		;
	return NULL;
}

/* Signals are the main thread's. */
static bool start_thread(struct task *task)
{
	sigset_t all, before;
	bool started;

	sigfillset(&all);
	sigdelset(&all, SIGBUS); /* the guard's, and it belongs to the thread that touched the mapping */
	sigdelset(&all, SIGSEGV);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started = pthread_create(&task->thread, NULL, work, task) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

enum pm_code task_start(struct server *server, const struct method *method, struct call *call, struct json_object *id,
			struct pm_error *err)
{
	struct task *task = NULL;
	enum pm_code code;

	for (size_t i = 0; i < TASKS_MAX && !task; i++)
		if (!server->tasks[i].id)
			task = &server->tasks[i];
	if (!task)
		return pm_fail(err, PM_E_BUSY, "%d long requests are under way", TASKS_MAX);
	memset(task, 0, sizeof(*task));
	task->server = server;
	task->method = method;
	task->call.session = call->session;
	task->call.params = json_object_get(call->params);
	task->call.listener = task;
	if (param_given(&task->call, "progressToken"))
		task->call.on_progress = send_progress;
	code = call_begin(method, &task->call);
	if (code == PM_OK && !start_thread(task)) {
		pm_fail(&task->call.err, PM_E_OUT_OF_MEMORY, "no thread for this request");
		code = method->end(&task->call, PM_E_OUT_OF_MEMORY);
	}
	if (code != PM_OK) {
		*err = task->call.err;
		memcpy(call->confirm, task->call.confirm, sizeof(call->confirm));
		call_clear(&task->call);
		return code;
	}
	task->id = json_object_get(id);
	return PM_OK;
}

void tasks_cancel(struct server *server, struct json_object *id)
{
	for (size_t i = 0; i < TASKS_MAX; i++)
		if (server->tasks[i].id && json_object_equal(server->tasks[i].id, id))
			atomic_store(&server->tasks[i].call.task.cancelled, true);
}

static enum pm_code finish(struct task *task)
{
	pthread_join(task->thread, NULL);
	return task->method->end(&task->call, task->worked);
}

static void clear(struct task *task)
{
	call_clear(&task->call);
	json_object_put(task->id);
	task->id = NULL;
}

void tasks_reap(struct server *server)
{
	uint64_t drained;

	if (read(server->wake_fd, &drained, sizeof(drained)) < 0)
		return;
	for (size_t i = 0; i < TASKS_MAX; i++) {
		struct task *task = &server->tasks[i];

		if (!task->id || !atomic_load(&task->done))
			continue;
		call_answer(server, task->id, &task->call, finish(task));
		clear(task);
	}
}

void tasks_end(struct server *server)
{
	for (size_t i = 0; i < TASKS_MAX; i++)
		atomic_store(&server->tasks[i].call.task.cancelled, true);
	for (size_t i = 0; i < TASKS_MAX; i++) {
		if (!server->tasks[i].id)
			continue;
		finish(&server->tasks[i]);
		clear(&server->tasks[i]);
	}
}
