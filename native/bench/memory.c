/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmpool_bench_memory [--rounds N] [--only TEXT] [--size BYTES | --region ID] [--folder DIR]: each work once a round, beside what the
 * machine and other programs do with the same bytes in the same round. A ratio is pmpool's rate over the other's in
 * the same round. By processor time it holds on a busy machine too, where the clock tells who else was there. Asserts
 * nothing.
 */
#include "memory.h"
#include "host/size.h"
#include <getopt.h>
#include <pmpool/pattern.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)
#define GB 1e9

enum { NONE = -1, READ1, READ2, READ_ANEW, MEMSET1, MEMSET2, MEMCPY1, MEMCPY2, SHA256, ZSTD, OURS };

struct measure {
	const char *name;
	work_fn *run;
	int against[2]; /* index into measures, NONE */
	double target[2]; /* of the ratio */
	void (*before)(struct bench *bench); /* untimed */
	void (*after)(struct bench *bench);
};

static const struct measure measures[] = {
	[READ1] = {"read, 1 thread", work_read1, {NONE, NONE}},
	[READ2] = {"read, 2 threads", work_read2, {NONE, NONE}},
	[READ_ANEW] = {"read, 2 threads, mapped anew", work_read_anew2, {NONE, NONE}},
	[MEMSET1] = {"memset, 1 thread", work_memset1, {NONE, NONE}},
	[MEMSET2] = {"memset, 2 threads", work_memset2, {NONE, NONE}},
	[MEMCPY1] = {"memcpy, 1 thread", work_memcpy1, {NONE, NONE}},
	[MEMCPY2] = {"memcpy, 2 threads", work_memcpy2, {NONE, NONE}},
	[SHA256] = {"sha256sum", work_sha256sum, {NONE, NONE}},
	[ZSTD] = {"zstd -1 -T2", work_zstd, {NONE, NONE}, {0, 0}, zstd_before, zstd_after},
	[OURS] = {"page digests, 1 thread", work_digest1, {READ1, SHA256}, {0.8, 0}},
	{"page digests, 2 threads", work_digest2, {READ2, SHA256}, {0.8, 50}},
	{"expectation", work_expect, {READ2, SHA256}, {0, 0}},
	{"verdict, region mapped anew", work_verdict, {READ_ANEW, SHA256}, {0.8, 50}},
	{"snapshot", work_snapshot, {ZSTD, NONE}, {3, 0}, snapshot_before, NULL},
	{"verify the snapshot's file", work_verify, {READ2, NONE}, {0, 0}},
	{"compare region and snapshot", work_compare, {READ2, SHA256}, {0.8, 50}},
	{"incremental, 1 % changed", work_increment, {READ2, NONE}, {0.8, 0}, increment_before, increment_after},
};

/* For each kind of pattern. */
static const struct measure pattern_measures[] = {
	{"fill, 1 thread", work_fill1, {MEMSET1, NONE}, {0.8, 0}},
	{"fill, 2 threads", work_fill2, {MEMSET2, NONE}, {0.8, 0}},
	{"check, 1 thread", work_check1, {READ1, NONE}, {0.8, 0}},
	{"check, 2 threads", work_check2, {READ2, NONE}, {0.8, 0}},
};
/* With one kind. */
static const struct measure free_measures[] = {
	{"fill a pool's free pages", work_free_fill, {MEMSET2, NONE}, {0.8, 0}, scratch_pool_make, scratch_pool_end},
	{"check a pool's free pages", work_free_check, {READ2, NONE}, {0.8, 0}, scratch_pool_make, scratch_pool_end},
};

enum { COUNT = sizeof(measures) / sizeof(measures[0]) };
enum { PER_PATTERN = sizeof(pattern_measures) / sizeof(pattern_measures[0]) };
enum { FREE = sizeof(free_measures) / sizeof(free_measures[0]) };
enum { ALL = COUNT + PER_PATTERN * PM_PATTERN_COUNT + FREE };

/* One row: a measure, with a pattern where it has one, and what it came to. */
static struct row {
	const struct measure *measure;
	char name[64];
	int pattern; /* NONE */
	const char *why;
	double rate[ROUNDS_MAX], cpu[ROUNDS_MAX];
	double ratio[2][ROUNDS_MAX], cpu_ratio[2][ROUNDS_MAX]; /* to what stands in measure->against */
	bool wanted, failed;
} rows[ALL];

static int rounds = 5;

static void rows_make(const char *only)
{
	struct row *row = rows;

	for (int i = 0; i < COUNT; i++, row++) {
		row->measure = &measures[i];
		row->pattern = NONE;
		snprintf(row->name, sizeof(row->name), "%s", measures[i].name);
	}
	for (int kind = 0; kind < PM_PATTERN_COUNT; kind++)
		for (int i = 0; i < PER_PATTERN; i++, row++) {
			row->measure = &pattern_measures[i];
			row->pattern = kind;
			snprintf(row->name, sizeof(row->name), "%s: %s", pm_pattern_name((enum pm_pattern_kind)kind),
				 pattern_measures[i].name);
		}
	for (int i = 0; i < FREE; i++, row++) {
		row->measure = &free_measures[i];
		row->pattern = PM_PATTERN_RANDOM;
		snprintf(row->name, sizeof(row->name), "random: %s", free_measures[i].name);
	}
	for (int i = 0; i < ALL; i++)
		rows[i].wanted =
			*only == '=' ? strcmp(rows[i].name, only + 1) == 0 : strstr(rows[i].name, only) != NULL;
	for (int i = 0; i < ALL; i++)
		for (int j = 0; j < 2; j++)
			if (rows[i].wanted && rows[i].measure->against[j] != NONE)
				rows[rows[i].measure->against[j]].wanted = true;
}

static double cpu_seconds(void)
{
	double sum = 0;

	for (int who = RUSAGE_CHILDREN; who <= RUSAGE_SELF; who++) {
		struct rusage usage;

		getrusage(who, &usage);
		sum += (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	}
	return sum;
}

struct rates { /* GB a second, by the clock and by the processors' time */
	double wall, cpu;
};

static struct rates measure_run(const struct measure *measure, struct bench *bench, const char **why)
{
	uint64_t start, end, bytes;
	double cpu;

	if (measure->before)
		measure->before(bench);
	cpu = cpu_seconds();
	start = bench_now_ns();
	bytes = measure->run(bench, why);
	end = bench_now_ns();
	cpu = cpu_seconds() - cpu;
	if (measure->after)
		measure->after(bench);
	return (struct rates){(double)bytes / (double)(end - start), (double)bytes / GB / (cpu > 0 ? cpu : 1e-9)};
}

/* What is quick is measured again beside each work that is held against it: the machine may be busy by turns. */
static struct rates peer_rates(int peer, struct bench *bench, int round)
{
	const char *why;

	if (peer < SHA256)
		return measure_run(&measures[peer], bench, &why);
	return (struct rates){rows[peer].rate[round], rows[peer].cpu[round]};
}

static void row_run(struct row *row, struct bench *bench, int round)
{
	struct rates peers[2] = {{0}}, rates;

	if (row->pattern != NONE)
		pattern.kind = (enum pm_pattern_kind)row->pattern;
	for (int i = 0; i < 2; i++)
		if (row->measure->against[i] != NONE)
			peers[i] = peer_rates(row->measure->against[i], bench, round);
	rates = measure_run(row->measure, bench, &row->why);
	row->failed |= rates.wall <= 0;
	row->rate[round] = rates.wall;
	row->cpu[round] = rates.cpu;
	for (int i = 0; i < 2; i++) {
		row->ratio[i][round] = peers[i].wall > 0 ? rates.wall / peers[i].wall : 0;
		row->cpu_ratio[i][round] = peers[i].cpu > 0 ? rates.cpu / peers[i].cpu : 0;
	}
}

static void ratio_print(struct row *row, int i)
{
	const struct row *other = &rows[row->measure->against[i]];
	struct spread wall = spread_of(row->ratio[i], rounds), cpu = spread_of(row->cpu_ratio[i], rounds);

	if (other->failed)
		return;
	printf("%*s %.2f of %s (%.2f to %.2f), by processor time %.2f (%.2f to %.2f)", 38, "", wall.median, other->name,
	       wall.low, wall.high, cpu.median, cpu.low, cpu.high);
	if (row->measure->target[i] > 0)
		printf("; target %.3g%s", row->measure->target[i],
		       wall.median >= row->measure->target[i]  ? ""
		       : cpu.median >= row->measure->target[i] ? ", missed by the clock only"
							       : ", MISSED");
	putchar('\n');
}

static void row_print(struct row *row)
{
	struct spread wall, cpu;

	if (row->failed) {
		printf("%-38s did not run: %s\n", row->name, row->why);
		return;
	}
	wall = spread_of(row->rate, rounds);
	cpu = spread_of(row->cpu, rounds);
	printf("%-38s %6.2f (%.2f to %.2f)   %6.2f (%.2f to %.2f)\n", row->name, wall.median, wall.low, wall.high,
	       cpu.median, cpu.low, cpu.high);
	for (int i = 0; i < 2; i++)
		if (row->measure->against[i] != NONE)
			ratio_print(row, i);
}

static void sizes_print(const struct bench *bench)
{
	double content = (double)bench->content_bytes / 100;

	puts("\nfiles, MiB and per cent of the content");
	if (bench->zstd_bytes)
		printf("%-38s %8.1f  %6.2f\n", "zstd -1 -T2", (double)bench->zstd_bytes / MIB,
		       (double)bench->zstd_bytes / content);
	if (bench->snapshot_bytes)
		printf("%-38s %8.1f  %6.2f\n", "snapshot", (double)bench->snapshot_bytes / MIB,
		       (double)bench->snapshot_bytes / content);
	if (bench->increment_bytes)
		printf("%-38s %8.1f  %6.2f\n", "incremental, 1 % changed", (double)bench->increment_bytes / MIB,
		       (double)bench->increment_bytes / content);
}

static int usage(void)
{
	fprintf(stderr,
		"usage: pmpool_bench_memory [--rounds 1..%d] [--only TEXT] [--size 16M.. | --region ID] [--folder DIR]\n",
		ROUNDS_MAX);
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"rounds", required_argument, NULL, 'r'}, {"only", required_argument, NULL, 'o'},
		{"size", required_argument, NULL, 's'},	  {"region", required_argument, NULL, 'm'},
		{"folder", required_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};
	const char *only = "", *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
	const char *region = NULL;
	uint64_t size = 1024 * MIB;
	struct bench bench;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		const char *at = optarg;

		if (option == 'r' && atoi(optarg) > 0 && atoi(optarg) <= ROUNDS_MAX)
			rounds = atoi(optarg);
		else if (option == 'o')
			only = optarg;
		else if (option == 'f')
			folder = optarg;
		else if (option == 'm')
			region = optarg;
		else if (option != 's' || !pm_read_size(&at, &size) || *at || size < 16 * MIB || size % MIB)
			return usage();
	}
	if (!folder)
		return usage();
	rows_make(only);
	print_machine(rounds);
	print_programs();
	content_make(&bench, folder, region, size);
	printf("region: %llu MiB %s, %llu MiB of content: half zero or repeated pages, a quarter text, a quarter noise\n",
	       (unsigned long long)(bench.region.bytes / MIB), region ? region : folder,
	       (unsigned long long)(bench.content_bytes / MIB));
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < ALL; i++)
			if (rows[i].wanted && !rows[i].failed)
				row_run(&rows[i], &bench, round);
	printf("\n%-38s GB/s, median (lowest to highest)   GB for a second of processor time\n", "");
	for (int i = 0; i < ALL; i++)
		if (rows[i].wanted)
			row_print(&rows[i]);
	sizes_print(&bench);
	works_end(&bench);
	content_end(&bench);
	return 0;
}
