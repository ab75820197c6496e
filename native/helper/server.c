/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server.h"
#include "acts.h"
#include "gate.h"
#include "json_build.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static enum pm_code may_run(struct server *server, const struct rpc_message *message, const struct method *method,
			    struct pm_error *err)
{
	bool first = strcmp(message->method, "initialize") == 0;

	if (!server->initialized && !first)
		return pm_fail(err, PM_E_NOT_INITIALIZED, "%.60s came before initialize", message->method);
	if (!method)
		return pm_fail(err, PM_E_METHOD_NOT_FOUND, "no method %.60s", message->method);
	if (server->initialized && first)
		return pm_fail(err, PM_E_INVALID_REQUEST, "initialize came a second time");
	return gate_pass(server->gate, method->kind, err);
}

static void run_short(struct server *server, const struct method *method, struct call *call, struct json_object *id)
{
	enum pm_code code = call_begin(method, call);

	if (code == PM_OK && strcmp(method->name, "initialize") == 0)
		server->initialized = true;
	call_answer(server, id, call, code);
	/* the answer is out; a simulated host's helper ends as a real one's would */
	if (code == PM_OK && call->gone) {
		tasks_end(server);
		steps_end(server);
		server->ended = true;
	}
}

static void on_request(struct server *server, struct rpc_message *message)
{
	const struct method *method = method_find(message->method);
	struct call call = {.session = &server->session, .params = json_object_get(message->params)};
	enum pm_code code = may_run(server, message, method, &call.err);

	if (code == PM_OK && !method->work && !method->step) {
		run_short(server, method, &call, message->id);
		call_clear(&call);
		return;
	}
	if (code == PM_OK)
		code = method->step ? steps_start(server, method, &call, message->id)
				    : task_start(server, method, &call, message->id, &call.err);
	if (code != PM_OK)
		call_answer(server, message->id, &call, code);
	call_clear(&call);
}

static void on_notification(struct server *server, const struct rpc_message *message)
{
	/* others are ignored, as JSON-RPC wants it */
	if (strcmp(message->method, "$/cancelRequest") == 0) {
		tasks_cancel(server, json_member(message->params, "id"));
		steps_cancel(server, json_member(message->params, "id"));
	}
}

static void on_message(struct server *server, const char *body, size_t bytes)
{
	struct rpc_message message;
	struct pm_error err = {0};
	enum pm_code code = rpc_parse(body, bytes, &message, &err);

	if (code != PM_OK) {
		if (message.kind != RPC_NOTIFICATION || !message.method)
			rpc_error(&server->output, message.id, &err, "");
	} else if (message.kind == RPC_REQUEST) {
		on_request(server, &message);
	} else if (message.kind == RPC_NOTIFICATION) {
		on_notification(server, &message);
	}
	rpc_message_free(&message);
}

static void end_with(struct server *server, const struct pm_error *err)
{
	rpc_error(&server->output, NULL, err, "");
	fprintf(stderr, "pmpool: %s\n", err->message);
	server->ended = true;
}

static void on_input(struct server *server)
{
	static char buffer[65536];
	ssize_t got = read(server->in_fd, buffer, sizeof(buffer));
	struct pm_error err = {0};
	const char *body;
	size_t bytes;

	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0) {
		server->ended = true;
		return;
	}
	if (frame_push(&server->input, buffer, (size_t)got, &err) != PM_OK) {
		end_with(server, &err);
		return;
	}
	while (!server->ended && !server->output.broken) {
		if (frame_next(&server->input, &body, &bytes, &err) != PM_OK) {
			end_with(server, &err);
			return;
		}
		if (!body)
			return;
		on_message(server, body, bytes);
		changes_notify(server);
	}
}

int server_run(struct server *server)
{
	struct pollfd polls[2] = {{.fd = server->in_fd, .events = POLLIN}};

	server->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (server->wake_fd < 0) {
		fprintf(stderr, "pmpool: cannot make an eventfd: %s\n", strerror(errno));
		return 1;
	}
	polls[1] = (struct pollfd){.fd = server->wake_fd, .events = POLLIN};
	while (!server->ended && !server->output.broken) {
		if (poll(polls, 2, server->steps ? 0 : changes_wait_ms(server)) < 0) {
			if (errno != EINTR)
				break;
			continue; /* revents are those of the time before */
		}
		if (polls[1].revents)
			tasks_reap(server);
		if (polls[0].revents)
			on_input(server);
		steps_go_on(server);
		changes_notify(server);
	}
	tasks_end(server);
	steps_end(server);
	frame_free(&server->input);
	close(server->wake_fd);
	return 0;
}
