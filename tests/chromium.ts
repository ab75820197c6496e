// SPDX-License-Identifier: GPL-2.0-or-later
/** Debian's own Chromium, and what it is started with; Playwright's downloads are not needed. */
export const chromiumLaunch = {
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync'
  ]
}
