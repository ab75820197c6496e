/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pool of two regions in a session: attached whole, outdated by others, and degraded when a region is not right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "call.h"
#include "folder.h"
#include "guarded.h"
#include "host/simulated.h"
#include "json_build.h"

#define FIRST "memmap=4M$0x100000000"
#define SECOND "memmap=4M$0x101000000"
#define THIRD "memmap=4M$0x102000000"
#define BYTES (UINT64_C(4) << 20)

static char folder[256];
static struct session session; /* the one that is looked at */
static struct session other; /* another process */

static void open_session(struct session *one)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/host", folder);
	assert_int_equal(session_open(one, path, BYTES, NULL), PM_OK);
}

/* As another kernel, or the same with another command line, would show the host. */
static void boot(const char *cmdline)
{
	session_close(&session);
	session_close(&other);
	assert_int_equal(pm_host_simulate_boot(&session.host, cmdline, NULL), PM_OK);
}

static int set_up(void **state)
{
	char memory[300];

	(void)state;
	folder_make(folder);
	open_session(&session);
	open_session(&other);
	snprintf(memory, sizeof(memory), "%s/host/dev/mem", folder);
	assert_int_equal(truncate(memory, 0x103000000), 0);
	boot(FIRST " " SECOND " " THIRD);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	session_close(&session);
	session_close(&other);
	folder_remove(folder);
	return 0;
}

/* A method as the protocol has it; its result, to be put. NULL when it is refused, *error (may be NULL) says how. */
static struct json_object *ask(struct session *of, const char *method, const char *params, struct pm_error *error)
{
	struct call call = {.session = of, .params = json_tokener_parse(params)};
	struct json_object *result;
	enum pm_code code;

	assert_non_null(call.params);
	code = call_run(method_find(method), &call);
	result = code == PM_OK ? json_object_get(call.result) : NULL;
	if (code != PM_OK && !error)
		fail_msg("%s: %s", method, call.err.message);
	if (error) {
		*error = call.err;
		error->code = code;
	}
	call_clear(&call);
	return result;
}

static struct json_object *ask_of(struct session *of, const char *method, const char *uuid, const char *more,
				  struct pm_error *error)
{
	char params[512];

	snprintf(params, sizeof(params), "{\"pool\":\"%s\"%s%s}", uuid, more[0] ? "," : "", more);
	return ask(of, method, params, error);
}

static void make_pool(char uuid[PM_UUID_TEXT])
{
	struct json_object *pool =
		ask(&session, "pool/create", "{\"region\":\"mem:0x100000000\",\"name\":\"lab\"}", NULL);

	snprintf(uuid, PM_UUID_TEXT, "%s", json_text(pool, "uuid"));
	json_object_put(pool);
}

static void extend(struct session *of, const char *uuid)
{
	json_object_put(ask_of(of, "pool/extend", uuid, "\"region\":\"mem:0x101000000\"", NULL));
}

static struct json_object *region(struct json_object *pool, size_t i)
{
	return json_object_array_get_idx(json_member(pool, "regions"), i);
}

static void a_pool_has_all_its_regions(void **state)
{
	char uuid[PM_UUID_TEXT];
	struct json_object *pool, *pools, *run;

	(void)state;
	make_pool(uuid);
	extend(&session, uuid);
	pool = ask_of(&session, "pool/info", uuid, "", NULL);
	assert_false(json_flag(pool, "degraded"));
	assert_int_equal(json_count(pool, "pages"), 2048);
	assert_int_equal(json_count(pool, "size"), 2 * BYTES);
	assert_int_equal(json_object_array_length(json_member(pool, "regions")), 2);
	assert_string_equal(json_text(region(pool, 1), "region"), "mem:0x101000000");
	assert_int_equal(json_count(region(pool, 1), "firstPage"), 1024);
	assert_string_equal(json_text(region(pool, 1), "medium"), "file");
	assert_null(json_member(region(pool, 1), "error"));
	json_object_put(pool);
	/* one pool, also for who has not attached it yet */
	pools = ask(&other, "pool/list", "{}", NULL);
	assert_int_equal(json_object_array_length(json_member(pools, "pools")), 1);
	json_object_put(pools);
	run = ask_of(&session, "allocation/create", uuid,
		     "\"pages\":3,\"name\":\"far\",\"placement\":\"region\",\"node\":1", NULL);
	assert_true(json_count(run, "page") > 1024);
	assert_int_equal(json_count(run, "address"), 0x101000000 + (json_count(run, "page") - 1024) * PM_PAGE_SIZE);
	json_object_put(run);
}

static void content_is_found_by_pool_page(void **state)
{
	char uuid[PM_UUID_TEXT], more[128];
	struct json_object *run, *read;

	(void)state;
	make_pool(uuid);
	extend(&session, uuid);
	run = ask_of(&session, "allocation/create", uuid, "\"pages\":1,\"placement\":\"region\",\"node\":1", NULL);
	snprintf(more, sizeof(more), "\"page\":%llu,\"offset\":4,\"data\":\"Zm9v\"",
		 (unsigned long long)json_count(run, "page"));
	json_object_put(ask_of(&session, "allocation/write", uuid, more, NULL));
	snprintf(more, sizeof(more), "\"page\":%llu,\"offset\":4,\"length\":3",
		 (unsigned long long)json_count(run, "page"));
	read = ask_of(&other, "allocation/read", uuid, more, NULL);
	assert_string_equal(json_text(read, "data"), "Zm9v");
	json_object_put(read);
	json_object_put(run);
}

static void what_others_do_to_the_pool_is_seen(void **state)
{
	char uuid[PM_UUID_TEXT];
	struct json_object *pool;

	(void)state;
	make_pool(uuid);
	extend(&other, uuid);
	pool = ask_of(&session, "pool/info", uuid, "", NULL);
	assert_int_equal(json_object_array_length(json_member(pool, "regions")), 2);
	json_object_put(pool);
	json_object_put(ask_of(&other, "pool/rename", uuid, "\"name\":\"renamed\"", NULL));
	pool = ask_of(&session, "pool/info", uuid, "", NULL);
	assert_string_equal(json_text(pool, "name"), "renamed");
	json_object_put(pool);
}

/* Between the look and the lock. */
static void a_change_does_not_go_on_with_half_a_pool(void **state)
{
	char uuid[PM_UUID_TEXT];
	struct attached *attached;

	(void)state;
	make_pool(uuid);
	assert_int_equal(session_pool(&session, uuid, &attached, NULL), PM_OK);
	extend(&other, uuid);
	assert_int_equal(session_lock(&session, attached, NULL), PM_E_POOL_CHANGED);
	assert_int_equal(session_pool(&session, uuid, &attached, NULL), PM_OK);
	assert_int_equal(attached->mapped.count, 2);
	assert_int_equal(session_lock(&session, attached, NULL), PM_OK);
	session_unlock(attached);
}

/* Bytes of the host's memory behind its back. */
static void poke(uint64_t address, const void *bytes, size_t count)
{
	char memory[300];
	int fd;

	snprintf(memory, sizeof(memory), "%s/host/dev/mem", folder);
	fd = open(memory, O_WRONLY);
	assert_int_equal(pwrite(fd, bytes, count, (off_t)address), count);
	close(fd);
}

static void nothing(void)
{
}

static void erase_the_second(void)
{
	static const uint8_t zero[4096];

	poke(0x101000000, zero, sizeof(zero));
	poke(0x101000000 + BYTES - sizeof(zero), zero, sizeof(zero));
}

static void make_the_second_newer(void)
{
	const uint32_t version = 9;

	poke(0x101000000 + 8, &version, sizeof(version));
	poke(0x101000000 + BYTES - PM_PAGE_SIZE + 8, &version, sizeof(version));
}

static void damage_the_second(void)
{
	poke(0x101000000 + 200, "damaged", 7);
	poke(0x101000000 + BYTES - PM_PAGE_SIZE + 200, "damaged", 7);
}

static void make_another_pool_there(void)
{
	char uuid[PM_UUID_TEXT];
	struct json_object *pool;

	erase_the_second();
	open_session(&other);
	pool = ask(&other, "pool/create", "{\"region\":\"mem:0x101000000\",\"name\":\"foreign\",\"overwrite\":\"\"}",
		   &(struct pm_error){0});
	if (!pool) { /* the word that it wants */
		struct json_object *found = ask(&other, "region/recognise", "{\"region\":\"mem:0x101000000\"}", NULL);
		char params[256];

		snprintf(params, sizeof(params),
			 "{\"region\":\"mem:0x101000000\",\"name\":\"foreign\",\"overwrite\":\"%s\"}",
			 json_text(found, "confirm"));
		pool = ask(&other, "pool/create", params, NULL);
		json_object_put(found);
	}
	snprintf(uuid, sizeof(uuid), "%s", json_text(pool, "uuid"));
	json_object_put(pool);
	session_close(&other);
}

/* The second region's bytes stand in the third, not in the second any more. */
static void copy_to_the_third(void)
{
	static uint8_t bytes[1 << 16];
	char memory[300];
	int fd;

	snprintf(memory, sizeof(memory), "%s/host/dev/mem", folder);
	fd = open(memory, O_RDONLY);
	for (uint64_t at = 0; at < BYTES; at += sizeof(bytes)) {
		assert_int_equal(pread(fd, bytes, sizeof(bytes), (off_t)(0x101000000 + at)), sizeof(bytes));
		poke(0x102000000 + at, bytes, sizeof(bytes));
	}
	close(fd);
}

static void move_to_the_third(void)
{
	copy_to_the_third();
	erase_the_second();
}

static const struct {
	const char *what;
	void (*happen)(void);
	const char *cmdline;
	const char *error; /* of the second region */
	enum pm_code deleted; /* what the pool is afterwards, when not POOL_NOT_FOUND: what cannot be read stays */
} cases[] = {
	{"not reserved", nothing, FIRST " " THIRD, "region-missing"},
	{"reserved in part", nothing, FIRST " memmap=2M$0x101000000", "region-moved"},
	{"erased", erase_the_second, FIRST " " SECOND, "region-missing"},
	{"of a newer format", make_the_second_newer, FIRST " " SECOND, "pool-format-newer", PM_E_POOL_FORMAT_NEWER},
	{"damaged", damage_the_second, FIRST " " SECOND, "pool-corrupt", PM_E_POOL_CORRUPT},
	{"another pool", make_another_pool_there, FIRST " " SECOND, "pool-foreign"},
	{"moved", move_to_the_third, FIRST " " SECOND " " THIRD, "region-moved"},
};

static void check_degraded(size_t i, const char *uuid)
{
	struct json_object *pool = ask_of(&session, "pool/info", uuid, "", NULL), *error, *map;
	struct pm_error refused;

	error = json_member(region(pool, 1), "error");
	if (!json_flag(pool, "degraded") || !json_flag(pool, "readOnly") || !error ||
	    strcmp(json_text(error, "name"), cases[i].error) != 0)
		fail_msg("%s: %s", cases[i].what, json_object_to_json_string_ext(pool, JSON_C_TO_STRING_PRETTY));
	assert_null(json_member(region(pool, 1), "region"));
	assert_int_equal(json_count(pool, "pages"), 2048);
	json_object_put(pool);
	assert_null(ask_of(&session, "allocation/create", uuid, "\"pages\":1", &refused));
	assert_int_equal(refused.code, PM_E_POOL_DEGRADED);
	if (!strstr(refused.message, "region 1"))
		fail_msg("%s: %s", cases[i].what, refused.message);
	/* what is there can be read; the missing pages read as bad */
	map = ask_of(&session, "pool/map", uuid, "\"first\":1024,\"count\":32", NULL);
	assert_string_equal(json_text(map, "states"), "qqqqqqqqqqo=");
	json_object_put(map);
}

static void a_wrong_region_degrades_the_pool(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char uuid[PM_UUID_TEXT];

		if (i > 0)
			set_up(state);
		make_pool(uuid);
		extend(&session, uuid);
		session_close(&session);
		session_close(&other);
		cases[i].happen();
		boot(cases[i].cmdline);
		check_degraded(i, uuid);
		if (i + 1 < sizeof(cases) / sizeof(cases[0]))
			tear_down(state);
	}
}

static void a_pool_without_its_first_region_can_be_read(void **state)
{
	char uuid[PM_UUID_TEXT];
	struct json_object *pool;

	(void)state;
	make_pool(uuid);
	extend(&session, uuid);
	boot(SECOND);
	pool = ask_of(&session, "pool/info", uuid, "", NULL);
	assert_true(json_flag(pool, "degraded"));
	assert_string_equal(json_text(pool, "region"), "mem:0x101000000");
	assert_string_equal(json_text(json_member(region(pool, 0), "error"), "name"), "region-missing");
	assert_int_equal(json_count(region(pool, 1), "firstPage"), 1024);
	json_object_put(pool);
}

static size_t listed(void)
{
	struct json_object *pools;
	size_t count;

	session_close(&session);
	open_session(&session);
	pools = ask(&session, "pool/list", "{}", NULL);
	count = json_object_array_length(json_member(pools, "pools"));
	json_object_put(pools);
	return count;
}

static struct json_object *delete_pool(const char *uuid, const char *name, struct pm_error *error)
{
	char more[128];

	snprintf(more, sizeof(more), "\"expect\":{\"name\":\"%s\"}", name);
	return ask_of(&session, "pool/delete", uuid, more, error);
}

/* Whichever region is not there any more, or is damaged, what is left can be made none. */
static void a_degraded_pool_can_be_deleted(void **state)
{
	for (size_t i = 0; i <= sizeof(cases) / sizeof(cases[0]); i++) {
		char uuid[PM_UUID_TEXT];
		struct pm_error refused;
		bool first_gone = i == sizeof(cases) / sizeof(cases[0]);

		if (i > 0)
			set_up(state);
		make_pool(uuid);
		extend(&session, uuid);
		session_close(&session);
		session_close(&other);
		if (!first_gone)
			cases[i].happen();
		boot(first_gone ? SECOND : cases[i].cmdline);
		assert_null(delete_pool(uuid, "another", &refused));
		assert_int_equal(refused.code, PM_E_POOL_CHANGED);
		json_object_put(delete_pool(uuid, "lab", NULL));
		assert_null(ask_of(&session, "pool/info", uuid, "", &refused));
		if (refused.code != (first_gone || !cases[i].deleted ? PM_E_POOL_NOT_FOUND : cases[i].deleted))
			fail_msg("%s: %s", first_gone ? "the first" : cases[i].what, refused.message);
		assert_int_equal(listed(), !first_gone && cases[i].happen == make_another_pool_there);
		if (!first_gone)
			tear_down(state);
	}
}

static void two_that_say_the_same_are_not_deleted(void **state)
{
	char uuid[PM_UUID_TEXT];
	struct pm_error refused;

	(void)state;
	make_pool(uuid);
	extend(&session, uuid);
	copy_to_the_third();
	boot(FIRST " " SECOND " " THIRD);
	assert_null(delete_pool(uuid, "lab", &refused));
	assert_int_equal(refused.code, PM_E_POOL_DEGRADED);
}

static void two_that_say_the_same_are_named(void **state)
{
	char uuid[PM_UUID_TEXT];
	struct json_object *pool;
	struct pm_error refused;

	(void)state;
	make_pool(uuid);
	extend(&session, uuid);
	copy_to_the_third();
	boot(FIRST " " SECOND " " THIRD);
	pool = ask_of(&session, "pool/info", uuid, "", NULL);
	assert_true(json_flag(pool, "degraded"));
	assert_int_equal(json_object_array_length(json_member(pool, "regions")), 3);
	assert_null(json_member(region(pool, 1), "error"));
	assert_string_equal(json_text(region(pool, 2), "region"), "mem:0x102000000");
	assert_int_equal(json_count(region(pool, 2), "index"), 1);
	assert_string_equal(json_text(json_member(region(pool, 2), "error"), "name"), "region-moved");
	json_object_put(pool);
	assert_null(ask_of(&session, "allocation/create", uuid, "\"pages\":1", &refused));
	assert_int_equal(refused.code, PM_E_POOL_DEGRADED);
	assert_non_null(strstr(refused.message, "0x102000000"));
}

/* The mapping is revoked under every kind of call; none may keep what core held in it. */
static void a_lost_region_blocks_nothing(void **state)
{
	struct pm_alloc_request request = {.pages = 1, .name = "named"};
	char uuid[PM_UUID_TEXT], memory[300];
	struct attached *attached;
	struct pm_usage usage;
	struct pm_act act;
	struct pm_run run;
	uint64_t page;

	(void)state;
	make_pool(uuid);
	extend(&session, uuid);
	assert_int_equal(session_pool(&session, uuid, &attached, NULL), PM_OK);
	assert_int_equal(session_lock(&session, attached, NULL), PM_OK);
	session_act(&session, &act);
	snprintf(memory, sizeof(memory), "%s/host/dev/mem", folder);
	assert_int_equal(truncate(memory, 0x100000000), 0);
	assert_int_equal(guarded_alloc(&attached->pool, &request, &act, &run, NULL), PM_E_REGION_LOST);
	assert_int_equal(guarded_record_find(&attached->pool, "named", &page, NULL), PM_E_REGION_LOST);
	assert_int_equal(guarded_usage(&attached->pool, &usage, NULL), PM_E_REGION_LOST);
	assert_int_equal(guarded_log_append(&attached->pool, PM_VERB_WRITE, 0, 0, "", &act, NULL), PM_E_REGION_LOST);
	assert_int_equal(guarded_begin(&attached->pool, false, &act, NULL), PM_E_REGION_LOST);
	session_unlock(attached);
	assert_int_equal(session_lock(&session, attached, NULL), PM_E_POOL_CHANGED);
	/* let go of by the next request; nothing is there any more */
	assert_int_not_equal(session_pool(&session, uuid, &attached, NULL), PM_OK);
	assert_null(session.pools);
	assert_int_equal(truncate(memory, 0x103000000), 0);
	make_pool(uuid);
	assert_int_equal(session_pool(&session, uuid, &attached, NULL), PM_OK);
	assert_int_equal(session_lock(&session, attached, NULL), PM_OK);
	session_unlock(attached);
}

#define REGIONS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REGIONS_TEST(a_pool_has_all_its_regions),
		REGIONS_TEST(content_is_found_by_pool_page),
		REGIONS_TEST(what_others_do_to_the_pool_is_seen),
		REGIONS_TEST(a_change_does_not_go_on_with_half_a_pool),
		REGIONS_TEST(a_wrong_region_degrades_the_pool),
		REGIONS_TEST(a_pool_without_its_first_region_can_be_read),
		REGIONS_TEST(a_degraded_pool_can_be_deleted),
		REGIONS_TEST(two_that_say_the_same_are_not_deleted),
		REGIONS_TEST(two_that_say_the_same_are_named),
		REGIONS_TEST(a_lost_region_blocks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
