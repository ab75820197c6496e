// SPDX-License-Identifier: GPL-2.0-or-later
#include "container.h"
#include "elf_core.h"
#include "import.h"
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define HEADERS_MAX (UINT64_C(1) << 20)
#define NOTES_MAX (UINT64_C(4) << 20) /* bytes of one note segment that are looked at */
#define JSON_DEPTH 16

static enum pm_code foreign(const char *what, struct pm_error *err)
{
	return pm_fail(err, PM_E_FILE_FOREIGN, "The file is an ELF file, but %s.", what);
}

bool pm_elf_is(const uint8_t *head, size_t bytes)
{
	return bytes >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0;
}

static bool inside(const struct pm_memory_file *file, uint64_t offset, uint64_t bytes)
{
	return offset <= file->bytes && bytes <= file->bytes - offset;
}

static enum pm_code header_read(struct pm_memory_file *file, Elf64_Ehdr *header, struct pm_error *err)
{
	if (pm_read_at(file->fd, header, sizeof(*header), 0) != (int64_t)sizeof(*header))
		return pm_fail(err, PM_E_FILE_TRUNCATED, "The file ends inside its ELF header.");
	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB)
		return foreign("of another word size or byte order", err);
	if (header->e_type != ET_CORE)
		return foreign("no core", err);
	if (header->e_phentsize != sizeof(Elf64_Phdr) || !header->e_phnum)
		return foreign("it has no program headers", err);
	return PM_OK;
}

/* 0xffff says that the first section header has their number. */
static enum pm_code count_read(struct pm_memory_file *file, const Elf64_Ehdr *header, uint64_t *count,
			       struct pm_error *err)
{
	Elf64_Shdr section;

	*count = header->e_phnum;
	if (header->e_phnum == PN_XNUM) {
		if (!inside(file, header->e_shoff, sizeof(section)) ||
		    pm_read_at(file->fd, &section, sizeof(section), header->e_shoff) != (int64_t)sizeof(section))
			return foreign("the number of its program headers is not there", err);
		*count = section.sh_info;
	}
	if (!*count || *count > HEADERS_MAX)
		return foreign("it has too many program headers", err);
	if (!inside(file, header->e_phoff, *count * sizeof(Elf64_Phdr)))
		return pm_fail(err, PM_E_FILE_TRUNCATED, "The file ends inside its program headers.");
	return PM_OK;
}

/* A note that cannot be read is none: it only adds to what the pool says. */
static struct json_object *meta_find(const uint8_t *notes, size_t bytes)
{
	size_t at = 0;

	while (bytes - at >= sizeof(Elf64_Nhdr)) {
		struct json_tokener *tokener;
		struct json_object *meta = NULL;
		Elf64_Nhdr note;
		uint64_t name = at + sizeof(note), text, end;

		memcpy(&note, notes + at, sizeof(note));
		text = name + pm_elf_padded(note.n_namesz);
		end = text + pm_elf_padded(note.n_descsz);
		if (end > bytes)
			return NULL;
		at = (size_t)end;
		if ((note.n_type != PM_ELF_NOTE_META && note.n_type != PM_ELF_NOTE_META_EARLY) ||
		    note.n_namesz != sizeof(PM_ELF_NOTE_NAME) ||
		    memcmp(notes + name, PM_ELF_NOTE_NAME, sizeof(PM_ELF_NOTE_NAME)) != 0 ||
		    note.n_descsz > PM_META_BYTES)
			continue;
		tokener = json_tokener_new_ex(JSON_DEPTH);
		if (!tokener)
			return NULL;
		json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
		meta = json_tokener_parse_ex(tokener, (const char *)notes + text, (int)note.n_descsz);
		json_tokener_free(tokener);
		if (json_object_is_type(meta, json_type_object))
			return meta;
		json_object_put(meta);
	}
	return NULL;
}

static enum pm_code notes_read(struct pm_memory_file *file, const Elf64_Phdr *header, struct pm_error *err)
{
	uint64_t bytes = header->p_filesz < NOTES_MAX ? header->p_filesz : NOTES_MAX;
	uint8_t *notes;
	int64_t got;

	if (file->meta || !bytes)
		return PM_OK;
	notes = malloc((size_t)bytes);
	if (!notes)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for the notes of a core.");
	got = pm_read_at(file->fd, notes, (size_t)bytes, header->p_offset);
	if (got > 0)
		file->meta = meta_find(notes, (size_t)got);
	free(notes);
	return PM_OK;
}

static enum pm_code segment_read(struct pm_memory_file *file, const Elf64_Phdr *header, struct pm_error *err)
{
	/* what the file does not hold reads as zero; the extent is what it holds */
	uint64_t bytes = header->p_filesz < header->p_memsz ? header->p_filesz : header->p_memsz;

	if (!bytes)
		return PM_OK;
	if (!inside(file, header->p_offset, bytes))
		return pm_fail(err, PM_E_FILE_TRUNCATED, "The file ends inside the segment at 0x%" PRIx64 ".",
			       (uint64_t)header->p_paddr);
	if (header->p_paddr > UINT64_MAX - bytes)
		return foreign("a segment lies behind the last address", err);
	file->extents[file->extent_count++] = (struct pm_extent){
		.address = header->p_paddr,
		.bytes = bytes,
		.offset = header->p_offset,
		.reads = header->p_memsz > UINT64_MAX - header->p_paddr ? bytes : header->p_memsz,
	};
	return PM_OK;
}

static int by_address(const void *a, const void *b)
{
	const struct pm_extent *left = a, *right = b;

	return left->address < right->address ? -1 : left->address > right->address;
}

static enum pm_code extents_check(struct pm_memory_file *file, struct pm_error *err)
{
	if (!file->extent_count)
		return foreign("it holds no memory", err);
	qsort(file->extents, file->extent_count, sizeof(*file->extents), by_address);
	for (size_t i = 1; i < file->extent_count; i++)
		if (file->extents[i].address < file->extents[i - 1].address + file->extents[i - 1].bytes)
			return foreign("its physical addresses overlap, as those of a process do", err);
	file->placed = file->core = true;
	return PM_OK;
}

enum pm_code pm_elf_read(struct pm_memory_file *file, struct pm_error *err)
{
	Elf64_Ehdr header;
	Elf64_Phdr *headers = NULL;
	uint64_t count = 0;
	enum pm_code code = header_read(file, &header, err);

	if (!code)
		code = count_read(file, &header, &count, err);
	if (code)
		return code;
	headers = malloc((size_t)count * sizeof(*headers));
	file->extents = calloc((size_t)count, sizeof(*file->extents));
	if (!headers || !file->extents)
		code = pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for %" PRIu64 " program headers.", count);
	else if (pm_read_at(file->fd, headers, (size_t)count * sizeof(*headers), header.e_phoff) !=
		 (int64_t)(count * sizeof(*headers)))
		code = pm_fail(err, PM_E_FILE_TRUNCATED, "The file ends inside its program headers.");
	for (uint64_t i = 0; !code && i < count; i++) {
		if (headers[i].p_type == PT_NOTE)
			code = notes_read(file, &headers[i], err);
		else if (headers[i].p_type == PT_LOAD)
			code = segment_read(file, &headers[i], err);
	}
	free(headers);
	return code ? code : extents_check(file, err);
}
