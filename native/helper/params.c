/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parameters of a request held against a method's table: nothing unknown, nothing missing, nothing out of range. */
#include "call.h"
#include "json_build.h"
#include <stdio.h>
#include <string.h>

#define TEXT_MAX UINT64_C(65536)
#define LIST_MAX UINT64_C(1024)

static enum pm_code check_object(const struct param *table, struct json_object *object, const char *path,
				 struct pm_error *err);

static enum pm_code invalid(struct pm_error *err, const char *path, const char *what)
{
	return pm_fail(err, PM_E_INVALID_PARAMS, "parameter %s: %s", path, what);
}

static enum pm_code check_count(const struct param *param, struct json_object *value, const char *path,
				struct pm_error *err)
{
	uint64_t max = param->max ? param->max : JSON_COUNT_MAX;
	uint64_t count;

	if (!json_object_is_type(value, json_type_int))
		return invalid(err, path, "must be an integer");
	if (json_object_get_int64(value) < 0) /* saturates, so a value above INT64_MAX is not negative here */
		return invalid(err, path, "must not be negative");
	count = json_object_get_uint64(value);
	if (count < param->min || count > max)
		return pm_fail(err, PM_E_INVALID_PARAMS, "parameter %s: must be %llu to %llu", path,
			       (unsigned long long)param->min, (unsigned long long)max);
	if (param->multiple_of && count % param->multiple_of)
		return pm_fail(err, PM_E_INVALID_PARAMS, "parameter %s: must be a multiple of %llu", path,
			       (unsigned long long)param->multiple_of);
	return PM_OK;
}

static enum pm_code check_text(const struct param *param, struct json_object *value, const char *path,
			       struct pm_error *err)
{
	uint64_t max = param->max ? param->max : TEXT_MAX;
	size_t bytes;

	if (!json_object_is_type(value, json_type_string))
		return invalid(err, path, "must be a string");
	bytes = (size_t)json_object_get_string_len(value);
	if (bytes < param->min)
		return invalid(err, path, "is too short");
	if (bytes > max)
		return pm_fail(err, PM_E_INVALID_PARAMS, "parameter %s: at most %llu bytes", path,
			       (unsigned long long)max);
	if (strlen(json_object_get_string(value)) != bytes)
		return invalid(err, path, "must not hold a NUL character");
	return PM_OK;
}

static enum pm_code check_uuid(struct json_object *value, const char *path, struct pm_error *err)
{
	uint8_t uuid[16];

	if (!json_object_is_type(value, json_type_string) || !pm_uuid_parse(json_object_get_string(value), uuid))
		return invalid(err, path, "must be a UUID in lower case");
	return PM_OK;
}

static enum pm_code check_file_name(const struct param *param, struct json_object *value, const char *path,
				    struct pm_error *err)
{
	enum pm_code code = check_text(param, value, path, err);

	if (code == PM_OK && !file_name_valid(json_object_get_string(value)))
		return invalid(err, path,
			       "must be 1 to 100 letters, digits, dots, dashes and underscores without a leading dot");
	return code;
}

static enum pm_code check_value(const struct param *param, struct json_object *value, const char *path,
				struct pm_error *err);

static enum pm_code check_list(const struct param *param, struct json_object *value, const char *path,
			       struct pm_error *err)
{
	struct param item = *param;
	size_t count;

	if (!json_object_is_type(value, json_type_array))
		return invalid(err, path, "must be an array");
	count = json_object_array_length(value);
	if (count < param->min || count > LIST_MAX)
		return pm_fail(err, PM_E_INVALID_PARAMS, "parameter %s: must have %llu to %llu items", path,
			       (unsigned long long)param->min, (unsigned long long)LIST_MAX);
	item.type = param->type == PARAM_COUNT_LIST  ? PARAM_COUNT
		    : param->type == PARAM_TEXT_LIST ? PARAM_TEXT
						     : PARAM_OBJECT;
	item.min = 0;
	for (size_t i = 0; i < count; i++) {
		char item_path[128];
		enum pm_code code;

		snprintf(item_path, sizeof(item_path), "%s[%zu]", path, i);
		code = check_value(&item, json_object_array_get_idx(value, i), item_path, err);
		if (code != PM_OK)
			return code;
	}
	return PM_OK;
}

static enum pm_code check_value(const struct param *param, struct json_object *value, const char *path,
				struct pm_error *err)
{
	switch (param->type) {
	case PARAM_COUNT_OR_NULL:
		return value ? check_count(param, value, path, err) : PM_OK;
	case PARAM_COUNT:
		return check_count(param, value, path, err);
	case PARAM_BOOL:
		return json_object_is_type(value, json_type_boolean) ? PM_OK
								     : invalid(err, path, "must be true or false");
	case PARAM_TEXT_OR_NULL:
		return value ? check_text(param, value, path, err) : PM_OK;
	case PARAM_TEXT:
		return check_text(param, value, path, err);
	case PARAM_UUID:
		return check_uuid(value, path, err);
	case PARAM_FILE_NAME:
		return check_file_name(param, value, path, err);
	case PARAM_TOKEN:
		if (json_object_is_type(value, json_type_int))
			return PM_OK;
		return check_text(param, value, path, err);
	case PARAM_OBJECT:
		return check_object(param->fields, value, path, err);
	case PARAM_COUNT_LIST:
	case PARAM_TEXT_LIST:
	case PARAM_OBJECT_LIST:
		return check_list(param, value, path, err);
	}
	return invalid(err, path, "has no type");
}

static const struct param *find_param(const struct param *table, const char *name)
{
	for (const struct param *param = table; param->name; param++)
		if (strcmp(param->name, name) == 0)
			return param;
	return NULL;
}

static void join(char *path, size_t size, const char *parent, const char *name)
{
	snprintf(path, size, "%s%s%.40s", parent, parent[0] ? "." : "", name);
}

static enum pm_code check_object(const struct param *table, struct json_object *object, const char *path,
				 struct pm_error *err)
{
	char inner[128];

	if (!json_object_is_type(object, json_type_object))
		return invalid(err, path[0] ? path : "(all)", "must be an object");
	json_object_object_foreach(object, name, value)
	{
		const struct param *param = find_param(table, name);
		enum pm_code code;

		join(inner, sizeof(inner), path, name);
		if (!param)
			return invalid(err, inner, "is unknown to this method");
		code = check_value(param, value, inner, err);
		if (code != PM_OK)
			return code;
	}
	for (const struct param *param = table; param->name; param++) {
		join(inner, sizeof(inner), path, param->name);
		if (param->required && !json_object_object_get_ex(object, param->name, NULL))
			return invalid(err, inner, "is missing");
	}
	return PM_OK;
}

enum pm_code params_check(const struct param *table, struct json_object *params, struct pm_error *err)
{
	return check_object(table, params, "", err);
}

bool file_name_valid(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t length = strlen(name);

	return length >= 1 && length <= 100 && name[0] != '.' && strspn(name, allowed) == length;
}
