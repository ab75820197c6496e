// SPDX-License-Identifier: GPL-2.0-or-later
/* Declared in snapshot.h and not written yet; each goes from here when it is. */
#include "pmpool/snapshot.h"

static enum pm_code pending(struct pm_error *err)
{
	return pm_fail(err, PM_E_UNSUPPORTED, "not written yet");
}

/* --- image.c and window.c --- */

enum pm_code pm_snapshot_open(int fd, struct pm_snapshot **snapshot, struct pm_error *err)
{
	*snapshot = NULL;
	return pending(err);
}

void pm_snapshot_close(struct pm_snapshot *snapshot)
{
}

enum pm_code pm_snapshot_damage(const struct pm_snapshot *snapshot, struct pm_error *err)
{
	return pending(err);
}

bool pm_snapshot_parent(const struct pm_snapshot *snapshot, uint8_t digest[16], char name[128])
{
	return false;
}

enum pm_code pm_snapshot_set_parent(struct pm_snapshot *snapshot, struct pm_snapshot *parent, struct pm_error *err)
{
	return pending(err);
}

struct json_object *pm_snapshot_meta(const struct pm_snapshot *snapshot)
{
	return NULL;
}

const struct pm_snapshot_result *pm_snapshot_totals(const struct pm_snapshot *snapshot)
{
	return NULL;
}

const struct pm_superblock *pm_snapshot_regions(const struct pm_snapshot *snapshot, size_t *count)
{
	*count = 0;
	return NULL;
}

bool pm_snapshot_is_expectation(const struct pm_snapshot *snapshot)
{
	return false;
}

bool pm_snapshot_has_bytes(const struct pm_snapshot *snapshot)
{
	return false;
}

enum pm_code pm_snapshot_pool(struct pm_snapshot *snapshot, const struct pm_pool **pool, struct pm_error *err)
{
	*pool = NULL;
	return pending(err);
}

struct pm_window *pm_window_new(void)
{
	return NULL;
}

void pm_window_free(struct pm_window *window)
{
}

bool pm_snapshot_next_window(const struct pm_snapshot *snapshot, uint64_t *window)
{
	return false;
}

enum pm_code pm_snapshot_window(struct pm_snapshot *snapshot, uint64_t window, bool bytes, struct pm_window *to,
				struct pm_error *err)
{
	return pending(err);
}

