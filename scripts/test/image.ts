// SPDX-License-Identifier: GPL-2.0-or-later
import { run } from '../lib/run.mjs'

/** Builds the lab VM's image beside the other steps; the vm step waits for it. */
export const startImageBuild = (): ReturnType<typeof run> => run(['node', 'tests/vm/image/build.ts'])
