// SPDX-License-Identifier: GPL-2.0-or-later
// Names that the shell's two sides share: main and the preload.

/** What the menu can ask of the page: ids of its commands (renderer/stores/commands.ts). */
export const menuCommands = [
  'create-pool',
  'allocate',
  'take-snapshot',
  'plan-kexec',
  'theme-light',
  'theme-dark',
  'theme-system',
  'show-palette',
  'show-shortcuts',
  'show-about'
] as const
export type MenuCommand = (typeof menuCommands)[number]

/** Every channel between the preload and main; there are no others. */
export const channels = {
  /** preload to main, no arguments: the page wants to talk to the lab */
  connect: 'pmpool:connect',
  /** main to preload, with one MessagePort: the answer to `connect` */
  port: 'pmpool:port',
  /** main to preload, with a MenuCommand */
  menu: 'pmpool:menu'
} as const
