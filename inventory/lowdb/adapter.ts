import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { type Adapter, Low } from 'lowdb'
import { EnvironmentFault } from '../../src/core/fault.ts'
import { writeDurably } from './durable.ts'

export interface Codec<Data> {
  /** `file` is for messages. */
  readonly parse: (bytes: Buffer, file: string) => Data
  readonly format: (data: Data) => string
}

/** The largest file that is read or written. */
export const maxBytes = 268_435_456

/** What is there may be gone in the next moment: another process has carried out its change. */
const unlessGone = <Value>(read: () => Value): Value | undefined => {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * The bytes of a file, or undefined where there is none. Read without leaving the thread:
 * a store has thousands of small files, and a trip to the thread pool costs more than each of them.
 */
export const readBounded = (file: string): Buffer | undefined => {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  if (stat.size > maxBytes)
    throw new EnvironmentFault(
      'STORE_BROKEN',
      `${file}: expected at most ${maxBytes} bytes, got ${stat.size}`,
    )
  return unlessGone(() => readFileSync(file))
}

/** The first bytes of a file as text, or undefined where there is none. */
export const readStart = (file: string, length: number): string | undefined => {
  const descriptor = existsSync(file) ? unlessGone(() => openSync(file, 'r')) : undefined
  if (descriptor === undefined) return undefined
  try {
    const bytes = Buffer.alloc(length)
    return bytes.toString('latin1', 0, readSync(descriptor, bytes))
  } finally {
    closeSync(descriptor)
  }
}

/** lowdb's own file adapter renames but never syncs: after a power cut its file may be empty. This one does. */
const durableAdapter = <Data>(file: string, codec: Codec<Data>): Adapter<Data> => ({
  read: () =>
    new Promise((resolve) => {
      const bytes = readBounded(file)
      resolve(bytes === undefined ? null : codec.parse(bytes, file))
    }),
  write: (data) => writeDurably(file, codec.format(data)),
})

/** Reads a document of the store; undefined where there is no file. */
export const readDocument = async <Data>(file: string, codec: Codec<Data>): Promise<Data | undefined> => {
  const low = new Low<Data | null>(durableAdapter(file, codec) as Adapter<Data | null>, null)
  await low.read()
  return low.data ?? undefined
}

/** Replaces a document of the store; file and folder are on disk when it resolves. */
export const writeDocument = <Data>(file: string, codec: Codec<Data>, data: Data): Promise<void> =>
  new Low(durableAdapter(file, codec), data).write()
