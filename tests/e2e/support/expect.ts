// SPDX-License-Identifier: GPL-2.0-or-later
import { expect as plain } from '@playwright/test'

/** Nothing here is timed: this is for a machine that is busy with something else. */
export const expect = plain.configure({ timeout: 30_000 })
