// SPDX-License-Identifier: GPL-2.0-or-later
import { describe, expect, it } from 'vitest'
import { arrivesAs, eaten, eatenInEntry, escapingSteps } from './escaping.ts'

const option = 'memmap=1G$0x140000000'
const grub = { id: 'grub', file: '/etc/default/grub' } as const

describe('an option on its way to the kernel', () => {
  it('through /etc/default/grub needs three backslashes', () => {
    const line = String.raw`GRUB_CMDLINE_LINUX="quiet memmap=1G\\\$0x140000000"`
    expect(escapingSteps({ ...grub, line }, option).map(({ where, text }) => [where, text])).toEqual([
      ['/etc/default/grub', String.raw`memmap=1G\\\$0x140000000`],
      ['grub.cfg', String.raw`memmap=1G\$0x140000000`],
      ['/proc/cmdline', option]
    ])
    expect(arrivesAs({ ...grub, line }, option)).toBe(true)
  })

  it.each([
    ['none', 'memmap=1G$0x140000000', 'memmap=1Gx140000000'],
    ['one', String.raw`memmap=1G\$0x140000000`, 'memmap=1Gx140000000'],
    ['two', String.raw`memmap=1G\\$0x140000000`, String.raw`memmap=1G\x140000000`]
  ])('with %s in /etc/default/grub does not arrive', (_name, word, arrives) => {
    const line = `GRUB_CMDLINE_LINUX="${word}"`
    expect(escapingSteps({ ...grub, line }, option).at(-1)?.text).toBe(arrives)
    expect(arrivesAs({ ...grub, line }, option)).toBe(false)
  })

  it('between single quotes of the host needs one', () => {
    const line = String.raw`GRUB_CMDLINE_LINUX='quiet memmap=1G\$0x140000000'`
    expect(escapingSteps({ ...grub, line }, option)[0]?.reader).toContain('single quotes')
    expect(arrivesAs({ ...grub, line }, option)).toBe(true)
  })

  it('is told from other options of the line', () => {
    const line = `append ro ${option} memmap=64M$0x100000000`
    const loader = { id: 'extlinux', file: '/boot/extlinux/extlinux.conf', line } as const
    expect(arrivesAs(loader, option)).toBe(true)
    expect(arrivesAs(loader, 'memmap=64M$0x100000000')).toBe(true)
    expect(arrivesAs(loader, 'memmap=2G$0x140000000')).toBe(false)
    expect(escapingSteps({ ...loader, line: 'append ro' }, option)).toEqual([])
  })

  it.each([
    ['systemd-boot', '/boot/loader/entries/linux.conf', `options root=/dev/sda1 ${option}`],
    ['extlinux', '/boot/extlinux/extlinux.conf', `append ro ${option}`],
    ['plain', '', option]
  ] as const)('is written as it is for %s', (id, file, line) => {
    expect(arrivesAs({ id, file, line }, option)).toBe(true)
    expect(arrivesAs({ id, file, line: line.replace('$', String.raw`\$`) }, option)).toBe(false)
  })

  describe('through an entry of Fedora’s', () => {
    const bls = { id: 'bls', file: '/boot/loader/entries/a.conf', line: 'options ro $pmpool_ranges' } as const
    const set = (value: string): string[] => [`grub2-editenv - set 'pmpool_ranges=${value}'`, 'grubby']

    it('comes out of a variable', () => {
      const loader = { ...bls, commands: set(String.raw`memmap=1M\$1G memmap=1G\$0x140000000`) }
      expect(escapingSteps(loader, option).map(({ where, text }) => [where, text])).toEqual([
        ['/boot/loader/entries/a.conf', '$pmpool_ranges'],
        ['pmpool_ranges in grubenv', String.raw`memmap=1G\$0x140000000`],
        ['/proc/cmdline', option]
      ])
      expect(arrivesAs(loader, option)).toBe(true)
      expect(arrivesAs({ ...bls, commands: set(option) }, option)).toBe(false)
    })

    it('with ! stands there as it is', () => {
      const line = 'options ro memmap=1G!0x140000000'
      expect(arrivesAs({ ...bls, line, commands: ['grubby'] }, 'memmap=1G!0x140000000')).toBe(true)
    })
  })

  it('a pmem range has nothing to escape', () => {
    const line = 'GRUB_CMDLINE_LINUX="memmap=1G!0x140000000"'
    expect(arrivesAs({ ...grub, line }, 'memmap=1G!0x140000000')).toBe(true)
  })

  it('without the backslashes loses the address, or a part of it', () => {
    expect(eaten('memmap=100M$5G')).toBe('memmap=100MG')
    expect(eatenInEntry('memmap=1M$1G,100M$0x5000')).toBe('memmap=1M,100M')
  })
})
