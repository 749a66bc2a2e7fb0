import { parse } from 'csv-parse/sync'
import { UsageFault } from '../../src/core/fault.ts'
import { decodeText } from './decode-text.ts'
import { limits, type Table, usedRows } from './table.ts'

/** The usual one first: it has the first say. */
const delimiters = [',', ';', '\t'] as const
/** Titles may stand above the table. */
const beginning = 65_536

/**
 * Excel separates by what the system's locale has, and by tabs in its "Unicode text": the delimiter of which the first
 * line that has any has most.
 */
const delimiterOf = (text: string): string => {
  const unquoted = text.slice(0, beginning).replaceAll(/"[^"]*"/gu, '')
  for (const line of unquoted.split(/[\r\n]+/u)) {
    const [most] = delimiters
      .map((delimiter) => ({ delimiter, count: line.split(delimiter).length - 1 }))
      .toSorted((left, right) => right.count - left.count)
    if (most !== undefined && most.count > 0) return most.delimiter
  }
  return delimiters[0]
}

const maxRecordCharacters = 4 * 1024 * 1024

const recordsOf = (fileName: string, text: string): readonly (readonly string[])[] => {
  try {
    return parse(text, {
      delimiter: delimiterOf(text),
      relax_column_count: true,
      skip_empty_lines: false,
      max_record_size: maxRecordCharacters,
      to: limits.rows + 1,
    })
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new UsageFault([{ where: fileName, message: `expected CSV: ${error.message}` }], { cause: error })
  }
}

/** RFC 4180, separated by commas, semicolons or tabs. Throws `UsageFault` for what is no CSV and for what is beyond the limits. */
export const readCsv = (fileName: string, bytes: Uint8Array): readonly Table[] => {
  const rows = recordsOf(fileName, decodeText(fileName, bytes)).map((record, index) => ({
    number: index + 1,
    cells: record.map((content) => ({ text: content })),
  }))
  return [{ file: fileName, rows: usedRows(fileName, rows) }]
}
