/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client's byte stream as far as a request that would be run: framing, JSON, envelope, parameters of its method. */
#include "host/base64.h"
#include "call.h"
#include "frame.h"
#include "rpc.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_request(const struct rpc_message *message)
{
	const struct method *method = method_find(message->method);
	struct call call = {.params = message->params};
	struct pm_error err = {0};
	uint8_t *bytes = NULL;
	size_t count;

	if (!method || params_check(method->params, message->params, &err) != PM_OK)
		return;
	/* what passed has to hold, whatever it was read from */
	if (param_count(&call, "limit", 1) > 10000 || strlen(param_text(&call, "overwrite", "")) > 256)
		abort();
	if (base64_decode(param_text(&call, "data", ""), &bytes, &count))
		free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame_reader reader = {0};
	struct pm_error err = {0};
	const char *body;
	size_t bytes;

	if (size > FRAME_BODY_MAX || frame_push(&reader, (const char *)data, size, &err) != PM_OK)
		return 0;
	while (frame_next(&reader, &body, &bytes, &err) == PM_OK && body) {
		struct rpc_message message;

		if (rpc_parse(body, bytes, &message, &err) == PM_OK && message.kind == RPC_REQUEST)
			check_request(&message);
		rpc_message_free(&message);
	}
	frame_free(&reader);
	return 0;
}
