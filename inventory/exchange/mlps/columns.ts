import { wordsOf } from '../../columns/label.ts'
import { type Format, headerKey, type Parsed } from '../../columns/index.ts'
import { parseCell, writeCell } from '../../columns/cell.ts'
import {
  about,
  type Asset,
  assetLabels,
  categoryLabels,
  type Finding,
  methodLabels,
  resultLabels,
  type WordedItem,
} from '../../mlps/index.ts'
import type { Titled } from '../header.ts'

/** The columns of the sheet that assessors exchange: a row is an item on an asset. */

export interface FindingRow {
  readonly item: WordedItem
  readonly asset: Asset
  readonly finding: Finding | undefined
}

/** Fields of a finding that a sheet holds; others stay as they are. */
export const findingFields = [
  'result',
  'method',
  'evidence',
  'remark',
  'assessor',
  'on',
  'carriedFrom',
] as const satisfies readonly (keyof Finding)[]
export type FindingField = (typeof findingFields)[number]

/** What a row is about; `clause` only checks that the row was not mixed up with another. */
type Key = 'item' | 'asset' | 'assessment' | 'clause'

export interface FindingColumn extends Titled {
  /** Of the header cell; absent: the label. */
  readonly title?: string
  /** Absent: for people, never read. */
  readonly holds?: FindingField | Key
  readonly words?: readonly string[]
  /** Characters. */
  readonly width: number
  readonly read: (row: FindingRow) => string
}

const text: Format = { kind: 'text' }
const code: Format = { kind: 'code' }
const formats: Readonly<Record<FindingField | Key, Format>> = {
  item: code,
  asset: code,
  assessment: code,
  clause: code,
  result: { kind: 'word', words: wordsOf(resultLabels) },
  method: { kind: 'word', words: wordsOf(methodLabels) },
  evidence: text,
  remark: text,
  assessor: text,
  on: code,
  carriedFrom: code,
}

/** The value of a cell; `undefined` for an empty one. */
export const parseHeld = (holds: FindingField | Key, cell: string): Parsed => parseCell(formats[holds], cell)

/** The text of a field, from which `parseHeld` makes the same value again. */
export const writeHeld = (holds: FindingField | Key, value: unknown): string =>
  writeCell(formats[holds], value)

type Named = Pick<FindingColumn, 'header' | 'label'> & { readonly aliases?: readonly string[] }
type Rest = Omit<FindingColumn, keyof Titled>

const column = ({ header, label, aliases = [] }: Named, rest: Rest): FindingColumn => ({
  header,
  label,
  keys: [...new Set([header, label, ...aliases].map(headerKey))],
  ...rest,
})

const keyColumn = (named: Named, holds: Key, width: number, read: FindingColumn['read']): FindingColumn =>
  column(named, { holds, width, read: (row) => writeHeld(holds, read(row)) })

const fieldColumn = (
  named: Named,
  holds: FindingField,
  width: number,
  words?: readonly string[],
): FindingColumn =>
  column(named, {
    holds,
    width,
    ...(words !== undefined && { words }),
    read: ({ finding }) => writeHeld(holds, finding?.[holds]),
  })

const shownColumn = (named: Named, width: number, read: FindingColumn['read'], title?: string) =>
  column(named, { width, read, ...(title !== undefined && { title }) })

const official = shownColumn(
  { header: 'officialWording', label: '官方原文' },
  36,
  ({ item }) => writeCell(text, item.officialWording),
  '官方原文（使用者自行载入）',
)

/** Wherever our words go, what they are goes with them. */
const requirement = (): FindingColumn =>
  shownColumn(
    { header: 'requirement', label: '要求' },
    36,
    ({ item }) => item.requirement,
    `要求（${about().notice}）`,
  )

const itemColumns = (): readonly FindingColumn[] => [
  keyColumn(
    { header: 'item', label: '测评项', aliases: ['测评项编号', '编号'] },
    'item',
    13,
    (row) => row.item.id,
  ),
  shownColumn({ header: 'category', label: '类别' }, 12, ({ item }) => categoryLabels[item.category]),
  shownColumn({ header: 'controlPoint', label: '控制点' }, 12, ({ item }) => item.controlPoint),
  keyColumn({ header: 'clause', label: '条款' }, 'clause', 11, ({ item }) => `${item.clause} ${item.letter}`),
  requirement(),
  official,
  shownColumn({ header: 'expectedEvidence', label: '预期证据' }, 18, ({ item }) => item.evidence.join('、')),
  shownColumn({ header: 'applicableMethods', label: '适用方法' }, 9, ({ item }) =>
    item.methods.map((method) => methodLabels[method]).join('、'),
  ),
]

const fieldColumns = (): readonly FindingColumn[] => [
  fieldColumn(
    { header: 'result', label: '测评结果', aliases: ['结果', '符合情况'] },
    'result',
    11,
    Object.values(resultLabels),
  ),
  fieldColumn(
    { header: 'method', label: '测评方法', aliases: ['方法'] },
    'method',
    11,
    Object.values(methodLabels),
  ),
  fieldColumn({ header: 'evidence', label: '结果记录', aliases: ['证据', '测评记录'] }, 'evidence', 30),
  fieldColumn({ header: 'remark', label: '备注' }, 'remark', 16),
  fieldColumn({ header: 'assessor', label: '测评人', aliases: ['测评人员'] }, 'assessor', 9),
  fieldColumn({ header: 'on', label: '测评日期', aliases: ['日期'] }, 'on', 12),
  fieldColumn({ header: 'carriedFrom', label: '沿用自' }, 'carriedFrom', 12),
]

const objectColumns = (): readonly FindingColumn[] => [
  shownColumn({ header: 'assetKind', label: '资产类型' }, 12, ({ asset }) => assetLabels[asset.kind]),
  keyColumn({ header: 'asset', label: '资产', aliases: ['资产编号'] }, 'asset', 16, ({ asset }) => asset.id),
  keyColumn(
    { header: 'assessment', label: '测评', aliases: ['测评编号'] },
    'assessment',
    16,
    (row) => row.asset.assessment,
  ),
]

let made: readonly FindingColumn[] | undefined

/** Every column, in the order of the sheet; made when first asked for, since their notice is in the catalogue. */
export const findingColumns = (): readonly FindingColumn[] =>
  (made ??= [...itemColumns(), ...fieldColumns(), ...objectColumns()])

/** Every column by each of its spellings. */
export const findingColumnsByKey = (): ReadonlyMap<string, FindingColumn> =>
  new Map(findingColumns().flatMap((each) => each.keys.map((key) => [key, each] as const)))
