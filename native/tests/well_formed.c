/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "well_formed.h"
#include <ctype.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdbool.h>
#include <string.h>

enum { DEEPEST = 64, NAME = 32 };

static size_t name_length(const char *at)
{
	size_t length = 0;

	while (isalnum((unsigned char)at[length]) || (length > 0 && at[length] == '-'))
		length++;
	return length;
}

/* An entity of XML's own; where it ends, or NULL. */
static const char *entity_end(const char *at)
{
	static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncmp(at, known[i], strlen(known[i])) == 0)
			return at + strlen(known[i]);
	return NULL;
}

/* One attribute, from its name on; where it ends, or NULL. */
static const char *attribute_end(const char *at)
{
	size_t length = name_length(at);

	if (length == 0 || strncmp(at + length, "=\"", 2) != 0)
		return NULL;
	for (at += length + 2; *at && *at != '"';) {
		if (*at == '<' || *at == '>')
			return NULL;
		at = *at == '&' ? entity_end(at) : at + 1;
		if (!at)
			return NULL;
	}
	return *at == '"' ? at + 1 : NULL;
}

struct open_elements {
	char names[DEEPEST][NAME];
	unsigned count, roots;
};

static const char *start_tag(struct open_elements *open, const char **at)
{
	size_t length = name_length(*at + 1);
	const char *name = *at + 1;

	if (length == 0 || length >= NAME || open->count == DEEPEST)
		return "a < that begins no element";
	*at += 1 + length;
	while (**at == ' ') {
		*at = attribute_end(*at + 1);
		if (!*at)
			return "an attribute that is not quoted or not escaped";
	}
	if (open->count == 0 && open->roots++ > 0)
		return "more than one root";
	if (strncmp(*at, "/>", 2) == 0) {
		*at += 2;
		return NULL;
	}
	if (**at != '>')
		return "a tag that does not end";
	*at += 1;
	snprintf(open->names[open->count++], NAME, "%.*s", (int)length, name);
	return NULL;
}

static const char *end_tag(struct open_elements *open, const char **at)
{
	size_t length = name_length(*at + 2);
	const char *name = *at + 2;

	if (open->count == 0 || strlen(open->names[open->count - 1]) != length ||
	    strncmp(open->names[open->count - 1], name, length) != 0 || name[length] != '>')
		return "an end that nothing began";
	open->count--;
	*at = name + length + 1;
	return NULL;
}

const char *markup_wrong(const char *document)
{
	static const char xml[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", html[] = "<!DOCTYPE html>\n";
	struct open_elements open = {.count = 0};
	const char *at = document, *wrong = plain_wrong(document);

	at += strncmp(at, xml, strlen(xml)) == 0     ? strlen(xml)
	      : strncmp(at, html, strlen(html)) == 0 ? strlen(html)
						     : 0;
	if (at == document)
		return "no declaration";
	while (!wrong && *at) {
		if (*at == '<')
			wrong = at[1] == '/' ? end_tag(&open, &at) : start_tag(&open, &at);
		else if (open.count == 0 && !isspace((unsigned char)*at))
			wrong = "text outside of the root";
		else if (*at == '&' && !entity_end(at))
			wrong = "an & that is not escaped";
		else
			at++;
	}
	return wrong ? wrong : open.count ? "an element that does not end" : open.roots ? NULL : "no root";
}

static const char *result_wrong(const char *line, unsigned number)
{
	bool ok = strncmp(line, "ok ", 3) == 0;
	unsigned found = 0;

	if (!ok && strncmp(line, "not ok ", 7) != 0)
		return "a line that is no result and no diagnostic";
	if (sscanf(line + (ok ? 3 : 7), "%u", &found) != 1 || found != number)
		return "results out of order";
	return strchr(line, '#') && strchr(line, '#') < strchr(line, '\n') ? "a # in a description" : NULL;
}

const char *ktap_wrong(const char *document)
{
	unsigned planned = 0, number = 0;
	int length = 0;

	if (sscanf(document, "KTAP version 1\n1..%u\n%n", &planned, &length) != 1 || length == 0)
		return "no version or no plan";
	for (const char *line = document + length; *line; line = strchr(line, '\n') + 1) {
		const char *wrong = line[0] == '#' ? NULL : result_wrong(line, ++number);

		if (wrong)
			return wrong;
		if (!strchr(line, '\n'))
			return "a line without an end";
	}
	return number == planned ? NULL : "not as many results as planned";
}

const char *plain_wrong(const char *document)
{
	for (const unsigned char *at = (const unsigned char *)document; *at;) {
		unsigned more = at[0] < 0x80 ? 0 : at[0] < 0xc2 ? 9 : at[0] < 0xe0 ? 1 : at[0] < 0xf0 ? 2 : 3;

		if ((at[0] < 0x20 && at[0] != '\n' && at[0] != '\t') || at[0] == 0x7f)
			return "a control character";
		if (more == 9 || at[0] > 0xf4)
			return "a byte that is no UTF-8";
		if (at[0] == 0xc2 && at[1] < 0xa0)
			return "a control character of two bytes";
		if (at[0] == 0xe2 && at[1] == 0x80 && at[2] >= 0xaa && at[2] <= 0xae)
			return "a mark that turns the direction of writing";
		for (at++; more > 0; more--, at++)
			if ((*at & 0xc0) != 0x80)
				return "UTF-8 that is cut off";
	}
	return NULL;
}

const char *json_wrong(const char *document)
{
	struct json_tokener *tokener = json_tokener_new_ex(128);
	struct json_object *object;
	const char *wrong = plain_wrong(document);

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	object = json_tokener_parse_ex(tokener, document, (int)strlen(document));
	if (!object)
		wrong = json_tokener_error_desc(json_tokener_get_error(tokener));
	else if (!json_object_is_type(object, json_type_object) || !json_object_object_get_ex(object, "$schema", NULL))
		wrong = "no schema is named";
	json_object_put(object);
	json_tokener_free(tokener);
	return wrong;
}
