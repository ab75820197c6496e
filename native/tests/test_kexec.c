// SPDX-License-Identifier: GPL-2.0-or-later
/* Plans, and loading and jumping on a simulated host. */
#include "test_snapshot_fixture.h"
#include "host/heap.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define N "0123456789abcdef0123456789abcdef"
#define M4 "memmap=1M$0x1000000 memmap=1M$0x2000000 memmap=1M!0x3000000 memmap=1M$0x4000000"

static int setup(void **state)
{
	struct lab *lab = malloc(sizeof(*lab));

	lab_open(lab);
	*state = lab;
	return 0;
}

static int teardown(void **state)
{
	lab_close(*state);
	free(*state);
	return 0;
}

static struct json_object *plan(struct lab *lab, const struct pm_kexec_request *request)
{
	struct json_object *object;
	struct pm_error err = {0};

	if (pm_kexec_plan(&lab->host, &lab->pool, request, &object, &err))
		fail_msg("%s", err.message);
	return object;
}

static void a_plan_says_all(void **state)
{
	struct lab *lab = *state;
	struct json_object *object = plan(lab, &(struct pm_kexec_request){.append = "debug"}), *checks;
	char expected[256];

	snprintf(expected, sizeof(expected), "root=/dev/sda1 ro quiet memmap=4M$0x100000000 pmpool.nonce=%s debug",
		 lab_text(object, "nonce"));
	assert_string_equal(lab_text(object, "cmdline"), expected);
	assert_int_equal(strlen(lab_text(object, "nonce")), 32);
	assert_string_equal(lab_text(object, "pool"), "10200000-0000-0000-0000-000000000000");
	assert_string_equal(lab_text(object, "region.id"), "mem:0x100000000");
	assert_int_equal(lab_number(object, "region.base"), LAB_BASE);
	assert_int_equal(lab_number(object, "region.size"), LAB_BYTES);
	assert_string_equal(lab_text(object, "kernel"), "/boot/vmlinuz");
	assert_string_equal(lab_text(object, "initrd"), "/boot/initrd.img");
	assert_int_equal(json_object_array_length(lab_get(object, "added")), 2);
	assert_string_equal(lab_text(object, "added.1"), "debug");
	assert_int_equal(json_object_array_length(lab_get(object, "removed")), 1);
	assert_string_equal(lab_text(object, "removed.0"), "BOOT_IMAGE=/boot/vmlinuz");
	checks = lab_get(object, "checks");
	for (size_t i = 0; i < json_object_array_length(checks); i++)
		assert_string_equal(lab_text(json_object_array_get_idx(checks, i), "level"), "pass");
	json_object_put(object);
}

/* memmap=SIZE alone limits the memory; it is no region of the pool, although it reads as one at 0. */
static void a_size_alone_hides_no_region(void **state)
{
	struct lab *lab = *state;
	struct json_object *object;

	lab_put(lab, "/proc/cmdline", "ro memmap=64G memmap=4M$0x100000000\n");
	object = plan(lab, &(struct pm_kexec_request){0});
	assert_string_equal(lab_text(object, "region.id"), "mem:0x100000000");
	assert_string_equal(lab_level(object, "now-reserved"), "pass");
	json_object_put(object);
}

static void nonces_differ(void **state)
{
	struct json_object *one = plan(*state, &(struct pm_kexec_request){0});
	struct json_object *two = plan(*state, &(struct pm_kexec_request){0});

	assert_string_not_equal(lab_text(one, "nonce"), lab_text(two, "nonce"));
	json_object_put(one);
	json_object_put(two);
}

static void put(struct lab *lab, const char *path, const char *text)
{
	lab_put(lab, path, text);
}

static void loosen_kernel(struct lab *lab, const char *path, const char *text)
{
	char full[256];

	(void)text;
	snprintf(full, sizeof(full), "%s%s", lab->folder, path);
	assert_int_equal(chmod(full, 0775), 0);
}

static void link_kernel(struct lab *lab, const char *path, const char *text)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", lab->folder, path);
	assert_int_equal(unlink(full), 0);
	assert_int_equal(symlink(text, full), 0);
}

static void make_folders(struct lab *lab, const char *path, const char *text)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/sys/kernel/security", lab->folder);
	assert_int_equal(mkdir(full, 0755), 0);
	lab_put(lab, path, text);
}

static void remove_file(struct lab *lab, const char *path, const char *text)
{
	char full[256];

	(void)text;
	snprintf(full, sizeof(full), "%s%s", lab->folder, path);
	assert_int_equal(unlink(full), 0);
}

static void each_obstacle_is_named(void **state)
{
	static char long_line[2048];
	static const struct {
		void (*happen)(struct lab *lab, const char *path, const char *text);
		const char *path, *text;
		struct pm_kexec_request request;
		const char *check, *level;
	} cases[] = {
		{NULL, NULL, NULL, {.cmdline = "quiet"}, "next-memmap", "fail"},
		{NULL, NULL, NULL, {.cmdline = "memmap=2M$0x100000000"}, "next-memmap", "fail"},
		{NULL, NULL, NULL, {.cmdline = "memmap=4M0x100000000"}, "next-memmap", "fail"},
		{NULL, NULL, NULL, {.drop_reservation = true}, "reservation-dropped", "warn"},
		{NULL, NULL, NULL, {.append = long_line}, "cmdline-length", "fail"},
		{NULL, NULL, NULL, {.append = M4}, "kaslr-ranges", "fail"},
		{NULL, NULL, NULL, {.append = "crashkernel=64M@4G"}, "crashkernel", "fail"},
		{NULL, NULL, NULL, {.kernel = "/boot/absent"}, "kernel-file", "fail"},
		{NULL, NULL, NULL, {.kernel = "boot/vmlinuz"}, "kernel-file", "fail"},
		{NULL, NULL, NULL, {.kernel = "/boot/../boot/vmlinuz"}, "kernel-file", "fail"},
		{NULL, NULL, NULL, {.kernel = "/boot"}, "kernel-file", "fail"},
		{NULL, NULL, NULL, {.initrd = "/boot/absent"}, "initrd-file", "fail"},
		{NULL, NULL, NULL, {.initrd = ""}, "initrd-file", NULL},
		{loosen_kernel, "/boot/vmlinuz", NULL, {0}, "kernel-file", "fail"},
		{loosen_kernel, "/boot", NULL, {0}, "kernel-file", "fail"},
		{link_kernel, "/boot/vmlinuz", "initrd.img", {0}, "kernel-file", "fail"},
		{put, "/proc/sys/kernel/kexec_load_disabled", "1\n", {0}, "load-disabled", "fail"},
		{put, "/proc/sys/kernel/kexec_load_limit_reboot", "0\n", {0}, "load-disabled", "fail"},
		{put, "/sys/kernel/kexec_loaded", "1\n", {0}, "already-loaded", "warn"},
		{remove_file, "/sys/kernel/kexec_loaded", NULL, {0}, "kexec-file", "fail"},
		{make_folders,
		 "/sys/kernel/security/lockdown",
		 "none [integrity] confidentiality\n",
		 {0},
		 "lockdown",
		 "fail"},
		{put, "/proc/iomem", "100000000-13fffffff : System RAM\n", {0}, "now-reserved", "fail"},
		{put, "/proc/cmdline", "quiet\n", {0}, "now-reserved", "fail"},
	};

	(void)state;
	memset(long_line, 'x', sizeof(long_line) - 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *object;
		const char *level;
		struct lab lab;

		lab_open(&lab);
		if (cases[i].happen)
			cases[i].happen(&lab, cases[i].path, cases[i].text);
		object = plan(&lab, &cases[i].request);
		level = lab_level(object, cases[i].check);
		if (!cases[i].level != !level || (level && strcmp(level, cases[i].level) != 0))
			fail_msg("case %zu, %s: %s", i, cases[i].check, level ? level : "not asked");
		json_object_put(object);
		lab_close(&lab);
	}
}

static void a_plan_refuses_to_break_out(void **state)
{
	static const struct pm_kexec_request requests[] = {
		{.append = "a\nb"},
		{.append = "x=\"y"},
		{.cmdline = "memmap=\"4M$4G"},
		{.append = "pmpool.nonce=chosen"},
		{.cmdline = "a\x01"},
	};
	struct lab *lab = *state;
	struct json_object *object;

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		assert_int_equal(pm_kexec_plan(&lab->host, &lab->pool, &requests[i], &object, NULL),
				 PM_E_INVALID_PARAMS);
		assert_null(object);
	}
}

/* --- load and jump --- */

static void boot_id(struct lab *lab, uint8_t id[16])
{
	assert_int_equal(pm_host_boot_id(&lab->host, id, NULL), PM_OK);
}

static void a_jump_changes_the_boot(void **state)
{
	struct lab *lab = *state;
	struct json_object *object = plan(lab, &(struct pm_kexec_request){0});
	uint8_t before[16], after[16];
	char cmdline[512];
	bool gone = false;

	boot_id(lab, before);
	assert_false(pm_kexec_loaded(&lab->host));
	assert_int_equal(pm_kexec_load(&lab->host, object, NULL), PM_OK);
	assert_true(pm_kexec_loaded(&lab->host));
	assert_int_equal(pm_kexec_jump(&lab->host, &gone, NULL), PM_OK);
	assert_true(gone);
	boot_id(lab, after);
	assert_memory_not_equal(before, after, 16);
	assert_false(pm_kexec_loaded(&lab->host));
	assert_int_equal(pm_host_read(&lab->host, "/proc/cmdline", cmdline, sizeof(cmdline), NULL), PM_OK);
	assert_string_equal(cmdline, lab_text(object, "cmdline"));
	/* the pool is there, in the same boot its plan is not good any more */
	lab_detach(lab);
	lab_attach(lab);
	assert_int_equal(pm_kexec_load(&lab->host, object, NULL), PM_E_PREFLIGHT_FAILED);
	assert_int_equal(pm_kexec_jump(&lab->host, &gone, NULL), PM_E_KEXEC_NOT_LOADED);
	assert_false(gone);
	json_object_put(object);
}

static void nothing_loaded_nothing_jumps(void **state)
{
	struct lab *lab = *state;
	struct json_object *object = plan(lab, &(struct pm_kexec_request){0});
	bool gone = true;

	assert_int_equal(pm_kexec_jump(&lab->host, &gone, NULL), PM_E_KEXEC_NOT_LOADED);
	assert_false(gone);
	assert_int_equal(pm_kexec_load(&lab->host, object, NULL), PM_OK);
	assert_int_equal(pm_kexec_unload(&lab->host, NULL), PM_OK);
	assert_int_equal(pm_kexec_unload(&lab->host, NULL), PM_OK);
	assert_int_equal(pm_kexec_jump(&lab->host, &gone, NULL), PM_E_KEXEC_NOT_LOADED);
	json_object_put(object);
}

static void loss_on_purpose_is_loss(void **state)
{
	struct lab *lab = *state;
	struct json_object *object = plan(lab, &(struct pm_kexec_request){.drop_reservation = true});
	struct pm_error err = {0};
	bool gone;

	assert_null(strstr(lab_text(object, "cmdline"), "memmap="));
	assert_int_equal(pm_kexec_load(&lab->host, object, NULL), PM_OK);
	assert_int_equal(pm_kexec_jump(&lab->host, &gone, NULL), PM_OK);
	assert_int_equal(pm_region_guard(&lab->host, LAB_BASE, LAB_BYTES, &err), PM_E_REGION_SYSTEM_RAM);
	json_object_put(object);
}

/* --- a pool of two regions --- */

static void every_region_is_kept(void **state)
{
	struct lab *lab = *state;
	struct json_object *object;

	lab_extend(lab);
	object = plan(lab, &(struct pm_kexec_request){0});
	assert_int_equal(json_object_array_length(lab_get(object, "regions")), 2);
	assert_true(json_object_equal(lab_get(object, "region"), lab_get(object, "regions.0")));
	assert_int_equal(lab_number(object, "regions.1.base"), LAB_OTHER);
	assert_string_equal(lab_level(object, "next-memmap"), "pass");
	assert_string_equal(lab_level(object, "next-memmap-1"), "pass");
	assert_string_equal(lab_level(object, "now-reserved-1"), "pass");
	assert_int_equal(pm_kexec_load(&lab->host, object, NULL), PM_OK);
	json_object_put(object);
	/* the second one is forgotten */
	object = plan(lab, &(struct pm_kexec_request){.cmdline = LAB_MEMMAP});
	assert_string_equal(lab_level(object, "next-memmap"), "pass");
	assert_string_equal(lab_level(object, "next-memmap-1"), "fail");
	assert_int_equal(pm_kexec_load(&lab->host, object, NULL), PM_E_KEXEC_UNSAFE);
	json_object_put(object);
}

static void loss_on_purpose_is_loss_of_all(void **state)
{
	struct lab *lab = *state;
	struct json_object *object;

	lab_extend(lab);
	object = plan(lab, &(struct pm_kexec_request){.drop_reservation = true});
	assert_null(strstr(lab_text(object, "cmdline"), "memmap="));
	assert_string_equal(lab_level(object, "reservation-dropped"), "warn");
	assert_string_equal(lab_level(object, "reservation-dropped-1"), "warn");
	json_object_put(object);
}

static void a_missing_region_is_named(void **state)
{
	struct lab *lab = *state;
	struct pm_mapping mapping;
	struct json_object *object;

	lab_extend(lab);
	pm_pool_detach(&lab->pool);
	mapping = (struct pm_mapping){lab->region.map, LAB_BYTES, LAB_BASE, false};
	assert_int_equal(pm_pool_attach(&lab->pool, &mapping, 1, 0, &pm_heap, &lab_act), PM_OK);
	assert_true(lab->pool.degraded);
	object = plan(lab, &(struct pm_kexec_request){0});
	assert_string_equal(lab_level(object, "pool-degraded"), "warn");
	assert_non_null(strstr(lab_detail(object, "pool-degraded"), "region 1"));
	assert_null(lab_level(object, "next-memmap-1"));
	json_object_put(object);
}

/* A client may send back another plan than it was given. */
static void a_plan_is_not_believed(void **state)
{
	static const struct {
		const char *key, *value; /* JSON; the value NULL: without the key */
		enum pm_code code;
	} cases[] = {
		{"bootId", "\"00000000-0000-0000-0000-000000000000\"", PM_E_PREFLIGHT_FAILED},
		{"cmdline", "\"quiet pmpool.nonce=" N "\"", PM_E_KEXEC_UNSAFE},
		{"cmdline", "\"memmap=4M$0x100000000\"", PM_E_INVALID_PARAMS},
		{"cmdline", "\"memmap=4M$0x100000000 pmpool.nonce=" N "\\n\"", PM_E_INVALID_PARAMS},
		{"cmdline", "7", PM_E_INVALID_PARAMS},
		{"nonce", "\"\"", PM_E_INVALID_PARAMS},
		{"nonce", "\"0123\"", PM_E_INVALID_PARAMS},
		{"kernel", "\"/etc/passwd\"", PM_E_PREFLIGHT_FAILED},
		{"kernel", NULL, PM_E_PREFLIGHT_FAILED},
		{"initrd", "\"/boot/absent\"", PM_E_PREFLIGHT_FAILED},
		{"region", "{\"id\":\"mem:0x0\",\"base\":0,\"size\":4096}", PM_E_PREFLIGHT_FAILED},
		{"region", "{\"base\":4096,\"size\":-1}", PM_E_INVALID_PARAMS},
		{"region", "3", PM_E_INVALID_PARAMS},
		{"region", NULL, PM_E_INVALID_PARAMS},
		{"regions", NULL, PM_E_INVALID_PARAMS},
		{"regions", "[]", PM_E_INVALID_PARAMS},
		{"regions", "[{\"id\":\"mem:0x0\",\"base\":0,\"size\":4096}]", PM_E_INVALID_PARAMS},
		{"simulated", "false", PM_E_INVALID_PARAMS},
		{"dropReservation", "true", PM_OK}, /* says so itself, and nothing is dropped */
	};
	struct lab *lab = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *object = plan(lab, &(struct pm_kexec_request){0});
		struct pm_error err = {0};
		char cmdline[256];

		/* the nonce that the cases know */
		snprintf(cmdline, sizeof(cmdline), "memmap=4M$0x100000000 pmpool.nonce=%s", N);
		json_object_object_add(object, "nonce", json_object_new_string(N));
		json_object_object_add(object, "cmdline", json_object_new_string(cmdline));
		json_object_object_del(object, cases[i].key);
		if (cases[i].value)
			json_object_object_add(object, cases[i].key, json_tokener_parse(cases[i].value));
		if (pm_kexec_load(&lab->host, object, &err) != cases[i].code)
			fail_msg("%s=%s: %d %s", cases[i].key, cases[i].value ? cases[i].value : "absent", err.code,
				 err.message);
		assert_int_equal(pm_kexec_loaded(&lab->host), cases[i].code == PM_OK);
		json_object_put(object);
	}
}

static void what_fails_now_is_named(void **state)
{
	struct lab *lab = *state;
	struct json_object *object = plan(lab, &(struct pm_kexec_request){0});
	struct pm_error err = {0};

	lab_put(lab, "/proc/sys/kernel/kexec_load_disabled", "1\n");
	assert_int_equal(pm_kexec_load(&lab->host, object, &err), PM_E_PREFLIGHT_FAILED);
	assert_int_equal(strncmp(err.message, "load-disabled: ", 15), 0);
	json_object_put(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_plan_says_all, setup, teardown),
		cmocka_unit_test_setup_teardown(a_size_alone_hides_no_region, setup, teardown),
		cmocka_unit_test_setup_teardown(nonces_differ, setup, teardown),
		cmocka_unit_test(each_obstacle_is_named),
		cmocka_unit_test_setup_teardown(a_plan_refuses_to_break_out, setup, teardown),
		cmocka_unit_test_setup_teardown(a_jump_changes_the_boot, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_loaded_nothing_jumps, setup, teardown),
		cmocka_unit_test_setup_teardown(loss_on_purpose_is_loss, setup, teardown),
		cmocka_unit_test_setup_teardown(every_region_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(loss_on_purpose_is_loss_of_all, setup, teardown),
		cmocka_unit_test_setup_teardown(a_missing_region_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(a_plan_is_not_believed, setup, teardown),
		cmocka_unit_test_setup_teardown(what_fails_now_is_named, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
