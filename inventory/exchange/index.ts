import { UsageFault } from '../../src/core/fault.ts'
import type { Inventory } from '../store.ts'
import { holdsNothing } from './header.ts'
import { type ImportPlan, planImport } from './plan.ts'
import { readCsv } from './read-csv.ts'
import { readXlsx } from './read-xlsx.ts'
import { limits, type Table } from './table.ts'

export { type CellDifference, type ImportPlan, planImport } from './plan.ts'
export { readOfficialWording } from './mlps/wording.ts'
export { exportFindings } from './mlps/export.ts'
export { type FindingDifference, type FindingsPlan, planFindings } from './mlps/plan.ts'
export { type Cell, limits, type Table, type TableRow } from './table.ts'
export { type CsvOptions, exportCsv } from './write-csv.ts'
export { exportWorkbook } from './write-xlsx.ts'

const startsWith = (bytes: Uint8Array, ...signature: readonly number[]): boolean =>
  signature.every((byte, index) => bytes[index] === byte)

const isZip = (bytes: Uint8Array): boolean => startsWith(bytes, 0x50, 0x4b)
/** OLE: workbooks before 2007, and encrypted ones of any age. */
const isOle = (bytes: Uint8Array): boolean => startsWith(bytes, 0xd0, 0xcf, 0x11, 0xe0)

const refuse = (where: string, message: string, suggestion: string): UsageFault =>
  new UsageFault([{ where, message, suggestion }])

const tablesIn = async (fileName: string, bytes: Uint8Array): Promise<readonly Table[]> => {
  if (bytes.length > limits.fileBytes)
    throw refuse(
      fileName,
      `expected at most ${limits.fileBytes} bytes, got ${bytes.length}`,
      'split the file',
    )
  if (/\.xl(sm|tm|am|sb)$/iu.test(fileName))
    throw refuse(fileName, 'a workbook with macros is not read', 'save it as .xlsx without macros')
  if (isOle(bytes))
    throw refuse(fileName, 'expected .xlsx or CSV, got an old or encrypted Excel file', 'save it as .xlsx')
  if (isZip(bytes)) return readXlsx(fileName, bytes)
  if (/\.(csv|tsv|txt)$/iu.test(fileName)) return readCsv(fileName, bytes)
  throw refuse(
    fileName,
    'expected an .xlsx or .csv file, got content of another kind',
    'open it in a spreadsheet program and save it as .xlsx',
  )
}

/**
 * A spreadsheet file as tables of text. XLSX and CSV are told apart by their content.
 * Throws `UsageFault` for any other kind, for macros, for a file without any table, and for what is
 * beyond `limits`.
 */
export const readTables = async (fileName: string, bytes: Uint8Array): Promise<readonly Table[]> => {
  const tables = await tablesIn(fileName, bytes)
  if (tables.every(holdsNothing))
    throw refuse(fileName, 'expected a table, got nothing', 'save the file with its header row')
  return tables
}

/** Reads a file and says what importing it would change; writes nothing. See `planImport`. */
export const readImport = async (
  fileName: string,
  bytes: Uint8Array,
  inventory: Inventory,
): Promise<ImportPlan> => planImport(await readTables(fileName, bytes), inventory)
