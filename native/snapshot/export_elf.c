// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An ELF core: one walk finds the runs of pages, which become PT_LOAD segments, a second one writes them. Addresses are
 * physical ones, also where a debugger looks for virtual ones. Zero pages are holes of the file, but count as written
 * (p_filesz is p_memsz): a debugger takes what is missing at a segment's end for unreadable.
 */
#include "digest.h"
#include "elf_core.h"
#include "export_sink.h"
#include "export_walk.h"
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/procfs.h>

struct segment {
	uint64_t address, bytes; /* physical */
	uint64_t offset; /* in the file */
};

struct core {
	struct pm_sink sink;
	struct segment *segments; /* PM_ELF_SEGMENTS_MAX of them; ascending */
	size_t count;
	uint64_t gap; /* segments with at most so many bytes between them are one */
	size_t at; /* of the segment written last */
	uint8_t *notes;
	size_t note_bytes;
};

static void merge(struct core *core)
{
	size_t kept = 0;

	core->gap = core->gap ? core->gap * 2 : PM_PAGE_SIZE;
	for (size_t i = 1; i < core->count; i++) {
		struct segment *last = &core->segments[kept], *next = &core->segments[i];

		if (next->address - (last->address + last->bytes) <= core->gap)
			last->bytes = next->address + next->bytes - last->address;
		else
			core->segments[++kept] = *next;
	}
	core->count = kept + 1;
}

static void add_page(struct core *core, uint64_t address)
{
	struct segment *last = core->count ? &core->segments[core->count - 1] : NULL;

	if (last && address - (last->address + last->bytes) <= core->gap) {
		last->bytes = address + PM_PAGE_SIZE - last->address;
		return;
	}
	core->segments[core->count++] = (struct segment){.address = address, .bytes = PM_PAGE_SIZE};
	while (core->count == PM_ELF_SEGMENTS_MAX)
		merge(core);
}

static uint64_t address_of(const struct pm_walk_part *part, uint32_t i)
{
	return part->region->physical_base + (part->first + i - part->region->first_pool_page) * PM_PAGE_SIZE;
}

static enum pm_code find_part(void *context, const struct pm_walk_part *part, struct pm_error *err)
{
	(void)err;
	for (uint32_t i = 0; i < part->count; i++)
		if (part->pages[i])
			add_page(context, address_of(part, i));
	return PM_OK;
}

static enum pm_code put_part(void *context, const struct pm_walk_part *part, struct pm_error *err)
{
	struct core *core = context;

	for (uint32_t i = 0; i < part->count; i++) {
		uint64_t address = address_of(part, i);
		const struct segment *segment;
		enum pm_code code;

		if (!part->pages[i] || part->pages[i] == pm_walk_zeros || pm_page_zero(part->pages[i]))
			continue;
		while (address >= core->segments[core->at].address + core->segments[core->at].bytes)
			core->at++;
		segment = &core->segments[core->at];
		code = pm_sink_put(&core->sink, segment->offset + (address - segment->address), part->pages[i],
				   PM_PAGE_SIZE, err);
		if (code)
			return code;
	}
	return PM_OK;
}

static uint8_t *put_note(uint8_t *to, const char *name, uint32_t type, const void *data, size_t bytes)
{
	Elf64_Nhdr note = {.n_namesz = (Elf64_Word)strlen(name) + 1, .n_descsz = (Elf64_Word)bytes, .n_type = type};

	memcpy(to, &note, sizeof(note));
	memcpy(to + sizeof(note), name, note.n_namesz);
	memcpy(to + sizeof(note) + pm_elf_padded(note.n_namesz), data, bytes);
	return to + sizeof(note) + pm_elf_padded(note.n_namesz) + pm_elf_padded(bytes);
}

/* The description; and a thread that never was, without which gdb does not take a core. */
static enum pm_code notes_make(struct core *core, struct json_object *meta, struct pm_error *err)
{
	struct elf_prstatus status;
	size_t bytes;
	const char *text = json_object_to_json_string_length(meta, JSON_C_TO_STRING_PLAIN, &bytes);

	core->note_bytes = 2 * sizeof(Elf64_Nhdr) + 2 * 8 + pm_elf_padded(sizeof(status)) + pm_elf_padded(bytes);
	core->notes = calloc(1, core->note_bytes);
	if (!core->notes)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for the notes of a core.");
	memset(&status, 0, sizeof(status));
	status.pr_pid = 1;
	put_note(put_note(core->notes, "CORE", NT_PRSTATUS, &status, sizeof(status)), PM_ELF_NOTE_NAME,
		 PM_ELF_NOTE_META, text, bytes);
	return PM_OK;
}

static uint64_t page_up(uint64_t bytes)
{
	return (bytes + PM_PAGE_SIZE - 1) & ~(PM_PAGE_SIZE - 1);
}

/* Where the segments stand in the file; the bytes of the whole. */
static uint64_t place(struct core *core)
{
	uint64_t at = page_up(sizeof(Elf64_Ehdr) + (core->count + 1) * sizeof(Elf64_Phdr) + core->note_bytes);

	for (size_t i = 0; i < core->count; i++) {
		core->segments[i].offset = at;
		at += core->segments[i].bytes;
	}
	return at;
}

static enum pm_code headers_put(struct core *core, struct pm_error *err)
{
	Elf64_Ehdr header = {
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
		.e_type = ET_CORE,
		.e_machine = PM_ELF_MACHINE,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(header),
		.e_ehsize = sizeof(header),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (Elf64_Half)(core->count + 1),
	};
	uint64_t at = sizeof(header) + header.e_phnum * sizeof(Elf64_Phdr);
	Elf64_Phdr notes = {.p_type = PT_NOTE, .p_offset = at, .p_filesz = core->note_bytes, .p_align = 4};
	enum pm_code code = pm_sink_put(&core->sink, 0, &header, sizeof(header), err);

	if (!code)
		code = pm_sink_put(&core->sink, core->sink.at, &notes, sizeof(notes), err);
	for (size_t i = 0; !code && i < core->count; i++) {
		const struct segment *segment = &core->segments[i];
		Elf64_Phdr load = {
			.p_type = PT_LOAD,
			.p_flags = PF_R | PF_W,
			.p_offset = segment->offset,
			.p_vaddr = segment->address,
			.p_paddr = segment->address,
			.p_filesz = segment->bytes,
			.p_memsz = segment->bytes,
			.p_align = PM_PAGE_SIZE,
		};

		code = pm_sink_put(&core->sink, core->sink.at, &load, sizeof(load), err);
	}
	return code ? code : pm_sink_put(&core->sink, core->sink.at, core->notes, core->note_bytes, err);
}

static enum pm_code core_write(struct core *core, struct pm_walk *walk, int fd, struct pm_task *task,
			       struct pm_error *err)
{
	struct pm_meter meter;
	uint64_t bytes = 0;
	enum pm_code code;

	pm_meter_start(&meter, task, 2 * pm_walk_bytes(walk));
	code = pm_walk_all(walk, false, &meter, find_part, core, err);
	if (!code && !core->count)
		code = pm_fail(err, PM_E_FILE_CORRUPT, "The file holds no page that can be read.");
	if (!code) {
		pm_sink_open(&core->sink, fd, task);
		bytes = place(core);
		code = headers_put(core, err);
	}
	if (!code)
		code = pm_walk_all(walk, true, &meter, put_part, core, err);
	if (!code)
		code = pm_sink_end(&core->sink, bytes, err);
	if (!code)
		pm_meter_end(&meter);
	return code;
}

enum pm_code pm_export_elf(struct pm_snapshot *snapshot, int fd, struct pm_task *task, struct pm_error *err)
{
	struct core core = {.segments = malloc(PM_ELF_SEGMENTS_MAX * sizeof(*core.segments))};
	struct pm_walk walk = {0};
	enum pm_code code = core.segments ? PM_OK : pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for the segments.");

	if (!code)
		code = pm_walk_open(&walk, snapshot, err);
	if (!code)
		code = notes_make(&core, pm_snapshot_meta(snapshot), err);
	if (!code)
		code = core_write(&core, &walk, fd, task, err);
	if (!code)
		code = pm_walk_whole(&walk, err);
	pm_walk_close(&walk);
	free(core.segments);
	free(core.notes);
	return code;
}
