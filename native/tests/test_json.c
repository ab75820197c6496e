/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers: how damage in text is marked, what a reader makes of objects of others, the shapes that core alone tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/text.h"
#include "json/shapes.h"
#include <stdlib.h>
#include <string.h>

#define BAD PM_TEXT_DAMAGED

static const struct {
	const char *text, *clean, *reason;
} texts[] = {
	{"plain", "plain", "ASCII"},
	{"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "2, 3 and 4 bytes"},
	{"what?", "what?", "a question mark is none"},
	{BAD, BAD, "marked before"},
	{"two\tlines\n", "two\tlines\n", "tab and line end"},
	{"a\xff"
	 "b",
	 "a" BAD "b", "no UTF-8"},
	{"\xc0\x80", BAD BAD, "overlong, 2 bytes"},
	{"\xe0\x80\x80", BAD BAD BAD, "overlong, 3 bytes"},
	{"\xf0\x80\x80\x80", BAD BAD BAD BAD, "overlong, 4 bytes"},
	{"\xed\xa0\x80", BAD BAD BAD, "surrogate"},
	{"\xf4\x90\x80\x80", BAD BAD BAD BAD, "above U+10FFFF"},
	{"\xe2\x82", BAD BAD, "cut off"},
	{"\x1b[31m\x7f", BAD "[31m" BAD, "steers a terminal"},
	{"\xc2\x9b", BAD, "steers a terminal: C1"},
	{"a\xe2\x80\xae"
	 "b\xd8\x9c",
	 "a" BAD "b" BAD, "turns the direction"},
	{"a\xe2\x80\x8b\xef\xbb\xbf", "a" BAD BAD, "cannot be seen"},
	{"\xef\xbf\xbf\xf3\xa0\x80\x81", BAD BAD, "no character, a tag"},
};

static void test_damage_is_marked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct json_object *object = json_object_new_object();

		json_set_text(object, "text", texts[i].text);
		if (strcmp(json_text(object, "text"), texts[i].clean) != 0)
			fail_msg("%s: %s", texts[i].reason, json_text(object, "text"));
		json_object_put(object);
	}
}

/* On the medium and in the log there is only so much room. */
static void test_damage_is_marked_in_place(void **state)
{
	static const struct {
		const char *field, *clean;
	} cases[] = {
		{"abcdefgh", "abcdefg"},
		{"abc\xff\0\0\0", "abc" BAD},
		{"abcd\xffxy", "abcd" BAD}, /* what follows has no room */
		{"abcde\xffy", "abcde"}, /* nor has the mark */
		{"\xff\xffgh\0\0\0", BAD BAD "g"},
		{"a\xf3\xa0\x80\x81z\0", "a" BAD "z"}, /* shorter than what it marks */
		{"a\nb\0\0\0\0", "a" BAD "b"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char field[8], put[8];

		memcpy(field, cases[i].field, sizeof(field));
		pm_text_clean(field, sizeof(field));
		assert_string_equal(field, cases[i].clean);
		assert_true(pm_text_field_valid(field, sizeof(field)));
		pm_text_put(put, sizeof(put), cases[i].field);
		assert_true(pm_text_field_valid(put, sizeof(put)));
	}
}

static void test_fields_end_at_nul_or_size(void **state)
{
	static const char field[6] = {'a', 'b', 'c', 'd', '\xe2', '\x82'}, cut[6] = {'a', 'b', 0, 'c', 'd', 0};
	struct json_object *object = json_object_new_object();

	(void)state;
	json_set_field(object, "whole", field, sizeof(field));
	json_set_field(object, "cut", cut, sizeof(cut));
	json_set_field(object, "empty", "", 0);
	assert_string_equal(json_text(object, "whole"), "abcd" BAD BAD);
	assert_string_equal(json_text(object, "cut"), "ab");
	assert_string_equal(json_text(object, "empty"), "");
	json_object_put(object);
}

static void test_counts_are_exact_in_javascript(void **state)
{
	struct json_object *object = json_object_new_object();

	(void)state;
	json_set_count(object, "most", JSON_COUNT_MAX);
	json_set_count(object, "more", UINT64_MAX);
	assert_int_equal(json_count(object, "most"), (UINT64_C(1) << 53) - 1);
	assert_int_equal(json_count(object, "more"), (UINT64_C(1) << 53) - 1);
	json_object_put(object);
}

/* A reader of files takes nothing for what it is not. */
static void test_what_others_wrote(void **state)
{
	static const char of_others[] =
		"{\"text\": \"a\", \"count\": 7, \"double\": 3.0, \"less\": -1, \"huge\": 18446744073709551615,"
		"\"flag\": true, \"none\": null, \"list\": [1, {\"text\": \"b\"}], \"part\": {\"text\": \"c\"},"
		"\"uuid\": \"00000000-0000-4000-8000-000000000000\"}";
	struct json_object *object = json_tokener_parse(of_others);

	(void)state;
	assert_string_equal(json_text(object, "text"), "a");
	assert_string_equal(json_text(object, "count"), "");
	assert_string_equal(json_text(object, "none"), "");
	assert_string_equal(json_text(NULL, "text"), "");
	assert_int_equal(json_count(object, "count"), 7);
	assert_int_equal(json_count(object, "double"), 3);
	assert_int_equal(json_count(object, "less"), 0);
	assert_true(json_count(object, "huge") == UINT64_MAX);
	assert_int_equal(json_count(object, "text"), 0);
	assert_int_equal(json_count(json_member(object, "list"), "count"), 0);
	assert_true(json_flag(object, "flag"));
	assert_false(json_flag(object, "count"));
	assert_null(json_member(object, "none"));
	assert_null(json_part(object, "list"));
	assert_string_equal(json_text(json_part(object, "part"), "text"), "c");
	assert_int_equal(json_length(object, "list"), 2);
	assert_int_equal(json_length(object, "part"), 0);
	assert_string_equal(json_text(json_item(object, "list", 1), "text"), "b");
	assert_null(json_item(object, "list", 2));
	assert_string_equal(json_uuid(object, "uuid"), "00000000-0000-4000-8000-000000000000");
	assert_null(json_uuid(object, "text"));
	json_object_put(object);
}

static void expect_shape(struct json_object *object, const char *shape)
{
	assert_string_equal(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN), shape);
	json_object_put(object);
}

static void test_shapes(void **state)
{
	struct pm_usage usage = {
		.pages_free = 1, .pages_allocated = 2, .allocations = 3, .largest_free_order = UINT32_MAX};
	struct pm_superblock sb = {.region_index = 1,
				   .region_bytes = 1 << 20,
				   .physical_base = 1 << 30,
				   .first_pool_page = 512,
				   .page_count = 256,
				   .data_first = 2,
				   .data_end = 255,
				   .medium = 99,
				   .numa_node = -1};
	struct pm_error none = {0}, missing = {.code = PM_E_REGION_MISSING, .message = "gone"};
	struct pm_member_info info;
	struct json_object *region;

	(void)state;
	expect_shape(json_usage(&usage),
		     "{\"pagesFree\":1,\"pagesAllocated\":2,\"pagesBad\":0,\"pagesMetadata\":0,\"allocations\":3,"
		     "\"records\":0,\"recordSlots\":0,\"largestFreeRun\":0,\"largestFreeOrder\":null}");
	expect_shape(json_region_place(&sb), "{\"index\":1,\"base\":1073741824,\"size\":1048576,\"firstPage\":512,"
					     "\"pages\":256}");
	pm_member_info_of(&info, &sb);
	expect_shape(json_pool_region(&info, "mem:0x40000000", 4096, NULL, &none),
		     "{\"index\":1,\"uuid\":\"00000000-0000-0000-0000-000000000000\",\"region\":\"mem:0x40000000\","
		     "\"offset\":4096,\"base\":1073741824,\"size\":1048576,\"firstPage\":512,\"pages\":256,"
		     "\"dataFirst\":512,\"dataEnd\":512,\"directory\":[],\"medium\":\"unknown\",\"numaNode\":null,"
		     "\"error\":null}");
	region = json_pool_region(&info, NULL, 0, NULL, &missing);
	assert_null(json_member(region, "region"));
	assert_string_equal(json_text(json_part(region, "error"), "message"), "gone");
	assert_string_equal(json_text(json_part(region, "error"), "remedy"), pm_error_remedy(PM_E_REGION_MISSING));
	json_object_put(region);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damage_is_marked),	  cmocka_unit_test(test_damage_is_marked_in_place),
		cmocka_unit_test(test_fields_end_at_nul_or_size), cmocka_unit_test(test_counts_are_exact_in_javascript),
		cmocka_unit_test(test_what_others_wrote),	  cmocka_unit_test(test_shapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
