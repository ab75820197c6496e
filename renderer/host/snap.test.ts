// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, it } from 'vitest'
import { guest } from './recorded.ts'
import { alignedPart, snapped, suggested } from './snap.ts'

const mib = 2 ** 20
const gib = 2 ** 30
const snap = (from: number, to: number, alignment?: number) => snapped(guest.kernel, from, to, alignment)

describe('a range that is dragged', () => {
  it.each([
    ['short: whole 2 MiB around it', 8 * gib + 5 * mib, 8 * gib + 9 * mib, 8 * gib + 4 * mib, 6 * mib],
    ['long: whole GiB around it', 7 * gib + 5 * mib, 9 * gib + 9 * mib, 7 * gib, 3 * gib],
    ['backwards', 8 * gib + 9 * mib, 8 * gib + 5 * mib, 8 * gib + 4 * mib, 6 * mib],
    ['nothing yet: one step', 8 * gib + 5 * mib, 8 * gib + 5 * mib, 8 * gib + 4 * mib, 2 * mib],
    ['past the end of the RAM: up to it', 9 * gib, 400 * gib, 9 * gib, gib],
    ['past its start: from there', 4 * gib + 9 * mib, gib, 4 * gib, gib]
  ])('%s', (_name, from, to, base, size) => expect(snap(from, to)).toEqual({ base, size }))

  it('outside of System RAM is none', () => {
    for (const address of [0, 5 * gib, 200 * gib]) expect(snap(address, address + gib)).toBeNull()
  })

  it('takes the shorter step where the longer one does not fit, and is none where neither does', () => {
    expect(snap(0x200000, 0x7f000000, gib)).toEqual({ base: 0x200000, size: 0x7ee00000 })
    expect(snap(0x2000, 0x3000)).toBeNull()
  })
})

describe('a free stretch', () => {
  it('holds an aligned part or none', () => {
    expect(alignedPart({ base: 3 * mib, size: 4 * mib }, 2 * mib)).toEqual({ base: 4 * mib, size: 2 * mib })
    expect(alignedPart({ base: 3 * mib, size: mib }, 2 * mib)).toBeNull()
  })

  it('suggests a quarter at its upper end', () => {
    expect(suggested({ base: 7 * gib, size: 3 * gib })).toEqual({ base: 10 * gib - 768 * mib, size: 768 * mib })
    expect(suggested({ base: 4 * gib, size: 64 * gib })).toEqual({ base: 52 * gib, size: 16 * gib })
    expect(suggested({ base: 0, size: mib })).toBeNull()
  })
})
