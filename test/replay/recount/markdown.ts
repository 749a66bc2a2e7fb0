/** A bulletin as Markdown, taken apart. */

export interface Table {
  readonly caption: string
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export interface Bulletin {
  /** Everything that is no table: headings, paragraphs, list items. */
  readonly lines: readonly string[]
  readonly tables: ReadonlyMap<string, Table>
}

const plain = (text: string): string => text.replaceAll(/\\([\\`*_[\]<>|#])/gu, '$1')

const cellsOf = (line: string): readonly string[] =>
  line
    .slice(2, -2)
    .split(' | ')
    .map((cell) => plain(cell.trim()))

const isRow = (line: string): boolean => line.startsWith('|')

const captionOf = (line: string): string => plain(line.replaceAll('**', '')).replace(/^[表图]\d+　/u, '')

export const readBulletin = (text: string): Bulletin => {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const tables = new Map<string, Table>()
  const others: string[] = []
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    const header = lines[at + 1] ?? ''
    if (!line.startsWith('**') || !isRow(header)) {
      others.push(plain(line))
      continue
    }
    const end = lines.findIndex((each, index) => index > at + 1 && !isRow(each))
    const caption = captionOf(line)
    tables.set(caption, { caption, header: cellsOf(header), rows: lines.slice(at + 3, end).map(cellsOf) })
    at = end - 1
  }
  return { lines: others, tables }
}

/** Numbers in a text, with the dashes, dots and colons that dates, addresses and times are written with. */
export const numbersIn = (text: string): readonly string[] => text.match(/\d+(?:[-.:/]\d+)*/gu) ?? []
