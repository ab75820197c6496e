/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports of the objects in tests/reports (a test of the contract holds those against it). Argument: that folder. */
#include "well_formed.h"
#include <pmpool/report.h>
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char *folder;

static struct json_object *specimen(const char *name)
{
	char path[1024];
	struct json_object *object;

	snprintf(path, sizeof(path), "%s/%s.json", folder, name);
	object = json_object_from_file(path);
	assert_non_null(object);
	return object;
}

/* Owned by the caller. */
static char *written(struct json_object *object, enum pm_report_format format)
{
	struct pm_error err = {0};
	char *text = NULL;
	size_t bytes = 0;
	FILE *to = open_memstream(&text, &bytes);

	if (pm_report_write(object, format, to, &err) != PM_OK)
		fail_msg("%s: %s", pm_report_format_name(format), err.message);
	fclose(to);
	return text;
}

static const char *wrong_with(enum pm_report_format format, const char *text)
{
	static const char *(*const lookers[PM_REPORT_COUNT])(const char *) = {
		[PM_REPORT_HTML] = markup_wrong, [PM_REPORT_JSON] = json_wrong,	 [PM_REPORT_JUNIT] = markup_wrong,
		[PM_REPORT_KTAP] = ktap_wrong,	 [PM_REPORT_TEXT] = plain_wrong,
	};

	return lookers[format](text);
}

static void assert_well_formed(struct json_object *object)
{
	for (enum pm_report_format format = 0; format < PM_REPORT_COUNT; format++) {
		char *text = written(object, format);
		const char *wrong = wrong_with(format, text);

		if (wrong)
			fail_msg("%s: %s\n%s", pm_report_format_name(format), wrong, text);
		free(text);
	}
}

static void every_specimen_is_well_formed_in_every_format(void **state)
{
	static const char *const names[] = {"verdict", "intact", "comparison", "memory-test"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct json_object *object = specimen(names[i]);

		assert_well_formed(object);
		json_object_put(object);
	}
}

struct expected {
	const char *specimen;
	enum pm_report_format format;
	const char *contains;
};

static const struct expected table[] = {
	{"verdict", PM_REPORT_HTML, "<h1>Became System RAM</h1>"},
	{"verdict", PM_REPORT_HTML, "On a simulated host"},
	{"verdict", PM_REPORT_HTML, "Region 1 at 0x200000000: 16 MiB, 4,096 pages"},
	{"verdict", PM_REPORT_HTML, "class=\"zeroed\"/></svg>zeroed: 530 pages</span>"},
	{"verdict", PM_REPORT_HTML, "<title>log: intact</title>"},
	{"verdict", PM_REPORT_HTML, "<title>Kernel code</title>"},
	{"verdict", PM_REPORT_HTML, "Keep memmap=64M$4G on the command line"},
	{"verdict", PM_REPORT_HTML, "&quot;&lt;script&gt;alert(1)&lt;/script&gt;&quot; &amp; others"},
	{"verdict", PM_REPORT_HTML, "a &lt;b&gt;&amp;amp;\xef\xbf\xbd&quot;&#39;"},
	{"verdict", PM_REPORT_HTML, "48 wrong bits by lane: 0 to 1, 48 to 0"},
	{"verdict", PM_REPORT_HTML, "70 6d <b>70</b> 6f"},
	{"verdict", PM_REPORT_HTML, "70 6d <b>6d</b> 6f"},
	{"verdict", PM_REPORT_HTML, "not known"},
	{"verdict", PM_REPORT_HTML, "proven"},
	{"verdict", PM_REPORT_HTML, "85 % sure"},
	{"verdict", PM_REPORT_HTML, "driver vfio-pci, D0"},
	{"verdict", PM_REPORT_HTML, "random, seed 7"},
	{"intact", PM_REPORT_HTML, "<header class=\"good\">"},
	{"comparison", PM_REPORT_HTML, "monday.pmsnap"},
	{"comparison", PM_REPORT_HTML, "vm, of kvm"},
	{"memory-test", PM_REPORT_HTML, "fffffffffffcffff"},
	{"memory-test", PM_REPORT_HTML, "still handed out"},
	{"verdict", PM_REPORT_JSON, "\"$schema\": \"https://pmpool-lab.example/schema/verdict.schema.json\""},
	{"comparison", PM_REPORT_JSON, "schema/comparison.schema.json"},
	{"memory-test", PM_REPORT_JSON, "schema/memory-test.schema.json"},
	{"verdict", PM_REPORT_JSON, "\"comparedBytes\": 36823040"},
	{"verdict", PM_REPORT_JUNIT, "tests=\"11\" failures=\"7\" errors=\"0\""},
	{"verdict", PM_REPORT_JUNIT, "timestamp=\"2026-11-22T"},
	{"verdict", PM_REPORT_JUNIT, "<failure type=\"system-ram\" message=\"/proc/iomem: 100000000-103ffffff"},
	{"verdict", PM_REPORT_JUNIT, "name=\"Record log\" classname=\"pmpool.record.intact\" time=\"0\"/>"},
	{"intact", PM_REPORT_JUNIT, "failures=\"0\""},
	{"memory-test", PM_REPORT_JUNIT, "classname=\"pmpool.test.walking-zeros\""},
	{"verdict", PM_REPORT_KTAP, "KTAP version 1\n1..11\n"},
	{"verdict", PM_REPORT_KTAP, "\nok 1 check: boot-id: The host has booted since\n"},
	{"verdict", PM_REPORT_KTAP, "\n# /proc/iomem: 100000000-103ffffff : System RAM\n"},
	{"verdict", PM_REPORT_KTAP, "\nnot ok 11 diagnosis: stuck-bit: "},
	{"intact", PM_REPORT_KTAP, "# Totals: pass:3 fail:0"},
	{"comparison", PM_REPORT_KTAP, "not ok 3 pages: differs: No page is removed\n"},
	{"verdict", PM_REPORT_TEXT,
	 "Became System RAM: Linux uses the region as ordinary memory now. (simulated kexec)\n"},
	{"verdict", PM_REPORT_TEXT, "\nfail  No part of the region is System RAM\n      /proc/iomem: "},
	{"verdict", PM_REPORT_TEXT, "way out: Keep memmap=64M$4G"},
	{"verdict", PM_REPORT_TEXT, "\n100 %  48 wrong bits on 48 pages"},
	{"verdict", PM_REPORT_TEXT, "0x102100000   4 MiB, Kernel code\n"},
	{"comparison", PM_REPORT_TEXT, "48 of 8,984 compared pages differ; 32 added, 16 removed;"},
	{"memory-test", PM_REPORT_TEXT, "7,000 pages tested in 2 passes; 2 runs failed."},
};

static void each_format_tells_what_there_is_to_tell(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct json_object *object = specimen(table[i].specimen);
		char *text = written(object, table[i].format);

		if (!strstr(text, table[i].contains))
			fail_msg("%s of %s has no %s\n%s", pm_report_format_name(table[i].format), table[i].specimen,
				 table[i].contains, text);
		free(text);
		json_object_put(object);
	}
}

static void html_stands_by_itself(void **state)
{
	static const char *const outside[] = {"<script", "<link", "<img", "<iframe",
					      "@import", "url(",  "src=", "href="};
	struct json_object *object = specimen("verdict");
	char *text = written(object, PM_REPORT_HTML);

	(void)state;
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		if (strstr(text, outside[i]))
			fail_msg("it has %s", outside[i]);
	assert_non_null(strstr(text, "prefers-color-scheme: dark"));
	assert_non_null(strstr(text, "@media print"));
	free(text);
	json_object_put(object);
}

static void text_keeps_to_its_columns(void **state)
{
	struct json_object *object = specimen("verdict");
	char *text = written(object, PM_REPORT_TEXT);

	(void)state;
	for (const char *line = text; *line; line = strchr(line, '\n') + 1)
		assert_in_range(strcspn(line, "\n"), 0, 100);
	free(text);
	json_object_put(object);
}

/* Every text in it is hostile, every number and list another type. */
static struct json_object *spoilt(struct json_object *value, unsigned turn)
{
	static const char hostile[] =
		"</style></title>]]><script>\"'&amp;\x1b[31m\xff\xc0\xaf\xe2\x80\xae#\n\r\t\x01<!--";
	struct json_object *copy;

	switch (json_object_get_type(value)) {
	case json_type_object:
		copy = json_object_new_object();
		json_object_object_foreach(value, key, member) json_object_object_add(copy, key, spoilt(member, turn));
		return copy;
	case json_type_array:
		copy = json_object_new_array();
		for (size_t i = 0; i < json_object_array_length(value); i++)
			json_object_array_add(copy, spoilt(json_object_array_get_idx(value, i), turn));
		if (turn == 1)
			json_object_array_add(copy, json_object_new_string(hostile));
		return copy;
	case json_type_int:
		return turn == 0   ? json_object_new_int64(-5)
		       : turn == 1 ? json_object_new_uint64(UINT64_MAX)
		       : turn == 2 ? json_object_new_double(1e300)
				   : json_object_new_string(hostile);
	case json_type_boolean:
		return json_object_get(value);
	case json_type_null:
		return turn == 2 ? json_object_new_object() : NULL;
	default:
		return json_object_new_string(hostile);
	}
}

static void hostile_objects_are_escaped_everywhere(void **state)
{
	static const char *const names[] = {"verdict", "comparison", "memory-test"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (unsigned turn = 0; turn < 4; turn++) {
			struct json_object *object = specimen(names[i]), *hostile = spoilt(object, turn);

			assert_well_formed(hostile);
			json_object_put(hostile);
			json_object_put(object);
		}
}

static void what_is_none_of_the_three_is_refused(void **state)
{
	static const char *const others[] = {"{}",
					     "[]",
					     "7",
					     "null",
					     "{\"intact\":1,\"class\":\"intact\"}",
					     "{\"same\":true}",
					     "{\"passed\":true,\"tests\":{}}"};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct json_object *object = json_tokener_parse(others[i]);
		struct pm_error err = {0};
		char *text = NULL;
		size_t bytes = 0;
		FILE *to = open_memstream(&text, &bytes);

		assert_int_equal(pm_report_write(object, PM_REPORT_TEXT, to, &err), PM_E_INVALID_PARAMS);
		fclose(to);
		assert_int_equal(bytes, 0);
		free(text);
		json_object_put(object);
	}
}

static void a_full_disk_is_told(void **state)
{
	struct json_object *object = specimen("verdict");
	FILE *full = fopen("/dev/full", "w");
	struct pm_error err = {0};

	(void)state;
	assert_int_equal(pm_report_write(object, PM_REPORT_HTML, full, &err), PM_E_DISK_FULL);
	fclose(full);
	json_object_put(object);
}

static void formats_have_names(void **state)
{
	enum pm_report_format parsed;

	(void)state;
	for (enum pm_report_format format = 0; format < PM_REPORT_COUNT; format++) {
		assert_true(pm_report_format_parse(pm_report_format_name(format), &parsed));
		assert_int_equal(parsed, format);
	}
	assert_false(pm_report_format_parse("pdf", &parsed));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_specimen_is_well_formed_in_every_format),
		cmocka_unit_test(each_format_tells_what_there_is_to_tell),
		cmocka_unit_test(html_stands_by_itself),
		cmocka_unit_test(text_keeps_to_its_columns),
		cmocka_unit_test(hostile_objects_are_escaped_everywhere),
		cmocka_unit_test(what_is_none_of_the_three_is_refused),
		cmocka_unit_test(a_full_disk_is_told),
		cmocka_unit_test(formats_have_names),
	};

	if (argc != 2)
		return 2;
	folder = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
