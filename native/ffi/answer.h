/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_FFI_ANSWER_H
#define PMPOOL_FFI_ANSWER_H

#include <pmpool/error.h>

struct json_object;

/* {"ok": result} or {"error": ...}; takes `result`, which is only looked at when the code is PM_OK. */
char *answer(enum pm_code code, struct json_object *result, const struct pm_error *err);

#endif
