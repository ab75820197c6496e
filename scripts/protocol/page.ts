// SPDX-License-Identifier: GPL-2.0-or-later
/** docs/protocol.md as Markdown. */
import type { z } from 'zod'
import {
  chunkBytes,
  helperMethods,
  helperNotifications,
  labMethods,
  labNotifications,
  mapPages,
  protocolVersions
} from '../../main/api/index.ts'
import type { ErrorRow } from './errors.ts'
import { fieldRows, jsonSchema, knownName, namedTypes, typeLink } from './schema.ts'

interface Method {
  readonly doc: string
  readonly params: z.ZodType
  readonly result: z.ZodType
}

interface Notification {
  readonly doc: string
  readonly params: z.ZodType
}

const intro = `<!-- SPDX-License-Identifier: GPL-2.0-or-later -->
<!-- Generated from main/api and native/include/pmpool/error.h by npm run docs:protocol. Do not edit. -->

# Protocol

JSON-RPC 2.0 between the page and the lab, and between the lab and \`pmpool serve\`. The helper reads and writes it with
\`Content-Length\` headers on its standard input and output, or on the socket that systemd passes in; the page sends one
message per WebSocket frame or MessagePort message. \`pmpool VERB --json\` prints the results of the same methods.

- **Version.** The first request to a helper is \`initialize\` with the versions that the client speaks (now
  ${protocolVersions.join(', ')}); the answer names the one that both use from then on.
- **Hosts.** The page calls the methods of the helper with \`host\` added, except \`initialize\`; the lab takes it off and
  passes the rest on. Notifications of the helper come with \`host\` added.
- **Progress.** A request whose parameters have \`progressToken\` may carry one of the caller's making, not in use by
  another of its requests; \`$/progress\` brings it back. Each hop has tokens of its own.
- **Cancel.** \`$/cancelRequest\` with the request's \`id\`, as in LSP. The request is then answered with error -32800, or
  with its result when that came first.
- **Numbers** are integers below 2^53. Sizes and addresses are bytes, pages are 4 KiB, times are milliseconds since 1970.
- **Limits.** One request carries at most ${chunkBytes} bytes of content, one \`pool/map\` at most ${mapPages} pages.
`

const errorsIntro = `## Errors

\`error.code\` is the number, \`error.message\` says what happened this time, and \`error.data\` has \`name\`, \`reason\`,
\`remedy\` and, for region-occupied, \`confirm\`: the word that confirms overwriting what is there.
`

/** A cell: one line, without what would end it. */
const cell = (text: string): string => text.replaceAll('\n', ' ').replaceAll('|', '\\|')

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function fields(title: string, schema: z.ZodType, io: 'input' | 'output'): string {
  const known = title === 'Field' ? undefined : knownName(schema)
  if (known) return `${title}: ${typeLink(known)}.`
  const rows = fieldRows(jsonSchema(schema, io)).map(({ field, type, meaning }) => [`\`${field}\``, type, meaning])
  return rows.length === 0 ? `${title}: none.` : table([title, 'type', 'meaning'], rows)
}

const methodSection = (name: string, { doc, params, result }: Method): string =>
  [`### ${name}`, doc, fields('Parameters', params, 'input'), fields('Result', result, 'output')].join('\n\n')

const notificationSection = (name: string, { doc, params }: Notification): string =>
  [`### ${name}`, doc, fields('Parameters', params, 'output')].join('\n\n')

const typeSection = (name: string, schema: z.ZodType): string =>
  [`### ${name}`, schema.description ?? '', fields('Field', schema, 'output')].filter(Boolean).join('\n\n')

const verbatim = (text: string): string => text.replaceAll('\\', '\\\\')

function errorTable(rows: readonly ErrorRow[]): string {
  return table(
    ['code', 'name', 'why', 'the way out'],
    rows.map(({ code, name, reason, remedy }) => [String(code), name, verbatim(reason), verbatim(remedy)])
  )
}

const each = <T>(things: Readonly<Record<string, T>>, section: (name: string, thing: T) => string): string[] =>
  Object.entries(things).map(([name, thing]) => section(name, thing))

export function protocolPage(errors: readonly ErrorRow[]): string {
  return [
    intro,
    '## Methods of the helper',
    ...each<Method>(helperMethods, methodSection),
    '## Methods of the lab',
    ...each<Method>(labMethods, methodSection),
    '## Notifications of the helper',
    ...each<Notification>(helperNotifications, notificationSection),
    '## Notifications of the lab',
    ...each<Notification>(labNotifications, notificationSection),
    '## Types',
    ...each(namedTypes, typeSection),
    errorsIntro,
    errorTable(errors)
  ].join('\n\n')
}
