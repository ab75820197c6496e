/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "readiness.h"
#include "check.h"
#include "files.h"
#include "kexec_checks.h"
#include "kexec_cmdline.h"
#include "kexec_image.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool pm_readiness_by_devmem(const struct pm_region_info *region)
{
	return strncmp(region->id, "dax:", 4) != 0;
}

bool pm_readiness_exists(const struct pm_host *host, const char *path)
{
	char full[PM_PATH_MAX];

	return pm_host_path(host, path, full, NULL) == PM_OK && access(full, F_OK) == 0;
}

bool pm_readiness_option(const struct pm_readiness *facts, const char *name, char value[256])
{
	const char *at = facts->cmdline;
	struct pm_option option;

	while (pm_option_next(&at, &option)) {
		size_t skip = strlen(name) + (*option.text == '"');

		if (!pm_option_is(&option, name) || option.length < skip)
			continue;
		snprintf(value, 256, "%.*s", (int)(option.length - skip < 255 ? option.length - skip : 255),
			 option.text + skip);
		return true;
	}
	return false;
}

/* A range that pmpool= names stands inside another region; what names no range has its own check. */
static bool is_region(const struct pm_region_info *info)
{
	return (strncmp(info->id, "mem:", 4) == 0 && strncmp(info->source, "pmpool=", 7) != 0) ||
	       strncmp(info->id, "dax:", 4) == 0;
}

static enum pm_code read_facts(const struct pm_host *host, struct pm_readiness *facts, struct pm_error *err)
{
	size_t count;
	enum pm_code code = pm_memory_map_read(host, &facts->map, err);

	facts->host = host;
	code = code ? code : pm_host_read_all(host, "/proc/cmdline", &facts->cmdline, err);
	code = code ? code : pm_region_list(host, &facts->regions, &count, err);
	for (size_t i = 0; !code && i < count; i++)
		if (is_region(&facts->regions[i]))
			facts->regions[facts->region_count++] = facts->regions[i];
	return code;
}

/* A kexec of the running kernel with the running command line: what a plan asks of the host, asked of it now. */
static enum pm_code kexec_checks(const struct pm_readiness *facts, struct json_object *checks, struct pm_error *err)
{
	struct pm_kexec_target target = {.host = facts->host, .cmdline = facts->cmdline};
	char kernel[1024], initrd[1024];

	target.regions = calloc(facts->region_count + 1, sizeof(*target.regions));
	if (!target.regions)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for %zu regions", facts->region_count);
	for (size_t i = 0; i < facts->region_count; i++)
		target.regions[target.count++] = (struct pm_kexec_region){facts->regions[i], true};
	pm_image_default_kernel(facts->host, kernel);
	pm_image_default_initrd(facts->host, kernel, initrd);
	target.kernel = kernel;
	target.initrd = initrd[0] ? initrd : NULL;
	pm_kexec_host_checks(&target, checks);
	if (!target.initrd)
		pm_check_add(checks, "initrd-file", PM_WARN, "No initrd belongs to the running kernel",
			     "Name one when planning, unless the kernel needs none.", "Nothing beside %.200s.", kernel);
	free(target.regions);
	return PM_OK;
}

enum pm_code pm_readiness(const struct pm_host *host, struct json_object *checks, struct pm_error *err)
{
	struct pm_readiness facts = {0};
	enum pm_code code = read_facts(host, &facts, err);

	if (!code) {
		pm_readiness_reserved(&facts, checks);
		pm_readiness_access(&facts, checks);
		code = kexec_checks(&facts, checks, err);
		pm_readiness_neighbours(&facts, checks);
	}
	free(facts.cmdline);
	free(facts.regions);
	pm_memory_map_free(&facts.map);
	return code;
}
