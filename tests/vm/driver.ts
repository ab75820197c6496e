// SPDX-License-Identifier: GPL-2.0-or-later
// The lab VM as tests and `npm run vm` see it: a Debian guest under QEMU that goes through real kexecs.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onProcessEnd } from './cleanup.ts'
import { LabVmError, tail } from './errors.ts'
import { ensureVmImage } from './image/build.ts'
import type { VmImage } from './image/recipe.ts'
import { freePort, isPortTaken, qemuArguments } from './qemu.ts'
import { runSsh, shellQuote, sshClientConfig } from './ssh.ts'
import type { SshOptions, SshResult } from './ssh.ts'
import { requireTools, runTools } from './tools.ts'

export { LabVmError } from './errors.ts'
export { baseCommandLine } from './qemu.ts'
export { shellQuote, sshHost } from './ssh.ts'
export type { SshOptions, SshResult } from './ssh.ts'

export interface LabVmOptions {
  readonly memMiB?: number
  /** kernel options after the base command line, such as `memmap=64M$0x10000000` */
  readonly append?: readonly string[]
  /** a pmpool binary of the host, installed as /usr/bin/pmpool */
  readonly helper?: string
  /** emulation is slow on a busy machine */
  readonly timeoutMs?: number
  /** told when the image has to be built first */
  readonly report?: (line: string) => void
}

export interface ReadyOptions {
  /** the boot that is not meant: wait for another */
  readonly notBootId?: string
  readonly timeoutMs?: number
}

/** The guest's kernel and initramfs inside the guest, for kexec_file_load. */
export const guestKernel = '/boot/vmlinuz'
export const guestInitrd = '/boot/initrd.img'

const bootTimeoutMs = 180_000
const consolePollMs = 50
const portAttempts = 5
const readyLine = /LAB-VM-READY ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\r?\n/g

export class LabVm {
  /** the VM's own temporary folder, gone after stop() */
  readonly dir: string
  /** client configuration for `ssh -F FILE lab-vm` */
  readonly sshConfig: string
  readonly port: number
  readonly #console: string
  readonly #qemuLog: string
  readonly #qemu: ChildProcess
  readonly #timeoutMs: number
  readonly #forget: () => void

  /** A running guest that answers ssh, its helper installed. */
  static async start(options: LabVmOptions = {}): Promise<LabVm> {
    requireTools(runTools)
    const image = await ensureVmImage(options.report)
    for (let attempt = 1; ; attempt++) {
      const vm = new LabVm(image, await freePort(), options)
      try {
        await vm.waitReady()
        if (options.helper) await vm.push(options.helper, '/usr/bin/pmpool', 0o755)
        return vm
      } catch (error) {
        await vm.stop()
        const taken = error instanceof LabVmError && error.code === 'port-taken'
        if (!taken || attempt === portAttempts) throw error
      }
    }
  }

  private constructor(image: VmImage, port: number, options: LabVmOptions) {
    this.port = port
    this.#timeoutMs = options.timeoutMs ?? bootTimeoutMs
    this.dir = mkdtempSync(join(tmpdir(), 'pmpool-lab-vm-'))
    this.sshConfig = join(this.dir, 'ssh_config')
    this.#console = join(this.dir, 'console.log')
    this.#qemuLog = join(this.dir, 'qemu.log')
    writeFileSync(this.sshConfig, sshClientConfig(image, port), { mode: 0o600 })
    const { memMiB = 512, append = [] } = options
    this.#qemu = this.#spawn(qemuArguments({ image, port, memMiB, append, console: this.#console }))
    this.#forget = onProcessEnd(() => {
      this.#qemu.kill('SIGKILL')
      rmSync(this.dir, { recursive: true, force: true })
    })
  }

  /** Waits for a boot to report ready on the serial console and returns its boot id. */
  async waitReady({ notBootId, timeoutMs = this.#timeoutMs }: ReadyOptions = {}): Promise<string> {
    const end = performance.now() + timeoutMs
    while (performance.now() < end) {
      const id = this.#readyBootIds().at(-1)
      if (id !== undefined && id !== notBootId) return id
      if (!this.isRunning()) throw this.#exitError()
      await sleep(consolePollMs)
    }
    throw new LabVmError('timeout', `The guest was not ready after ${timeoutMs / 1000} s.\n${tail(this.console())}`)
  }

  ssh(command: string, options: SshOptions = {}): Promise<SshResult> {
    return runSsh(this.sshConfig, command, { timeoutMs: this.#timeoutMs, ...options })
  }

  async bootId(): Promise<string> {
    return (await this.ssh('cat /proc/sys/kernel/random/boot_id')).stdout.trim()
  }

  /** Everything the guest wrote to its serial console so far. */
  console(): string {
    return existsSync(this.#console) ? readFileSync(this.#console, 'utf8') : ''
  }

  /** Copies a file of the host into the guest, in place at once. The guest has no sftp server, so scp needs -O. */
  async push(file: string, path: string, mode = 0o644): Promise<void> {
    const [target, partial] = [shellQuote(path), shellQuote(`${path}.partial`)]
    const command = `cat > ${partial} && chmod ${mode.toString(8)} ${partial} && mv ${partial} ${target}`
    await this.ssh(command, { input: readFileSync(file) })
  }

  async pull(path: string): Promise<Buffer> {
    return (await this.ssh(`cat ${shellQuote(path)}`)).bytes
  }

  isRunning(): boolean {
    return this.#qemu.exitCode === null && this.#qemu.signalCode === null
  }

  /** Resolves when QEMU ends: the guest reset or powered off, or stop() was called. */
  async exited(): Promise<void> {
    if (this.isRunning()) await once(this.#qemu, 'exit')
  }

  /** Ends this VM's QEMU and removes its folder. May be called again. */
  async stop(): Promise<void> {
    const exited = this.exited()
    this.#qemu.kill('SIGKILL')
    await exited
    this.#forget()
    rmSync(this.dir, { recursive: true, force: true })
  }

  /** setpriv lets the kernel end QEMU even where this process dies without a chance to. */
  #spawn(args: readonly string[]): ChildProcess {
    const log = openSync(this.#qemuLog, 'w')
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...args], {
      // QEMU keeps what the guest writes to its disk in an unlinked file there.
      env: { ...process.env, TMPDIR: this.dir },
      stdio: ['ignore', log, log]
    })
    closeSync(log)
    return child
  }

  #readyBootIds(): string[] {
    return [...this.console().matchAll(readyLine)].flatMap(([, id]) => id ?? [])
  }

  #exitError(): LabVmError {
    const output = readFileSync(this.#qemuLog, 'utf8')
    if (isPortTaken(output)) return new LabVmError('port-taken', output)
    return new LabVmError('qemu-exited', `QEMU ended.\n${tail(output)}\nLast on the console:\n${tail(this.console())}`)
  }
}
