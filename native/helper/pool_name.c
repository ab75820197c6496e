/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that a new pool may have: what is typed for a pool may be its UUID, and for `check` a region. */
#include "acts.h"
#include <ctype.h>
#include <string.h>

static bool reads_as_uuid(const char *name)
{
	char lower[PM_UUID_TEXT];
	uint8_t uuid[16];

	if (strlen(name) != PM_UUID_TEXT - 1)
		return false;
	for (size_t i = 0; i < sizeof(lower); i++)
		lower[i] = (char)tolower((unsigned char)name[i]);
	return pm_uuid_parse(lower, uuid);
}

enum pm_code pool_name_fit(const char *name, struct pm_error *err)
{
	if (!pm_name_fit(name))
		return pm_fail(err, PM_E_NAME_INVALID, "\"%s\" is no name for a pool", name);
	if (reads_as_uuid(name))
		return pm_fail(err, PM_E_NAME_INVALID, "\"%s\" reads as a UUID: it would be taken for another pool's",
			       name);
	if (strncmp(name, "mem:", 4) == 0 || strncmp(name, "dax:", 4) == 0)
		return pm_fail(err, PM_E_NAME_INVALID, "\"%s\" reads as a region, not as the name of a pool", name);
	return PM_OK;
}
