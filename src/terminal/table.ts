import stringWidth from 'string-width'

export interface Column<Row> {
  readonly header: string
  readonly read: (row: Row) => string
  readonly align?: 'left' | 'right'
}

const gap = '  '

const pad = (text: string, width: number, align: 'left' | 'right'): string => {
  const filler = ' '.repeat(Math.max(0, width - stringWidth(text)))
  return align === 'right' ? filler + text : text + filler
}

/** Control characters in data must not steer the terminal. */
export const printable = (text: string): string => text.replace(/\p{Cc}/gu, ' ')

/** A plain table; column widths count CJK characters as two cells. Ends without a newline. */
export const table = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string => {
  const cells = rows.map((row) => columns.map((column) => printable(column.read(row))))
  const widths = columns.map((column, index) =>
    Math.max(stringWidth(column.header), ...cells.map((line) => stringWidth(line[index] ?? ''))),
  )
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => pad(text, widths[index] ?? 0, columns[index]?.align ?? 'left'))
      .join(gap)
      .trimEnd()
  return [columns.map(({ header }) => header), ...cells].map(line).join('\n')
}
