import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline as piped, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { z } from 'zod'
import { EnvironmentFault, UsageFault } from '../src/core/fault.ts'
import { jsonOf } from '../src/core/json.ts'
import { writeDurably } from './lowdb/durable.ts'
import { linesOf } from './lowdb/lines.ts'
import { auditFile, metaFile, shardPattern } from './lowdb/layout.ts'

/**
 * A backup is gzip (RFC 1952) over lines of JSON, so `gunzip -c` shows it:
 *
 *     {"format":"yiwang-backup","version":2}
 *     {"file":"node/410202.json","text":"…"}       again and again, until the file is whole
 *     {"file":"node/410202.json","sha256":"…"}     over its UTF-8 text
 *     {"files":8}                                  the last line
 *
 * Version 1 is one line: `{"format":…,"version":1,"files":{"node/410202.json":{"sha256":"…","text":"…"}}}`.
 */
const format = 'yiwang-backup'

/** Part of a file's text; the parts of each file follow one another. */
export interface Piece {
  readonly file: string
  readonly text: string
}

/** Told how many bytes are done, of how many. What it throws breaks the work off, of which nothing is left then. */
export type OnBytes = (bytes: number, total: number) => void

/** What a restore writes in one change is bounded by `maxBytes` of the store; the audit log is not part of it. */
export const mostRecordBytes = 201_326_592

/** The longest line: all of version 1 in one string. */
const mostLineBytes = 503_316_480

const name = z
  .string()
  .refine((file) => [metaFile, auditFile].includes(file) || shardPattern.test(file), 'no file of a store')
const whole = z.strictObject({
  format: z.literal(format),
  version: z.literal(1),
  files: z.record(name, z.strictObject({ sha256: z.string(), text: z.string() })),
})
const head = z.strictObject({ format: z.literal(format), version: z.literal(2) })
const line = z.union([
  z.strictObject({ file: name, text: z.string() }),
  z.strictObject({ file: name, sha256: z.string() }),
  z.strictObject({ files: z.int() }),
])
type Line = z.output<typeof head> | z.output<typeof line>

async function* linesFrom(pieces: AsyncIterable<Piece>): AsyncGenerator<Line> {
  let open: { readonly file: string; readonly hash: Hash } | undefined
  let files = 0
  const end = function* (): Generator<Line> {
    if (open === undefined) return
    files += 1
    yield { file: open.file, sha256: open.hash.digest('hex') }
  }
  yield { format, version: 2 }
  for await (const { file, text } of pieces) {
    if (open?.file !== file) {
      yield* end()
      open = { file, hash: createHash('sha256') }
    }
    open.hash.update(text)
    yield { file, text }
  }
  yield* end()
  yield { files }
}

async function* texts(lines: AsyncIterable<Line>): AsyncGenerator<string> {
  for await (const each of lines) yield `${JSON.stringify(each)}\n`
}

/** Writes a backup, durably, over one of that name. */
export const writeBackup = (file: string, pieces: AsyncIterable<Piece>): Promise<void> =>
  pipeline(texts(linesFrom(pieces)), createGzip(), (packed) =>
    writeDurably(file, packed as AsyncIterable<Uint8Array>),
  )

const damaged = (file: string, message: string, cause?: unknown): UsageFault =>
  new UsageFault([{ where: file, message, suggestion: 'nothing was restored; try an older backup' }], {
    cause,
  })

const faultOf = (file: string, error: unknown): unknown => {
  if (!(error instanceof Error)) return error
  return 'syscall' in error
    ? new EnvironmentFault('FILE_UNREADABLE', `cannot read ${file}: ${error.message}`, { cause: error })
    : damaged(file, `expected a backup, got a damaged or foreign file: ${error.message}`, error)
}

async function* unpacked(file: string, packed: Readable): AsyncGenerator<Buffer> {
  try {
    yield* piped(packed, createGunzip(), () => undefined) as AsyncIterable<Buffer>
  } catch (error) {
    throw faultOf(file, error)
  }
}

async function* valuesIn(file: string, onBytes: OnBytes): AsyncGenerator<unknown, undefined> {
  const tooLong = (): Error => damaged(file, `expected lines of at most ${mostLineBytes} bytes`)
  const { size } = await stat(file).catch((error: unknown) => {
    throw faultOf(file, error)
  })
  const packed = createReadStream(file)
  for await (const bytes of linesOf(unpacked(file, packed), mostLineBytes, tooLong)) {
    onBytes(packed.bytesRead, size)
    yield jsonOf(bytes.toString())
  }
}

const parsed = <Value>(file: string, schema: z.ZodType<Value>, value: unknown): Value => {
  const { success, data, error } = schema.safeParse(value)
  if (!success) throw damaged(file, `expected a backup: ${z.prettifyError(error)}`, error)
  return data
}

const expectSum = (file: string, of: string, found: string | undefined, sha256: string): void => {
  if (found !== sha256) throw damaged(file, `${of} in it is damaged: its checksum does not match`)
}

const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex')

function* piecesOfWhole(file: string, value: unknown): Generator<Piece> {
  for (const [of, { sha256, text }] of Object.entries(parsed(file, whole, value).files)) {
    expectSum(file, of, sumOf(text), sha256)
    yield { file: of, text }
  }
}

async function* piecesIn(file: string, values: AsyncIterable<unknown>): AsyncGenerator<Piece> {
  const ended = new Set<string>()
  let open: { readonly file: string; readonly hash: Hash } | undefined
  let isEnded = false
  for await (const value of values) {
    const each = parsed(file, line, value)
    if (isEnded || ('file' in each && ended.has(each.file)))
      throw damaged(file, 'expected each file of the store once')
    if ('text' in each) {
      open ??= { file: each.file, hash: createHash('sha256') }
      if (open.file !== each.file) throw damaged(file, `${open.file} in it does not end`)
      open.hash.update(each.text)
      yield each
    } else if ('sha256' in each) {
      expectSum(file, each.file, open?.file === each.file ? open.hash.digest('hex') : undefined, each.sha256)
      ended.add(each.file)
      open = undefined
    } else isEnded = each.files === ended.size && open === undefined
  }
  if (!isEnded) throw damaged(file, 'expected its end, it was cut off')
}

/**
 * The texts of a backup. What was given out counts only when the last piece was: then all of it is as it was written.
 * Rejects with `UsageFault` for a file that is damaged or foreign, `EnvironmentFault` where it cannot be read.
 */
export async function* readBackup(file: string, onBytes: OnBytes = () => undefined): AsyncGenerator<Piece> {
  const values = valuesIn(file, onBytes)
  try {
    const first: unknown = (await values.next()).value
    if (head.safeParse(first).success) yield* piecesIn(file, values)
    else yield* piecesOfWhole(file, first)
  } finally {
    await values.return(undefined)
  }
}
