/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The methods of main/api/methods.ts with their parameters. tests/unit/helper-contract.test.ts holds both together. */
#include "act_map.h"
#include "act_reservation.h"
#include "acts.h"
#include <pmpool/pattern.h>

#define END                       \
	{                         \
		NULL, PARAM_COUNT \
	}
#define POOL                                         \
	{                                            \
		"pool", PARAM_UUID, .required = true \
	}
#define TOKEN                                \
	{                                    \
		"progressToken", PARAM_TOKEN \
	}
/* Exactly one of both: the act says so. */
#define POOL_OR_REGION                                                                    \
	{"pool", PARAM_UUID}, {"region", PARAM_TEXT, .max = 63}, {"offset", PARAM_COUNT}, \
	{                                                                                 \
		"size", PARAM_COUNT                                                       \
	}
#define PATTERN                                                                     \
	{                                                                           \
		"pattern", PARAM_OBJECT, .required = true, .fields = pattern_fields \
	}
#define FROM_TO                   \
	{"from", PARAM_COUNT},    \
	{                         \
		"to", PARAM_COUNT \
	}
#define PAGE                                          \
	{                                             \
		"page", PARAM_COUNT, .required = true \
	}

static const struct param no_params[] = {END};
static const struct param client_fields[] = {
	{"name", PARAM_TEXT, .required = true, .max = 256},
	{"version", PARAM_TEXT, .required = true, .max = 256},
	END,
};
static const struct param initialize_params[] = {
	{"protocol", PARAM_COUNT_LIST, .required = true, .min = 1},
	{"client", PARAM_OBJECT, .required = true, .fields = client_fields},
	END,
};
static const struct param recognise_params[] = {
	{"region", PARAM_TEXT, .required = true, .max = 63},
	{"offset", PARAM_COUNT},
	{"size", PARAM_COUNT},
	END,
};
static const struct param pool_create_params[] = {
	{"region", PARAM_TEXT, .required = true, .max = 63},
	{"offset", PARAM_COUNT},
	{"size", PARAM_COUNT},
	{"name", PARAM_TEXT, .required = true, .max = 252}, /* 63 characters; more than 63 bytes is name-invalid */
	{"logSlots", PARAM_COUNT, .min = 128, .max = 65536},
	{"overwrite", PARAM_TEXT, .max = 256},
	END,
};
static const struct param pool_extend_params[] = {
	POOL,
	{"region", PARAM_TEXT, .required = true, .max = 63},
	{"offset", PARAM_COUNT},
	{"size", PARAM_COUNT},
	{"overwrite", PARAM_TEXT, .max = 256},
	END,
};
static const struct param pool_rename_params[] = {
	POOL,
	{"name", PARAM_TEXT, .required = true, .max = 252},
	END,
};
static const struct param pool_delete_fields[] = {
	{"name", PARAM_TEXT, .required = true, .max = 252},
	{"sequence", PARAM_COUNT},
	END,
};
static const struct param pool_delete_params[] = {
	POOL,
	{"expect", PARAM_OBJECT, .required = true, .fields = pool_delete_fields},
	END,
};
static const struct param pool_audit_params[] = {
	POOL,
	{"olderThanBoot", PARAM_UUID},
	END,
};
static const struct param pool_params[] = {POOL, END};
static const struct param map_params[] = {
	POOL,
	{"first", PARAM_COUNT, .multiple_of = PM_PAGES_PER_WORD},
	{"count", PARAM_COUNT, .max = MAP_PAGES},
	END,
};
static const struct param list_params[] = {
	POOL,
	{"from", PARAM_COUNT},
	{"limit", PARAM_COUNT, .min = 1, .max = 10000},
	END,
};
static const struct param allocation_list_params[] = {
	POOL, {"from", PARAM_COUNT}, {"to", PARAM_COUNT}, {"limit", PARAM_COUNT, .min = 1, .max = 10000}, END,
};
static const struct param allocation_create_params[] = {
	POOL,
	{"order", PARAM_COUNT, .max = 40},
	{"pages", PARAM_COUNT, .min = 1},
	{"alignOrder", PARAM_COUNT, .max = 40},
	{"withinOrder", PARAM_COUNT, .max = 40},
	{"addressFrom", PARAM_COUNT},
	{"addressTo", PARAM_COUNT, .min = 1},
	{"placement", PARAM_TEXT, .max = 16},
	{"node", PARAM_COUNT, .max = INT32_MAX},
	{"name", PARAM_TEXT, .max = 252},
	{"owner", PARAM_TEXT, .max = PM_OWNER_BYTES - 1},
	{"purpose", PARAM_TEXT, .max = PM_PURPOSE_BYTES - 1},
	END,
};
static const struct param expect_fields[] = {
	{"pages", PARAM_COUNT, .required = true, .min = 1},
	{"recordId", PARAM_COUNT_OR_NULL, .required = true},
	END,
};
static const struct param allocation_free_params[] = {
	POOL,
	PAGE,
	{"expect", PARAM_OBJECT, .required = true, .fields = expect_fields},
	END,
};
static const struct param allocation_rename_params[] = {
	POOL,
	PAGE,
	{"expect", PARAM_OBJECT, .required = true, .fields = expect_fields},
	{"name", PARAM_TEXT, .required = true, .max = 252},
	END,
};
static const struct param allocation_relabel_params[] = {
	POOL,
	PAGE,
	{"expect", PARAM_OBJECT, .required = true, .fields = expect_fields},
	{"owner", PARAM_TEXT, .max = PM_OWNER_BYTES - 1},
	{"purpose", PARAM_TEXT, .max = PM_PURPOSE_BYTES - 1},
	END,
};
static const struct param bad_add_params[] = {
	POOL,
	PAGE,
	{"pages", PARAM_COUNT, .required = true, .min = 1},
	{"why", PARAM_TEXT, .required = true, .min = 1, .max = PM_PURPOSE_BYTES - 1},
	END,
};
static const struct param bad_fields[] = {
	{"pages", PARAM_COUNT, .required = true, .min = 1},
	{"recordId", PARAM_COUNT, .required = true},
	END,
};
static const struct param bad_remove_params[] = {
	POOL,
	PAGE,
	{"expect", PARAM_OBJECT, .required = true, .fields = bad_fields},
	END,
};
static const struct param allocation_write_params[] = {
	POOL,
	PAGE,
	{"offset", PARAM_COUNT, .required = true},
	{"data", PARAM_TEXT, .required = true, .max = (CHUNK_BYTES + 2) / 3 * 4},
	END,
};
static const struct param allocation_read_params[] = {
	POOL,
	PAGE,
	{"offset", PARAM_COUNT, .required = true},
	{"length", PARAM_COUNT, .required = true, .min = 1, .max = CHUNK_BYTES},
	END,
};
static const struct param log_params[] = {
	POOL, {"before", PARAM_COUNT}, {"after", PARAM_COUNT}, {"limit", PARAM_COUNT, .min = 1, .max = 1000}, END,
};
static const struct param snapshot_create_params[] = {
	POOL, {"name", PARAM_FILE_NAME, .required = true}, {"all", PARAM_BOOL}, {"parent", PARAM_FILE_NAME}, TOKEN, END,
};
static const struct param snapshot_verify_params[] = {
	{"name", PARAM_FILE_NAME, .required = true},
	TOKEN,
	END,
};
static const struct param snapshot_read_params[] = {
	{"name", PARAM_FILE_NAME, .required = true},
	{"offset", PARAM_COUNT, .required = true},
	{"length", PARAM_COUNT, .required = true, .min = 1, .max = CHUNK_BYTES},
	END,
};
static const struct param snapshot_delete_params[] = {
	{"name", PARAM_FILE_NAME, .required = true},
	{"confirm", PARAM_TEXT, .max = 256},
	END,
};
static const struct param snapshot_compare_params[] = {
	{"before", PARAM_FILE_NAME, .required = true},
	{"after", PARAM_FILE_NAME},
	TOKEN,
	END,
};
static const struct param snapshot_restore_params[] = {
	{"name", PARAM_FILE_NAME, .required = true},
	POOL,
	{"what", PARAM_TEXT, .required = true, .max = 16},
	{"page", PARAM_COUNT},
	{"expect", PARAM_OBJECT, .fields = expect_fields},
	{"confirm", PARAM_TEXT, .max = 256},
	TOKEN,
	END,
};
static const struct param plan_params[] = {
	POOL,
	{"kernel", PARAM_TEXT, .min = 1, .max = 4095},
	{"initrd", PARAM_TEXT, .max = 4095},
	{"cmdline", PARAM_TEXT},
	{"append", PARAM_TEXT},
	{"dropReservation", PARAM_BOOL},
	END,
};
static const struct param plan_region_fields[] = {
	{"id", PARAM_TEXT, .required = true, .max = 63},
	{"base", PARAM_COUNT, .required = true},
	{"size", PARAM_COUNT, .required = true},
	END,
};
static const struct param check_fields[] = {
	{"id", PARAM_TEXT, .required = true},	  {"level", PARAM_TEXT, .required = true},
	{"title", PARAM_TEXT, .required = true},  {"detail", PARAM_TEXT, .required = true},
	{"remedy", PARAM_TEXT, .required = true}, END,
};
static const struct param plan_fields[] = {
	/* KexecPlan of main/api/model.ts */
	POOL,
	{"bootId", PARAM_UUID, .required = true},
	{"region", PARAM_OBJECT, .required = true, .fields = plan_region_fields},
	{"regions", PARAM_OBJECT_LIST, .required = true, .min = 1, .fields = plan_region_fields},
	{"kernel", PARAM_TEXT, .required = true, .max = 4095},
	{"initrd", PARAM_TEXT_OR_NULL, .required = true, .max = 4095},
	{"cmdline", PARAM_TEXT, .required = true},
	{"added", PARAM_TEXT_LIST, .required = true},
	{"removed", PARAM_TEXT_LIST, .required = true},
	{"nonce", PARAM_FILE_NAME, .required = true, .max = 47},
	{"dropReservation", PARAM_BOOL, .required = true},
	{"simulated", PARAM_BOOL, .required = true},
	{"checks", PARAM_OBJECT_LIST, .required = true, .fields = check_fields},
	END,
};
static const struct param load_params[] = {
	{"plan", PARAM_OBJECT, .required = true, .fields = plan_fields},
	END,
};
static const struct param jump_params[] = {
	POOL,
	{"bootId", PARAM_UUID, .required = true},
	{"nonce", PARAM_FILE_NAME, .required = true, .max = 47}, /* the log holds it: PM_VERB_KEXEC_LOAD */
	END,
};
static const struct param pattern_fields[] = {
	{"kind", PARAM_TEXT, .required = true, .max = 32},
	{"seed", PARAM_COUNT},
	{"data", PARAM_TEXT, .max = (PM_PATTERN_DATA_BYTES + 2) / 3 * 4},
	END,
};
static const struct param allocation_resize_params[] = {
	POOL,
	PAGE,
	{"expect", PARAM_OBJECT, .required = true, .fields = expect_fields},
	{"pages", PARAM_COUNT, .required = true, .min = 1},
	END,
};
static const struct param allocation_fill_params[] = {
	POOL,
	PAGE,
	{"expect", PARAM_OBJECT, .required = true, .fields = expect_fields},
	PATTERN,
	{"offset", PARAM_COUNT},
	{"length", PARAM_COUNT, .min = 1},
	TOKEN,
	END,
};
static const struct param pattern_fill_params[] = {
	POOL_OR_REGION, FROM_TO, PATTERN, {"overwrite", PARAM_TEXT, .max = 256}, TOKEN, END,
};
static const struct param pattern_check_params[] = {
	POOL_OR_REGION, FROM_TO, PATTERN, TOKEN, END,
};
static const struct param memory_test_params[] = {
	POOL_OR_REGION,
	FROM_TO,
	{"overwrite", PARAM_TEXT, .max = 256},
	{"tests", PARAM_TEXT_LIST, .max = 32},
	{"passes", PARAM_COUNT, .min = 1, .max = 10000},
	{"quarantine", PARAM_BOOL},
	TOKEN,
	END,
};
static const struct param fault_params[] = {
	POOL,
	{"kind", PARAM_TEXT, .required = true, .max = 32},
	{"seed", PARAM_COUNT},
	{"pages", PARAM_COUNT, .min = 1, .max = 65536},
	FROM_TO,
	{"confirm", PARAM_TEXT, .max = 256},
	END,
};
static const struct param expectation_params[] = {
	POOL,
	{"nonce", PARAM_FILE_NAME, .required = true, .max = 47},
	{"content", PARAM_TEXT, .max = 16},
	{"pattern", PARAM_OBJECT, .fields = pattern_fields},
	TOKEN,
	END,
};
static const struct param verdict_params[] = {
	{"expectation", PARAM_FILE_NAME, .required = true},
	TOKEN,
	END,
};

static const struct param pool_check_params[] = {
	{"pool", PARAM_UUID},
	{"region", PARAM_TEXT, .max = 63},
	{"offset", PARAM_COUNT},
	END,
};
static const struct param pool_repair_params[] = {
	{"pool", PARAM_UUID},
	{"region", PARAM_TEXT, .max = 63},
	{"offset", PARAM_COUNT},
	{"apply", PARAM_BOOL},
	{"token", PARAM_TEXT, .max = 32},
	{"backup", PARAM_FILE_NAME},
	END,
};

const struct method methods[] = {
	{"initialize", ACT_NONE, initialize_params, act_initialize},
	{"host/info", ACT_READ, no_params, act_host_info},
	{"host/memory", ACT_READ, no_params, act_host_memory},
	{"host/readiness", ACT_READ, no_params, act_host_readiness},
	{"reservation/plan", ACT_READ, reservation_params, act_reservation_plan},
	{"reservation/keep", ACT_CHANGE, reservation_params, act_reservation_keep},
	{"reservation/list", ACT_READ, no_params, act_reservation_list},
	{"reservation/forget", ACT_CHANGE, reservation_id_params, act_reservation_forget},
	{"region/list", ACT_READ, no_params, act_region_list},
	{"region/recognise", ACT_READ, recognise_params, act_region_recognise},
	{"pool/list", ACT_READ, no_params, act_pool_list},
	{"pool/create", ACT_CHANGE, pool_create_params, act_pool_create},
	{"pool/extend", ACT_CHANGE, pool_extend_params, act_pool_extend},
	{"pool/rename", ACT_CHANGE, pool_rename_params, act_pool_rename},
	{"pool/delete", ACT_CHANGE, pool_delete_params, act_pool_delete},
	{"pool/info", ACT_READ, pool_params, act_pool_info},
	{"pool/map", ACT_READ, map_params, act_pool_map},
	{"pool/tiles", ACT_READ, tiles_params, act_pool_tiles, .step = act_pool_step},
	{"pool/range", ACT_READ, range_params, act_pool_range, .step = act_pool_step},
	{"pool/find", ACT_READ, find_params, act_pool_find, .step = act_pool_step},
	{"pool/audit", ACT_READ, pool_audit_params, act_pool_audit},
	{"pool/check", ACT_READ, pool_check_params, act_pool_check},
	{"pool/repair", ACT_CHANGE, pool_repair_params, act_pool_repair},
	{"allocation/list", ACT_READ, allocation_list_params, act_allocation_list},
	{"allocation/create", ACT_CHANGE, allocation_create_params, act_allocation_create},
	{"allocation/free", ACT_CHANGE, allocation_free_params, act_allocation_free},
	{"allocation/rename", ACT_CHANGE, allocation_rename_params, act_allocation_rename},
	{"allocation/relabel", ACT_CHANGE, allocation_relabel_params, act_allocation_relabel},
	{"allocation/resize", ACT_CHANGE, allocation_resize_params, act_allocation_resize},
	{"allocation/fill", ACT_CHANGE, allocation_fill_params, act_allocation_fill_begin, act_allocation_fill_work,
	 act_allocation_fill_end},
	{"allocation/write", ACT_CHANGE, allocation_write_params, act_allocation_write},
	{"allocation/read", ACT_READ, allocation_read_params, act_allocation_read},
	{"bad/list", ACT_READ, list_params, act_bad_list},
	{"bad/add", ACT_CHANGE, bad_add_params, act_bad_add},
	{"bad/remove", ACT_CHANGE, bad_remove_params, act_bad_remove},
	{"log/list", ACT_READ, log_params, act_log_list},
	{"snapshot/create", ACT_CHANGE, snapshot_create_params, act_snapshot_create_begin, act_snapshot_create_work,
	 act_snapshot_create_end},
	{"snapshot/list", ACT_READ, no_params, act_snapshot_list},
	{"snapshot/verify", ACT_READ, snapshot_verify_params, act_snapshot_verify_begin, act_snapshot_verify_work,
	 act_snapshot_verify_end},
	{"snapshot/read", ACT_READ, snapshot_read_params, act_snapshot_read},
	{"snapshot/bytes", ACT_READ, snapshot_bytes_params, act_snapshot_bytes},
	{"snapshot/delete", ACT_CHANGE, snapshot_delete_params, act_snapshot_delete},
	{"snapshot/compare", ACT_READ, snapshot_compare_params, act_snapshot_compare_begin, act_snapshot_compare_work,
	 act_snapshot_compare_end},
	{"snapshot/restore", ACT_CHANGE, snapshot_restore_params, act_snapshot_restore_begin, act_snapshot_restore_work,
	 act_snapshot_restore_end},
	{"pattern/fill", ACT_CHANGE, pattern_fill_params, act_pattern_fill_begin, act_pattern_fill_work,
	 act_pattern_fill_end},
	{"pattern/check", ACT_READ, pattern_check_params, act_pattern_check_begin, act_pattern_check_work,
	 act_pattern_check_end},
	{"memory/test", ACT_CHANGE, memory_test_params, act_memory_test_begin, act_memory_test_work,
	 act_memory_test_end},
	{"memory/read", ACT_READ, memory_read_params, act_memory_read},
	{"memory/write", ACT_CHANGE, memory_write_params, act_memory_write},
	{"memory/search", ACT_READ, memory_search_params, act_memory_search_begin, act_memory_search_work,
	 act_memory_search_end},
	{"memory/results", ACT_READ, no_params, act_memory_results},
	{"fault/inject", ACT_CHANGE, fault_params, act_fault_inject},
	{"kexec/plan", ACT_READ, plan_params, act_kexec_plan},
	{"kexec/load", ACT_KEXEC, load_params, act_kexec_load},
	{"kexec/unload", ACT_KEXEC, no_params, act_kexec_unload},
	{"kexec/jump", ACT_KEXEC, jump_params, act_kexec_jump},
	{"expectation/create", ACT_CHANGE, expectation_params, act_expectation_create_begin,
	 act_expectation_create_work, act_expectation_create_end},
	{"expectation/bytes", ACT_READ, expectation_bytes_params, act_expectation_bytes},
	{"verdict/reach", ACT_READ, verdict_params, act_verdict_begin, act_verdict_work, act_verdict_end},
	{"verdict/list", ACT_READ, no_params, act_verdict_list},
	{NULL},
};
