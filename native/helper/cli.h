/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line. A verb turns its words into the parameters of a method, runs it, and prints the result. */
#ifndef PMPOOL_HELPER_CLI_H
#define PMPOOL_HELPER_CLI_H

#include "args.h"
#include "call.h"
#include "guarded.h"
#include <stdio.h>

enum exit_code { EXIT_OK = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_NOT_INTACT = 3, EXIT_INTERRUPTED = 130 };

struct cli {
	const struct verb *verb;
	struct args args;
	struct session session;
	bool json;
	bool content_on_stdout; /* the result is bytes: messages must stay off it */
};

struct verb { /* a NULL function ends the table */
	const char *noun, *verb; /* noun NULL: a verb by itself */
	int (*run)(struct cli *cli);
	const char *method; /* of main/api whose result --json prints; NULL: none */
	const char *summary; /* one line */
	const char *words; /* operands, as usage shows them */
	unsigned words_min, words_max;
	const struct option_spec *options;
	const char *details; /* a paragraph, or NULL */
	const char *examples; /* command lines, one a line */
};
extern const struct verb verbs[];

int cli_host_info(struct cli *cli);
int cli_host_reset(struct cli *cli);
int cli_host_memory(struct cli *cli);
int cli_host_readiness(struct cli *cli);
int cli_reservation_plan(struct cli *cli);
int cli_reservation_keep(struct cli *cli);
int cli_reservation_list(struct cli *cli);
int cli_reservation_forget(struct cli *cli);
int cli_region_list(struct cli *cli);
int cli_region_recognise(struct cli *cli);
int cli_pool_create(struct cli *cli);
int cli_pool_list(struct cli *cli);
int cli_pool_info(struct cli *cli);
int cli_pool_map(struct cli *cli);
int cli_pool_range(struct cli *cli);
int cli_pool_find(struct cli *cli);
int cli_pool_rename(struct cli *cli);
int cli_pool_extend(struct cli *cli);
int cli_pool_delete(struct cli *cli);
int cli_audit(struct cli *cli);
int cli_alloc(struct cli *cli);
int cli_free(struct cli *cli);
int cli_list(struct cli *cli);
int cli_rename(struct cli *cli);
int cli_label(struct cli *cli);
int cli_bad_list(struct cli *cli);
int cli_bad_add(struct cli *cli);
int cli_bad_remove(struct cli *cli);
int cli_resize(struct cli *cli);
int cli_fill(struct cli *cli);
int cli_write(struct cli *cli);
int cli_read(struct cli *cli);
int cli_log(struct cli *cli);
int cli_check(struct cli *cli);
int cli_repair(struct cli *cli);
int cli_snapshot_create(struct cli *cli);
int cli_snapshot_list(struct cli *cli);
int cli_snapshot_verify(struct cli *cli);
int cli_snapshot_delete(struct cli *cli);
int cli_snapshot_info(struct cli *cli);
int cli_snapshot_compare(struct cli *cli);
int cli_snapshot_export(struct cli *cli);
int cli_snapshot_import(struct cli *cli);
int cli_snapshot_restore(struct cli *cli);
int cli_snapshot_bytes(struct cli *cli);
int cli_kexec_plan(struct cli *cli);
int cli_kexec_load(struct cli *cli);
int cli_kexec_unload(struct cli *cli);
int cli_kexec_jump(struct cli *cli);
int cli_expect(struct cli *cli);
int cli_expectation_bytes(struct cli *cli);
int cli_verdict(struct cli *cli);
int cli_verdict_list(struct cli *cli);
int cli_pattern_fill(struct cli *cli);
int cli_pattern_check(struct cli *cli);
int cli_memory_test(struct cli *cli);
int cli_memory_results(struct cli *cli);
int cli_memory_read(struct cli *cli);
int cli_memory_write(struct cli *cli);
int cli_memory_search(struct cli *cli);
int cli_fault_inject(struct cli *cli);
int cli_report(struct cli *cli);
int cli_serve(struct cli *cli);

/* Options that verb_table.c has no room for. */
extern const struct option_spec memory_read_options[], memory_write_options[], memory_search_options[],
	held_bytes_options[];

/* Messages at the edge: the error with its reason and the way out; the exit code that goes with it. */
int cli_fail(const struct cli *cli, const struct pm_error *err, const char *confirm);
int cli_usage(const struct cli *cli, const struct pm_error *err);

/* A usage error in words of its own. */
int cli_usage_say(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Runs a method. Takes params. NULL after an error, which is printed; *exit_code says what to end with. A long one
 * shows progress on a terminal and ends on SIGINT. */
struct json_object *cli_ask(struct cli *cli, const char *method, struct json_object *params, int *exit_code);
/* With --json: the result as it is; else as `print` has it. Takes result; NULL (an error) only passes exit_code on. */
int cli_result(struct cli *cli, struct json_object *result, int exit_code,
	       void (*print)(struct cli *cli, struct json_object *result));
/* Both: ask, print, and the exit code. Most verbs are this. */
int cli_run(struct cli *cli, const char *method, struct json_object *params,
	    void (*print)(struct cli *cli, struct json_object *result));
int cli_print_json(struct json_object *object, FILE *to);

/* Parameters with the pool that the first word names. NULL after an error, which is printed. */
struct json_object *cli_pool_params(struct cli *cli, int *exit_code);
/* Attached, for acts on bytes. */
struct attached *cli_pool_attached(struct cli *cli, int *exit_code);
/* Page index of the first page of an allocation given by name, page index or physical address; name: and page: tell
 * a name from a number. */
bool cli_allocation(struct cli *cli, const struct attached *attached, const char *text, uint64_t *page, int *exit_code);
/* A page given by its index (page: may stand before it) or, in hexadecimal, by the physical address of one of its
 * bytes: what reports a memory error names a byte. */
bool cli_page(struct cli *cli, const struct attached *attached, const char *text, uint64_t *page, int *exit_code);

/* Parameters with the pool, the page and `expect` as this run has them. */
struct json_object *cli_run_params(const struct attached *attached, const struct run_copy *run);
/* The same of the pool and the allocation of the first two words. NULL after an error, which is printed. */
struct json_object *cli_allocation_params(struct cli *cli, int *exit_code);
/* Where an allocation goes, from the options of alloc. false: *exit_code says what to end with. */
bool cli_pass_placement(struct cli *cli, struct json_object *params, int *exit_code);

/* Results of several verbs. */
void print_pool(struct cli *cli, struct json_object *pool);
void print_allocation(struct cli *cli, struct json_object *allocation);
void print_bad_list(struct json_object *list); /* BadPages[] as a table */

/* Why a region may not be opened, with the way out; nothing for one that may. */
void print_refused(FILE *to, struct json_object *region);

/* One line on stderr for each region of the pool that is not there; none of a whole pool. */
void cli_say_degraded(const struct attached *attached);
/* That, after a verb whose result does not show by itself that something is left out. */
void cli_say_partial(const struct cli *cli);

/* Copies an option, when it is given, into parameters under another name. */
void cli_pass_text(const struct cli *cli, const char *option, struct json_object *params, const char *name);
/* As it was typed, for what is stored: the helper refuses what is no text, where cli_pass_text would rewrite it. */
void cli_set_typed(struct json_object *params, const char *name, const char *text);
void cli_pass_typed(const struct cli *cli, const char *option, struct json_object *params, const char *name);
void cli_pass_count(const struct cli *cli, const char *option, struct json_object *params, const char *name);

/* Given, and 0: the protocol takes that for "not given", which nobody means who types it. */
bool cli_is_zero(const struct cli *cli, const char *option);

/* Progress and interruption of an act on this thread; begin before it, end after it. */
void interruptible_begin(struct call *call, const char *what);
void interruptible_end(struct call *call);

/* May an act that cannot be undone go on? Yes with --yes; on a terminal when `word` answers the question; where nobody
 * can be asked it is a usage error. false: *exit_code says what to end with. */
bool cli_agreed(const struct cli *cli, const char *question, const char *word, int *exit_code);

#endif
