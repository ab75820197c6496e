// SPDX-License-Identifier: GPL-2.0-or-later
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'

export interface HelperPlaces {
  /** of the source tree, where Meson builds */
  readonly root: string
  /** of the packaged application */
  readonly resources?: string | undefined
}

/** The helper for this machine: packaged with the lab, built beside it, or installed. The built one when none is there. */
export function findHelper({ root, resources }: HelperPlaces): string {
  const built = join(root, 'build', 'native', 'helper', 'pmpool')
  const packaged = resources === undefined ? [] : [join(resources, 'pmpool')]
  return [...packaged, built, '/usr/bin/pmpool'].find(isProgram) ?? built
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
