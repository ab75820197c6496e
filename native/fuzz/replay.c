// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a fuzz target without libFuzzer: the files it is given, then inputs from a fixed seed. It finds little that is
 * new; it shows in every test run that the target still works and that what was found once stays mended.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define ROUNDS 4000u

static uint64_t next_random(uint64_t *state)
{
	/* xorshift64* */
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545f4914f6cdd1d);
}

static int replay(const char *path)
{
	static uint8_t data[1 << 20];
	FILE *file = fopen(path, "rb");
	size_t bytes;

	if (!file) {
		perror(path);
		return 1;
	}
	bytes = fread(data, 1, sizeof(data), file);
	fclose(file);
	LLVMFuzzerTestOneInput(data, bytes);
	return 0;
}

int main(int count, char **arguments)
{
	uint64_t state = 0x706d706f6f6c;
	int failed = 0;

	for (int i = 1; i < count; i++)
		failed |= replay(arguments[i]);
	for (unsigned i = 0; i < ROUNDS; i++) {
		/* mostly short: a small change gets further than a large one */
		size_t bytes = (size_t)(next_random(&state) % (UINT64_C(8) << i % 8));
		uint8_t *data = malloc(bytes + 1); /* of its size, so that a sanitizer sees a read past it */

		if (!data)
			return 1;
		for (size_t j = 0; j < bytes; j++)
			data[j] = (uint8_t)(next_random(&state) >> 56);
		LLVMFuzzerTestOneInput(data, bytes);
		free(data);
	}
	return failed;
}
