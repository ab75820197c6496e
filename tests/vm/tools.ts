// SPDX-License-Identifier: GPL-2.0-or-later
// Programs of the host, and the Debian packages that bring them.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { LabVmError } from './errors.ts'

/** An ordinary user's PATH often lacks the folders that hold mke2fs. */
export const toolPath = [process.env['PATH'] ?? '', '/usr/sbin', '/sbin'].join(delimiter)

const packageOf = {
  'qemu-system-x86_64': 'qemu-system-x86',
  setpriv: 'util-linux',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  mmdebstrap: 'mmdebstrap',
  'apt-get': 'apt',
  'dpkg-deb': 'dpkg',
  mke2fs: 'e2fsprogs',
  cpio: 'cpio',
  gcc: 'gcc',
  unshare: 'util-linux',
  flock: 'util-linux',
  newuidmap: 'uidmap'
} as const

export type Tool = keyof typeof packageOf

export const runTools: readonly Tool[] = ['qemu-system-x86_64', 'setpriv', 'ssh']

export const buildTools: readonly Tool[] = [
  'mmdebstrap',
  'apt-get',
  'dpkg-deb',
  'mke2fs',
  'cpio',
  'gcc',
  'unshare',
  'flock',
  'ssh-keygen'
]

/** Throws one error that names everything missing and the command that installs it. */
export function requireTools(tools: readonly Tool[]): void {
  const missing = tools.filter((tool) => !isInstalled(tool))
  if (missing.length === 0) return
  const packages = [...new Set(missing.map((tool) => packageOf[tool]))]
  throw new LabVmError(
    'tool-missing',
    `The lab VM needs ${missing.join(', ')}. On Debian: apt-get install ${packages.join(' ')}`
  )
}

function isInstalled(tool: Tool): boolean {
  return toolPath.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
