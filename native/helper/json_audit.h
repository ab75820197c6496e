/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMPOOL_HELPER_JSON_AUDIT_H
#define PMPOOL_HELPER_JSON_AUDIT_H

#include "audit.h"
#include "json_build.h"

struct json_object *json_bad(const struct attached *attached, const struct bad_copy *bad); /* BadPages */
/* Audit, without its regions. */
struct json_object *json_audit(const struct attached *attached, const struct audit *audit, const uint8_t older_than[16],
			       const struct pm_act *act);

#endif
