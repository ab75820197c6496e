// SPDX-License-Identifier: GPL-2.0-or-later
/** The part of the contract about a host's physical memory: its map, its readiness, and reserving a range. */
import { z } from 'zod'
import { count, method, none } from './method.ts'
import { Check, FileName, Uuid } from './model.ts'

const bytes = count.describe('bytes')
const base = count.describe('physical address')

/** A range of /proc/iomem; children follow their parent, one deeper. */
export const MemoryRange = z.object({ base, size: bytes, depth: count, name: z.string() })
export type MemoryRange = z.infer<typeof MemoryRange>

export const HostMemory = z.object({
  hidden: z.boolean().describe('/proc/iomem shows zeros to this process: `kernel` is empty'),
  end: base.describe('one past the last address that anything names'),
  kernel: z.array(MemoryRange).describe('/proc/iomem, in its order; neighbours of one name and depth merged'),
  firmware: z
    .array(z.object({ base, size: bytes, type: z.string() }))
    .nullable()
    .describe('/sys/firmware/memmap, by address: the map before memmap= was parsed; null: the host has none'),
  options: z
    .array(
      z.object({
        text: z.string().describe('as it stands on the command line'),
        kind: z.enum(['reserved', 'pmem', 'acpi', 'ram', 'pmpool', 'crashkernel', 'limit', 'other']),
        base: base.nullable().describe('null: the option names no address'),
        size: bytes.nullable().describe('null: not told, or not understood')
      })
    )
    .describe('memmap=, mem=, pmpool=, crashkernel=, reserve_mem= of /proc/cmdline, one range each'),
  nodes: z.array(z.object({ node: count, base, size: bytes })).describe('NUMA nodes by memory blocks; empty: not told'),
  regions: z.array(z.object({ id: z.string(), base, size: bytes, usable: z.boolean(), pools: count })),
  differences: z
    .array(
      z.object({
        base,
        size: bytes,
        firmware: z.string().describe('type; empty: not in it'),
        kernel: z.string().describe('outermost name; empty: not in it'),
        option: z.string().describe('that explains it; empty: none does')
      })
    )
    .describe('where the firmware says RAM and the kernel does not, or the other way round'),
  free: z
    .array(z.object({ base, size: bytes, why: z.string().describe('what speaks against it; empty: nothing') }))
    .describe(
      'stretches of System RAM that memmap= could give away: nothing of the kernel, crashkernel or firmware in it'
    )
})
export type HostMemory = z.infer<typeof HostMemory>

export const ReservationKind = z
  .enum(['reserved', 'pmem'])
  .describe('reserved: memmap=SIZE$BASE, mapped through /dev/mem; pmem: memmap=SIZE!BASE, a legacy NVDIMM')
export type ReservationKind = z.infer<typeof ReservationKind>

const reservation = { base, size: bytes, kind: ReservationKind }

export const ReservationPlan = z.object({
  ...reservation,
  option: z.string().describe('as it has to arrive in /proc/cmdline'),
  cmdline: z.string().describe('the whole command line with it'),
  checks: z.array(Check).describe('whether the range can be given away, and whether the boot will survive it'),
  loaders: z
    .array(
      z.object({
        id: z.enum(['grub', 'bls', 'systemd-boot', 'extlinux', 'plain']),
        title: z.string(),
        file: z.string().describe('to edit; empty: none'),
        line: z
          .string()
          .describe('as it stands in that file, escaped as that loader wants it; several lines for several labels'),
        commands: z.array(z.string()).describe('to run after it, as root'),
        note: z.string(),
        found: z.boolean().describe('this host seems to use it'),
        evidence: z.array(z.string()).describe('of that: files and marks that were seen')
      })
    )
    .describe('one for each boot loader, the likeliest first')
})
export type ReservationPlan = z.infer<typeof ReservationPlan>

export const Reservation = z.object({
  id: FileName,
  ...reservation,
  option: z.string(),
  keptAt: count.describe('milliseconds since 1970'),
  keptBootId: Uuid,
  state: z
    .enum(['waiting', 'arrived', 'differs'])
    .describe('waiting: not rebooted since; else whether command line, memory map and region are as meant'),
  checks: z.array(Check).describe('intended against /proc/cmdline, against /proc/iomem, against the region; now')
})
export type Reservation = z.infer<typeof Reservation>

export const hostMethods = {
  'host/memory': method(
    'The physical memory of the host as firmware, kernel and command line tell it.',
    none,
    HostMemory
  ),
  'host/readiness': method(
    'Each precondition of a pool that outlives a kexec: reservation, access, kexec, systemd, what else lives in memory.',
    none,
    z.object({ at: count.describe('milliseconds since 1970'), bootId: Uuid, checks: z.array(Check) })
  ),
  'reservation/plan': method(
    'What a boot loader has to be told so that a range of RAM is left alone from the next boot on. Changes nothing.',
    z.object(reservation),
    ReservationPlan
  ),
  'reservation/keep': method(
    'Remember on the host what was meant, to be checked after the reboot.',
    z.object(reservation),
    Reservation
  ),
  'reservation/list': method(
    'What was meant to be reserved, newest first, held against the host as it is now.',
    none,
    z.object({ reservations: z.array(Reservation) })
  ),
  'reservation/forget': method(
    'Forget what was meant. The command line does not change.',
    z.object({ id: FileName }),
    none
  )
} as const
