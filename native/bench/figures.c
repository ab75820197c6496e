/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "figures.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

uint64_t bench_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

uint64_t bench_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

struct spread spread_of(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), by_value);
	return (struct spread){values[0], values[count / 2], values[count - 1]};
}

void print_machine(int rounds)
{
	struct utsname name;
	char line[256] = "";
	FILE *cpus = fopen("/proc/cpuinfo", "r");

	while (cpus && fgets(line, sizeof(line), cpus) && strncmp(line, "model name", 10) != 0)
		;
	if (cpus)
		fclose(cpus);
	uname(&name);
	line[strcspn(line, "\n")] = 0;
	printf("machine: %s, %ld processors, Linux %s; %d rounds, median (lowest to highest)\n",
	       strchr(line, ':') ? strchr(line, ':') + 2 : "processor unknown", sysconf(_SC_NPROCESSORS_ONLN),
	       name.release, rounds);
}
