// SPDX-License-Identifier: GPL-2.0-or-later
// What the image is made of, where it is cached, and under which key.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, relative } from 'node:path'

export const recipeDir = import.meta.dirname

export const suite = 'bookworm'

export const kernelPackage = 'linux-image-cloud-amd64'

/** Sparse: an image takes what its files take. */
export const diskSize = '1G'

const system = ['systemd-sysv', 'dbus', 'udev', 'kmod', 'kexec-tools', 'dropbear-bin', 'iproute2']

/** What the native helper is linked with. */
const helperLibraries = ['libjson-c5', 'libsystemd0', 'libzstd1', 'libxxhash0', 'libblkid1', 'libseccomp2', 'libcap2']

export const packages: readonly string[] = [...system, ...helperLibraries]

export interface VmImage {
  readonly dir: string
  /** raw ext4, never written to: guests run on snapshots of it */
  readonly disk: string
  readonly kernel: string
  readonly initrd: string
  /** private key of root's login */
  readonly identity: string
  /** the guest's host key, under the name lab-vm */
  readonly knownHosts: string
}

export function cacheDir(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'pmpool-lab')
}

/** A digest of the recipe's files, names and contents: another recipe is another image. */
export function recipeKey(): string {
  const hash = createHash('sha256')
  const files = readdirSync(recipeDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  for (const file of files) {
    const content = readFileSync(file)
    hash.update(`${relative(recipeDir, file)}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex').slice(0, 16)
}

export function imageIn(dir: string): VmImage {
  return {
    dir,
    disk: join(dir, 'vm.img'),
    kernel: join(dir, 'vmlinuz'),
    initrd: join(dir, 'initrd.img'),
    identity: join(dir, 'id_ed25519'),
    knownHosts: join(dir, 'known_hosts')
  }
}
