// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, it } from 'vitest'
import type { LogEntry } from '@api'
import type { Request } from '../stores/pool-reads.ts'
import { LogReader } from './log-reader.ts'

const entry = (sequence: number): LogEntry => ({ sequence }) as LogEntry

/** A ring of `slots` entries that answers as log/list does. */
class Ring {
  newest: number
  readonly slots: number
  readonly damaged: ReadonlySet<number>
  broken = false
  asked = 0

  constructor(newest: number, slots: number, damaged: readonly number[] = []) {
    this.newest = newest
    this.slots = slots
    this.damaged = new Set(damaged)
  }

  readonly request = ((_method: string, { before, after = 0, limit }: Record<string, number>) => {
    this.asked++
    if (this.broken && before !== undefined) return Promise.reject(new Error('cut'))
    let sequence = before === undefined || before > this.newest ? this.newest : Math.max(0, before - 1)
    const entries: LogEntry[] = []
    const held = (): boolean => sequence > after && this.newest - sequence < this.slots
    for (; held() && entries.length < limit!; sequence--) if (!this.damaged.has(sequence)) entries.push(entry(sequence))
    return Promise.resolve({ entries, next: held() ? sequence + 1 : null })
  }) as unknown as Request
}

const span = (from: number, to: number, without: readonly number[] = []): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index).filter((each) => !without.includes(each))

function open(ring: Ring): { reader: LogReader; shown: number[][] } {
  const shown: number[][] = []
  const put = (events: readonly LogEntry[]): void => void shown.push(events.map(({ sequence }) => sequence))
  return { reader: new LogReader(ring.request, { host: 'h', pool: 'p' }, put), shown }
}

describe('the event log', () => {
  it.each([
    ['empty', new Ring(0, 128), []],
    ['of one part', new Ring(17, 128), span(1, 17)],
    ['of exactly one part', new Ring(1000, 4096), span(1, 1000)],
    ['of exactly the parts of one turn', new Ring(6000, 65_536), span(1, 6000)],
    ['of many parts', new Ring(20_001, 65_536), span(1, 20_001)],
    ['as a ring', new Ring(20_001, 4096), span(15_906, 20_001)],
    ['with entries that cannot be read', new Ring(9000, 65_536, [4, 1500, 7990]), span(1, 9000, [4, 1500, 7990])],
    ['with more of them than a part', new Ring(9000, 65_536, span(1200, 6100)), span(1, 9000, span(1200, 6100))]
  ])('is read whole and in order: %s', async (_name, ring, expected) => {
    const { reader, shown } = open(ring)
    await reader.read()
    expect(shown.at(-1)).toEqual(expected)
    expect(reader.complete).toBe(true)
  })

  it('shows the newest after one request, and the rest in few steps', async () => {
    const { reader, shown } = open(new Ring(20_001, 65_536))
    await reader.read()
    expect(shown[0]).toEqual(span(19_002, 20_001))
    expect(shown.length).toBeLessThanOrEqual(5)
  })

  it('goes on where it was broken off, and takes what is new meanwhile', async () => {
    const ring = new Ring(3000, 65_536)
    const { reader, shown } = open(ring)
    ring.broken = true
    await expect(reader.read()).rejects.toThrow('cut')
    expect(reader.complete).toBe(false)
    ring.broken = false
    ring.newest = 3010
    await reader.read()
    expect(shown.at(-1)).toEqual(span(1, 3010))
  })

  it('asks and shows no more once it is stopped', async () => {
    const ring = new Ring(60_000, 65_536)
    const { reader, shown } = open(ring)
    const reading = reader.read()
    reader.stop()
    await reading
    expect([shown.length, ring.asked]).toEqual([0, 1])
  })
})
