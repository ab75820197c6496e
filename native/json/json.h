/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of objects: written as main/api/model.ts has them, and read of objects that nobody has checked. Damage in text
 * is marked as core/text.h says (tabs and line ends are none here), counts stay below 2^53. */
#ifndef PMPOOL_JSON_H
#define PMPOOL_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_COUNT_MAX ((UINT64_C(1) << 53) - 1)

/* Text of a fixed-size field, up to its first NUL or its end; as text by itself malloc'd, NULL without memory. */
struct json_object *json_clean(const char *field, size_t size);
char *json_clean_text(const char *field, size_t size);

void json_set(struct json_object *object, const char *name, struct json_object *value); /* NULL: null */
void json_set_count(struct json_object *object, const char *name, uint64_t value);
void json_set_text(struct json_object *object, const char *name, const char *text);
void json_set_field(struct json_object *object, const char *name, const char *field, size_t size);
void json_set_bool(struct json_object *object, const char *name, bool value);
void json_set_uuid(struct json_object *object, const char *name, const uint8_t uuid[16]);
void json_set_digest(struct json_object *object, const char *name, const uint8_t digest[16]);
void json_set_time(struct json_object *object, const char *name, uint64_t time_ns);

/* What is missing or of another type reads as nothing. */
struct json_object *json_member(struct json_object *object, const char *name); /* NULL: missing, or null */
struct json_object *json_part(struct json_object *object, const char *name); /* NULL unless it is an object */
const char *json_text(struct json_object *object, const char *name); /* "" unless it is a string */
const char *json_uuid(struct json_object *object, const char *name); /* NULL unless it is the text of a UUID */
uint64_t json_count(struct json_object *object, const char *name); /* 0 unless it is a number above 0 */
bool json_flag(struct json_object *object, const char *name);
bool json_has(struct json_object *object, const char *name, enum json_type type);
size_t json_length(struct json_object *object, const char *name); /* of an array, else 0 */
struct json_object *json_item(struct json_object *object, const char *name, size_t index); /* of an array */

const char *json_value_text(struct json_object *value); /* as json_text, of the value itself */
uint64_t json_value_count(struct json_object *value);

#endif
