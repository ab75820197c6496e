// SPDX-License-Identifier: GPL-2.0-or-later
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root. */
export const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** @param {string[]} parts a path from the repository's root */
export const inProject = (...parts) => join(projectRoot, ...parts)
