// SPDX-License-Identifier: GPL-2.0-or-later
/** zod schemas as rows of a table: field, type, meaning. */
import { z } from 'zod'
import * as api from '../../main/api/index.ts'

export interface FieldRow {
  readonly field: string
  readonly type: string
  readonly meaning: string
}

/** The part of JSON Schema that the contract uses. */
interface Node {
  title?: string
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  anyOf?: Node[]
  oneOf?: Node[]
  items?: Node
  properties?: Record<string, Node>
  required?: string[]
  description?: string
  default?: unknown
  pattern?: string
  format?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  contentEncoding?: string
  multipleOf?: number
}

/** The types that the page explains once, by name. */
export const namedTypes: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  Object.entries(api)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, thing]) =>
      /^[A-Z]/.test(name) && name !== 'ErrorData' && thing instanceof z.ZodType ? [[name, thing]] : []
    )
)
const nameOf = new Map<z.core.$ZodType, string>(Object.entries(namedTypes).map(([name, schema]) => [schema, name]))

/** describe() makes a copy, which knows what it was copied from. */
export function knownName(schema: z.core.$ZodType): string | undefined {
  for (let at: z.core.$ZodType | undefined = schema; at; at = at._zod.parent) {
    const name = nameOf.get(at)
    if (name) return name
  }
  return undefined
}

export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Node {
  return z.toJSONSchema(schema, {
    io,
    override: ({ zodSchema, jsonSchema: node }) => {
      const at: z.core.$ZodType = zodSchema
      const name = at === schema ? undefined : knownName(at)
      if (name) node.title = name
    }
  }) as Node
}

/** An object's fields, those of unnamed objects inside it too; of a choice each in turn; anything else is one row. */
export function fieldRows(node: Node, path = ''): FieldRow[] {
  if (node.properties && !(path && node.title)) {
    const required = new Set(node.required)
    return Object.entries(node.properties).flatMap(([name, child]) => {
      const at = path ? `${path}.${name}` : name
      return fieldRow(child, required.has(name) ? at : `${at}?`, at)
    })
  }
  if (!path && node.oneOf) return node.oneOf.flatMap((option) => fieldRows(option))
  return fieldRow(node, path || '(whole)', path)
}

function fieldRow(node: Node, field: string, path: string): FieldRow[] {
  const self = { field, type: typeText(node), meaning: meaningText(node) }
  const inner = innerObject(node)
  return inner ? [self, ...fieldRows(inner.node, path + inner.suffix)] : [self]
}

/** The unnamed object that a field holds, holds in an array, or may hold. */
function innerObject(node: Node): { node: Node; suffix: string } | undefined {
  if (node.title) return undefined
  if (node.properties) return { node, suffix: '' }
  if (node.items?.properties && !node.items.title) return { node: node.items, suffix: '[]' }
  const option = node.anyOf?.find(({ properties, title }) => properties && !title)
  return option && { node: option, suffix: '' }
}

export const typeLink = (name: string): string => `[${name}](#${name.toLowerCase()})`

export function typeText(node: Node): string {
  if (node.title) return typeLink(node.title)
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``
  if (node.enum) return node.enum.map((value) => `\`${JSON.stringify(value)}\``).join(', ')
  const options = node.anyOf ?? node.oneOf
  if (options) return options.map(typeText).join(' or ')
  if (node.items) return `array of ${typeText(node.items)}`
  if (node.type === 'integer') return ['integer', ...range(node)].join(' ')
  if (node.type === 'string') return ['string', ...length(node)].join(' ')
  return [node.type ?? 'any'].flat().join(' or ')
}

function range({ minimum = 0, maximum = 0, multipleOf }: Node): string[] {
  const far = Number.MAX_SAFE_INTEGER
  return [
    ...(minimum > -far ? [`≥ ${minimum}`] : []),
    ...(maximum < far ? [`≤ ${maximum}`] : []),
    ...(multipleOf === undefined ? [] : [`multiple of ${multipleOf}`])
  ]
}

function length({ minLength, maxLength, pattern, contentEncoding }: Node): string[] {
  if (contentEncoding) return [`of ${contentEncoding}`, ...(maxLength === undefined ? [] : [`≤ ${maxLength}`])]
  const least = minLength === undefined ? '' : `${minLength} to `
  return [
    ...(maxLength === undefined ? [] : [`of ${least}${maxLength}`]),
    ...(pattern === undefined ? [] : [`like \`${pattern}\``])
  ]
}

function meaningText({ description, default: given }: Node): string {
  const said = description ?? ''
  if (given === undefined) return said
  return `${said}${said ? '; ' : ''}default \`${JSON.stringify(given)}\``
}
