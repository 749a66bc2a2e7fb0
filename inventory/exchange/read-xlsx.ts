import type { CellValue, Workbook, Worksheet } from '@cj-tech-master/excelts'
import { UsageFault } from '../../src/core/fault.ts'
import { applyMerges, mergesOf } from './merges.ts'
import { type Cell, emptyCell, type Table, type TableRow, usedRows } from './table.ts'
import { unzipWorkbook } from './unzip.ts'

/** Parts of a sheet that hold no value; merged ranges are read by `mergesOf`. */
const ignoredNodes = [
  'mergeCells',
  'dataValidations',
  'conditionalFormatting',
  'hyperlinks',
  'drawing',
  'legacyDrawing',
  'picture',
  'tableParts',
  'extLst',
]

const asText = 'format the column as text and type the value again'

const refuse = (problem: string): Cell => ({ text: '', problem })

const richText = (value: CellValue): string | undefined =>
  typeof value === 'object' && value !== null && 'richText' in value && Array.isArray(value.richText)
    ? value.richText.map(({ text }) => text).join('')
    : undefined

const objectCell = (value: object): Cell => {
  if (value instanceof Date) return refuse(`expected text, got a date; ${asText}`)
  if ('formula' in value || 'sharedFormula' in value)
    return refuse('expected a value, got a formula; formulas are not evaluated, paste it as a value')
  if ('error' in value) return refuse(`expected a value, got the error ${String(value.error)}`)
  const rich = richText(value as CellValue)
  if (rich !== undefined) return { text: rich }
  if ('text' in value) return { text: richText(value.text as CellValue) ?? String(value.text) }
  return refuse('expected text or a number')
}

const cellOf = (value: CellValue): Cell => {
  if (value === null || value === undefined) return emptyCell
  return typeof value === 'object' ? objectCell(value) : { text: String(value) }
}

const rowsOf = (sheet: Worksheet): readonly TableRow[] => {
  const rows: TableRow[] = []
  sheet.eachRow({ includeEmpty: false }, (row, number) => {
    const cells: Cell[] = []
    row.eachCell({ includeEmpty: true }, (cell, column) => {
      cells[column - 1] = cellOf(cell.value)
    })
    rows.push({ number, cells: Array.from(cells, (cell: Cell | undefined) => cell ?? emptyCell) })
  })
  return rows
}

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(`\\s${name}\\s*=\\s*["']([^"']*)["']`, 'u').exec(tag)?.[1]

const tags = (xml: string, name: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<(?:\\w+:)?${name}\\s[^>]*>`, 'gu'))].map(([tag]) => tag)

type Parts = Readonly<Record<string, Uint8Array>>

const textOf = (parts: Parts, path: string): string => new TextDecoder().decode(parts[path])

/** Which part holds which sheet, by the sheet's id. */
const sheetParts = (parts: Parts): ReadonlyMap<number, string> => {
  const targets = new Map(
    tags(textOf(parts, 'xl/_rels/workbook.xml.rels'), 'Relationship').map((tag) => [
      attribute(tag, 'Id'),
      attribute(tag, 'Target') ?? '',
    ]),
  )
  return new Map(
    tags(textOf(parts, 'xl/workbook.xml'), 'sheet').map((tag) => {
      const target = targets.get(attribute(tag, '(?:\\w+:)id')) ?? ''
      const path = target.startsWith('/') ? target.slice(1) : `xl/${target}`
      return [Number(attribute(tag, 'sheetId')), path]
    }),
  )
}

const load = async (fileName: string, parts: Parts): Promise<Workbook> => {
  const { Workbook } = await import('@cj-tech-master/excelts')
  try {
    return await new Workbook().xlsx.loadFromFiles({ ...parts }, { ignoreNodes: ignoredNodes })
  } catch (error) {
    throw new UsageFault([{ where: fileName, message: 'expected a readable .xlsx workbook' }], {
      cause: error,
    })
  }
}

/**
 * Every sheet of a workbook as text; the value of a merged range in each of its cells.
 * Formulas are never evaluated. Throws `UsageFault` for what is no workbook or beyond the limits.
 */
export const readXlsx = async (fileName: string, bytes: Uint8Array): Promise<readonly Table[]> => {
  const parts = await unzipWorkbook(fileName, bytes)
  const workbook = await load(fileName, parts)
  const paths = sheetParts(parts)
  return workbook.worksheets.map((sheet) => {
    const where = `${fileName}:${sheet.name}`
    const merges = mergesOf(where, textOf(parts, paths.get(sheet.id) ?? ''))
    const rows = applyMerges(where, usedRows(where, rowsOf(sheet)), merges)
    return { file: fileName, sheet: sheet.name, rows }
  })
}
