/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stored_result.h"
#include "json_build.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST_BYTES (UINT64_C(4) << 20) /* an answer stays below 8 MiB */
#define RESULT_BYTES (UINT64_C(7) << 20)

static enum pm_code write_all(int fd, const char *text, size_t bytes, const char *name, struct pm_error *err)
{
	while (bytes > 0) {
		ssize_t written = write(fd, text, bytes);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return fail_errno(err, errno, name);
		text += written;
		bytes -= (size_t)written;
	}
	return PM_OK;
}

enum pm_code stored_result_put(const struct pm_host *host, const struct store_kind *kind, const char *name,
			       struct json_object *result, struct pm_error *err)
{
	const char *text = json_object_to_json_string_ext(result, JSON_C_TO_STRING_NOSLASHESCAPE);
	struct store_file file;
	enum pm_code code;

	if (!text)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to store %s", name);
	code = store_create(host, kind, name, &file, err);
	if (code != PM_OK)
		return code;
	code = write_all(file.fd, text, strlen(text), name, err);
	if (code == PM_OK)
		code = store_commit(&file, err);
	store_discard(&file);
	return code;
}

static char *read_text(int fd, size_t *bytes)
{
	struct stat status;
	char *text;
	size_t got = 0;

	if (fstat(fd, &status) != 0 || status.st_size <= 0 || (uint64_t)status.st_size > RESULT_BYTES)
		return NULL;
	*bytes = (size_t)status.st_size;
	text = malloc(*bytes + 1);
	while (text && got < *bytes) {
		ssize_t more = read(fd, text + got, *bytes - got);

		if (more <= 0) {
			free(text);
			return NULL;
		}
		got += (size_t)more;
	}
	if (text)
		text[got] = '\0';
	return text;
}

static struct json_object *parse(const char *text, size_t bytes, const char *const *keys)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *result;

	if (!tokener)
		return NULL;
	result = json_tokener_parse_ex(tokener, text, (int)bytes);
	if (json_tokener_get_error(tokener) != json_tokener_success || json_tokener_get_parse_end(tokener) != bytes ||
	    !json_object_is_type(result, json_type_object)) {
		json_object_put(result);
		result = NULL;
	}
	json_tokener_free(tokener);
	for (; result && *keys; keys++)
		if (!json_object_object_get_ex(result, *keys, NULL)) {
			json_object_put(result);
			return NULL;
		}
	return result;
}

static struct json_object *read_one(const struct pm_host *host, const struct store_kind *kind, const char *name,
				    const char *const *keys, uint64_t *left)
{
	struct json_object *result = NULL;
	size_t bytes = 0;
	char *text;
	int fd;

	if (store_open(host, kind, name, &fd, NULL) != PM_OK)
		return NULL;
	text = read_text(fd, &bytes);
	close(fd);
	if (text)
		result = parse(text, bytes, keys);
	if (result)
		*left -= bytes < *left ? bytes : *left;
	free(text);
	return result;
}

enum pm_code stored_results(const struct pm_host *host, const struct store_kind *kind, const char *const *keys,
			    size_t max, struct json_object **list, struct pm_error *err)
{
	struct json_object *files = NULL;
	uint64_t left = LIST_BYTES;
	enum pm_code code = store_list(host, kind, &files, err);

	*list = json_object_new_array();
	for (size_t i = 0; code == PM_OK && i < json_object_array_length(files); i++) {
		struct json_object *file = json_object_array_get_idx(files, i), *result;

		if (json_object_array_length(*list) >= max ||
		    (json_object_array_length(*list) > 0 && json_count(file, "bytes") > left))
			break;
		result = read_one(host, kind, json_text(file, "name"), keys, &left);
		if (result)
			json_object_array_add(*list, result);
	}
	json_object_put(files);
	return code;
}
