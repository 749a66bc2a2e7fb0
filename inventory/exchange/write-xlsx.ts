import type { Worksheet } from '@cj-tech-master/excelts'
import stringWidth from 'string-width'
import { UsageFault } from '../../src/core/fault.ts'
import { type AnyRecord, type Column, collectionLabels, type Format } from '../columns/index.ts'
import type { Collection } from '../model.ts'
import type { Inventory } from '../store.ts'
import { exportedColumns } from './write-csv.ts'

/** Excel's own bound for the text of one cell. */
const maxCellLength = 32_767
const columnWidth = { least: 8, most: 40 } as const
/** Rows below the last that offer the same drop-downs. */
const spareRows = 500

const wordsOf = (format: Format): readonly string[] | undefined => {
  if (format.kind === 'boolean') return ['是', '否']
  return format.kind === 'word' ? Object.values(format.words).map(([word]) => word) : undefined
}

const widthOf = (texts: readonly string[]): number => {
  const widest = texts.reduce(
    (width, text) => Math.max(width, stringWidth(text.slice(0, columnWidth.most))),
    0,
  )
  return Math.min(columnWidth.most, Math.max(columnWidth.least, widest + 2))
}

/** Numbers as numbers, so that they can be summed; a number that had to be escaped stays text. */
const valueOf = ({ format }: Column, text: string): string | number => {
  const isNumber = format.kind === 'number' && String(Number(text)) === text
  return isNumber ? Number(text) : text
}

/** Only the cells that hold something: a styled empty cell costs as much as a full one. */
const sparse = (columns: readonly Column[], texts: readonly string[]): (string | number)[] => {
  const values: (string | number)[] = []
  columns.forEach((column, index) => {
    const text = texts[index] ?? ''
    // Counted from 1: position 0 of a row's values is no cell.
    if (text !== '') values[index + 1] = valueOf(column, text)
  })
  return values
}

export const checkLengths = (where: string, rows: readonly (readonly string[])[]): void => {
  const row = rows.findIndex((texts) => texts.some((text) => text.length > maxCellLength))
  if (row >= 0)
    throw new UsageFault([
      {
        where: `${where}, row ${row + 2}`,
        message: `expected at most ${maxCellLength} characters a cell`,
        suggestion: 'export it as CSV',
      },
    ])
}

export const addDropDown = (
  sheet: Worksheet,
  position: number,
  words: readonly string[],
  lastRow: number,
): void => {
  const letter = sheet.getColumn(position).letter
  sheet.dataValidations.add(`${letter}2:${letter}${lastRow + spareRows}`, {
    type: 'list',
    allowBlank: true,
    formulae: [`"${words.join(',')}"`],
    showErrorMessage: true,
    errorTitle: '请从列表中选择',
    error: words.join('、').slice(0, 200),
  })
}

const fillSheet = (
  sheet: Worksheet,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): void => {
  columns.forEach((column, index) => {
    const target = sheet.getColumn(index + 1)
    target.width = widthOf([column.label, ...rows.map((texts) => texts[index] ?? '')])
    target.numFmt = column.format.kind === 'number' ? 'General' : '@'
  })
  sheet.addRow(columns.map(({ label }) => label))
  for (const texts of rows) sheet.addRow(sparse(columns, texts))
  columns.forEach((column, index) => {
    const words = wordsOf(column.format)
    if (words !== undefined) addDropDown(sheet, index + 1, words, rows.length + 1)
  })
  const header = sheet.getRow(1)
  header.font = { bold: true }
  header.alignment = { vertical: 'middle', wrapText: false }
}

/**
 * An XLSX workbook, one sheet a collection: Chinese headers in a frozen row, drop-downs for words, text
 * columns as text. Reads back without loss. Throws `UsageFault` for what no cell can hold.
 */
export const exportWorkbook = async (
  inventory: Inventory,
  collections: readonly Collection[],
): Promise<Uint8Array> => {
  const { Workbook } = await import('@cj-tech-master/excelts')
  const workbook = new Workbook()
  for (const collection of collections) {
    const records: readonly AnyRecord[] = [...inventory[collection].values()]
    const columns = exportedColumns(collection, records)
    const rows = records.map((record) => columns.map((column) => column.read(record)))
    const [name] = collectionLabels[collection]
    checkLengths(name, rows)
    fillSheet(
      workbook.addWorksheet(name, { views: [{ state: 'frozen', ySplit: 1, xSplit: 2 }] }),
      columns,
      rows,
    )
  }
  return new Uint8Array(await workbook.xlsx.writeBuffer())
}
