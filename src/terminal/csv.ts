import { stringify } from 'csv-stringify/sync'
import type { Column } from './table.ts'

/** RFC 4180 with a header row, without the last newline; what a spreadsheet would run as a formula is escaped. */
export const csv = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string =>
  stringify(
    [columns.map(({ header }) => header), ...rows.map((row) => columns.map(({ read }) => read(row)))],
    { escape_formulas: true },
  ).trimEnd()
