import type { Problem } from '../../../src/core/fault.ts'
import { parseCell } from '../../columns/cell.ts'
import { headerKey } from '../../columns/index.ts'
import { loadWording, type WordingRow } from '../../mlps/index.ts'
import { type Header, headersIn, headerWithin, holdsNothing, rowsBelow, type Titled } from '../header.ts'
import { refusal } from '../issues.ts'
import { cellAt, isBlank, placeOf, type Table, type TableRow } from '../table.ts'

/** The user's own copy of the official text, whatever else its sheets hold. */

interface WordingColumn extends Titled {
  readonly header: 'id' | 'clause' | 'letter' | 'wording'
}

/**
 * 要求 alone is not understood as official: it is the header of our own words in what we export.
 */
const columns: readonly WordingColumn[] = (
  [
    ['id', '测评项', ['测评项编号', '编号', '测评单元编号', '测评指标编号', '指标编号', 'item']],
    ['clause', '条款', ['条款号', '章条号', '标准条款']],
    ['letter', '列项', ['项', '字母', '列项号']],
    [
      'wording',
      '官方原文',
      ['原文', '标准原文', '条文', '标准条文', '标准要求', '要求项', 'officialWording'],
    ],
  ] as const
).map(([header, label, aliases]) => ({
  header,
  label,
  keys: [header, label, ...aliases].map(headerKey),
}))

const byKey = new Map(columns.flatMap((column) => column.keys.map((key) => [key, column] as const)))

const has = (found: Header<WordingColumn>, header: WordingColumn['header']): boolean =>
  found.columns.values().some((column) => column.header === header)

const isUsable = (found: Header<WordingColumn>): boolean =>
  has(found, 'wording') && (has(found, 'id') || has(found, 'clause'))

/** `8.1.4.1 a` in one cell, where the sheet has no column for the letter. */
const clauseAndLetter = (clause: string): Pick<WordingRow, 'clause' | 'letter'> => {
  const [, digits, letter] = /^([\d.．]+)\s*[(（]?([a-zA-Z])[)）]?$/u.exec(clause.trim()) ?? []
  return digits === undefined || letter === undefined ? { clause } : { clause: digits, letter }
}

type Cells = Readonly<Partial<Record<WordingColumn['header'], string>>>

const rowIn = (
  table: Table,
  found: Header<WordingColumn>,
  row: TableRow,
): WordingRow | readonly Problem[] => {
  const problems: Problem[] = []
  const cells: Partial<Record<WordingColumn['header'], string>> = {}
  for (const [position, { header, label }] of found.columns) {
    const { text, problem } = cellAt(row, position)
    const parsed =
      problem === undefined ? parseCell({ kind: 'text' }, text) : ({ ok: false, message: problem } as const)
    if (!parsed.ok)
      problems.push({
        where: placeOf(table, row.number, position),
        message: `${label} (${header}): ${parsed.message}`,
      })
    else if (typeof parsed.value === 'string') cells[header] = parsed.value
  }
  return problems.length > 0 ? problems : rowOf(placeOf(table, row.number, 0), cells, has(found, 'letter'))
}

const rowOf = (
  where: string,
  { id, clause, letter, wording = '' }: Cells,
  hasLetters: boolean,
): WordingRow => ({
  where,
  wording,
  ...(id !== undefined && { id }),
  ...(clause !== undefined && (hasLetters ? { clause } : clauseAndLetter(clause))),
  ...(letter !== undefined && { letter }),
})

const rowsIn = (table: Table): readonly (WordingRow | readonly Problem[])[] => {
  const found = headersIn(table, byKey).find(isUsable)
  if (found === undefined)
    return [
      [
        {
          where: placeOf(table, table.rows[0]?.number ?? 1, 0),
          message: `expected a header row with 官方原文 (wording) and 测评项 (id) or 条款 (clause) within the first ${headerWithin} rows`,
          suggestion: 'name the columns so, or delete the sheet',
        },
      ],
    ]
  return rowsBelow(table, found.header)
    .filter((row) => found.columns.keys().some((position) => !isBlank(cellAt(row, position))))
    .map((row) => rowIn(table, found, row))
}

/**
 * The official text by assessment id. Other columns are not looked at.
 * Throws one `UsageFault` with every problem, each naming file, sheet and row.
 */
export const readOfficialWording = (tables: readonly Table[]): ReadonlyMap<string, string> => {
  const read = tables.filter((table) => !holdsNothing(table)).flatMap(rowsIn)
  const { texts, problems } = loadWording(read.filter((row) => 'wording' in row))
  const all = [...read.flatMap((row) => ('wording' in row ? [] : row)), ...problems]
  if (all.length > 0) throw refusal(all)
  return texts
}
