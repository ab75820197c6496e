/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads what the guard decides on; afresh each time, because memory can be plugged and drivers bound. */
#include "host/files.h"
#include "internal.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

static enum pm_code read_cmdline(const struct pm_host *host, struct pm_guard_facts *facts, struct pm_error *err)
{
	char *text;
	enum pm_code code = pm_host_read_all(host, "/proc/cmdline", &text, err);

	if (code)
		return code;
	code = pm_cmdline_parse(text, facts->reservations, PM_RESERVATIONS_MAX, &facts->reservation_count);
	free(text);
	if (code == PM_E_OUT_OF_MEMORY)
		return pm_fail(err, code, "no memory to read /proc/cmdline");
	return code ? pm_fail(err, code, "more than %d memmap= and pmpool= ranges", PM_RESERVATIONS_MAX) : PM_OK;
}

enum pm_code pm_guard_facts_read(const struct pm_host *host, struct pm_guard_facts **facts, struct pm_error *err)
{
	char path[PM_PATH_MAX];
	struct stat status;
	enum pm_code code;

	*facts = calloc(1, sizeof(**facts));
	if (!*facts)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to read the host's memory map");
	code = pm_host_path(host, "/dev/mem", path, err);
	code = code ? code : read_cmdline(host, *facts, err);
	code = code ? code : pm_iomem_read(host, &(*facts)->iomem, err);
	if (code) {
		pm_guard_facts_free(*facts);
		*facts = NULL;
		return code;
	}
	(*facts)->devdax_count = pm_devdax_list(host, (*facts)->devdax);
	(*facts)->devmem_missing = stat(path, &status) != 0 && errno == ENOENT;
	pm_host_lockdown(host, (*facts)->lockdown);
	return PM_OK;
}

void pm_guard_facts_free(struct pm_guard_facts *facts)
{
	if (!facts)
		return;
	pm_iomem_free(&facts->iomem);
	free(facts);
}

enum pm_code pm_region_guard(const struct pm_host *host, uint64_t base, uint64_t bytes, struct pm_error *err)
{
	struct pm_guard_facts *facts;
	enum pm_code code = pm_guard_facts_read(host, &facts, err);

	if (code)
		return code;
	code = pm_guard_decide(facts, base, bytes, err);
	pm_guard_facts_free(facts);
	return code;
}
