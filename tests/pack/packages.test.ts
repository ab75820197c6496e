// SPDX-License-Identifier: GPL-2.0-or-later
// The packages as electron-builder makes them, but for the Electron binary in them: what is inside, and does it work.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { extractAll, listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { launchPackaged } from '../shell/launch.ts'
import { appImageRuntime, buildPackages, project } from './build.ts'

const run = (command: string, ...args: string[]): string => execFileSync(command, args, { encoding: 'utf8' })
const lines = (text: string): string[] => text.split('\n').filter(Boolean)
const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')

/** The executable of a process, or empty when it has ended. */
const programOf = (pid: string): string => {
  try {
    return readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return ''
  }
}

const helper = join(project, 'build/native/helper/pmpool')
const library = join(project, 'build/native/ffi/libpmpool.so')

/** Where a package puts what, and what of the project that is. */
const installed: Readonly<Record<string, string>> = {
  'usr/bin/pmpool': 'build/native/helper/pmpool',
  'opt/pmpool-lab/resources/pmpool': 'build/native/helper/pmpool',
  'opt/pmpool-lab/resources/libpmpool.so': 'build/native/ffi/libpmpool.so',
  'usr/share/polkit-1/actions/org.pmpool.policy': 'resources/polkit/org.pmpool.policy',
  'usr/lib/systemd/system/pmpool.socket': 'resources/systemd/pmpool.socket',
  'usr/lib/systemd/system/pmpool@.service': 'resources/systemd/pmpool@.service',
  'usr/share/man/man1/pmpool.1': 'resources/man/pmpool.1',
  'usr/share/pmpool/schema/verdict.schema.json': 'resources/schema/verdict.schema.json'
}
const iconSizes = [16, 24, 32, 48, 64, 128, 256, 512]
const iconOf = (size: number): string => `usr/share/icons/hicolor/${size}x${size}/apps/pmpool-lab.png`

let work: string
let deb: string
let rpm: string
let appImage: string
/** the deb's files */
let root: string

function madeOne(folder: string, pattern: string): string {
  const made = globSync(pattern, { cwd: folder })
  expect(made, pattern).toHaveLength(1)
  return join(folder, made[0] ?? '')
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'pmpool-pack-'))
  const dist = await buildPackages(work)
  deb = madeOne(dist, '*.deb')
  rpm = madeOne(dist, '*.rpm')
  appImage = madeOne(dist, '*.AppImage')
  root = join(work, 'root')
  run('dpkg-deb', '-x', deb, root)
}, 600_000)

afterAll(() => rmSync(work, { recursive: true, force: true }))

/** The libraries that the helper and libpmpool ask the loader for, but for the C library. */
const neededLibraries = (): string[] =>
  [helper, library]
    .flatMap((file) => [...run('objdump', '-p', file).matchAll(/NEEDED\s+(\S+)/g)])
    .map(([, name = '']) => name)
    .filter((name) => !/^(libc|libm|ld-linux.*)\.so/.test(name))

describe('deb', () => {
  test('says what it is', () => {
    const field = (name: string): string => run('dpkg-deb', '-f', deb, name).trim()
    expect(field('Package')).toBe('pmpool-lab')
    expect(field('Version')).toBe(manifest.version)
    expect(field('Architecture')).toBe('amd64')
    expect(field('Maintainer')).toMatch(/^.+ <.+@.+>$/)
    expect(field('Homepage')).toMatch(/^https:/)
    expect(field('Section')).toBe('devel')
    expect(field('Description')).toMatch(/^A lab for memory pools/)
  })

  test.each(Object.entries(installed))('installs %s', (path, source) => {
    expect(sha256(join(root, path))).toBe(sha256(join(project, source)))
  })

  test('everything in it is root’s, for all to read, for root alone to write, and nothing is setuid', () => {
    const odd = lines(run('dpkg-deb', '-c', deb)).filter(
      (line) => !/^([d-]rwxr-xr-x|-rw-r--r--) root\/root /.test(line)
    )
    expect(odd).toEqual([])
  })

  test.each(['usr/bin/pmpool', 'opt/pmpool-lab/resources/pmpool'])('%s runs', (path) => {
    expect(run(join(root, path), '--version')).toBe(`pmpool ${manifest.version}\n`)
  })

  test('depends on the packages of the libraries of the helper and of libpmpool', () => {
    const depends = run('dpkg-deb', '-f', deb, 'Depends').trim().split(', ')
    const known = new Map(
      [...run('/sbin/ldconfig', '-p').matchAll(/^\s+(\S+) \(libc6,x86-64.*\) => (\S+)$/gm)].map(([, name, path]) => [
        name,
        path
      ])
    )
    const owners = neededLibraries().map((name) => {
      const path = known.get(name) ?? name
      return run('dpkg', '-S', `*${path.replace(/^\/lib\//, '/')}`).split(':')[0] ?? ''
    })
    expect(owners.length).toBeGreaterThan(0)
    expect(owners.filter((name) => !depends.includes(name))).toEqual([])
  })

  test('its scripts enable no service', () => {
    const scripts = join(work, 'scripts')
    run('dpkg-deb', '-e', deb, scripts)
    for (const script of ['postinst', 'postrm']) {
      expect(readFileSync(join(scripts, script), 'utf8')).not.toMatch(/systemctl|deb-systemd-helper/)
    }
  })
})

describe('desktop', () => {
  test('the entry is valid and leads to what is there', () => {
    const entry = join(root, 'usr/share/applications/pmpool-lab.desktop')
    expect(run('desktop-file-validate', entry)).toBe('')
    const fields = new Map(lines(readFileSync(entry, 'utf8')).map((line) => line.split(/=(.*)/, 2) as [string, string]))
    expect(fields.get('Name')).toBe('Pmpool Lab')
    expect(existsSync(join(root, fields.get('Exec')?.split(' ')[0] ?? ''))).toBe(true)
    expect(existsSync(join(root, iconOf(256).replace('pmpool-lab', fields.get('Icon') ?? '')))).toBe(true)
    expect(`${fields.get('StartupWMClass')}.desktop`).toBe(manifest.desktopName)
  })

  test.each(iconSizes)('the icon of %d pixels has that size', (size) => {
    expect(run('file', '--brief', join(root, iconOf(size)))).toContain(`PNG image data, ${size} x ${size},`)
  })
})

describe('rpm', () => {
  const query = (format: string): string => run('rpm', '-qp', '--queryformat', format, rpm)

  test('says what it is', () => {
    expect(query('%{NAME} %{VERSION} %{ARCH} %{LICENSE}')).toBe(
      `pmpool-lab ${manifest.version} x86_64 ${manifest.license}`
    )
  })

  test('installs the same files as the deb', () => {
    const digests = new Map(
      lines(query('[%{FILENAMES}\t%{FILEDIGESTS}\n]')).map((line) => line.split('\t') as [string, string])
    )
    const files = globSync('**', { cwd: root }).filter((path) => lstatSync(join(root, path)).isFile())
    expect(files.length).toBeGreaterThan(Object.keys(installed).length)
    // each kind of package is packed on its own: the archive's files may be in another order
    const compared = files.filter((path) => !path.endsWith('app.asar'))
    expect(Object.fromEntries(compared.map((path) => [path, digests.get(`/${path}`)]))).toEqual(
      Object.fromEntries(compared.map((path) => [path, sha256(join(root, path))]))
    )
    expect([...digests.keys()].sort()).toEqual(files.map((path) => `/${path}`).sort())
  })

  test('everything in it is root’s, and nothing is setuid', () => {
    const odd = lines(query('[%{FILEMODES:perms} %{FILEUSERNAME} %{FILEGROUPNAME} %{FILENAMES}\n]')).filter(
      (line) => !/^([d-]rwxr-xr-x|-rw-r--r--) root root /.test(line)
    )
    expect(odd).toEqual([])
  })

  test('requires the libraries of the helper and of libpmpool', () => {
    const required = lines(run('rpm', '-qp', '--requires', rpm))
    expect(neededLibraries().filter((name) => !required.includes(`${name}()(64bit)`))).toEqual([])
  })
})

describe('AppImage', () => {
  let folder: string
  beforeAll(() => {
    folder = join(work, 'appimage-root')
    run('unsquashfs', '-quiet', '-no-progress', '-offset', String(appImageRuntime.length), '-dest', folder, appImage)
  })

  test('brings the application, the helper and a valid entry', () => {
    expect(run(join(folder, 'resources/pmpool'), '--version')).toBe(`pmpool ${manifest.version}\n`)
    expect(existsSync(join(folder, 'resources/libpmpool.so'))).toBe(true)
    expect(existsSync(join(folder, 'resources/app.asar'))).toBe(true)
    expect(run('desktop-file-validate', join(folder, 'pmpool-lab.desktop'))).toBe('')
  })

  test('starts Electron with its sandbox', () => {
    // AppRun itself leaves it out only where the kernel grants no user namespaces
    expect(lines(readFileSync(join(folder, 'pmpool-lab.desktop'), 'utf8'))).toContain('Exec=AppRun %U')
  })
})

describe('application', () => {
  const archive = (): string => join(root, 'opt/pmpool-lab/resources/app.asar')

  test('has the bundles and what they import, but no sources and no tests', () => {
    const files = listPackage(archive(), { isPack: false })
    const needed = ['main/index.js', 'preload/index.cjs', 'renderer/index.html'].map((file) => `/out/${file}`)
    expect(needed.filter((file) => !files.includes(file))).toEqual([])
    expect([...new Set(files.map((file) => file.split('/')[1]))].sort()).toEqual([
      'node_modules',
      'out',
      'package.json'
    ])
    expect(files.filter((file) => /\.(ts|mts|cts|vue|map|c|cc|h|hh|spec\.js|test\.js)$|musl/.test(file))).toEqual([])
  })

  describe('unpacked', () => {
    let folder: string
    beforeAll(() => {
      folder = join(work, 'archive')
      extractAll(archive(), folder)
    })

    test('has dependencies that load', () => {
      const names = Object.keys(manifest.dependencies).map((name) =>
        name === 'vscode-jsonrpc' ? `${name}/node` : name
      )
      const load = names.map((name) => `await import(${JSON.stringify(name)})`).join(';')
      execFileSync('node', ['--input-type=module', '--eval', load], { cwd: folder })
    })

    test('calls the libpmpool that was packaged', () => {
      const call = `const { default: koffi } = await import('koffi')
        console.log(koffi.load(process.argv[1]).func('uint32_t pm_ffi_version()')())`
      const packaged = join(root, 'opt/pmpool-lab/resources/libpmpool.so')
      const printed = execFileSync('node', ['--input-type=module', '--eval', call, packaged], { cwd: folder })
      expect(printed.toString()).toBe('1\n')
    })

    test('starts, with the helper that was packaged', async () => {
      const resources = join(root, 'opt/pmpool-lab/resources')
      const bundle = join(folder, 'out/main/index.js')
      const lab = await launchPackaged({ bundle, resources }, ['--data', join(work, 'data')])
      try {
        expect(await lab.evaluate(({ app }) => [app.isPackaged, app.getVersion()])).toEqual([true, manifest.version])
        const children = `/proc/${lab.process.pid}/task/${lab.process.pid}/children`
        await expect
          .poll(() => readFileSync(children, 'utf8').trim().split(' ').map(programOf), { timeout: 20_000 })
          .toContain(join(resources, 'pmpool'))
      } finally {
        expect(await lab.quit()).toBe(0)
      }
    })
  })

  test('the fuses are set', async () => {
    const wire = await getCurrentFuseWire(join(root, 'opt/pmpool-lab/pmpool-lab'))
    const [on, off] = ['1', '0'].map((state) => state.charCodeAt(0)) // as they stand in the binary
    expect(wire).toMatchObject({
      [FuseV1Options.RunAsNode]: off,
      [FuseV1Options.EnableCookieEncryption]: on,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: off,
      [FuseV1Options.EnableNodeCliInspectArguments]: off,
      [FuseV1Options.OnlyLoadAppFromAsar]: on,
      [FuseV1Options.GrantFileProtocolExtraPrivileges]: off
    })
  })
})
