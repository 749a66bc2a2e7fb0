import type { Worksheet } from '@cj-tech-master/excelts'
import stringWidth from 'string-width'
import {
  type ColumnFormat,
  lightColours,
  lightWords,
  type Report,
  type Sheet,
  type Table,
  type Value,
} from './model.ts'
import { basisLines, correctionText, numberLine } from './text.ts'

/** A workbook: what the report is about, a sheet a table of its text, a sheet a ledger. */

const numberFormats: Readonly<Record<ColumnFormat, string>> = {
  text: '@',
  light: '@',
  integer: '#,##0',
  percent: '0.0"%"',
  change: '+0.0;-0.0;0',
}

const columnWidth = { least: 8, most: 48 } as const
const maxCellLength = 32_767
const maxSheetName = 31

/** A text stays a text in a cell, whatever it begins with. */
const cellOf = (value: Value): string | number | undefined =>
  typeof value === 'string' ? value.slice(0, maxCellLength) : value

const widthOf = (texts: readonly string[]): number => {
  const widest = Math.max(0, ...texts.map((text) => stringWidth(text.slice(0, columnWidth.most))))
  return Math.min(columnWidth.most, Math.max(columnWidth.least, widest + 4))
}

const colourLights = (
  sheet: Worksheet,
  table: Table,
  rows: { readonly first: number; readonly last: number },
) => {
  table.columns.forEach(({ format }, at) => {
    if (format !== 'light') return
    const { letter } = sheet.getColumn(at + 1)
    const ref = `${letter}${rows.first}:${letter}${Math.max(rows.first, rows.last)}`
    sheet.addConditionalFormatting({
      ref,
      rules: lightWords.map((word, index) => ({
        type: 'cellIs',
        operator: 'equal',
        priority: index + 1,
        formulae: [`"${word}"`],
        style: { fill: { type: 'pattern', pattern: 'solid', bgColor: { argb: `FF${lightColours[word]}` } } },
      })),
    })
  })
}

const lineHeight = 15

/** Below the table, over all of its columns: a line that ran on would make the printed page as wide as itself. */
const addNote = (sheet: Worksheet, note: string, columns: number): void => {
  sheet.addRow([])
  const remark = sheet.addRow([cellOf(note)])
  const across = Array.from({ length: columns }, (_, at) => sheet.getColumn(at + 1).width ?? 0)
  const characters = across.reduce((sum, width) => sum + width, 0)
  sheet.mergeCells(remark.number, 1, remark.number, columns)
  remark.alignment = { wrapText: true, vertical: 'top' }
  // No program fits the height of merged cells by itself.
  remark.height = lineHeight * Math.ceil(stringWidth(note) / characters)
}

const fillTable = (sheet: Worksheet, table: Table): void => {
  const { columns, rows } = table
  columns.forEach(({ format, title }, at) => {
    const column = sheet.getColumn(at + 1)
    column.numFmt = numberFormats[format]
    column.width = widthOf([title, ...rows.map((values) => String(values[at] ?? ''))])
    column.alignment = { vertical: 'top', wrapText: format === 'text' }
  })
  const header = sheet.addRow(columns.map(({ title }) => title))
  header.font = { bold: true }
  header.alignment = { vertical: 'middle', wrapText: true }
  for (const values of rows) sheet.addRow(columns.map((_, at) => cellOf(values[at])))
  sheet.autoFilter = { from: { row: 1, col: 1 }, to: { row: rows.length + 1, col: columns.length } }
  colourLights(sheet, table, { first: 2, last: rows.length + 1 })
  if (table.note !== undefined) addNote(sheet, table.note, columns.length)
}

const cutName = (text: string, length: number): string => text.slice(0, length).replace(/[\s'\p{Cs}]+$/u, '')

/** Names that Excel takes, each once. */
const namesOf = (sheets: readonly Sheet[]): readonly string[] => {
  const taken = new Set(['说明', 'history'])
  return sheets.map(({ name }) => {
    const base = name.replaceAll(/[\p{Cc}\p{Cs}[\]:*?/\\']/gu, ' ').trim() || '表'
    let candidate = cutName(base, maxSheetName)
    for (let number = 2; taken.has(candidate.toLowerCase()); number += 1)
      candidate = `${cutName(base, maxSheetName - ` ${number}`.length)} ${number}`
    taken.add(candidate.toLowerCase())
    return candidate
  })
}

const about = (sheet: Worksheet, report: Report): void => {
  sheet.getColumn(1).width = 100
  const correction = correctionText(report)
  const lines = [
    report.title.replaceAll('\n', ''),
    `${report.organ}　${numberLine(report)}`,
    ...(correction === undefined ? [] : [correction]),
    ...basisLines(report),
  ]
  for (const line of lines) sheet.addRow([cellOf(line)]).alignment = { wrapText: true, vertical: 'top' }
  const title = sheet.getRow(1)
  title.font = { bold: true, size: 16 }
  title.height = 26
}

/** XLSX. The same report gives the same bytes: its times are that of its evidence. */
export const renderXlsx = async (report: Report): Promise<Uint8Array> => {
  const { PaperSize, Workbook } = await import('@cj-tech-master/excelts')
  const workbook = new Workbook()
  workbook.creator = report.organ
  workbook.lastModifiedBy = report.organ
  workbook.created = new Date(report.basis.evidenceCutoff)
  workbook.modified = new Date(report.basis.evidenceCutoff)
  about(workbook.addWorksheet('说明'), report)
  const inText = report.blocks
    .filter((block) => block.kind === 'table')
    .map((table) => ({ name: table.caption, table }))
  const sheets = [...inText, ...report.sheets]
  const names = namesOf(sheets)
  sheets.forEach(({ table }, at) => {
    const sheet = workbook.addWorksheet(names[at], {
      views: [{ state: 'frozen', ySplit: 1 }],
      pageSetup: {
        orientation: 'landscape',
        paperSize: PaperSize.A4,
        fitToPage: true,
        fitToWidth: 1,
        fitToHeight: 0,
        printTitlesRow: '1:1',
      },
    })
    fillTable(sheet, table)
  })
  return new Uint8Array(await workbook.xlsx.writeBuffer())
}
