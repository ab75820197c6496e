/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "frame.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum pm_code frame_push(struct frame_reader *reader, const char *data, size_t bytes, struct pm_error *err)
{
	size_t wanted = reader->bytes + bytes;

	if (wanted > reader->capacity) {
		size_t capacity = reader->capacity ? reader->capacity : 4096;
		char *grown;

		while (capacity < wanted)
			capacity *= 2;
		grown = realloc(reader->data, capacity);
		if (!grown)
			return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for a message of %zu bytes", wanted);
		reader->data = grown;
		reader->capacity = capacity;
	}
	if (bytes)
		memcpy(reader->data + reader->bytes, data, bytes);
	reader->bytes = wanted;
	return PM_OK;
}

void frame_free(struct frame_reader *reader)
{
	free(reader->data);
	memset(reader, 0, sizeof(*reader));
}

/* Digits only, no sign, no leading zero but for 0 itself, at most FRAME_BODY_MAX. */
static bool read_length(const char *text, size_t bytes, size_t *length)
{
	size_t value = 0;

	if (bytes == 0 || bytes > 8 || (text[0] == '0' && bytes > 1))
		return false;
	for (size_t i = 0; i < bytes; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (size_t)(text[i] - '0');
	}
	*length = value;
	return value <= FRAME_BODY_MAX;
}

static bool is_name(const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (text[i] <= ' ' || text[i] >= 127)
			return false;
	return bytes > 0;
}

static enum pm_code read_line(const char *line, size_t bytes, bool *seen, size_t *length, struct pm_error *err)
{
	static const char wanted[] = "Content-Length";
	const char *colon = memchr(line, ':', bytes);
	size_t name = colon ? (size_t)(colon - line) : 0, value = name + 1;

	if (!colon || !is_name(line, name))
		return pm_fail(err, PM_E_PARSE, "a header line is not \"Name: value\"");
	while (value < bytes && line[value] == ' ')
		value++;
	if (name != strlen(wanted) || strncasecmp(line, wanted, name) != 0)
		return PM_OK; /* Content-Type and the like say nothing that we need */
	if (*seen)
		return pm_fail(err, PM_E_PARSE, "two Content-Length headers");
	*seen = true;
	if (!read_length(line + value, bytes - value, length))
		return pm_fail(err, PM_E_PARSE, "Content-Length must be 0 to %zu", FRAME_BODY_MAX);
	return PM_OK;
}

/* The header's end is there: the lines before it. */
static enum pm_code read_header(const char *header, size_t bytes, size_t *length, struct pm_error *err)
{
	bool seen = false;

	for (size_t at = 0; at < bytes;) {
		const char *end = memmem(header + at, bytes - at, "\r\n", 2);
		size_t line = end ? (size_t)(end - header) - at : bytes - at;
		enum pm_code code = read_line(header + at, line, &seen, length, err);

		if (code != PM_OK)
			return code;
		at += line + 2;
	}
	return seen ? PM_OK : pm_fail(err, PM_E_PARSE, "a message without Content-Length");
}

static void drop_taken(struct frame_reader *reader)
{
	if (reader->taken == 0)
		return;
	memmove(reader->data, reader->data + reader->taken, reader->bytes - reader->taken);
	reader->bytes -= reader->taken;
	reader->taken = 0;
}

enum pm_code frame_next(struct frame_reader *reader, const char **body, size_t *bytes, struct pm_error *err)
{
	size_t window, header, length = 0;
	const char *end;
	enum pm_code code;

	*body = NULL;
	drop_taken(reader);
	if (reader->bytes == 0)
		return PM_OK;
	window = reader->bytes < FRAME_HEADER_MAX ? reader->bytes : FRAME_HEADER_MAX;
	end = memmem(reader->data, window, "\r\n\r\n", 4);
	if (!end)
		return window < FRAME_HEADER_MAX
			       ? PM_OK
			       : pm_fail(err, PM_E_PARSE, "a header of more than %zu bytes", FRAME_HEADER_MAX);
	header = (size_t)(end - reader->data);
	code = read_header(reader->data, header, &length, err);
	if (code != PM_OK || reader->bytes - header - 4 < length)
		return code;
	*body = reader->data + header + 4;
	*bytes = length;
	reader->taken = header + 4 + length;
	return PM_OK;
}
