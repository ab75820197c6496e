// SPDX-License-Identifier: GPL-2.0-or-later
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { coreIo, missingLicences } from './sources.ts'

const licence = '// SPDX-License-Identifier: GPL-2.0-or-later\n'
let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pmpool-sources-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const write = (file: string, text: string): void => {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}

describe('a licence line', () => {
  test.each([
    ['main/lab/a.ts', licence, []],
    ['scripts/b.sh', `#!/bin/sh\n# ${licence.slice(3)}`, []],
    ['renderer/C.vue', `<!-- ${licence.slice(3, -1)} -->\n<template></template>\n`, []],
    ['renderer/D.vue', '<template></template>\n', ['renderer/D.vue']],
    ['native/core/e.c', 'int e;\n', ['native/core/e.c']],
    ['native/meson.build', "project('x')\n", ['native/meson.build']],
    ['main/api/f.ts', `\n\n\n\n\n${licence}`, ['main/api/f.ts']],
    ['node_modules/g/index.js', '', []],
    ['docs/h.md', '# H\n', []]
  ])('in %s', (file, text, missing) => {
    write(file, text)
    expect(missingLicences(root).map((finding) => finding.file)).toEqual(missing)
  })
})

describe('native/core', () => {
  test.each(['<stdio.h>', '<unistd.h>', '<fcntl.h>', '<sys/mman.h>', '<sys/types.h>', '<json-c/json.h>', '"stdio.h"'])(
    'includes no %s',
    (header) => {
      write('native/core/pool.c', `#include <stdint.h>\n#  include ${header}\n`)
      expect(coreIo(root)).toMatchObject([{ file: 'native/core/pool.c' }])
    }
  )

  test('reaches none through a header of its own', () => {
    write('native/core/pool.c', '#include "pmpool/format.h"\n#include "bits.h"\n')
    write('native/core/bits.h', '#include <stdint.h>\n')
    write('native/include/pmpool/format.h', '#include <stdio.h>\n')
    expect(coreIo(root)).toMatchObject([{ file: 'native/include/pmpool/format.h' }])
  })

  test('includes nothing from the folders around it', () => {
    write('native/core/pool.c', '#include "../region/map.h"\n#include "region/map.h"\n')
    write('native/region/map.h', '')
    expect(coreIo(root)).toHaveLength(2)
  })

  test('may include what a kernel has too, and its own headers', () => {
    write('native/core/pool.c', '#include <stdint.h>\n#include <string.h>\n#include <pmpool/format.h>\n')
    write('native/include/pmpool/format.h', '#include <stddef.h>\n')
    expect(coreIo(root)).toEqual([])
  })
})
