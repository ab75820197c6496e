/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "long_act.h"
#include "guarded.h"
#include "json_build.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum pm_code pool_source_of(const struct session *session, const struct attached *attached, struct pool_source *source,
			    struct pm_error *err)
{
	const struct mapped *mapped = &attached->mapped;

	memset(source, 0, sizeof(*source));
	source->host = session->host;
	source->places = calloc(mapped->count + 1, sizeof(*source->places));
	if (!source->places)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory for %zu regions", mapped->count);
	for (size_t i = 0; i < mapped->count; i++) {
		const struct part *part = &mapped->parts[i];

		source->places[source->place_count++] =
			(struct place){part->region.info, part->region.offset, part->sb};
	}
	source->writable = !attached->pool.read_only;
	session_act(session, &source->act);
	return PM_OK;
}

void pool_source_free(struct pool_source *source)
{
	free(source->places);
	source->places = NULL;
	source->place_count = 0;
}

static enum pm_code write_locked(struct call *call, const struct pool_source *source, struct mapped *mapped,
				 pool_writer writer, const void *how, int fd, struct pm_snapshot_result *result)
{
	struct pm_pool pool;
	enum pm_code code = mapped_lock(mapped, &call->err);

	if (code != PM_OK)
		return code;
	call->locked = mapped; /* let go of as soon as the metadata is copied */
	if (!mapped_same(mapped))
		code = pm_fail(&call->err, PM_E_POOL_CHANGED, "another pool stands at 0x%llx by now",
			       (unsigned long long)source->places[0].sb.physical_base);
	else
		code = mapped_attach(mapped, &pool, source->writable ? 0 : PM_ATTACH_READ_ONLY, &source->act,
				     &call->err);
	if (code == PM_OK) {
		code = writer(&pool, how, fd, &call->task, result, &call->err);
		guarded_detach(&pool);
	}
	call_unlock(call);
	return code;
}

enum pm_code pool_source_write(struct call *call, const struct pool_source *source, pool_writer writer, const void *how,
			       int fd, struct pm_snapshot_result *result)
{
	struct mapped mapped = {0};
	enum pm_code code = PM_OK;

	/* writable, so that attaching takes back what a dead holder of the lock left */
	for (size_t i = 0; code == PM_OK && i < source->place_count; i++)
		code = mapped_add(&mapped, &source->host, &source->places[i], source->writable, &call->err);
	if (code == PM_OK)
		code = write_locked(call, source, &mapped, writer, how, fd, result);
	mapped_close(&mapped);
	return code;
}

enum pm_code write_snapshot(const struct pm_pool *pool, const void *how, int fd, struct pm_task *task,
			    struct pm_snapshot_result *result, struct pm_error *err)
{
	return pm_snapshot_write(pool, how, fd, task, result, err);
}

enum pm_code write_expectation(const struct pm_pool *pool, const void *how, int fd, struct pm_task *task,
			       struct pm_snapshot_result *result, struct pm_error *err)
{
	const struct expectation_request *request = how;

	return pm_expectation_write(pool, request->facts, request->content, fd, task, result, err);
}

enum pm_code pool_file_begin(struct call *call, const struct attached *attached, const struct store_kind *kind,
			     const char *name, struct json_object *facts)
{
	struct pool_file *pool_file = calloc(1, sizeof(*pool_file));
	enum pm_code code;

	if (pool_file) {
		pool_file->facts = facts;
		code = pool_source_of(call->session, attached, &pool_file->source, &call->err);
	} else {
		code = pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory to write %s", name);
	}
	if (code == PM_OK)
		code = store_create(&call->session->host, kind, name, &pool_file->file, &call->err);
	if (code != PM_OK) {
		json_object_put(facts);
		if (pool_file)
			pool_source_free(&pool_file->source);
		free(pool_file);
		return code;
	}
	call->state = pool_file;
	return PM_OK;
}

enum pm_code pool_file_work(struct call *call, pool_writer writer, const void *how)
{
	struct pool_file *to = call->state;

	return pool_source_write(call, &to->source, writer, how, to->file.fd, &to->result);
}

void pool_file_free(struct pool_file *pool_file)
{
	store_discard(&pool_file->file);
	chain_close(&pool_file->chain);
	pool_source_free(&pool_file->source);
	json_object_put(pool_file->facts);
	free(pool_file);
}

enum pm_code settled(struct call *call, enum pm_code worked)
{
	if (atomic_load(&call->task.cancelled))
		return pm_fail(&call->err, PM_E_CANCELLED, "cancelled");
	return worked;
}
