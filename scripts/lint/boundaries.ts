// SPDX-License-Identifier: GPL-2.0-or-later
// Who may import what, checked on the resolved path: a table of folders, the deepest folder that holds a file decides.
import { isBuiltin } from 'node:module'
import { dirname, relative, resolve, sep } from 'node:path'
import type { Rule } from 'eslint'

interface Layer {
  /** folder from the repository's root */
  readonly folder: string
  /** project folders that it may import from; its own is always allowed */
  readonly folders: readonly string[]
  /** Node's own modules */
  readonly node: boolean
  /** a package of this list only, or any but electron, or any */
  readonly packages: readonly string[] | 'no-electron' | 'any'
  /** packages of which only types may be imported */
  readonly typesOf?: readonly string[]
  /** of other folders only types may be imported, and code of these files; tests may import all */
  readonly codeOf?: readonly string[]
}

const layers: readonly Layer[] = [
  { folder: 'main/api/pipe.ts', folders: ['main/api'], node: false, packages: ['vscode-jsonrpc'] },
  { folder: 'main/api/client.ts', folders: ['main/api'], node: false, packages: ['vscode-jsonrpc'] },
  { folder: 'main/api', folders: [], node: false, packages: ['zod'], typesOf: ['vscode-jsonrpc'] },
  { folder: 'main/helper', folders: ['main/api'], node: true, packages: 'no-electron' },
  { folder: 'main/files/native.ts', folders: ['main/api', 'main/files'], node: true, packages: ['koffi'] },
  { folder: 'main/files', folders: ['main/api'], node: true, packages: ['zod'] },
  { folder: 'main/lab', folders: ['main/api', 'main/helper', 'main/files'], node: true, packages: 'no-electron' },
  {
    folder: 'main/serve',
    folders: ['main/api', 'main/helper', 'main/files', 'main/lab'],
    node: true,
    packages: 'no-electron'
  },
  { folder: 'main/shell', folders: ['main'], node: true, packages: 'any' },
  { folder: 'main', folders: ['main'], node: true, packages: 'no-electron' },
  {
    folder: 'renderer',
    folders: ['main/api'],
    node: false,
    packages: 'no-electron',
    codeOf: ['main/api/client.ts', 'main/api/failure.ts', 'main/api/pipe.ts', 'main/api/sshTarget.ts'] // without schemas
  }
]

const testOnlyPackages = ['vitest', '@vue/test-utils']
const isTest = (file: string): boolean => /\.test\.ts$/.test(file)
const within = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/** The project path that a specifier leads to, or undefined for a package. */
function projectPath(specifier: string, file: string): string | undefined {
  if (specifier === '@api' || specifier.startsWith('@api/')) return `main/${specifier.slice(1)}`
  if (specifier.startsWith('.')) return resolve('/', dirname(file), specifier).slice(1)
  return undefined
}

/** Why `file` may not import `specifier`, or undefined when it may. Both as paths from the repository's root. */
export function refusal(file: string, specifier: string, typeOnly: boolean): string | undefined {
  const layer = layers.find((candidate) => within(file, candidate.folder))
  if (!layer) return undefined
  const target = projectPath(specifier, file)
  if (target !== undefined) {
    if (specifier.startsWith('@') && layer.folder !== 'renderer') {
      return 'main runs under plain Node too, which knows no alias: import the relative path'
    }
    if (within(target, layer.folder)) return undefined
    if (layer.folders.some((folder) => within(target, folder))) {
      if (!layer.codeOf || typeOnly || isTest(file) || layer.codeOf.includes(target)) return undefined
      return `${layer.folder} may import types of ${target}, and code of ${layer.codeOf.join(', ')} only`
    }
    return `${layer.folder} may import from ${layer.folders.join(', ') || 'no other folder'}, not from ${target}`
  }
  const test = isTest(file)
  if (isBuiltin(specifier))
    return layer.node || test ? undefined : `${layer.folder} must run in a browser: no ${specifier}`
  const name = packageOf(specifier)
  if (name === 'koffi' && !(Array.isArray(layer.packages) && layer.packages.includes(name))) {
    return 'only main/files/native.ts imports koffi'
  }
  if (name === 'electron') return layer.packages === 'any' ? undefined : 'only main/shell imports electron'
  if (typeof layer.packages === 'string' || layer.packages.includes(name)) return undefined
  if (layer.typesOf?.includes(name) && typeOnly) return undefined
  if (test && testOnlyPackages.includes(name)) return undefined
  return `${layer.folder} does not depend on ${specifier}`
}

type Source = { readonly type: string; readonly value?: unknown } | null | undefined

export const boundaries: Rule.RuleModule = {
  meta: { type: 'problem', schema: [], messages: { refused: '{{reason}}' } },
  create(context) {
    const file = relative(context.cwd, context.filename).split(sep).join('/')
    const check = (node: Rule.Node, source: Source, typeOnly: boolean): void => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return
      const reason = refusal(file, source.value, typeOnly)
      if (reason) context.report({ node, messageId: 'refused', data: { reason } })
    }
    const kind = (node: object, key: string): boolean => (node as Record<string, unknown>)[key] === 'type'
    return {
      ImportDeclaration: (node) => check(node, node.source, kind(node, 'importKind')),
      ExportNamedDeclaration: (node) => check(node, node.source, kind(node, 'exportKind')),
      ExportAllDeclaration: (node) => check(node, node.source, kind(node, 'exportKind')),
      ImportExpression: (node) => check(node, node.source, false),
      // require() and TypeScript's import('…') types
      "CallExpression[callee.name='require']": (node: Rule.Node) =>
        check(node, (node as unknown as { arguments: Source[] }).arguments[0], false),
      TSImportType: (node: Rule.Node) => check(node, (node as unknown as { source: Source }).source, true)
    }
  }
}
