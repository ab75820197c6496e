#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-or-later
// Stands in for fpm, which Debian 12 has not: takes the arguments that electron-builder gives it and makes a deb with
// dpkg-deb or an rpm with rpmbuild. An argument that it does not know is an error.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'

const text = { type: 'string' } as const
const { values: given, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    source: { ...text, short: 's' },
    target: { ...text, short: 't' },
    force: { type: 'boolean' },
    depends: { ...text, short: 'd', multiple: true, default: [] },
    'deb-recommends': { ...text, multiple: true, default: [] },
    'deb-priority': text,
    'deb-compression': text,
    'rpm-os': text,
    'rpm-compression': text,
    'rpm-summary': text,
    architecture: text,
    'after-install': text,
    'after-remove': text,
    description: text,
    version: text,
    package: text,
    name: text,
    maintainer: text,
    vendor: text,
    url: text,
    category: text,
    license: text
  }
})

/** An argument that has to be there. */
function need(name: Exclude<keyof typeof given, 'force' | 'depends' | 'deb-recommends'>): string {
  const value = given[name]
  if (value === undefined) throw new Error(`fpm: --${name} is missing`)
  return value
}

const everything = (folder: string): string[] =>
  globSync('**', { cwd: folder }).filter((path) => path !== '.' && path !== '')

/** Lays the files out as they will be installed: root's, for all to read, nothing setuid. */
function stageFiles(stage: string): void {
  for (const pair of files) {
    const at = pair.lastIndexOf('=')
    const from = pair.slice(0, at)
    const to = join(stage, pair.slice(at + 1))
    mkdirSync(from.endsWith('/') ? to : dirname(to), { recursive: true })
    cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
  }
  for (const path of ['.', ...everything(stage)].map((each) => join(stage, each))) {
    const found = lstatSync(path)
    if (!found.isSymbolicLink()) chmodSync(path, found.isDirectory() || (found.mode & 0o111) !== 0 ? 0o755 : 0o644)
  }
}

function writeDeb(stage: string): void {
  const architectures: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' }
  const [summary = '', ...lines] = need('description').trim().split('\n')
  const kib = everything(stage).reduce((sum, path) => sum + lstatSync(join(stage, path)).size / 1024, 0)
  const fields = {
    Package: need('name'),
    Version: need('version'),
    Architecture: architectures[need('architecture')] ?? need('architecture'),
    Maintainer: need('maintainer'),
    'Installed-Size': String(Math.ceil(kib)),
    Depends: given.depends.join(', '),
    Recommends: given['deb-recommends'].join(', '),
    Section: need('category'),
    Priority: need('deb-priority'),
    Homepage: need('url'),
    Description: [summary, ...lines.map((line) => ` ${line.trim() || '.'}`)].join('\n')
  }
  const control = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`)
  mkdirSync(join(stage, 'DEBIAN'))
  writeFileSync(join(stage, 'DEBIAN/control'), control.join(''))
  cpSync(need('after-install'), join(stage, 'DEBIAN/postinst'))
  cpSync(need('after-remove'), join(stage, 'DEBIAN/postrm'))
  for (const script of ['postinst', 'postrm']) chmodSync(join(stage, 'DEBIAN', script), 0o755)
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', stage, need('package')], {
    stdio: 'inherit'
  })
}

function writeRpm(stage: string, root: string): void {
  const plain = (value: string): string => value.replaceAll('%', '%%')
  const listed = everything(stage).filter((path) => !lstatSync(join(stage, path)).isDirectory())
  const spec = [
    `Name: ${need('name')}`,
    `Version: ${need('version')}`,
    'Release: 1',
    `Summary: ${plain(need('rpm-summary'))}`,
    `License: ${need('license')}`,
    `Vendor: ${need('vendor')}`,
    `URL: ${need('url')}`,
    ...given.depends.map((name) => `Requires: ${name}`),
    'AutoReqProv: no',
    '%define _build_id_links none',
    '%define __strip /bin/true',
    '%define _binary_payload w1.gzdio',
    `%description\n${plain(need('description'))}`,
    `%install\ncp -a ${stage}/. %{buildroot}/`,
    `%post\n${plain(readFileSync(need('after-install'), 'utf8'))}`,
    `%postun\n${plain(readFileSync(need('after-remove'), 'utf8'))}`,
    '%files\n%defattr(-,root,root,-)',
    ...listed.map((path) => `"/${plain(path)}"`)
  ]
  writeFileSync(join(root, 'package.spec'), `${spec.join('\n')}\n`)
  execFileSync('rpmbuild', ['-bb', '--quiet', '--define', `_topdir ${root}/rpm`, join(root, 'package.spec')], {
    stdio: 'inherit'
  })
  const [made = ''] = globSync('rpm/RPMS/**/*.rpm', { cwd: root })
  cpSync(join(root, made), need('package'))
}

const root = mkdtempSync(join(tmpdir(), 'pmpool-fpm-'))
try {
  const stage = join(root, 'stage')
  stageFiles(stage)
  rmSync(need('package'), { force: true })
  if (need('target') === 'deb') writeDeb(stage)
  else writeRpm(stage, root)
} finally {
  rmSync(root, { recursive: true })
}
