import { readFileSync, statSync } from 'node:fs'
import { type Document, LineCounter, isMap, isNode, isScalar, parseDocument } from 'yaml'
import { EnvironmentFault, type Problem, UsageFault } from '../core/fault.ts'

/** A parsed YAML file that still knows where its keys stand. */
export interface YamlSource {
  readonly file: string
  readonly value: unknown
  /** `file:line` of the key at `path`, or of its nearest ancestor that is there. */
  readonly placeOf: (path: readonly PropertyKey[]) => string
}

const maxBytes = 1_048_576

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

/** The file's text, or undefined where there is no such file. Throws `EnvironmentFault` FILE_UNREADABLE. */
const readBounded = (file: string): string | undefined => {
  try {
    const { size } = statSync(file)
    if (size > maxBytes)
      throw new UsageFault([{ where: file, message: `expected up to 1 MiB, got ${size} bytes` }])
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if (isMissing(cause)) return undefined
    if (cause instanceof UsageFault) throw cause
    throw new EnvironmentFault('FILE_UNREADABLE', `cannot read ${file}: ${(cause as Error).message}`, {
      cause,
    })
  }
}

const offsetOf = (document: Document.Parsed, path: readonly PropertyKey[]): number | undefined => {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  const key = isMap(parent)
    ? parent.items.map((pair) => pair.key).find((node) => isScalar(node) && node.value === path.at(-1))
    : document.getIn(path, true)
  return isNode(key) ? key.range?.[0] : undefined
}

const placeIn =
  (file: string, document: Document.Parsed, lines: LineCounter) =>
  (path: readonly PropertyKey[]): string => {
    if (path.length === 0) return file
    const offset = offsetOf(document, path)
    return offset === undefined
      ? placeIn(file, document, lines)(path.slice(0, -1))
      : `${file}:${lines.linePos(offset).line}`
  }

/** Aliases that lead nowhere, or too far, are found only here. */
const plainValue = (file: string, document: Document.Parsed, quiet: boolean): unknown => {
  try {
    return document.toJS() as unknown
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause
    const message = quiet
      ? 'not valid YAML (BAD_ALIAS): put values in quotes'
      : `not valid YAML: ${cause.message}`
    throw new UsageFault([{ where: file, message }])
  }
}

/**
 * Parses YAML 1.2 (so JSON as well). Throws `UsageFault` with every syntax error and its line.
 * With `quiet`, errors say the kind only, since the parser's texts quote the file.
 */
export const parseYaml = (file: string, text: string, { quiet = false } = {}): YamlSource => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const problems = [...document.errors, ...document.warnings].map(({ pos, code, message }): Problem => ({
    where: `${file}:${lines.linePos(pos[0]).line}`,
    message: quiet ? `not valid YAML (${code})` : `not valid YAML: ${message}`,
  }))
  if (problems.length > 0) throw new UsageFault(problems)
  return { file, value: plainValue(file, document, quiet), placeOf: placeIn(file, document, lines) }
}

/** Reads and parses a YAML file; undefined where there is none. */
export const readYaml = (file: string): YamlSource | undefined => {
  const text = readBounded(file)
  return text === undefined ? undefined : parseYaml(file, text)
}
