/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rpc.h"
#include "json_build.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MAX 16

static struct json_object *parse_text(const char *text, size_t bytes, struct pm_error *err)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
	struct json_object *root = NULL;
	enum json_tokener_error error;

	if (!tokener) {
		pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to read a message");
		return NULL;
	}
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	root = json_tokener_parse_ex(tokener, text, (int)bytes);
	error = json_tokener_get_error(tokener);
	/* a bare number or word could go on for ever, but no message is one */
	if (error != json_tokener_success)
		pm_fail(err, PM_E_PARSE, "the message is not JSON: %s", json_tokener_error_desc(error));
	else if (json_tokener_get_parse_end(tokener) != bytes)
		pm_fail(err, PM_E_PARSE, "the message is not JSON: something follows it");
	else
		err->code = PM_OK;
	json_tokener_free(tokener);
	if (err->code == PM_OK)
		return root;
	json_object_put(root);
	return NULL;
}

static bool is_id(struct json_object *id)
{
	return json_object_is_type(id, json_type_string) || json_object_is_type(id, json_type_int);
}

static enum pm_code invalid(struct pm_error *err, const char *what)
{
	return pm_fail(err, PM_E_INVALID_REQUEST, "the message is no JSON-RPC 2.0: %s", what);
}

static enum pm_code read_params(struct rpc_message *message, struct pm_error *err)
{
	struct json_object *params = json_member(message->root, "params");

	/* vscode-jsonrpc sends [] where a request has no parameters */
	if (!params || (json_object_is_type(params, json_type_array) && json_object_array_length(params) == 0)) {
		message->params = json_object_new_object();
		return PM_OK;
	}
	if (!json_object_is_type(params, json_type_object)) {
		message->params = json_object_new_object();
		return pm_fail(err, PM_E_INVALID_PARAMS, "parameters must be an object with names");
	}
	message->params = json_object_get(params);
	return PM_OK;
}

enum pm_code rpc_parse(const char *text, size_t bytes, struct rpc_message *message, struct pm_error *err)
{
	struct json_object *id, *method;

	memset(message, 0, sizeof(*message));
	message->root = parse_text(text, bytes, err);
	if (err->code != PM_OK)
		return err->code;
	if (!json_object_is_type(message->root, json_type_object))
		return invalid(err, "it must be one object");
	id = json_member(message->root, "id");
	if (is_id(id))
		message->id = id;
	if (strcmp(json_text(message->root, "jsonrpc"), "2.0") != 0)
		return invalid(err, "\"jsonrpc\" must be \"2.0\"");
	method = json_member(message->root, "method");
	if (!method) {
		message->kind = RPC_RESPONSE;
		return message->id ? PM_OK : invalid(err, "\"method\" is missing");
	}
	if (!json_object_is_type(method, json_type_string))
		return invalid(err, "\"method\" must be a string");
	message->method = json_object_get_string(method);
	if (!message->id && json_object_object_get_ex(message->root, "id", NULL))
		return invalid(err, "\"id\" must be a string or an integer");
	message->kind = message->id ? RPC_REQUEST : RPC_NOTIFICATION;
	return read_params(message, err);
}

void rpc_message_free(struct rpc_message *message)
{
	json_object_put(message->params);
	json_object_put(message->root);
	memset(message, 0, sizeof(*message));
}

static bool write_all(int fd, const char *data, size_t bytes)
{
	while (bytes > 0) {
		ssize_t written = write(fd, data, bytes);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		data += written;
		bytes -= (size_t)written;
	}
	return true;
}

static void send_message(struct rpc_output *output, struct json_object *message)
{
	size_t bytes = 0;
	const char *text = json_object_to_json_string_length(
		message, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &bytes);
	char header[48];
	int header_bytes = snprintf(header, sizeof(header), "Content-Length: %zu\r\n\r\n", bytes);

	pthread_mutex_lock(&output->lock);
	if (!output->broken &&
	    (!write_all(output->fd, header, (size_t)header_bytes) || !write_all(output->fd, text, bytes)))
		output->broken = true;
	pthread_mutex_unlock(&output->lock);
	json_object_put(message);
}

static struct json_object *new_message(void)
{
	struct json_object *message = json_object_new_object();

	json_set_text(message, "jsonrpc", "2.0");
	return message;
}

void rpc_result(struct rpc_output *output, struct json_object *id, struct json_object *result)
{
	struct json_object *message = new_message();

	json_set(message, "id", json_object_get(id));
	json_set(message, "result", result);
	send_message(output, message);
}

void rpc_error(struct rpc_output *output, struct json_object *id, const struct pm_error *err, const char *confirm)
{
	struct json_object *message = new_message(), *error = json_object_new_object();

	json_set(error, "code", json_object_new_int(err->code));
	json_set_text(error, "message", err->message);
	if (err->code > 0) /* the codes of JSON-RPC and LSP have no row in the table */
		json_set(error, "data", json_error_data(err->code, confirm));
	json_set(message, "id", json_object_get(id));
	json_set(message, "error", error);
	send_message(output, message);
}

void rpc_notify(struct rpc_output *output, const char *method, struct json_object *params)
{
	struct json_object *message = new_message();

	json_set_text(message, "method", method);
	json_set(message, "params", params);
	send_message(output, message);
}
