/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers to single questions, as plans and verdicts carry them: `Check` of main/api/model.ts. */
#ifndef PMPOOL_CHECK_H
#define PMPOOL_CHECK_H

#include "json/json.h"

enum pm_level { PM_PASS, PM_WARN, PM_FAIL };

/* Append {id, level, title, detail, remedy}; `detail` is a format for the evidence. The remedy of a pass is dropped. */
void pm_check_add(struct json_object *checks, const char *id, enum pm_level level, const char *title,
		  const char *remedy, const char *detail, ...) __attribute__((format(printf, 6, 7)));

/* The first check with level "fail", NULL when there is none. */
struct json_object *pm_check_failed(struct json_object *checks);

#endif
