import { parse } from 'csv-parse/sync'
import { UsageFault } from '../../src/core/fault.ts'
import { limits, type Table, usedRows } from './table.ts'

/** UTF-8 with or without a mark; a file that is none is taken for GB 18030, which Chinese Excel writes. */
const decode = (fileName: string, bytes: Uint8Array): string => {
  for (const encoding of ['utf-8', 'gb18030']) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes)
    } catch {
      continue
    }
  }
  throw new UsageFault([{ where: fileName, message: 'expected text in UTF-8 or GB 18030' }])
}

const maxRecordCharacters = 4 * 1024 * 1024

const recordsOf = (fileName: string, text: string): readonly (readonly string[])[] => {
  try {
    return parse(text, {
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

/** RFC 4180. Throws `UsageFault` for what is no CSV and for what is beyond the limits. */
export const readCsv = (fileName: string, bytes: Uint8Array): readonly Table[] => {
  const rows = recordsOf(fileName, decode(fileName, bytes)).map((record, index) => ({
    number: index + 1,
    cells: record.map((content) => ({ text: content })),
  }))
  return [{ file: fileName, rows: usedRows(fileName, rows) }]
}
