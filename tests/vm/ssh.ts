// SPDX-License-Identifier: GPL-2.0-or-later
// Reaching a guest with the user's own OpenSSH: a client configuration of its own, and commands over it.
import { spawn } from 'node:child_process'
import { LabVmError, tail } from './errors.ts'
import type { VmImage } from './image/recipe.ts'

/** The name under which the client configuration knows the guest. */
export const sshHost = 'lab-vm'

/** One key exchange and cipher, the cheapest under emulation. ControlMaster would outlive a kexec and mislead. */
export function sshClientConfig(image: VmImage, port: number): string {
  return [
    `Host ${sshHost}`,
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    '  User root',
    `  IdentityFile ${configPath(image.identity)}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${configPath(image.knownHosts)}`,
    '  GlobalKnownHostsFile /dev/null',
    `  HostKeyAlias ${sshHost}`,
    '  CheckHostIP no',
    '  StrictHostKeyChecking yes',
    '  KexAlgorithms curve25519-sha256',
    '  Ciphers chacha20-poly1305@openssh.com',
    '  ControlMaster no',
    '  ControlPath none',
    '  BatchMode yes',
    '  ForwardAgent no',
    '  ConnectTimeout 60',
    '  ServerAliveInterval 15',
    '  ServerAliveCountMax 8',
    '  LogLevel ERROR',
    ''
  ].join('\n')
}

/** ssh expands % in paths and splits them at spaces. */
function configPath(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`
}

export interface SshOptions {
  readonly input?: string | Uint8Array
  readonly timeoutMs?: number
  /** resolve with the exit code instead of throwing when it is not 0 */
  readonly allowFailure?: boolean
}

export interface SshResult {
  /** exit code of the command; 255 is ssh's own, null a signal */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** stdout as it came */
  readonly bytes: Buffer
}

/** Runs `command` by the guest's shell. */
export async function runSsh(configFile: string, command: string, options: SshOptions = {}): Promise<SshResult> {
  const { input, timeoutMs = 180_000, allowFailure = false } = options
  const child = spawn('ssh', ['-F', configFile, sshHost, command], { timeout: timeoutMs, killSignal: 'SIGKILL' })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  // A command that does not read all its input is no failure of ours; its exit code says what happened.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const bytes = Buffer.concat(stdout)
  const result = { code, bytes, stdout: bytes.toString(), stderr: Buffer.concat(stderr).toString() }
  if (code === 0 || allowFailure) return result
  const reason = code === null ? `no end after ${timeoutMs / 1000} s` : `exit code ${code}`
  throw new LabVmError('ssh-failed', `ssh ${sshHost} ${command}: ${reason}\n${tail(result.stderr || result.stdout)}`)
}

export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
