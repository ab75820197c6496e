// SPDX-License-Identifier: GPL-2.0-or-later
#include "books.h"
#include "container.h"
#include "core/layout.h"
#include "core/member.h"
#include "digest.h"
#include "pmpool/region.h"
#include <stdlib.h>
#include <string.h>

/* Whose page states fill a page. */
#define STATES_BLOCKS (PM_PAGE_SIZE / sizeof(uint64_t) / PM_WORDS_PER_BLOCK)

/* A window as it is filled, inside pm_region_guarded: no memory is taken there. */
struct look {
	const struct pm_member *member;
	uint64_t states_first, states_end; /* pool pages of its page states */
	const uint8_t *from; /* the first page of the window */
	const struct pm_span *spans; /* of metadata; the first one that ends behind the window's start */
	size_t span_count;
	struct pm_book book;
	uint8_t *pages; /* room for a window */
};

/* Page states of blocks that never were split mean nothing, and there are many: they are not even read, which would
 * fill the holes of a sparse file. */
static bool meaningless(const struct look *look, uint64_t page)
{
	uint64_t first, end;

	if (page < look->states_first || page >= look->states_end)
		return false;
	first = (page - look->states_first) * STATES_BLOCKS;
	end = first + STATES_BLOCKS < look->member->block_count ? first + STATES_BLOCKS : look->member->block_count;
	for (; first < end; first++)
		if (atomic_load_explicit(&look->member->blocks[first], memory_order_relaxed) &
		    PM_BLOCK_CODE(PM_BLOCK_ZEROED))
			return false;
	return true;
}

static void window_body(void *argument)
{
	struct look *look = argument;
	struct pm_book *book = &look->book;
	uint64_t end = book->first + book->count;

	for (size_t i = 0; i < look->span_count && look->spans[i].first < end; i++) {
		uint64_t page = look->spans[i].first > book->first ? look->spans[i].first : book->first;

		for (; page < end && page < look->spans[i].end; page++) {
			const uint8_t *from = look->from + (page - book->first) * PM_PAGE_SIZE;
			uint8_t *to = look->pages + (size_t)book->pages * PM_PAGE_SIZE;
			bool means = !meaningless(look, page);

			if (means)
				memcpy(to, from, PM_PAGE_SIZE);
			if (!means || pm_page_zero(to)) {
				book->stores[page - book->first] = PM_STORE_ZERO;
			} else {
				book->stores[page - book->first] = PM_STORE_DATA;
				book->pages++;
			}
		}
	}
}

static enum pm_code book_keep(struct pm_books *books, const struct look *look, struct pm_error *err)
{
	struct pm_book book = look->book;

	if (books->count == books->capacity) {
		size_t capacity = books->capacity * 2 + 16;
		struct pm_book *larger = realloc(books->list, capacity * sizeof(*larger));

		if (!larger)
			return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for a copy of the metadata.");
		books->list = larger;
		books->capacity = capacity;
	}
	book.bytes = malloc((size_t)book.pages * PM_PAGE_SIZE);
	if (!book.bytes)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for a copy of the metadata.");
	memcpy(book.bytes, look->pages, (size_t)book.pages * PM_PAGE_SIZE);
	books->list[books->count++] = book;
	return PM_OK;
}

/* The windows of one region; the spans move on with them. */
static enum pm_code region_take(const struct pm_member *member, struct look *look, struct pm_books *books,
				struct pm_error *err)
{
	const struct pm_section *states = pm_section_find(&member->sb, PM_SECTION_PAGE_STATES);
	uint64_t start = member->sb.first_pool_page, end = start + member->sb.page_count, page = start;
	enum pm_code code = PM_OK;

	look->member = member;
	look->states_first = states ? start + states->offset / PM_PAGE_SIZE : 0;
	look->states_end = states ? look->states_first + states->bytes / PM_PAGE_SIZE : 0;
	while (!code && look->span_count && look->spans->first < end) {
		if (page < look->spans->first)
			page = look->spans->first & ~(uint64_t)(PM_GROUP_PAGES - 1);
		look->book = (struct pm_book){.first = page};
		look->book.count = end - page < PM_GROUP_PAGES ? (uint32_t)(end - page) : PM_GROUP_PAGES;
		look->from = member->base + (page - start) * PM_PAGE_SIZE;
		code = pm_region_guarded(window_body, look, err);
		if (!code && look->book.pages)
			code = book_keep(books, look, err);
		page += look->book.count;
		for (; look->span_count && look->spans->end <= page; look->span_count--)
			look->spans++;
	}
	return code;
}

enum pm_code pm_books_take(const struct pm_pool *pool, const struct pm_copy *copy, struct pm_books *books,
			   struct pm_error *err)
{
	struct look look = {.spans = copy->books, .span_count = copy->book_count};
	enum pm_code code = PM_OK;

	*books = (struct pm_books){0};
	look.pages = malloc(PM_GROUP_PAGES * PM_PAGE_SIZE);
	if (!look.pages)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for a copy of the metadata.");
	for (uint32_t i = 0; !code && i < pool->region_count; i++)
		if (pool->members[i])
			code = region_take(pool->members[i], &look, books, err);
	free(look.pages);
	return code;
}

void pm_books_free(struct pm_books *books)
{
	for (size_t i = 0; i < books->count; i++)
		free(books->list[i].bytes);
	free(books->list);
	*books = (struct pm_books){0};
}
