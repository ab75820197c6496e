// SPDX-License-Identifier: GPL-2.0-or-later
/** The part of the contract that only the lab answers: hosts, runs, reports, and files it reads without a helper. */
import { z } from 'zod'
import { Comparison } from './compare.ts'
import { Host, LabFile, LabInfo, Report, Run, Transport } from './lab.ts'
import { MemoryTest, Pattern } from './memory.ts'
import { base64, chunk, count, mapPages, method, none, page, progressToken } from './method.ts'
import { helperMethods } from './methods.ts'
import { ContentKept, FileName, Uuid, Verdict } from './model.ts'

/** Requests that only the lab answers. */
export const labMethods = {
  'lab/info': method('The lab itself.', none, LabInfo),
  'host/list': method('Hosts of the lab.', none, z.object({ hosts: z.array(Host) })),
  'host/add': method('Add a host and connect to it.', z.object({ transport: Transport }), Host),
  'host/remove': method('Forget a host. Nothing on it changes.', z.object({ host: z.string() }), none),
  'host/connect': method('Try a lost host now instead of waiting.', z.object({ host: z.string() }), Host),
  'run/plan': method(
    'Plan a run: kexec/plan on the host, kept by the lab.',
    helperMethods['kexec/plan'].params.extend({
      host: z.string(),
      content: ContentKept.optional(),
      pattern: Pattern.optional().describe('on the free pages, checked by the verdict')
    }),
    Run
  ),
  'run/start': method(
    'Go through with a planned run: expectation, load, jump, wait, verdict. Answers at once; run/changed tells.',
    z.object({
      run: Uuid,
      acceptWarnings: z.boolean().default(false),
      arm: z.boolean().default(false).describe('stop when the kernel is loaded: run/jump goes on')
    }),
    Run
  ),
  'run/jump': method(
    'Go on with an armed run: expectation, jump, wait, verdict. Answers at once; run/changed tells.',
    z.object({ run: Uuid }),
    Run
  ),
  'run/cancel': method('Cancel a run before its jump; what was loaded is unloaded.', z.object({ run: Uuid }), Run),
  'run/list': method('Runs, newest first.', none, z.object({ runs: z.array(Run) })),
  'run/delete': method('Forget a run that has ended.', z.object({ run: Uuid }), none),
  'report/make': method(
    'A verdict, a comparison or a memory test as a document, made by libpmpool.',
    z.object({
      of: z.union([Verdict, Comparison, MemoryTest]),
      format: z.enum(['html', 'json', 'junit', 'ktap', 'text'])
    }),
    Report
  ),
  'file/list': method(
    'Snapshot files of the lab itself, read without a helper, newest first.',
    none,
    z.object({ files: z.array(LabFile) })
  ),
  'file/fetch': method(
    'Copy a snapshot from a host to the lab, with the ones it builds on. Progress.',
    z.object({ host: z.string(), name: FileName, progressToken }),
    LabFile
  ),
  'file/write': method(
    'Bring a file to the lab part by part; the last part opens it. file-foreign when it is no snapshot.',
    z.object({ name: FileName, offset: count, data: chunk, last: z.boolean() }),
    z.object({ file: LabFile.nullable() })
  ),
  'file/verify': method(
    'Check every checksum and page digest of a file of the lab.',
    z.object({ name: FileName, progressToken }),
    LabFile
  ),
  'file/compare': method(
    'Hold two files of the lab against each other.',
    z.object({ before: FileName, after: FileName, progressToken }),
    Comparison
  ),
  'file/map': method(
    'Page states of the pool as a file has them, as pool/map answers them.',
    z.object({ name: FileName, first: count.multipleOf(32).default(0), count: count.max(mapPages).default(mapPages) }),
    helperMethods['pool/map'].result
  ),
  'file/allocations': method(
    'Allocations of the pool as a file has them.',
    z.object({ name: FileName, from: count.default(0), limit: count.min(1).max(10_000).default(1000) }),
    helperMethods['allocation/list'].result
  ),
  'file/export': method(
    'The pages of a file in another form, beside it in the lab: a raw sparse image, or an ELF core for gdb and drgn.',
    z.object({ name: FileName, format: z.enum(['raw', 'elf']), progressToken }),
    z.object({ path: z.string().describe('on the machine of the lab'), bytes: count })
  ),
  'file/read': method(
    'Bytes of a page as a file has it.',
    z.object({ name: FileName, page }),
    z.object({ data: base64, digest: z.string() })
  ),
  'file/delete': method('Delete a file of the lab.', z.object({ name: FileName }), none)
} as const

export const labNotifications = {
  'host/changed': { doc: 'A host changed its state.', params: z.object({ host: Host }) },
  'host/removed': { doc: 'A host was removed.', params: z.object({ host: z.string() }) },
  'run/changed': { doc: 'A run moved on.', params: z.object({ run: Run }) },
  'run/removed': { doc: 'A run was removed.', params: z.object({ run: Uuid }) }
} as const
