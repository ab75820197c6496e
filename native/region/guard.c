/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Safety rule 1. A range may be mapped when one reservation of the kernel command line covers it and /proc/iomem
 * confirms that over its whole length, or when it lies in one devdax device. No flag overrides System RAM.
 */
#include "host/iomem_cover.h"
#include "internal.h"
#include <inttypes.h>
#include <string.h>

#define RANGE "0x%" PRIx64 "-0x%" PRIx64
#define ENDS(base, size) (base), (base) + (size)-1

static bool inside(uint64_t base, uint64_t bytes, uint64_t outer, uint64_t outer_bytes)
{
	return base >= outer && bytes <= outer_bytes && base - outer <= outer_bytes - bytes;
}

static const struct pm_reservation *find_memmap(const struct pm_guard_facts *facts, uint64_t base, uint64_t bytes)
{
	for (size_t i = 0; i < facts->reservation_count; i++) {
		const struct pm_reservation *r = &facts->reservations[i];

		if (r->kind != PM_RESERVATION_MEMMAP_RESERVED && r->kind != PM_RESERVATION_MEMMAP_PMEM)
			continue;
		if (inside(base, bytes, r->base, r->bytes))
			return r;
	}
	return NULL;
}

static const struct pm_reservation *find_kind(const struct pm_guard_facts *facts, enum pm_reservation_kind kind,
					      uint64_t base, uint64_t bytes)
{
	for (size_t i = 0; i < facts->reservation_count; i++) {
		const struct pm_reservation *r = &facts->reservations[i];

		if (r->kind == kind &&
		    (kind == PM_RESERVATION_EATEN ? r->bytes != 0 : inside(base, bytes, r->base, r->bytes)))
			return r;
	}
	return NULL;
}

static const struct pm_devdax *find_devdax(const struct pm_guard_facts *facts, uint64_t base, uint64_t bytes)
{
	for (size_t i = 0; i < facts->devdax_count; i++)
		if (inside(base, bytes, facts->devdax[i].base, facts->devdax[i].bytes))
			return &facts->devdax[i];
	return NULL;
}

/* Some of the range is System RAM: say which code explains it best. */
static enum pm_code refuse_ram(const struct pm_guard_facts *facts, uint64_t base, uint64_t bytes,
			       const struct pm_reservation *memmap, struct pm_error *err)
{
	const struct pm_reservation *eaten = find_kind(facts, PM_RESERVATION_EATEN, 0, 0);
	uint64_t first = base, last = base;

	pm_iomem_first_ram(&facts->iomem, base, bytes, &first, &last);
	if (first > base || last < base + bytes - 1)
		return pm_fail(err, PM_E_REGION_MIXED, RANGE " of " RANGE " is System RAM in /proc/iomem%s%s", first,
			       last, ENDS(base, bytes), memmap ? ", although the command line has " : "",
			       memmap ? memmap->text : "");
	if (memmap)
		return pm_fail(err, PM_E_REGION_CMDLINE_MISMATCH,
			       "%s stands on the command line, but /proc/iomem shows " RANGE " as System RAM",
			       memmap->text, ENDS(base, bytes));
	if (eaten)
		return pm_fail(err, PM_E_REGION_CMDLINE_MISMATCH,
			       RANGE " is System RAM: %s on the command line has no address after a `$`",
			       ENDS(base, bytes), eaten->text);
	return pm_fail(err, PM_E_REGION_SYSTEM_RAM, RANGE " is System RAM in /proc/iomem; no memmap= names it",
		       ENDS(base, bytes));
}

static enum pm_code refuse_unnamed(const struct pm_guard_facts *facts, uint64_t base, uint64_t bytes,
				   struct pm_error *err)
{
	const struct pm_reservation *eaten = find_kind(facts, PM_RESERVATION_EATEN, 0, 0);
	const struct pm_reservation *pmpool = find_kind(facts, PM_RESERVATION_PMPOOL, base, bytes);

	if (eaten)
		return pm_fail(err, PM_E_REGION_CMDLINE_MISMATCH,
			       "%s on the command line has no address after a `$`, so nothing reserves " RANGE,
			       eaten->text, ENDS(base, bytes));
	if (pmpool)
		return pm_fail(err, PM_E_REGION_NOT_RESERVED,
			       "%s names " RANGE ", but no memmap= on the command line reserves it", pmpool->text,
			       ENDS(base, bytes));
	return pm_fail(err, PM_E_REGION_NOT_RESERVED, "no single memmap= on the command line covers " RANGE,
		       ENDS(base, bytes));
}

/* A driver that claimed the range shows as an entry inside it ("namespace0.0", "dax0.0"). */
static const struct pm_iomem_entry *find_claim(const struct pm_guard_facts *facts, uint64_t base, uint64_t bytes)
{
	for (size_t i = 0; i < facts->iomem.count; i++) {
		const struct pm_iomem_entry *entry = &facts->iomem.entries[i];

		if (entry->depth && entry->first <= base + bytes - 1 && entry->last >= base)
			return entry;
	}
	return NULL;
}

static enum pm_code decide_memmap(const struct pm_guard_facts *facts, uint64_t base, uint64_t bytes,
				  const struct pm_reservation *memmap, const struct pm_iomem_cover *cover,
				  struct pm_error *err)
{
	const struct pm_iomem_entry *claim = find_claim(facts, base, bytes);

	if (cover->reserved_bytes + cover->persistent_bytes != bytes)
		return pm_fail(err, PM_E_REGION_CMDLINE_MISMATCH,
			       "%s stands on the command line, but /proc/iomem shows only 0x%" PRIx64 " of 0x%" PRIx64
			       " bytes of " RANGE " as reserved",
			       memmap->text, cover->reserved_bytes + cover->persistent_bytes, bytes, ENDS(base, bytes));
	if (memmap->kind == PM_RESERVATION_MEMMAP_PMEM && claim)
		return pm_fail(err, PM_E_DEVMEM_REFUSED, "%s: a driver has claimed " RANGE " as %s", memmap->text,
			       claim->first, claim->last, claim->name);
	if (facts->devmem_missing)
		return pm_fail(err, PM_E_DEVMEM_MISSING, "/dev/mem, through which %s would be mapped, does not exist",
			       memmap->text);
	if (strcmp(facts->lockdown, "none") != 0)
		return pm_fail(err, PM_E_DEVMEM_LOCKED_DOWN, "lockdown is `%s`: /dev/mem does not open for %s",
			       facts->lockdown, memmap->text);
	return PM_OK;
}

static enum pm_code decide_devdax(const struct pm_devdax *device, const struct pm_iomem_cover *cover, uint64_t base,
				  uint64_t bytes, struct pm_error *err)
{
	if (cover->ram_bytes || device->is_ram)
		return pm_fail(err, PM_E_REGION_SYSTEM_RAM, "%s (" RANGE ") is in use as System RAM (kmem)",
			       device->name, ENDS(base, bytes));
	if (!device->bound)
		return pm_fail(err, PM_E_DEVMEM_REFUSED, "%s (" RANGE ") is not bound to the device_dax driver",
			       device->name, ENDS(base, bytes));
	return PM_OK;
}

enum pm_code pm_guard_decide(const struct pm_guard_facts *facts, uint64_t base, uint64_t bytes, struct pm_error *err)
{
	const struct pm_reservation *memmap;
	const struct pm_devdax *device;
	struct pm_iomem_cover cover;

	if (!bytes || bytes > UINT64_MAX - base)
		return pm_fail(err, PM_E_OUT_OF_RANGE, "%" PRIu64 " bytes at 0x%" PRIx64 " are no range", bytes, base);
	if ((base | bytes) & 4095)
		return pm_fail(err, PM_E_REGION_UNALIGNED, RANGE " does not start and end at pages", ENDS(base, bytes));
	if (facts->iomem.hidden || !facts->iomem.count)
		return pm_fail(err, PM_E_REGION_ADDRESSES_HIDDEN,
			       "/proc/iomem shows no addresses, so " RANGE " cannot be checked", ENDS(base, bytes));
	pm_iomem_cover(&facts->iomem, base, bytes, &cover);
	device = find_devdax(facts, base, bytes);
	if (device)
		return decide_devdax(device, &cover, base, bytes, err);
	memmap = find_memmap(facts, base, bytes);
	if (cover.ram_bytes)
		return refuse_ram(facts, base, bytes, memmap, err);
	if (!memmap)
		return refuse_unnamed(facts, base, bytes, err);
	return decide_memmap(facts, base, bytes, memmap, &cover, err);
}
