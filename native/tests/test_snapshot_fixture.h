/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A simulated host in a temporary folder, with a small pool whose content is known. */
#ifndef PMPOOL_TEST_SNAPSHOT_FIXTURE_H
#define PMPOOL_TEST_SNAPSHOT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pmpool/core.h"
#include "pmpool/host.h"
#include "pmpool/kexec.h"
#include "pmpool/region.h"
#include "pmpool/snapshot.h"
#include <json-c/json.h>

#define LAB_BASE UINT64_C(0x100000000) /* where a simulated host has its region */
#define LAB_BYTES (UINT64_C(4) << 20)
#define LAB_OTHER UINT64_C(0x101000000) /* a second one, of the same size */
#define LAB_MEMMAP "memmap=4M$0x100000000"
#define LAB_OTHER_MEMMAP "memmap=4M$0x101000000"
#define LAB_PAGES 305 /* allocated; gamma makes it 310 */
#define LAB_NONCE "0123456789abcdef0123456789abcdef"

struct lab {
	char folder[64];
	struct pm_host host;
	struct pm_region region;
	struct pm_region other; /* the pool's second one, when it was extended */
	bool extended;
	struct pm_pool pool;
	/* alpha: 3 pages of text, beta: 300 pages, each other one zero, nobody: 2 unnamed pages of 0xff */
	struct pm_run alpha, beta, nobody;
	struct pm_run gamma; /* in the second region: 5 pages of text */
	int file; /* a temporary file, rewound */
};

extern const struct pm_act lab_act;

void lab_open(struct lab *lab); /* the host and its region, and the pool in it with its allocations */
void lab_close(struct lab *lab);
void lab_extend(struct lab *lab); /* a second region joins the pool, with gamma in it */
void lab_take(struct lab *lab, uint64_t number); /* one page, named by the number */
void lab_free(struct lab *lab, uint64_t page);
void lab_resize(struct lab *lab, uint64_t page, uint64_t pages);
/* as the helper does it, with its word in the log */ /* and log it */
void lab_attach(struct lab *lab); /* after a boot */
void lab_detach(struct lab *lab); /* as at the end of the process */

uint8_t *lab_page(struct lab *lab, uint64_t page);
void lab_rewind(struct lab *lab);
void lab_expect(struct lab *lab); /* into file */
struct json_object *lab_facts(struct lab *lab); /* of an expectation */
/* With these facts, which it takes; the pages it tells of. */
uint64_t lab_expect_with(struct lab *lab, struct json_object *facts, bool content);
/* A boot with another command line; its nonce is LAB_NONCE when it is to have one. */
void lab_boot(struct lab *lab, const char *options, bool nonce);
struct json_object *lab_verdict(struct lab *lab);

/* A file of the host, as the kernel would show it. */
void lab_put(struct lab *lab, const char *path, const char *text);
/* dotted path, for example "boot.nonceSeen" or "checks.0.id" */
struct json_object *lab_get(struct json_object *object, const char *path);
const char *lab_text(struct json_object *object, const char *path);
int64_t lab_number(struct json_object *object, const char *path);
/* The level of a check, NULL when it was not asked. */
const char *lab_level(struct json_object *object, const char *id);
const char *lab_detail(struct json_object *object, const char *id);
/* What a verdict says of a record. */
struct json_object *lab_record(struct json_object *verdict, const char *name);

#endif
