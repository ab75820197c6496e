/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON-RPC 2.0 messages: text to request, answer to text. No I/O but rpc_send. */
#ifndef PMPOOL_HELPER_RPC_H
#define PMPOOL_HELPER_RPC_H

#include "call.h"
#include <pthread.h>

enum rpc_kind { RPC_REQUEST, RPC_NOTIFICATION, RPC_RESPONSE };

struct rpc_message {
	enum rpc_kind kind;
	struct json_object *root; /* owns what follows */
	struct json_object *id; /* of a request */
	const char *method;
	struct json_object *params; /* an object of its own reference, never NULL */
};

/* PARSE or INVALID_REQUEST; message->id is set as far as it could be told. rpc_message_free is due either way. */
enum pm_code rpc_parse(const char *text, size_t bytes, struct rpc_message *message, struct pm_error *err);
void rpc_message_free(struct rpc_message *message);

/* Where answers go. Several threads send: each message whole, one after the other. */
struct rpc_output {
	int fd;
	pthread_mutex_t lock;
	bool broken; /* the reader went away */
};

void rpc_result(struct rpc_output *output, struct json_object *id, struct json_object *result); /* takes result */
void rpc_error(struct rpc_output *output, struct json_object *id, const struct pm_error *err, const char *confirm);
void rpc_notify(struct rpc_output *output, const char *method, struct json_object *params); /* takes params */

#endif
