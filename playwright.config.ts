// SPDX-License-Identifier: GPL-2.0-or-later
import { defineConfig } from '@playwright/test'
import { chromiumLaunch } from './tests/chromium.ts'

const minutes = (n: number): number => n * 60_000

export default defineConfig({
  workers: 2, // each test has a lab, each file of the lab VM a guest of its own
  retries: 0,
  forbidOnly: true,
  reporter: [['list']],
  outputDir: 'node_modules/.cache/playwright',
  use: {
    browserName: 'chromium',
    headless: true,
    viewport: { width: 1600, height: 900 },
    launchOptions: chromiumLaunch,
    actionTimeout: 60_000, // a control that never comes is a failure of its own, before the test's end
    // the snapshots of a trace hold what its pictures would, at a fifth of the whole run less
    trace: { mode: 'retain-on-failure', screenshots: false, sources: false }
  },
  projects: [
    { name: 'e2e', testDir: 'tests/e2e', timeout: minutes(1) },
    { name: 'shell', testDir: 'tests/shell', timeout: minutes(1), workers: 1 },
    // a guest under QEMU's interpreter on a busy machine: a boot alone can take half a minute
    { name: 'vm', testDir: 'tests/vm', timeout: minutes(10), expect: { timeout: minutes(2) } }
  ]
})
