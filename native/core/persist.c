/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "persist.h"
#include "cpu.h"
#include <stdatomic.h>
#include <string.h>

void (*pm_store_hook)(const void *at, size_t bytes);

static inline void stored(const void *at, size_t bytes)
{
	if (pm_store_hook)
		pm_store_hook(at, bytes);
}

void pm_store64(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
	stored(word, 8);
}

bool pm_cas64(_Atomic uint64_t *word, uint64_t *expected, uint64_t desired)
{
	if (!atomic_compare_exchange_strong(word, expected, desired))
		return false;
	stored((const void *)word, 8);
	return true;
}

void pm_store_bytes(void *to, const void *from, size_t bytes)
{
	uint8_t *target = to;
	const uint8_t *source = from;
	size_t done = 0;

	for (; done + 8 <= bytes; done += 8) {
		uint64_t word;

		memcpy(&word, source + done, 8);
		pm_store64((uint64_t *)(void *)(target + done), word);
	}
	if (done < bytes) {
		memcpy(target + done, source + done, bytes - done);
		stored(target + done, bytes - done);
	}
}

void pm_store_zero(void *to, size_t bytes)
{
	uint64_t *word = to;

	for (size_t i = 0; i < bytes / 8; i++)
		pm_store64(word + i, 0);
}

#if defined(__x86_64__)
#define CACHE_LINE 64u

/* Written as bytes after a prefix where an old assembler may not know the name. */
static inline void flush_line(const uint8_t *line, unsigned features)
{
	if (features & PM_CPU_CLWB)
		__asm__ volatile(".byte 0x66; xsaveopt %0" : "+m"(*(volatile uint8_t *)(uintptr_t)line));
	else if (features & PM_CPU_CLFLUSHOPT)
		__asm__ volatile(".byte 0x66; clflush %0" : "+m"(*(volatile uint8_t *)(uintptr_t)line));
	else
		__asm__ volatile("clflush %0" : "+m"(*(volatile uint8_t *)(uintptr_t)line));
}

void pm_flush(const void *from, size_t bytes)
{
	unsigned features = pm_cpu_features();
	uintptr_t line = (uintptr_t)from & ~(uintptr_t)(CACHE_LINE - 1);

	if (!(features & PM_CPU_CLFLUSH))
		return;
	for (; line < (uintptr_t)from + bytes; line += CACHE_LINE)
		flush_line((const uint8_t *)line, features);
}

void pm_fence(void)
{
	__asm__ volatile("sfence" ::: "memory");
}
#elif defined(__aarch64__)
void pm_flush(const void *from, size_t bytes)
{
	uintptr_t line = (uintptr_t)from & ~(uintptr_t)63;

	for (; line < (uintptr_t)from + bytes; line += 64)
		__asm__ volatile("dc cvac, %0" ::"r"(line) : "memory");
}

void pm_fence(void)
{
	__asm__ volatile("dsb ish" ::: "memory");
}
#else
void pm_flush(const void *from, size_t bytes)
{
	(void)from, (void)bytes;
}

void pm_fence(void)
{
	atomic_thread_fence(memory_order_seq_cst);
}
#endif

void pm_persist(const void *from, size_t bytes)
{
	pm_flush(from, bytes);
	pm_fence();
}
