// SPDX-License-Identifier: GPL-2.0-or-later
#include "export_sink.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void pm_sink_open(struct pm_sink *sink, int fd, struct pm_task *task)
{
	struct stat status;
	int flags = fcntl(fd, F_GETFL);

	*sink = (struct pm_sink){.fd = fd, .task = task};
	/* pwrite ignores its offset on a file opened to append */
	sink->sparse = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0 && flags >= 0 &&
		       !(flags & O_APPEND) && lseek(fd, 0, SEEK_CUR) == 0;
}

static enum pm_code failed(int error, struct pm_error *err)
{
	if (error == ENOSPC || error == EDQUOT)
		return pm_fail(err, PM_E_DISK_FULL, "Cannot write: %s.", strerror(error));
	return pm_fail(err, PM_E_IO_FAILED, "Cannot write: %s.", strerror(error));
}

static enum pm_code put_all(struct pm_sink *sink, const uint8_t *data, size_t bytes, struct pm_error *err)
{
	while (bytes) {
		ssize_t wrote =
			sink->sparse ? pwrite(sink->fd, data, bytes, (off_t)sink->at) : write(sink->fd, data, bytes);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return failed(wrote < 0 ? errno : EIO, err);
		data += wrote;
		bytes -= (size_t)wrote;
		sink->at += (uint64_t)wrote;
	}
	return PM_OK;
}

static enum pm_code put_zeros(struct pm_sink *sink, uint64_t until, struct pm_error *err)
{
	static const uint8_t zeros[1 << 16];

	if (sink->sparse)
		sink->at = until;
	while (sink->at < until) {
		uint64_t left = until - sink->at;
		enum pm_code code = put_all(sink, zeros, left < sizeof(zeros) ? (size_t)left : sizeof(zeros), err);

		if (!code && sink->task && atomic_load(&sink->task->cancelled))
			code = pm_fail(err, PM_E_CANCELLED, "Cancelled.");
		if (code)
			return code;
	}
	return PM_OK;
}

enum pm_code pm_sink_put(struct pm_sink *sink, uint64_t offset, const void *data, size_t bytes, struct pm_error *err)
{
	enum pm_code code = put_zeros(sink, offset, err);

	return code ? code : put_all(sink, data, bytes, err);
}

enum pm_code pm_sink_end(struct pm_sink *sink, uint64_t bytes, struct pm_error *err)
{
	enum pm_code code = put_zeros(sink, bytes, err);

	if (!code && sink->sparse && ftruncate(sink->fd, (off_t)bytes) != 0)
		return failed(errno, err);
	return code;
}
