/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One connection: requests in order on the main thread, long ones in steps or on threads of their own. */
#ifndef PMPOOL_HELPER_SERVER_H
#define PMPOOL_HELPER_SERVER_H

#include "frame.h"
#include "rpc.h"

#define TASKS_MAX 4

struct server;

struct task { /* a long request under way */
	struct server *server;
	struct call call;
	const struct method *method;
	struct json_object *id; /* NULL: the slot is free */
	pthread_t thread;
	enum pm_code worked;
	atomic_bool done;
};

struct gate; /* whom polkit is asked about; gate.h */

struct server {
	struct session session;
	struct frame_reader input;
	int in_fd;
	struct rpc_output output;
	struct gate *gate; /* NULL: our own client */
	bool initialized;
	bool ended; /* end of input, or the kernel went away */
	int wake_fd; /* eventfd: a task is done */
	struct task tasks[TASKS_MAX];
	struct stepped *steps; /* requests that go on by steps; the next one first */
};

/* Serve until the input ends; the exit code of the process. */
int server_run(struct server *server);

/* tasks.c */
enum pm_code task_start(struct server *server, const struct method *method, struct call *call, struct json_object *id,
			struct pm_error *err);
void tasks_cancel(struct server *server, struct json_object *id);
void tasks_reap(struct server *server); /* end and answer what is done */
void tasks_end(struct server *server); /* cancel all and wait for them; nobody is answered */
void call_answer(struct server *server, struct json_object *id, struct call *call, enum pm_code code);

/* steps.c */
/* Answers at once what needs no second step. Fails before it began only. */
enum pm_code steps_start(struct server *server, const struct method *method, struct call *call, struct json_object *id);
void steps_go_on(struct server *server); /* one step of the next one */
void steps_cancel(struct server *server, struct json_object *id);
void steps_end(struct server *server); /* let go of all of them; nobody is answered */

/* changes.c: pool/changed */
int changes_wait_ms(const struct server *server); /* until the next look is due; -1 without pools */
void changes_notify(struct server *server);

#endif
