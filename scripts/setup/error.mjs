// SPDX-License-Identifier: GPL-2.0-or-later

/** Something that the user has to mend; its message says how, and no stack trace is of use. */
export class SetupError extends Error {}
