/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds pools inside a region. A pool starts at a multiple of the grain and ends at one or at the region's end, so two
 * pages at each multiple tell: superblock A behind it, superblock B before it. What a pool is, both together say.
 */
#include "look.h"
#include "pmpool/core.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A superblock of whatever state that was seen. */
struct trace {
	uint64_t page; /* offset of its page */
	bool is_b;
	enum pm_code code; /* of this copy alone */
	struct pm_superblock sb;
};

struct search {
	struct pm_look look;
	struct trace *traces;
	size_t count, capacity;
	struct pm_pool_at *pools;
	size_t pool_count, pool_capacity;
};

/* --- what is seen at the multiples --- */

static enum pm_code note_page(struct search *search, const uint8_t *bytes, uint64_t page, bool is_b,
			      struct pm_error *err)
{
	struct pm_superblock sb;
	enum pm_code code = pm_pool_probe(bytes, PM_PAGE_SIZE, &sb);

	if (code == PM_E_POOL_NOT_FOUND)
		return PM_OK;
	if (search->count == search->capacity) {
		size_t capacity = search->capacity ? 2 * search->capacity : 16;
		struct trace *larger = realloc(search->traces, capacity * sizeof(*larger));

		if (!larger)
			return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to look for pools");
		search->traces = larger;
		search->capacity = capacity;
	}
	search->traces[search->count++] = (struct trace){.page = page, .is_b = is_b, .code = code, .sb = sb};
	return PM_OK;
}

static enum pm_code look_around(struct search *search, uint64_t at, struct pm_error *err)
{
	uint64_t before = at ? PM_PAGE_SIZE : 0, after = at < search->look.info->bytes ? PM_PAGE_SIZE : 0;
	uint8_t pages[2 * PM_PAGE_SIZE];
	enum pm_code code = pm_look_read(&search->look, at - before, pages, before + after, err);

	if (!code && before)
		code = note_page(search, pages, at - before, true, err);
	if (!code && after)
		code = note_page(search, pages + before, at, false, err);
	return code;
}

/* The next multiple of the grain (or the region's end) at which a page is not known to be blank. */
static uint64_t next_place(const struct search *search, uint64_t at)
{
	uint64_t bytes = search->look.info->bytes, grain = search->look.info->grain;
	uint64_t data = pm_look_next(&search->look, at > PM_PAGE_SIZE ? at - PM_PAGE_SIZE : 0);

	if (data >= bytes)
		return UINT64_MAX;
	if (data >= at + PM_PAGE_SIZE)
		at = (data - PM_PAGE_SIZE) / grain * grain + grain;
	return at < bytes ? at : bytes;
}

static enum pm_code see_all(struct search *search, struct pm_error *err)
{
	uint64_t bytes = search->look.info->bytes, grain = search->look.info->grain, at = 0;

	for (;;) {
		enum pm_code code;

		at = next_place(search, at);
		if (at > bytes)
			return PM_OK;
		code = look_around(search, at, err);
		if (code || at == bytes)
			return code;
		at = grain < bytes - at ? at + grain : bytes;
	}
}

/* --- what a copy says of its pool, when it is believed --- */

static bool is_whole(const struct pm_superblock *sb)
{
	return memcmp(sb->magic, PM_MAGIC, sizeof(sb->magic)) == 0 &&
	       pm_crc32c(0, sb, offsetof(struct pm_superblock, crc)) == sb->crc;
}

/* Bytes of the pool that starts at `offset`, by a copy that is damaged or of another format; 0: not to be believed. */
static uint64_t plausible_bytes(const struct search *search, const struct pm_superblock *sb, uint64_t offset)
{
	if (sb->physical_base != search->look.info->base + offset || sb->region_bytes % PM_PAGE_SIZE ||
	    sb->region_bytes < PM_MIN_REGION_BYTES || sb->region_bytes > PM_MAX_REGION_BYTES)
		return 0;
	return sb->region_bytes;
}

static uint64_t believed_bytes(const struct search *search, enum pm_code code, const struct pm_superblock *sb,
			       uint64_t offset)
{
	return code == PM_OK ? sb->region_bytes : plausible_bytes(search, sb, offset);
}

/* Where the pool of a copy B starts; UINT64_MAX when it says no place that a pool can have. */
static uint64_t start_of_b(const struct search *search, const struct trace *b)
{
	uint64_t end = b->page + PM_PAGE_SIZE, bytes = b->sb.region_bytes;

	if (bytes > end || (end - bytes) % search->look.info->grain || !plausible_bytes(search, &b->sb, end - bytes))
		return UINT64_MAX;
	return end - bytes;
}

/* --- a pool, by both copies --- */

/* Core judges a whole region: a sparse stand-in that holds nothing but the two pages. */
static enum pm_code judge_copies(const uint8_t *a, const uint8_t *b, uint64_t bytes, struct pm_superblock *sb)
{
	uint8_t *region = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	enum pm_code code;

	if (region == MAP_FAILED)
		return PM_E_OUT_OF_MEMORY;
	if (mprotect(region, PM_PAGE_SIZE, PROT_READ | PROT_WRITE) != 0 ||
	    mprotect(region + bytes - PM_PAGE_SIZE, PM_PAGE_SIZE, PROT_READ | PROT_WRITE) != 0) {
		munmap(region, bytes);
		return PM_E_OUT_OF_MEMORY;
	}
	memcpy(region, a, PM_PAGE_SIZE);
	memcpy(region + bytes - PM_PAGE_SIZE, b, PM_PAGE_SIZE);
	code = pm_pool_probe(region, bytes, sb);
	munmap(region, bytes);
	return code;
}

static void add_pool(struct search *search, uint64_t offset, enum pm_code code, const struct pm_superblock *sb)
{
	uint64_t bytes = believed_bytes(search, code, sb, offset), left = search->look.info->bytes - offset;
	struct pm_pool_at *pool;

	if (code == PM_E_POOL_NOT_FOUND || search->pool_count == search->pool_capacity)
		return;
	pool = &search->pools[search->pool_count++];
	pool->offset = offset;
	pool->bytes = !bytes ? PM_PAGE_SIZE : bytes < left ? bytes : left;
	pool->code = code;
	pool->sb = *sb;
}

/* Of two copies that make no pool together, the one to name what stands there by. */
static void choose_named(const uint8_t *a, const uint8_t *b, struct pm_superblock *sb)
{
	struct pm_superblock of_a, of_b;

	memcpy(&of_a, a, sizeof(of_a));
	memcpy(&of_b, b, sizeof(of_b));
	*sb = !is_whole(&of_a) && (is_whole(&of_b) || memcmp(a, PM_MAGIC, 8) != 0) ? of_b : of_a;
}

/* The pool at `offset`, of so many bytes: 0 when only A can say anything. */
static enum pm_code judge_pool(struct search *search, uint64_t offset, uint64_t bytes, struct pm_error *err)
{
	uint8_t a[PM_PAGE_SIZE], b[PM_PAGE_SIZE];
	struct pm_superblock sb;
	enum pm_code code = pm_look_read(&search->look, offset, a, sizeof(a), err), judged;

	if (code)
		return code;
	if (bytes < PM_MIN_REGION_BYTES || bytes > search->look.info->bytes - offset) {
		judged = pm_pool_probe(a, sizeof(a), &sb);
	} else {
		code = pm_look_read(&search->look, offset + bytes - PM_PAGE_SIZE, b, sizeof(b), err);
		if (code)
			return code;
		judged = judge_copies(a, b, bytes, &sb);
		if (judged == PM_E_OUT_OF_MEMORY)
			return pm_fail(err, judged, "no address space to judge a pool of %llu bytes",
				       (unsigned long long)bytes);
		if (judged)
			choose_named(a, b, &sb);
	}
	add_pool(search, offset, judged, &sb);
	return PM_OK;
}

/* Of the copies B whose pool starts at `offset`: that of the same pool as A, else that of the pool made last. */
static const struct trace *find_b(const struct search *search, uint64_t offset, const struct trace *a)
{
	const struct trace *best = NULL;

	for (size_t i = 0; i < search->count; i++) {
		const struct trace *b = &search->traces[i];

		if (!b->is_b || start_of_b(search, b) != offset)
			continue;
		if (a && memcmp(a->sb.pool_uuid, b->sb.pool_uuid, sizeof(b->sb.pool_uuid)) == 0)
			return b;
		if (!best || b->sb.created_ns > best->sb.created_ns)
			best = b;
	}
	return best;
}

/* --- which of them are pools, and which are data of one --- */

/* Inside a pool whose size is beyond doubt, everything is its data. */
static bool covers(const struct pm_pool_at *pool)
{
	return pool->code == PM_OK || (pool->bytes > PM_PAGE_SIZE && is_whole(&pool->sb));
}

static bool overlaps(const struct pm_pool_at *pool, uint64_t offset, uint64_t bytes)
{
	return offset < pool->offset + pool->bytes && pool->offset < offset + bytes;
}

static bool is_covered(const struct search *search, uint64_t offset)
{
	for (size_t i = 0; i < search->pool_count; i++)
		if (covers(&search->pools[i]) && overlaps(&search->pools[i], offset, PM_PAGE_SIZE))
			return true;
	return false;
}

/* A copy B that a pool made later left behind where it tore an older one. */
static bool is_left_over(const struct search *search, const struct trace *b, uint64_t offset)
{
	if (is_covered(search, offset) || is_covered(search, b->page))
		return true;
	for (size_t i = 0; i < search->pool_count; i++)
		if (covers(&search->pools[i]) && overlaps(&search->pools[i], offset, b->sb.region_bytes) &&
		    search->pools[i].sb.created_ns >= b->sb.created_ns)
			return true;
	return false;
}

/* Traces come in the order of addresses, so a pool is known before what stands inside it. */
static enum pm_code judge_by_a(struct search *search, struct pm_error *err)
{
	enum pm_code code = PM_OK;

	for (size_t i = 0; i < search->count && !code; i++) {
		const struct trace *a = &search->traces[i], *b;
		uint64_t bytes;

		if (a->is_b || is_covered(search, a->page))
			continue;
		bytes = a->code == PM_OK || is_whole(&a->sb) ? believed_bytes(search, a->code, &a->sb, a->page) : 0;
		b = bytes ? NULL : find_b(search, a->page, a);
		code = judge_pool(search, a->page, b ? b->sb.region_bytes : bytes, err);
	}
	return code;
}

static bool is_known(const struct search *search, uint64_t offset)
{
	for (size_t i = 0; i < search->pool_count; i++)
		if (search->pools[i].offset == offset)
			return true;
	return false;
}

static enum pm_code judge_by_b(struct search *search, struct pm_error *err)
{
	enum pm_code code = PM_OK;

	for (size_t i = 0; i < search->count && !code; i++) {
		const struct trace *b = &search->traces[i];
		uint64_t offset = b->is_b ? start_of_b(search, b) : UINT64_MAX;

		if (offset == UINT64_MAX || is_known(search, offset) || is_left_over(search, b, offset))
			continue;
		b = find_b(search, offset, NULL);
		code = judge_pool(search, offset, b->sb.region_bytes, err);
	}
	return code;
}

static int by_offset(const void *a, const void *b)
{
	const struct pm_pool_at *left = a, *right = b;

	return (left->offset > right->offset) - (left->offset < right->offset);
}

enum pm_code pm_region_search(const struct pm_region_info *info, int fd, struct pm_pool_at *pools, size_t capacity,
			      size_t *count, struct pm_error *err)
{
	struct search search = {.pools = pools, .pool_capacity = capacity};
	enum pm_code code = pm_look_begin(&search.look, info, fd, err);

	*count = 0;
	code = code ? code : see_all(&search, err);
	code = code ? code : judge_by_a(&search, err);
	code = code ? code : judge_by_b(&search, err);
	free(search.traces);
	if (code)
		return code;
	if (search.pool_count)
		qsort(pools, search.pool_count, sizeof(*pools), by_offset);
	*count = search.pool_count;
	return PM_OK;
}

enum pm_code pm_region_pools(const struct pm_host *host, const struct pm_region_info *info, struct pm_pool_at *pools,
			     size_t capacity, size_t *count, struct pm_error *err)
{
	enum pm_code code;
	int fd;

	*count = 0;
	if (info->refused.code) {
		if (err)
			*err = info->refused;
		return info->refused.code;
	}
	code = pm_region_guard(host, info->base, info->bytes, err);
	code = code ? code : pm_region_open_fd(host, info, false, &fd, err);
	if (code)
		return code;
	code = pm_region_search(info, fd, pools, capacity, count, err);
	close(fd);
	return code;
}
