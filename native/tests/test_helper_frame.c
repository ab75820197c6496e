/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Content-Length framing and JSON-RPC envelopes, from clients that mean well and others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "frame.h"
#include "rpc.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *stream;
	const char *bodies[3]; /* what comes out of it */
	const char *error; /* part of the message that ends it; NULL: it goes on */
} streams[] = {
	{"Content-Length: 2\r\n\r\n{}", {"{}"}, NULL},
	{"Content-Length: 2\r\n\r\n{}Content-Length: 4\r\n\r\nabcd", {"{}", "abcd"}, NULL},
	{"content-length:3\r\n\r\nabc", {"abc"}, NULL},
	{"Content-Length:   3\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\nabc", {"abc"}, NULL},
	{"X: y\r\nContent-Length: 0\r\n\r\n", {""}, NULL},
	{"Content-Length: 5\r\n\r\nabc", {NULL}, NULL}, /* more may come */
	{"Content-Length: 5", {NULL}, NULL},
	{"", {NULL}, NULL},
	{"X: y\r\n\r\n", {NULL}, "without Content-Length"},
	{"\r\n\r\n", {NULL}, "without Content-Length"},
	{"Content-Length: 1\r\nContent-Length: 1\r\n\r\na", {NULL}, "two Content-Length"},
	{"Content-Length: -1\r\n\r\n", {NULL}, "must be 0 to 8388608"},
	{"Content-Length: +1\r\n\r\na", {NULL}, "must be 0 to 8388608"},
	{"Content-Length: 0x1\r\n\r\na", {NULL}, "must be 0 to 8388608"},
	{"Content-Length: 1 \r\n\r\na", {NULL}, "must be 0 to 8388608"},
	{"Content-Length: 01\r\n\r\na", {NULL}, "must be 0 to 8388608"},
	{"Content-Length: \r\n\r\n", {NULL}, "must be 0 to 8388608"},
	{"Content-Length: 8388609\r\n\r\n", {NULL}, "must be 0 to 8388608"},
	{"Content-Length: 18446744073709551617\r\n\r\na", {NULL}, "must be 0 to 8388608"},
	{"Content-Length 1\r\n\r\na", {NULL}, "not \"Name: value\""},
	{": 1\r\n\r\na", {NULL}, "not \"Name: value\""},
	{"Content Length: 1\r\n\r\na", {NULL}, "not \"Name: value\""},
	{"Content-Length: 1\n\na", {NULL}, NULL}, /* no header end yet: ends at FRAME_HEADER_MAX */
	{"Content-Length: 1\r\n\r\naGET / HTTP/1.1\r\n\r\n", {"a"}, "not \"Name: value\""},
};

static void expect_stream(size_t i, size_t step)
{
	const char *stream = streams[i].stream, *body = NULL;
	size_t bytes = 0, out = 0, length = strlen(stream);
	struct frame_reader reader = {0};
	struct pm_error err = {0};
	enum pm_code code = PM_OK;

	for (size_t at = 0; at < length && code == PM_OK; at += step) {
		size_t part = length - at < step ? length - at : step;

		assert_int_equal(frame_push(&reader, stream + at, part, &err), PM_OK);
		while ((code = frame_next(&reader, &body, &bytes, &err)) == PM_OK && body) {
			const char *wanted = out < 3 ? streams[i].bodies[out] : NULL;

			if (!wanted || strlen(wanted) != bytes || memcmp(wanted, body, bytes) != 0)
				fail_msg("stream %zu by %zu: body %zu is \"%.*s\"", i, step, out, (int)bytes, body);
			out++;
		}
	}
	if (out < 3 && streams[i].bodies[out])
		fail_msg("stream %zu by %zu: body %zu did not come", i, step, out);
	if (streams[i].error ? code != PM_E_PARSE || !strstr(err.message, streams[i].error) : code != PM_OK)
		fail_msg("stream %zu by %zu: %d %s", i, step, code, err.message);
	frame_free(&reader);
}

static void test_streams(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
		for (size_t step = 1; step <= 7; step += 3)
			expect_stream(i, step);
		expect_stream(i, 4096);
	}
}

static void test_endless_header(void **state)
{
	struct frame_reader reader = {0};
	struct pm_error err = {0};
	const char *body;
	size_t bytes;

	(void)state;
	for (size_t i = 0; i < FRAME_HEADER_MAX; i++) {
		assert_int_equal(frame_next(&reader, &body, &bytes, &err), PM_OK);
		assert_int_equal(frame_push(&reader, "a", 1, &err), PM_OK);
	}
	assert_int_equal(frame_next(&reader, &body, &bytes, &err), PM_E_PARSE);
	frame_free(&reader);
}

static void test_largest(void **state)
{
	struct frame_reader reader = {0};
	struct pm_error err = {0};
	char *text = malloc(FRAME_BODY_MAX);
	const char *body = NULL;
	size_t bytes = 0;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', FRAME_BODY_MAX);
	frame_push(&reader, "Content-Length: 8388608\r\n\r\n", 27, &err);
	frame_push(&reader, text, FRAME_BODY_MAX - 1, &err);
	assert_int_equal(frame_next(&reader, &body, &bytes, &err), PM_OK);
	assert_null(body);
	frame_push(&reader, "y", 1, &err);
	assert_int_equal(frame_next(&reader, &body, &bytes, &err), PM_OK);
	assert_int_equal(bytes, FRAME_BODY_MAX);
	assert_int_equal(body[FRAME_BODY_MAX - 1], 'y');
	frame_free(&reader);
	free(text);
}

static const struct {
	const char *text;
	enum pm_code code;
	enum rpc_kind kind;
} envelopes[] = {
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\"}", PM_OK, RPC_REQUEST},
	{"{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"a\",\"params\":{}}", PM_OK, RPC_REQUEST},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"params\":[]}", PM_OK, RPC_REQUEST},
	{"{\"jsonrpc\":\"2.0\",\"method\":\"a\"}", PM_OK, RPC_NOTIFICATION},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}", PM_OK, RPC_RESPONSE},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"params\":[1]}", PM_E_INVALID_PARAMS, RPC_REQUEST},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"params\":\"x\"}", PM_E_INVALID_PARAMS, RPC_REQUEST},
	{"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"a\"}", PM_E_INVALID_REQUEST, RPC_REQUEST},
	{"{\"id\":1,\"method\":\"a\"}", PM_E_INVALID_REQUEST, RPC_REQUEST},
	{"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"a\"}", PM_E_INVALID_REQUEST, RPC_REQUEST},
	{"{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"a\"}", PM_E_INVALID_REQUEST, RPC_REQUEST},
	{"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"a\"}", PM_E_INVALID_REQUEST, RPC_REQUEST},
	{"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", PM_E_INVALID_REQUEST, RPC_REQUEST},
	{"{\"jsonrpc\":\"2.0\"}", PM_E_INVALID_REQUEST, RPC_REQUEST},
	{"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\"}]", PM_E_INVALID_REQUEST, RPC_REQUEST}, /* no batches */
	{"null", PM_E_PARSE, RPC_REQUEST},
	{"\"a\"", PM_E_INVALID_REQUEST, RPC_REQUEST},
	{"", PM_E_PARSE, RPC_REQUEST},
	{"{", PM_E_PARSE, RPC_REQUEST},
	{"{} {}", PM_E_PARSE, RPC_REQUEST},
	{"{'jsonrpc':'2.0'}", PM_E_PARSE, RPC_REQUEST},
	{"{\"jsonrpc\":\"2.0\",}", PM_E_PARSE, RPC_REQUEST},
	{"{\"jsonrpc\":\"\xff\"}", PM_E_PARSE, RPC_REQUEST},
	{"{\"a\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}", PM_E_PARSE, RPC_REQUEST}, /* too deep */
	{"12", PM_E_PARSE, RPC_REQUEST},
};

static void test_envelopes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(envelopes) / sizeof(envelopes[0]); i++) {
		struct rpc_message message;
		struct pm_error err = {0};
		enum pm_code code = rpc_parse(envelopes[i].text, strlen(envelopes[i].text), &message, &err);

		if (code != envelopes[i].code || (code == PM_OK && message.kind != envelopes[i].kind))
			fail_msg("%s: %d, kind %d: %s", envelopes[i].text, code, message.kind, err.message);
		rpc_message_free(&message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_endless_header),
		cmocka_unit_test(test_largest),
		cmocka_unit_test(test_envelopes),
	};

	return cmocka_run_group_tests_name("helper_frame", tests, NULL, NULL);
}
