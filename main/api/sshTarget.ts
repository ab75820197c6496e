// SPDX-License-Identifier: GPL-2.0-or-later
/** What may be given to ssh as a destination. Free of zod, so that a page under a strict CSP can import it. */

/** user@host or an alias of the ssh config; never an option, never more than one word. */
export const sshTargetPattern = /^(?!-)[A-Za-z0-9._@:[\]%-]+$/
export const sshTargetLength = 255

/** The pattern in words. */
export const sshTargetRule = 'Write user@host or an alias, without spaces; it may not begin with -.'

export const isSshTarget = (text: string): boolean => text.length <= sshTargetLength && sshTargetPattern.test(text)
