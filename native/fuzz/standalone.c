/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a fuzz target without libFuzzer: each file of the corpus as it is, then RUNS inputs made from them by a fixed
 * seed. So every build, with any compiler, has the targets in its test suite.
 *
 *   TARGET CORPUS-FOLDER [RUNS [SEED]]
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 65536u
#define FILES_MAX 256u

static struct {
	uint8_t *bytes;
	size_t size;
} files[FILES_MAX];
static size_t file_count;

static uint64_t random_state;

static uint64_t random_next(void)
{
	uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static size_t random_below(size_t limit)
{
	return limit ? (size_t)(random_next() % limit) : 0;
}

static int load(const char *folder)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort); /* in order: the same inputs on every machine */

	for (int i = 0; i < count; i++) {
		char path[2048];
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		file = entries[i]->d_name[0] != '.' && file_count < FILES_MAX ? fopen(path, "rb") : NULL;
		if (file) {
			files[file_count].bytes = malloc(INPUT_MAX);
			files[file_count].size = fread(files[file_count].bytes, 1, INPUT_MAX, file);
			file_count++;
			fclose(file);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return file_count > 0;
}

static size_t insert(uint8_t *input, size_t size, const uint8_t *bytes, size_t count)
{
	size_t at = random_below(size + 1);

	if (count > INPUT_MAX - size)
		count = INPUT_MAX - size;
	memmove(input + at + count, input + at, size - at);
	memcpy(input + at, bytes, count);
	return size + count;
}

static size_t mutate(uint8_t *input, size_t size)
{
	static const uint64_t extremes[] = {0,
					    1,
					    0x7f,
					    0x80,
					    0xff,
					    0xfff,
					    0x1000,
					    0xffff,
					    0x7fffffff,
					    0x80000000,
					    0xffffffff,
					    0x7fffffffffffffff,
					    0x8000000000000000,
					    0xfffffffffffff000,
					    0xffffffffffffffff};
	size_t other = random_below(file_count), at = random_below(size), count;

	switch (random_below(6)) {
	case 0: /* one bit */
		if (size)
			input[at] = (uint8_t)(input[at] ^ 1u << random_below(8));
		return size;
	case 1: /* one byte */
		if (size)
			input[at] = (uint8_t)random_next();
		return size;
	case 2: /* an extreme number */
		count = (size_t)1 << random_below(4);
		if (count <= size)
			memcpy(input + random_below(size - count + 1), &extremes[random_below(15)], count);
		return size;
	case 3: /* cut something out */
		count = random_below(size - at + (size == 0));
		memmove(input + at, input + at + count, size - at - count);
		return size - count;
	case 4: /* repeat something of its own */
		count = random_below(size - at + (size == 0));
		{
			uint8_t *part = malloc(count + 1);

			memcpy(part, input + at, count);
			size = insert(input, size, part, count);
			free(part);
		}
		return size;
	default: /* put in something of another */
		at = random_below(files[other].size);
		return insert(input, size, files[other].bytes + at, random_below(files[other].size - at));
	}
}

/* In memory of exactly its size, so that a sanitizer sees a read past it. */
static void run_one(const uint8_t *input, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);

	memcpy(exact, input, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

int main(int argc, char **argv)
{
	unsigned long runs = argc > 2 ? strtoul(argv[2], NULL, 0) : 3000;
	uint8_t *input = malloc(INPUT_MAX);

	random_state = argc > 3 ? strtoull(argv[3], NULL, 0) : 1;
	if (argc < 2 || !load(argv[1])) {
		fprintf(stderr, "usage: %s CORPUS-FOLDER [RUNS [SEED]]; the folder needs a file\n", argv[0]);
		return 2;
	}
	for (size_t i = 0; i < file_count; i++)
		run_one(files[i].bytes, files[i].size);
	for (unsigned long run = 0; run < runs; run++) {
		size_t from = random_below(file_count), size = files[from].size, steps = 1 + random_below(8);

		memcpy(input, files[from].bytes, size);
		while (steps--)
			size = mutate(input, size);
		run_one(input, size);
	}
	printf("%zu files and %lu inputs made from them\n", file_count, runs);
	for (size_t i = 0; i < file_count; i++)
		free(files[i].bytes);
	free(input);
	return 0;
}
