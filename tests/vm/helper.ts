// SPDX-License-Identifier: GPL-2.0-or-later
import { join } from 'node:path'

/** The pmpool that `npm run setup` builds; the guest runs the same Debian release. */
export const helperBinary = join(import.meta.dirname, '../../build/native/helper/pmpool')
