/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must be true after the jump, written down before it. */
#include "act_pattern.h"
#include "acts.h"
#include "host/facts.h"
#include "json_build.h"
#include "long_act.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define AUTO_PAGES (UINT64_C(1) << 18) /* content "auto": the bytes of up to 1 GiB are kept */

static struct json_object *region_fact(const struct part *part)
{
	struct json_object *region = json_object_new_object();

	json_set_text(region, "id", part->region.info.id);
	json_set_count(region, "offset", part->region.offset);
	json_set_count(region, "base", part->sb.physical_base);
	json_set_count(region, "size", part->sb.region_bytes);
	return region;
}

/* What the next boot is held against (native/snapshot/verdict.c reads it; docs/snapshot.md has the members). */
static enum pm_code facts_of(struct call *call, const struct attached *attached, struct json_object **facts)
{
	struct json_object *regions = json_object_new_array(), *host = NULL, *now = NULL;
	enum pm_code code = json_host_info(call->session, &host, &call->err);

	if (code == PM_OK)
		code = pm_host_facts(&call->session->host, &now, &call->err);

	for (size_t i = 0; code == PM_OK && i < attached->mapped.count; i++)
		json_object_array_add(regions, region_fact(&attached->mapped.parts[i]));
	if (code != PM_OK) {
		json_object_put(regions);
		json_object_put(host);
		return code;
	}
	*facts = json_object_new_object();
	json_set_text(*facts, "id", param_text(call, "nonce", ""));
	json_set_text(*facts, "nonce", param_text(call, "nonce", ""));
	json_set_text(*facts, "pool", attached->uuid);
	json_set(*facts, "regions", regions);
	json_set(*facts, "host", host);
	json_set(*facts, "hostFacts", now);
	if (param_given(call, "pattern"))
		json_set(*facts, "pattern", json_object_get(param_object(call, "pattern")));
	json_set_text(*facts, "bootId", json_text(host, "bootId"));
	json_set_text(*facts, "kernel", json_text(host, "kernel"));
	json_set_text(*facts, "cmdline", json_text(host, "cmdline"));
	return PM_OK;
}

struct expectation_job {
	struct pool_file *file;
	struct pool_worker worker; /* to fill the free pages */
	struct pm_pattern pattern;
	bool fill, content;
};

static enum pm_code keep_content(struct call *call, const struct attached *attached, bool *content)
{
	const char *text = param_text(call, "content", "auto");
	struct pm_usage usage;
	enum pm_code code;

	*content = strcmp(text, "always") == 0;
	if (*content || strcmp(text, "never") == 0)
		return PM_OK;
	if (strcmp(text, "auto") != 0)
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter content: is none of auto, always and never");
	code = guarded_usage(&attached->pool, &usage, &call->err);
	*content = code == PM_OK && usage.pages_allocated <= AUTO_PAGES;
	return code;
}

static void job_free(struct expectation_job *job)
{
	pattern_free(&job->pattern);
	free(job);
}

static enum pm_code job_begin(struct call *call, struct expectation_job *job)
{
	const char *id = param_text(call, "nonce", ""); /* checked to be a file name: one expectation a nonce */
	struct json_object *facts = NULL;
	struct attached *attached;
	enum pm_code code = PM_OK;

	job->fill = param_given(call, "pattern");
	if (job->fill)
		code = pattern_read(param_object(call, "pattern"), &job->pattern, &call->err);
	if (code == PM_OK)
		code = pool_worker_begin(&job->worker, call, job->fill);
	if (code == PM_OK)
		code = call_pool(call, &attached);
	if (code == PM_OK)
		code = keep_content(call, attached, &job->content);
	if (code == PM_OK)
		code = facts_of(call, attached, &facts);
	if (code == PM_OK)
		code = pool_file_begin(call, attached, &store_expectations, id, facts);
	job->file = call->state;
	return code;
}

enum pm_code act_expectation_create_begin(struct call *call)
{
	struct expectation_job *job = calloc(1, sizeof(*job));
	enum pm_code code;

	if (!job)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory for an expectation");
	code = job_begin(call, job);
	if (code != PM_OK)
		job_free(job);
	else
		call->state = job;
	return code;
}

static enum pm_code fill(struct call *call, struct expectation_job *job, uint64_t *sequence)
{
	struct pm_free_counts counts = {0};
	struct pm_free_range range;
	char words[64];
	enum pm_code code = pool_worker_attach(&job->worker, call, true);

	if (code != PM_OK)
		return code;
	*sequence = guarded_log_sequence(&job->worker.attached->pool);
	pool_worker_range(&job->worker, call, true, &range);
	code = pm_free_fill(&range, &job->pattern, &counts, &call->err);
	if (code != PM_OK)
		return code;
	pattern_words(&job->pattern, words);
	return pool_worker_note(&job->worker, PM_VERB_FILL, 0, counts.pages, words, &call->err);
}

/* A page that was freed after its window was filled is expected to hold the pattern, and does not. */
static enum pm_code none_freed(struct call *call, const struct expectation_job *job, uint64_t sequence)
{
	const struct pm_pool *pool = &job->worker.attached->pool;
	uint64_t newest = guarded_log_sequence(pool);
	enum pm_code code = PM_OK;

	while (code == PM_OK && sequence < newest) {
		struct pm_log_entry entry = {0};
		uint64_t first;
		bool found;

		code = guarded_log_read(pool, ++sequence, &entry, &found, &call->err);
		if (code == PM_OK && (!found || pm_log_given_back(&entry, &first) || entry.verb == PM_VERB_RELEASE ||
				      entry.verb == PM_VERB_RECOVER))
			code = pm_fail(&call->err, PM_E_POOL_CHANGED,
				       "pages were freed while the others were filled with the pattern");
	}
	return code;
}

enum pm_code act_expectation_create_work(struct call *call)
{
	struct expectation_job *job = call->state;
	struct pool_file *to = job->file;
	struct expectation_request request = {.facts = to->facts, .content = job->content};
	uint64_t sequence = 0;
	enum pm_code code = job->fill ? fill(call, job, &sequence) : PM_OK;

	if (code == PM_OK)
		code = pool_source_write(call, &to->source, write_expectation, &request, to->file.fd, &to->result);
	if (code == PM_OK && job->fill)
		code = none_freed(call, job, sequence);
	pool_worker_close(&job->worker);
	return code;
}

static struct json_object *expectation_object(struct call *call, const struct expectation_job *job)
{
	const struct pm_snapshot_result *result = &job->file->result;
	const char *nonce = param_text(call, "nonce", "");
	struct json_object *object = json_object_new_object();
	struct stat status = {0};
	char digest[33];

	fstat(job->file->file.fd, &status);
	pm_hex_format(result->digest, sizeof(result->digest), digest);
	json_set_text(object, "id", nonce);
	json_set_text(object, "pool", param_text(call, "pool", ""));
	json_set_text(object, "nonce", nonce);
	json_set_count(object, "pages", result->pages);
	json_set_text(object, "digest", digest);
	json_set_bool(object, "content", job->content);
	json_set_bool(object, "pattern", job->fill);
	json_set_count(object, "bytes", (uint64_t)status.st_size);
	json_set_count(object, "createdAt", job->file->source.act.time_ns / 1000000);
	return object;
}

enum pm_code act_expectation_create_end(struct call *call, enum pm_code worked)
{
	const char *id = param_text(call, "nonce", "");
	struct expectation_job *job = call->state;
	struct attached *attached;
	enum pm_code code = settled(call, worked);

	if (code == PM_OK)
		code = store_commit(&job->file->file, &call->err);
	if (code == PM_OK && call_pool(call, &attached) == PM_OK)
		note_act(call->session, attached, PM_VERB_EXPECT, 0, job->file->result.pages, id, NULL);
	if (code == PM_OK)
		call->result = expectation_object(call, job);
	pool_file_free(job->file);
	job_free(job);
	return code;
}

enum pm_code expectations(struct session *session, struct json_object **ids, struct pm_error *err)
{
	struct json_object *files = NULL;
	enum pm_code code = store_list(&session->host, &store_expectations, &files, err);

	*ids = json_object_new_array();
	for (size_t i = 0; code == PM_OK && i < json_object_array_length(files); i++) {
		struct json_object *name = json_member(json_object_array_get_idx(files, i), "name");

		json_object_array_add(*ids, json_object_get(name));
	}
	json_object_put(files);
	return code;
}
