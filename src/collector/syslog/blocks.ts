import type { Database } from '../../database/open.ts'

export const transports = ['udp', 'tcp', 'tls'] as const
export type Transport = (typeof transports)[number]

/** A message as it came. What it means is read when it is searched: what was stored is what was sent. */
export interface LogLine {
  readonly receivedAt: number
  /** Address of the sender; of `udp` nobody vouches for it. */
  readonly source: string
  readonly transport: Transport
  readonly isCut: boolean
  readonly line: string
}

/** What came from one address since it was first heard of, over restarts. */
export interface SourceCount {
  readonly source: string
  readonly messages: number
  readonly firstAt: number
  readonly lastAt: number
}

export interface LogFigures {
  /** Of the file, unused pages included. */
  readonly bytes: number
  readonly oldestAt?: number
}

export const schema = `
  CREATE TABLE block (
    id INTEGER PRIMARY KEY, packed INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
    count INTEGER NOT NULL, bytes INTEGER NOT NULL, sources TEXT NOT NULL, payload BLOB NOT NULL
  ) STRICT;
  CREATE INDEX block_last ON block (last_at);
  CREATE INDEX block_open ON block (packed) WHERE packed = 0;
  CREATE TABLE source (
    source TEXT PRIMARY KEY, messages INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL
  ) STRICT
`

type Cells = readonly [number, string, Transport, 0 | 1, string]

export const written = ({ receivedAt, source, transport, isCut, line }: LogLine): string =>
  JSON.stringify([receivedAt, source, transport, isCut ? 1 : 0, line] satisfies Cells)

export const readLine = (text: string): LogLine => {
  const [receivedAt, source, transport, isCut, line] = JSON.parse(text) as Cells
  return { receivedAt, source, transport, isCut: isCut === 1, line }
}

export interface BlockRow {
  readonly id: number
  readonly packed: number
  readonly first_at: number
  readonly last_at: number
  readonly count: number
  readonly bytes: number
  readonly sources: string
  readonly payload: Uint8Array
}

/** What both who writes and who only reads can say. */
export interface LogAccount {
  readonly sources: () => readonly SourceCount[]
  readonly figures: () => LogFigures
}

export const accountOf = ({ sql, read }: Database): LogAccount => {
  const sources = sql.prepare(
    'SELECT source, messages, first_at AS firstAt, last_at AS lastAt FROM source ORDER BY source',
  )
  const oldest = sql.prepare('SELECT min(first_at) AS oldest FROM block')
  const size = sql.prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size')
  return {
    sources: () => read(() => sources.all() as unknown as readonly SourceCount[]),
    figures: () =>
      read(() => {
        const oldestAt = oldest.get()?.['oldest']
        return { bytes: Number(size.get()?.['bytes']), ...(typeof oldestAt === 'number' && { oldestAt }) }
      }),
  }
}
