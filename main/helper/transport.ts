// SPDX-License-Identifier: GPL-2.0-or-later
/** How a configured host is reached. No shell on this side: programs get argument arrays. */
import { SshTarget, type Transport } from '../api/index.ts'
import { failure } from '../api/failure.ts'
import { childLink, socketLink, type Link } from './link.ts'

export interface HelperOptions {
  /** the pmpool of this machine, for simulated hosts */
  readonly program: string
  /** of a simulated host that does not exist yet, such as "64M" */
  readonly regionSize?: string | undefined
}

/** pkexec looks up the polkit action by this very path. */
const installedProgram = '/usr/bin/pmpool'

/**
 * A kexec has to be seen as a broken connection, soon, and a new connection must not ride on the broken one: hence
 * keep-alives and no shared master. What the user's own configuration may add and this connection must not have
 * (a terminal, forwardings, another command) is off.
 */
const sshOptions = [
  'BatchMode=yes',
  'ConnectTimeout=15', // an emulated guest needs seconds for the key exchange alone
  'ServerAliveInterval=3',
  'ServerAliveCountMax=3',
  'ControlMaster=no',
  'ControlPath=none',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'ForwardX11=no',
  'PermitLocalCommand=no',
  'RemoteCommand=none'
]

export function sshCommand(target: string, configFile?: string): string[] {
  const safe = SshTarget.safeParse(target)
  if (!safe.success) throw failure('host-unreachable', `${JSON.stringify(target)} is no ssh destination.`)
  const config = configFile === undefined ? [] : ['-F', configFile]
  return ['ssh', ...config, ...sshOptions.flatMap((option) => ['-o', option]), '-T', '--', safe.data, 'pmpool', 'serve']
}

export function simulatedCommand(directory: string, { program, regionSize }: HelperOptions): string[] {
  const size = regionSize === undefined ? [] : ['--region-size', regionSize]
  return [program, 'serve', '--simulate', directory, ...size]
}

export function openLink(transport: Transport, options: HelperOptions): Link {
  switch (transport.kind) {
    case 'simulated':
      return childLink(simulatedCommand(transport.directory, options))
    case 'ssh':
      return childLink(sshCommand(transport.target, transport.configFile))
    case 'socket':
      return socketLink(transport.path)
    case 'pkexec':
      return childLink(['pkexec', installedProgram, 'serve'])
  }
}

/** What the transport leads to, for titles and messages. */
export function transportTitle(transport: Transport): string {
  switch (transport.kind) {
    case 'simulated':
      return 'Simulated host'
    case 'ssh':
      return transport.target
    case 'socket':
      return 'This machine'
    case 'pkexec':
      return 'This machine (pkexec)'
  }
}
