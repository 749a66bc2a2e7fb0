import type { Operation } from '../../inventory/store.ts'
import { allKept } from '../../src/compliance/evidence/unkept.ts'
import { settings } from '../../src/config/settings.ts'
import { assemble } from '../../src/reports/assemble/index.ts'
import type { ReportInput } from '../../src/reports/assemble/input.ts'
import type { Report, Table } from '../../src/reports/model.ts'
import { periodOf } from '../../src/reports/periods.ts'
import { context, recorded } from '../ledger/plan.ts'

/** The bulletin of week 26 of 2018 that some records come to, and what stands in it. */

const { verify, migration } = settings.parse({})

export const reportOf = (operations: readonly Operation[], more: Partial<ReportInput> = {}): Report => {
  const inventory = recorded(...operations)
  const { name, range, before } = periodOf('weekly', '2018-W26', '2018-07-02')
  const now = context('2018-07-01T23:59:59+08:00')
  const judging = { inventory, looks: new Map(), migration: new Map(), settings: { ...verify, ...migration } }
  return assemble({
    kind: 'weekly',
    organ: '市行政服务中心',
    number: '2018年第1期',
    period: name,
    range,
    before,
    inventory,
    context: now,
    looks: [],
    looksBefore: [],
    results: [],
    unkept: allKept,
    named: [],
    verify: { ...judging, context: now },
    basis: {
      storeRevision: 1,
      auditHead: 'a'.repeat(64),
      past: { kind: 'unchanged' },
      evidenceCutoff: '2018-07-01T23:59:59+08:00',
      command: 'x',
    },
    ...more,
  })
}

export const paragraphs = ({ blocks }: Report): string =>
  blocks.flatMap((block) => (block.kind === 'paragraph' ? [block.text] : [])).join('\n')

export const tableOf = ({ blocks, sheets }: Report, caption: string): Table | undefined =>
  [...blocks.filter((block) => block.kind === 'table'), ...sheets.map(({ table }) => table)].find(
    (table) => table.caption === caption,
  )
