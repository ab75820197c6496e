// SPDX-License-Identifier: GPL-2.0-or-later
import { expect, test } from './fixtures.ts'
import { realElectron } from './launch.ts'

test('the specs of this folder ran on real Electron', async ({ open }) => {
  test.skip(
    !realElectron,
    'node_modules/electron/dist/electron is not here (Electron’s binary is a download of its own): ' +
      'the specs ran on the stand-in, with real Chromium'
  )
  const lab = await open()
  expect(await lab.evaluate(() => process.versions['electron'])).toMatch(/^45\./)
})
