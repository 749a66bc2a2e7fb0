import type { AddWorksheetOptions, PaperSize, Worksheet } from '@cj-tech-master/excelts'
import stringWidth from 'string-width'
import { UsageFault } from '../../../src/core/fault.ts'
import {
  about,
  type Assessment,
  type Asset,
  assetLabels,
  type Item,
  itemsOf,
  resultLabels,
  withWording,
} from '../../mlps/index.ts'
import { writeCell } from '../../columns/cell.ts'
import { columnLetters } from '../table.ts'
import { addDropDown, checkLengths } from '../write-xlsx.ts'
import { type FindingColumn, findingColumns, findingFields, type FindingRow } from './columns.ts'

export interface FindingsToExport {
  readonly assessment: Assessment
  readonly assets: readonly Asset[]
  /** The user's official wording by item; empty where none was loaded. */
  readonly wording: ReadonlyMap<string, string>
}

/** Items of a kind that the asset is asked about, and those with a result. */
const rowsOf = (asset: Asset, items: readonly Item[]): readonly FindingRow[] =>
  items
    .map((item) => ({ item, asset, finding: asset.results[item.id] }))
    .filter(({ item, finding }) => finding !== undefined || item.assets.includes(asset.kind))

const maxSheetName = 31
/** Excel keeps the first for itself; the other explains a workbook and is not read. */
const takenNames = ['history', '说明']

/** Never ends in half a character, a space or the quote that Excel refuses there. */
const cutName = (text: string, length: number): string => text.slice(0, length).replace(/[\s'\p{Cs}]+$/u, '')

/** What Excel takes for a sheet's name, each once whatever its case. */
const sheetNames = (assets: readonly Asset[]): readonly string[] => {
  const taken = new Set(takenNames)
  return assets.map(({ id, name }) => {
    const plain = name.replace(/[\p{Cc}\p{Cs}[\]:*?/\\\ufffe\uffff]/gu, ' ').replace(/^[\s']+|[\s']+$/gu, '')
    const base = plain === '' ? id : plain
    let candidate = cutName(base, maxSheetName)
    for (let number = 2; taken.has(candidate.toLowerCase()); number += 1)
      candidate = `${cutName(base, maxSheetName - ` ${number}`.length)} ${number}`
    taken.add(candidate.toLowerCase())
    return candidate
  })
}

const thin = { style: 'thin', color: { argb: 'FFBFBFBF' } } as const
const colours = { header: 'FFD9E2F3', entry: 'FFFFF9E5' } as const

const fill = (argb: string) => ({ type: 'pattern', pattern: 'solid', fgColor: { argb } }) as const

const styleHeader = (sheet: Worksheet, columns: readonly FindingColumn[]): void => {
  const header = sheet.getRow(1)
  header.height = 32
  columns.forEach(({ holds }, index) => {
    const cell = header.getCell(index + 1)
    cell.font = { bold: true }
    cell.alignment = { vertical: 'middle', wrapText: true }
    cell.fill = fill(holds === undefined ? colours.header : colours.entry)
    cell.border = { bottom: { style: 'medium' } }
  })
}

const linePoints = 17
/** Excel's own bound. */
const maxPoints = 409

const linesOf = (text: string, width: number): number =>
  text.split('\n').reduce((lines, line) => lines + Math.max(1, Math.ceil((stringWidth(line) + 1) / width)), 0)

/** Not every program makes a row as high as its wrapped text when it opens a file. */
const heightOf = (texts: readonly string[], widths: readonly number[]): number =>
  Math.min(maxPoints, linePoints * Math.max(...texts.map((text, index) => linesOf(text, widths[index] ?? 1))))

/** A line where the next category begins, so that the eye finds it; filters need every cell filled. */
const styleRows = (sheet: Worksheet, rows: readonly FindingRow[], width: number): void => {
  rows.forEach(({ item }, index) => {
    const begins = index > 0 && rows[index - 1]?.item.category !== item.category
    const row = sheet.getRow(index + 2)
    for (let position = 1; position <= width; position += 1) {
      const cell = row.getCell(position)
      cell.alignment = { vertical: 'top', wrapText: true }
      cell.border = { top: begins ? { style: 'medium' } : thin, right: thin }
    }
  })
}

/** Whose rows they are stands in the name of the sheet already. */
const isPrinted = ({ holds }: FindingColumn): boolean => findingFields.some((field) => field === holds)

const fillSheet = (
  sheet: Worksheet,
  columns: readonly FindingColumn[],
  rows: readonly FindingRow[],
): void => {
  const texts = rows.map((row) => columns.map(({ read }) => read(row)))
  checkLengths(sheet.name, texts)
  columns.forEach(({ width }, index) => {
    const target = sheet.getColumn(index + 1)
    target.width = width
    target.numFmt = '@'
  })
  sheet.addRow(columns.map(({ label, title }) => title ?? label))
  const widths = columns.map(({ width }) => width)
  for (const row of texts)
    sheet.addRow(row.map((text) => (text === '' ? undefined : text))).height = heightOf(row, widths)
  columns.forEach(({ words }, index) => {
    if (words !== undefined) addDropDown(sheet, index + 1, words, rows.length + 1)
  })
  styleHeader(sheet, columns)
  styleRows(sheet, rows, columns.length)
  sheet.pageSetup.printArea = `A1:${columnLetters(columns.findLastIndex(isPrinted))}${rows.length + 1}`
  sheet.autoFilter = { from: { row: 1, col: 1 }, to: { row: rows.length + 1, col: columns.length } }
}

const noteOptions = (paperSize: PaperSize): AddWorksheetOptions => ({
  pageSetup: { orientation: 'landscape', paperSize, fitToPage: true, fitToWidth: 1, fitToHeight: 0 },
})

const sheetOptions = (paperSize: PaperSize): AddWorksheetOptions => ({
  views: [{ state: 'frozen', ySplit: 1, xSplit: 1 }],
  pageSetup: { ...noteOptions(paperSize).pageSetup, printTitlesRow: '1:1' },
  headerFooter: { oddFooter: `&L${about().notice}&R&P / &N` },
})

const notes = ({ assessment, assets }: FindingsToExport): readonly (readonly [string, string])[] => [
  ['测评', `${assessment.id} ${assessment.name}`],
  ['级别', `${assessment.level} 级${assessment.cloud ? '，含云计算安全扩展要求' : ''}`],
  ['注意', about().notice],
  ['依据', `${about().standard}；${about().assessmentStandard}`],
  ['资产', assets.map(({ id, kind, name }) => `${name}（${assetLabels[kind]}，${id}）`).join('\n')],
  [
    '填写',
    '每个资产一张表，每行一项。填写测评结果至沿用自各列；测评项、资产、测评三列标明此行属于谁，请勿改动；其余列仅供阅读，导入时不读取。',
  ],
  [
    '结果',
    `只能填：${Object.values(resultLabels).join('、')}。留空的行不改变已有结果；撤回结果请填“${resultLabels.untested}”。`,
  ],
  ['公式', '公式不计算，导入时拒绝；以 = + - @ 开头的文字前有一个撇号，导入时还原。'],
]

const noteWidths = [10, 80] as const

const fillNotes = (sheet: Worksheet, lines: readonly (readonly [string, string])[]): void => {
  noteWidths.forEach((width, index) => (sheet.getColumn(index + 1).width = width))
  for (const [what, text] of lines) {
    const cells = [what, writeCell({ kind: 'text' }, text)]
    const row = sheet.addRow(cells)
    row.height = heightOf(cells, noteWidths)
    row.getCell(1).font = { bold: true }
    row.getCell(1).alignment = { vertical: 'top' }
    row.getCell(2).alignment = { vertical: 'top', wrapText: true }
  }
}

/**
 * An assessment as the XLSX that assessors exchange: a sheet an asset, a row an item in the order of the standard,
 * drop-downs for result and method. `planFindings` reads it back without loss.
 * Throws `UsageFault` where there is no asset, and for what no cell can hold.
 */
export const exportFindings = async (given: FindingsToExport): Promise<Uint8Array> => {
  const { assessment, assets, wording } = given
  if (assets.length === 0)
    throw new UsageFault([
      {
        where: 'assessment',
        message: `expected an assessment with assets, ${assessment.id} has none`,
        suggestion: '`yiwang asset add` adds one',
      },
    ])
  const { PaperSize, Workbook } = await import('@cj-tech-master/excelts')
  const workbook = new Workbook()
  const items = withWording(itemsOf(assessment), wording)
  const columns = findingColumns().filter(({ header }) => header !== 'officialWording' || wording.size > 0)
  fillNotes(workbook.addWorksheet('说明', noteOptions(PaperSize.A4)), notes(given))
  const names = sheetNames(assets)
  assets.forEach((asset, index) => {
    fillSheet(workbook.addWorksheet(names[index], sheetOptions(PaperSize.A4)), columns, rowsOf(asset, items))
  })
  return new Uint8Array(await workbook.xlsx.writeBuffer())
}
