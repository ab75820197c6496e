// SPDX-License-Identifier: GPL-2.0-or-later
import { asFailure } from '@api/failure.ts'

const names: readonly string[] = ['helper-gone', 'host-unreachable', 'lab-gone']

/**
 * What was asked got no answer because the host, its helper or the lab went away. Where the page only reads, that is no
 * news of its own: the banners say how the connection is (away in a kexec, or lost), and it reads again when it is back.
 */
export const isCutOff = (error: unknown): boolean => names.includes(asFailure(error).name)
