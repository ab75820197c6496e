/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole pool back into its regions: their places have to be given away still, and what stands there is named first. */
#include "act_restore.h"
#include "acts.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The smallest region that may be opened and covers the place; why not, when there is none. */
static enum pm_code find_place(struct call *call, const struct pm_region_info *list, size_t count,
			       const struct pm_superblock *sb, struct place *place)
{
	const struct pm_region_info *best = NULL, *refused = NULL;
	enum pm_code code;

	for (size_t i = 0; i < count; i++) {
		const struct pm_region_info *info = &list[i];

		if (sb->physical_base < info->base || sb->region_bytes > info->bytes ||
		    sb->physical_base - info->base > info->bytes - sb->region_bytes)
			continue;
		if (info->refused.code != PM_OK)
			refused = info;
		else if (!best || info->bytes < best->bytes)
			best = info;
	}
	if (best) {
		*place = (struct place){*best, sb->physical_base - best->base, *sb};
		return PM_OK;
	}
	if (refused)
		return pm_fail(&call->err, refused->refused.code, "%s", refused->refused.message);
	code = pm_region_guard(&call->session->host, sb->physical_base, sb->region_bytes, &call->err);
	if (code != PM_OK)
		return code;
	return pm_fail(&call->err, PM_E_REGION_NOT_FOUND,
		       "no region of this host covers 0x%" PRIx64 "-0x%" PRIx64 ", where region %" PRIu32
		       " of the pool stood",
		       sb->physical_base, sb->physical_base + sb->region_bytes - 1, sb->region_index);
}

/* A region of the pool that the snapshot does not know would go on saying that it belongs to it. */
static enum pm_code no_stray(struct call *call, const struct restore_job *job)
{
	struct place *places = NULL;
	size_t count = 0;
	enum pm_code code = session_places(call->session, &places, &count, &call->err);

	for (size_t i = 0; code == PM_OK && i < count; i++) {
		bool known = memcmp(places[i].sb.pool_uuid, job->places[0].sb.pool_uuid, 16) != 0;

		for (size_t j = 0; !known && j < job->place_count; j++)
			known = place_base(&places[i]) == place_base(&job->places[j]);
		if (!known)
			code = pm_fail(&call->err, PM_E_SNAPSHOT_FOREIGN,
				       "region %" PRIu32 " of the pool at 0x%" PRIx64
				       " is not in the snapshot: delete the pool first",
				       places[i].sb.region_index, place_base(&places[i]));
	}
	free(places);
	return code;
}

enum pm_code restore_pool_begin(struct call *call, struct restore_job *job)
{
	const struct pm_superblock *regions = pm_snapshot_regions(chain_first(&job->chain), &job->place_count);
	struct pm_region_info *list = NULL;
	size_t count = 0;
	enum pm_code code = pm_region_list(&call->session->host, &list, &count, &call->err);

	if (code != PM_OK)
		return code;
	job->places = calloc(job->place_count + 1, sizeof(*job->places));
	if (!job->places)
		code = pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory for %zu regions", job->place_count);
	for (size_t i = 0; code == PM_OK && i < job->place_count; i++)
		code = find_place(call, list, count, &regions[i], &job->places[i]);
	free(list);
	return code == PM_OK ? no_stray(call, job) : code;
}

/* The one word for what stands in all of the places: of several it is made from theirs. */
static enum pm_code recognise_all(struct call *call, const struct restore_job *job, const struct mapped *mapped,
				  char word[CONFIRM_BYTES], char label[200])
{
	size_t occupied = 0;
	uint32_t sum = 0;

	word[0] = label[0] = '\0';
	for (size_t i = 0; i < mapped->count; i++) {
		struct recognised recognised;
		enum pm_code code;

		memset(&recognised, 0, sizeof(recognised));
		code = recognise(&job->host, &mapped->parts[i].region, &recognised, &call->err);
		if (code != PM_OK)
			return code;
		if (recognised.found.blank)
			continue;
		sum = pm_crc32c(sum, recognised.confirm, strlen(recognised.confirm));
		if (occupied++ == 0) {
			memcpy(word, recognised.confirm, CONFIRM_BYTES);
			snprintf(label, 200, "%.120s at 0x%" PRIx64, recognised.found.label,
				 place_base(&job->places[i]));
		}
	}
	if (occupied > 1) {
		snprintf(word, CONFIRM_BYTES, "regions-%04" PRIx32, sum & 0xffff);
		snprintf(label + strlen(label), 200 - strlen(label), " and what stands in %zu more", occupied - 1);
	}
	return PM_OK;
}

static enum pm_code confirm_all(struct call *call, const struct restore_job *job, const struct mapped *mapped)
{
	char word[CONFIRM_BYTES], label[200];
	enum pm_code code = recognise_all(call, job, mapped, word, label);

	if (code != PM_OK || !word[0] || strcmp(param_text(call, "confirm", ""), word) == 0)
		return code;
	memcpy(call->confirm, word, sizeof(call->confirm));
	return pm_fail(&call->err, PM_E_CONFIRM_NEEDED, "this destroys %s; the word to do it is %s", label, word);
}

/* Pools that share memory with the place go first; of the same pool in the same place, restoring takes care. */
static enum pm_code unmake_others(struct call *call, const struct restore_job *job, const struct mapped *mapped)
{
	enum pm_code code = PM_OK;

	for (size_t i = 0; code == PM_OK && i < mapped->count; i++) {
		const struct part *part = &mapped->parts[i];
		struct pm_superblock sb;

		if (guarded_probe(&part->region, &sb, NULL) == PM_OK &&
		    memcmp(sb.region_uuid, part->sb.region_uuid, sizeof(sb.region_uuid)) == 0 &&
		    sb.region_bytes == part->sb.region_bytes)
			continue;
		code = pm_region_unmake_pools(&job->host, &part->region, &call->err);
	}
	return code;
}

static enum pm_code restore_locked(struct call *call, struct restore_job *job, const struct mapped *mapped)
{
	struct pm_mapping *mappings = calloc(mapped->count + 1, sizeof(*mappings));
	enum pm_code code = mappings ? PM_OK : pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory to restore with");

	for (size_t i = 0; code == PM_OK && i < mapped->count; i++)
		mappings[i] = mapping_of(&mapped->parts[i].region, mapped->parts[i].sb.region_bytes);
	if (code == PM_OK)
		code = confirm_all(call, job, mapped);
	if (code == PM_E_CONFIRM_NEEDED && !param_given(call, "confirm")) { /* nobody is asked about a damaged file */
		struct pm_error why = {0};
		enum pm_code whole =
			pm_restore_check(chain_first(&job->chain), mappings, mapped->count, &call->task, &why);

		if (whole != PM_OK) {
			call->confirm[0] = '\0';
			code = pm_fail(&call->err, whole, "%s", why.message);
		}
	}
	if (code == PM_OK)
		code = pm_restore_check(chain_first(&job->chain), mappings, mapped->count, &call->task, &call->err);
	job->begun = code == PM_OK;
	if (code == PM_OK)
		code = unmake_others(call, job, mapped);
	if (code == PM_OK)
		code = pm_restore_pool(chain_first(&job->chain), mappings, mapped->count, &call->task, &job->restored,
				       &call->err);
	free(mappings);
	return code;
}

enum pm_code restore_pool_work(struct call *call, struct restore_job *job)
{
	struct mapped mapped = {0};
	enum pm_code code = PM_OK;

	for (size_t i = 0; code == PM_OK && i < job->place_count; i++)
		code = mapped_add(&mapped, &job->host, &job->places[i], true, &call->err);
	if (code == PM_OK)
		code = mapped_lock(&mapped, &call->err);
	if (code == PM_OK) {
		code = restore_locked(call, job, &mapped);
		mapped_unlock(&mapped);
	}
	mapped_close(&mapped);
	return code;
}
