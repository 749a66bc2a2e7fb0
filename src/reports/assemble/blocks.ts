import type { Inventory } from '../../../inventory/store.ts'
import type { Light, SlipColour } from '../../ledger/index.ts'
import type { Finding } from '../../verify/index.ts'
import type { Column, Heading, LightWord, Paragraph, Table, Value } from '../model.ts'

/** Short words for what sections are put together of. */

export const heading = (level: Heading['level'], text: string): Heading => ({ kind: 'heading', level, text })
export const paragraph = (text: string): Paragraph => ({ kind: 'paragraph', text })

/** What was seen: of several parts, of which one. */
export const evidenceText = ({ parts, because }: Finding): string => {
  const [only, ...others] = parts
  return only === undefined || others.length > 0 ? because : only.saw
}

/** A column that knows how to read its rows. */
export interface Field<Row> extends Column {
  readonly read: (row: Row) => Value
}

export const tableOf = <Row>(
  caption: string,
  fields: readonly Field<Row>[],
  rows: readonly Row[],
  note?: string,
): Table => ({
  kind: 'table',
  caption,
  columns: fields.map(({ title, format, width }) => ({
    title,
    format,
    ...(width !== undefined && { width }),
  })),
  rows: rows.map((row) => fields.map(({ read }) => read(row))),
  ...(note !== undefined && { note }),
})

export const lightWord: Readonly<Record<Light | SlipColour, LightWord>> = {
  green: '绿',
  yellow: '黄',
  red: '红',
  blue: '蓝',
  orange: '橙',
}

export const unitName = ({ unit }: Inventory, id: string): string => unit.get(id)?.name ?? id

export const unitNames = (inventory: Inventory, ids: readonly string[]): string =>
  ids.map((id) => unitName(inventory, id)).join('、')

/** Names in a sentence; a long list is cut and says so. */
export const named = (names: readonly string[], most = 20): string =>
  `${names.slice(0, most).join('、')}${names.length > most ? `等 ${names.length} 项` : ''}`

export const percentOf = (part: number, whole: number): number | undefined =>
  whole === 0 ? undefined : (100 * part) / whole

export const difference = (now: number | undefined, before: number | undefined): number | undefined =>
  now === undefined || before === undefined ? undefined : now - before
