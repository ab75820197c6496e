/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of the objects of main/api. Text from a file or a region is cleaned. */
#ifndef PMPOOL_COMPARE_JSON_H
#define PMPOOL_COMPARE_JSON_H

#include "host/check.h"
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline void put_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, pm_json_clean(text, strlen(text)));
}

static inline void put_number(struct json_object *object, const char *key, uint64_t number)
{
	json_object_object_add(object, key, json_object_new_uint64(number));
}

static inline void put_bool(struct json_object *object, const char *key, bool value)
{
	json_object_object_add(object, key, json_object_new_boolean(value));
}

#endif
