// SPDX-License-Identifier: GPL-2.0-or-later
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export interface LibraryPlaces {
  /** of the source tree, where Meson builds */
  readonly root: string
  /** of the packaged application */
  readonly resources?: string | undefined
}

/** libpmpool for this machine: packaged with the lab, or built beside it. The built one when neither is there. */
export function findLibrary({ root, resources }: LibraryPlaces): string {
  const built = join(root, 'build', 'native', 'ffi', 'libpmpool.so')
  const packaged = resources === undefined ? [] : [join(resources, 'libpmpool.so')]
  return [...packaged, built].find((file) => existsSync(file)) ?? built
}
