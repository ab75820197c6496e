/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shuffle.h"
#include "stream.h"

enum { ROUNDS = 6 };

void shuffle_start(struct shuffle *shuffle, uint64_t count, uint64_t seed)
{
	*shuffle = (struct shuffle){.count = count, .seed = seed, .half_bits = 1};
	while (shuffle->half_bits < 31 && count > UINT64_C(1) << 2 * shuffle->half_bits)
		shuffle->half_bits++;
}

static uint64_t round_of(const struct shuffle *shuffle, unsigned round, uint64_t half)
{
	uint64_t mask = (UINT64_C(1) << shuffle->half_bits) - 1;

	return splitmix64(splitmix64(shuffle->seed + round) ^ half) & mask;
}

static uint64_t forth(const struct shuffle *shuffle, uint64_t number)
{
	uint64_t left = number >> shuffle->half_bits, right = number & ((UINT64_C(1) << shuffle->half_bits) - 1);

	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t next = left ^ round_of(shuffle, round, right);

		left = right;
		right = next;
	}
	return left << shuffle->half_bits | right;
}

static uint64_t back(const struct shuffle *shuffle, uint64_t number)
{
	uint64_t left = number >> shuffle->half_bits, right = number & ((UINT64_C(1) << shuffle->half_bits) - 1);

	for (unsigned round = ROUNDS; round--;) {
		uint64_t next = right ^ round_of(shuffle, round, left);

		right = left;
		left = next;
	}
	return left << shuffle->half_bits | right;
}

uint64_t shuffle_at(const struct shuffle *shuffle, uint64_t turn)
{
	do
		turn = forth(shuffle, turn);
	while (turn >= shuffle->count);
	return turn;
}

uint64_t shuffle_turn(const struct shuffle *shuffle, uint64_t number)
{
	do
		number = back(shuffle, number);
	while (number >= shuffle->count);
	return number;
}
