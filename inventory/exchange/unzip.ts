import { inflateRawSync } from 'node:zlib'
import { UsageFault } from '../../src/core/fault.ts'
import { limits } from './table.ts'

/** The parts of a workbook that hold values; drawings, links, comments and pivots are never opened. */
const valueParts =
  /^(\[Content_Types\]\.xml|_rels\/\.rels|xl\/(workbook|styles|sharedStrings)\.xml|xl\/_rels\/workbook\.xml\.rels|xl\/worksheets\/[^/]+\.xml)$/u

const methods = { stored: 0, deflated: 8 } as const

const refuse = (fileName: string, message: string, suggestion?: string): UsageFault =>
  new UsageFault([{ where: fileName, message, ...(suggestion !== undefined && { suggestion }) }])

interface Entry {
  readonly path: string
  readonly uncompressedSize: number
  readonly compressionMethod: number
}

const checkEntries = (fileName: string, entries: readonly Entry[]): void => {
  if (entries.length > limits.zipEntries)
    throw refuse(fileName, `expected at most ${limits.zipEntries} parts, got ${entries.length}`)
  if (entries.some(({ path }) => /vbaProject\.bin$|\/macrosheets\//iu.test(path)))
    throw refuse(fileName, 'contains macros', 'save it as .xlsx without macros')
  if (!entries.some(({ path }) => path === 'xl/workbook.xml'))
    throw refuse(fileName, 'expected an Excel workbook (.xlsx), got another kind of ZIP file')
  const unpacked = entries
    .filter(({ path }) => valueParts.test(path))
    .reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0)
  if (unpacked > limits.unpackedBytes)
    throw refuse(
      fileName,
      `expected at most ${limits.unpackedBytes} bytes unpacked, got ${unpacked}`,
      'split the file, or save it as CSV',
    )
}

/** Never unpacks more than the entry's own declared size, which `checkEntries` has bounded. */
const inflate = ({ path, compressionMethod, uncompressedSize }: Entry, data: Uint8Array): Uint8Array => {
  if (compressionMethod === methods.stored) return data
  if (compressionMethod === methods.deflated)
    return inflateRawSync(data, { maxOutputLength: Math.max(1, uncompressedSize) })
  throw new Error(`${path}: compressed in a way that is not supported, or encrypted`)
}

const tagStart = 0x3c

const tagsIn = (part: Uint8Array): number =>
  part.reduce((count, byte) => count + Number(byte === tagStart), 0)

const hasTooManyRows = (part: Uint8Array): boolean =>
  Buffer.from(part.buffer, part.byteOffset, part.byteLength)
    .toString('latin1')
    .matchAll(/<(?:\w+:)?row[\s/>]/gu)
    .drop(limits.rows)
    .next().done !== true

/** The workbook library makes an object of every row, cell and string before anybody could count them. */
const checkElements = (fileName: string, parts: Readonly<Record<string, Uint8Array>>): void => {
  const crowded = Object.entries(parts).find(
    ([path, part]) => path.startsWith('xl/worksheets/') && hasTooManyRows(part),
  )
  if (crowded !== undefined)
    throw refuse(
      fileName,
      `expected at most ${limits.rows} rows a sheet, ${crowded[0]} has more`,
      'split the file',
    )
  const tags = Object.values(parts).reduce((sum, part) => sum + tagsIn(part), 0)
  if (tags > limits.tags)
    throw refuse(
      fileName,
      `expected at most ${limits.tags} XML tags, got ${tags}`,
      'split the file, or save it as CSV',
    )
}

/**
 * The parts of an XLSX file that hold values, by path, within the limits.
 * Throws `UsageFault` for what is no workbook, has macros or is too large.
 */
export const unzipWorkbook = async (
  fileName: string,
  bytes: Uint8Array,
): Promise<Readonly<Record<string, Uint8Array>>> => {
  const { BufferReader, RemoteZipReader } = await import('@cj-tech-master/excelts/archive')
  try {
    const zip = await RemoteZipReader.fromReader(new BufferReader(bytes))
    checkEntries(fileName, zip.getEntries())
    const parts: Record<string, Uint8Array> = {}
    for (const entry of zip.getEntries().filter(({ path }) => valueParts.test(path))) {
      const data = await zip.getRawCompressedData(entry)
      if (data !== null) parts[entry.path] = inflate(entry, data)
    }
    checkElements(fileName, parts)
    return parts
  } catch (error) {
    if (error instanceof UsageFault || !(error instanceof Error)) throw error
    throw new UsageFault([{ where: fileName, message: `expected a readable .xlsx file: ${error.message}` }], {
      cause: error,
    })
  }
}
