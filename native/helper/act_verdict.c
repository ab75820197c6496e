/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expectations before the jump, verdicts after it. */
#include "acts.h"
#include "json_build.h"
#include "long_act.h"
#include "store.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct json_object *region_fact(const struct part *part)
{
	struct json_object *region = json_object_new_object();

	json_set_text(region, "id", part->region.info.id);
	json_set_count(region, "offset", part->region.offset);
	json_set_count(region, "base", part->sb.physical_base);
	json_set_count(region, "size", part->sb.region_bytes);
	return region;
}

/* What the next boot is held against (native/snapshot/verdict.c reads it). */
static enum pm_code facts_of(struct call *call, const struct attached *attached, struct json_object **facts)
{
	struct json_object *regions = json_object_new_array(), *host = NULL;
	enum pm_code code = json_host_info(call->session, &host, &call->err);

	for (size_t i = 0; code == PM_OK && i < attached->mapped.count; i++)
		json_object_array_add(regions, region_fact(&attached->mapped.parts[i]));
	if (code != PM_OK) {
		json_object_put(regions);
		return code;
	}
	*facts = json_object_new_object();
	json_set_text(*facts, "id", param_text(call, "nonce", ""));
	json_set_text(*facts, "nonce", param_text(call, "nonce", ""));
	json_set_text(*facts, "pool", attached->uuid);
	json_set(*facts, "regions", regions);
	json_set(*facts, "host", host);
	json_set_text(*facts, "bootId", json_text(host, "bootId"));
	json_set_text(*facts, "kernel", json_text(host, "kernel"));
	json_set_text(*facts, "cmdline", json_text(host, "cmdline"));
	return PM_OK;
}

enum pm_code act_expectation_create_begin(struct call *call)
{
	const char *id = param_text(call, "nonce", ""); /* checked to be a file name: one expectation a nonce */
	struct json_object *facts = NULL;
	struct attached *attached;
	enum pm_code code = call_pool(call, &attached);

	if (code == PM_OK)
		code = facts_of(call, attached, &facts);
	if (code == PM_OK)
		code = pool_file_begin(call, attached, &store_expectations, id, facts);
	return code;
}

enum pm_code act_expectation_create_work(struct call *call)
{
	const struct pool_file *to = call->state;
	struct expectation_request request = {.facts = to->facts};

	return pool_file_work(call, write_expectation, &request);
}

static struct json_object *expectation_object(struct call *call, const struct pool_file *job)
{
	const char *nonce = param_text(call, "nonce", "");
	struct json_object *object = json_object_new_object();
	char digest[33];

	pm_hex_format(job->result.digest, sizeof(job->result.digest), digest);
	json_set_text(object, "id", nonce);
	json_set_text(object, "pool", param_text(call, "pool", ""));
	json_set_text(object, "nonce", nonce);
	json_set_count(object, "pages", job->result.pages);
	json_set_text(object, "digest", digest);
	json_set_count(object, "createdAt", job->source.act.time_ns / 1000000);
	return object;
}

enum pm_code act_expectation_create_end(struct call *call, enum pm_code worked)
{
	const char *id = param_text(call, "nonce", "");
	struct pool_file *job = call->state;
	enum pm_code code = settled(call, worked);
	struct attached *attached;

	if (code == PM_OK)
		code = store_commit(&job->file, &call->err);
	if (code == PM_OK && call_pool(call, &attached) == PM_OK)
		note_act(call->session, attached, PM_VERB_EXPECT, 0, job->result.pages, id, NULL);
	if (code == PM_OK)
		call->result = expectation_object(call, job);
	pool_file_free(job);
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

struct verdict_job {
	struct pm_host host;
	int fd;
	struct json_object *verdict;
};

enum pm_code act_verdict_begin(struct call *call)
{
	struct verdict_job *job = calloc(1, sizeof(*job));
	enum pm_code code;

	if (!job)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory for a verdict");
	job->host = call->session->host;
	code = store_open(&call->session->host, &store_expectations, param_text(call, "expectation", ""), &job->fd,
			  &call->err);
	if (code != PM_OK)
		free(job);
	else
		call->state = job;
	return code;
}

enum pm_code act_verdict_work(struct call *call)
{
	struct verdict_job *job = call->state;

	return pm_verdict_reach(&job->host, job->fd, &call->task, &job->verdict, &call->err);
}

/* A pool that is gone cannot note its own verdict. */
static void note_verdict(struct call *call)
{
	struct attached *attached;

	if (session_pool(call->session, json_text(call->result, "pool"), &attached, NULL) == PM_OK)
		note_act(call->session, attached, PM_VERB_VERDICT, 0,
			 json_count(json_member(call->result, "pages"), "changed"), json_text(call->result, "class"),
			 NULL);
}

enum pm_code act_verdict_end(struct call *call, enum pm_code worked)
{
	struct verdict_job *job = call->state;
	enum pm_code code = settled(call, worked);

	if (code == PM_OK) {
		call->result = json_object_get(job->verdict);
		json_set_text(call->result, "expectation", param_text(call, "expectation", ""));
		note_verdict(call);
	}
	json_object_put(job->verdict);
	close(job->fd);
	free(job);
	return code;
}
