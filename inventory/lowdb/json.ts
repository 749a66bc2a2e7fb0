import { EnvironmentFault } from '../../src/core/fault.ts'

const endOf = (text: string): string => {
  const lines = text.split('\n')
  return `${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`
}

/** `line:column` of a syntax error. */
const positionOf = (text: string, error: SyntaxError): string => {
  const [, line, column] = /\(line (\d+) column (\d+)\)/u.exec(error.message) ?? []
  return line === undefined || column === undefined ? endOf(text) : `${line}:${column}`
}

/** Parses JSON of the store. Throws `STORE_BROKEN`, naming file and position. */
export const parseStoreJson = (file: string, bytes: Buffer): unknown => {
  // Editors of some systems begin a file with a byte order mark.
  const text = bytes.toString().replace(/^\uFEFF/u, '')
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new EnvironmentFault(
      'STORE_BROKEN',
      `${file}:${positionOf(text, error)}: expected JSON: ${error.message}`,
      { cause: error, suggestion: 'mend the file by hand, or restore a backup' },
    )
  }
}

const indented = (text: string, depth: number): string => `${' '.repeat(depth)}${text}`

const isListOfObjects = (value: unknown): value is readonly object[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'object' && item !== null)

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isObjectOfObjects = (value: unknown): value is object =>
  isObject(value) && Object.values(value).length > 0 && Object.values(value).every(isObject)

const lines = (texts: readonly string[]): string => texts.map((text) => indented(text, 6)).join(',\n')

const formatValue = (value: unknown): string => {
  if (isListOfObjects(value))
    return `[\n${lines(value.map((item) => JSON.stringify(item)))}\n${indented(']', 4)}`
  if (!isObjectOfObjects(value)) return JSON.stringify(value)
  const entries = Object.entries(value).map(
    ([key, item]) => `${JSON.stringify(key)}: ${JSON.stringify(item)}`,
  )
  return `{\n${lines(entries)}\n${indented('}', 4)}`
}

const formatRecord = (record: object): string => {
  const fields = Object.entries(record).map(([key, value]) =>
    indented(`${JSON.stringify(key)}: ${formatValue(value)}`, 4),
  )
  return `  {\n${fields.join(',\n')}\n  }`
}

/** Records as JSON that a person reads and `git diff` shows well: a line for each field, each uplink, each result. */
export const formatRecords = (records: readonly object[]): string =>
  records.length === 0 ? '[]\n' : `[\n${records.map(formatRecord).join(',\n')}\n]\n`
