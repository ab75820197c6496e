/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "answer.h"
#include "chain.h"
#include "json/shapes.h"
#include "task.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum pm_code (*exporter)(struct pm_snapshot *, int, struct pm_task *, struct pm_error *);

static exporter exporter_of(const char *format)
{
	if (strcmp(format, "raw") == 0)
		return pm_export_raw;
	return strcmp(format, "elf") == 0 ? pm_export_elf : NULL;
}

/* On disk when it returns, or not there at all. */
static enum pm_code export_to(struct chain *chain, const char *to, exporter export, struct pm_task *task,
			      struct json_object *result, struct pm_error *err)
{
	int fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat status = {0};
	enum pm_code code;

	if (fd < 0)
		return pm_fail(err,
			       errno == EEXIST	 ? PM_E_FILE_EXISTS
			       : errno == ENOSPC ? PM_E_DISK_FULL
						 : PM_E_IO_FAILED,
			       "%s: %s", to, strerror(errno));
	code = export(chain->snapshots[0], fd, task, err);
	if (code == PM_OK && (fsync(fd) != 0 || fstat(fd, &status) != 0))
		code = pm_fail(err, errno == ENOSPC ? PM_E_DISK_FULL : PM_E_IO_FAILED, "%s: %s", to, strerror(errno));
	close(fd);
	if (code == PM_OK)
		json_set_count(result, "bytes", (uint64_t)status.st_size);
	else
		unlink(to);
	return code;
}

char *pm_ffi_export(const char *paths, const char *to, const char *format, struct pm_ffi_task *task)
{
	struct json_object *result = json_object_new_object();
	exporter export = exporter_of(format);
	struct pm_error err = {0};
	struct pm_task quiet = {0};
	struct chain chain;
	enum pm_code code = export ? chain_open(paths, &chain, &err)
				   : pm_fail(&err, PM_E_INVALID_PARAMS, "the format is neither raw nor elf");

	if (code == PM_OK) {
		code = export_to(&chain, to, export, task_begin(task, &quiet), result, &err);
		chain_close(&chain);
	}
	return answer(code, result, &err);
}
