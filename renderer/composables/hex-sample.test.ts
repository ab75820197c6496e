// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, it } from 'vitest'
import { markBytes } from './hex-sample.ts'

describe('markBytes', () => {
  it('marks the bytes that differ', () => {
    expect(markBytes('00ff12', '00fe12').map(({ differs }) => differs)).toEqual([false, true, false])
  })
  it('marks what the other side does not have', () => {
    expect(markBytes('0011', '00')).toEqual([
      { text: '00', differs: false },
      { text: '11', differs: true }
    ])
  })
  it('marks nothing when the other side is not known', () => {
    expect(markBytes('0011', null).some(({ differs }) => differs)).toBe(false)
  })
})
