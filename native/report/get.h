/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of an object that nobody has checked: what is missing or of another type reads as nothing. */
#ifndef PMPOOL_REPORT_GET_H
#define PMPOOL_REPORT_GET_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object *get(struct json_object *object, const char *name); /* NULL: missing, or null */
struct json_object *get_object(struct json_object *object, const char *name); /* NULL unless it is an object */
const char *get_text(struct json_object *object, const char *name); /* "" unless it is a string */
uint64_t get_count(struct json_object *object, const char *name); /* 0 unless it is a number above 0 */
bool get_flag(struct json_object *object, const char *name);
bool get_has(struct json_object *object, const char *name, enum json_type type);
size_t get_length(struct json_object *object, const char *name); /* of an array, else 0 */
struct json_object *get_item(struct json_object *object, const char *name, size_t index); /* of an array */

uint64_t value_count(struct json_object *value); /* as get_count, of the value itself */
const char *value_text(struct json_object *value);

#endif
