import zlib from 'node:zlib'
import { type Database, openDatabase } from '../../database/open.ts'
import { type BlockRow, type LogAccount, type LogLine, accountOf, schema, written } from './blocks.ts'

/** Keeps lines in blocks of zstd. One writer; others may read beside it. */
export interface LogStore extends LogAccount, Disposable {
  /** The lines are on the disk when it returns. Throws `EnvironmentFault`. */
  readonly append: (lines: readonly LogLine[]) => void
  /** Packs what was appended into a block, once it is large or old enough. */
  readonly pack: (now: number) => void
  /** Forgets every block whose newest line is older. Gives how many lines went. */
  readonly prune: (before: number) => number
}

/** Addresses that are counted one by one; those beyond are stored as well, and counted together. */
export const maxSources = 4096
export const otherSources = 'other'

const blockBytes = 1024 * 1024
const openMs = 600_000

type Draft = Omit<BlockRow, 'id' | 'packed'>

const spanOf = (lines: readonly LogLine[]): Pick<Draft, 'first_at' | 'last_at'> => ({
  first_at: lines.reduce((least, { receivedAt }) => Math.min(least, receivedAt), Infinity),
  last_at: lines.reduce((most, { receivedAt }) => Math.max(most, receivedAt), 0),
})

const draftOf = (lines: readonly LogLine[]): Draft => {
  const payload = Buffer.from(lines.map(written).join('\n'))
  return {
    ...spanOf(lines),
    count: lines.length,
    bytes: payload.length,
    sources: JSON.stringify([...new Set(lines.map(({ source }) => source))]),
    payload,
  }
}

const joined = (rows: readonly BlockRow[]): Draft => ({
  first_at: Math.min(...rows.map((row) => row.first_at)),
  last_at: Math.max(...rows.map((row) => row.last_at)),
  count: rows.reduce((sum, { count }) => sum + count, 0),
  bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0),
  sources: JSON.stringify([...new Set(rows.flatMap(({ sources }) => JSON.parse(sources) as string[]))]),
  payload: zlib.zstdCompressSync(
    Buffer.concat(rows.flatMap(({ payload }, at) => (at === 0 ? [payload] : [Buffer.from('\n'), payload]))),
  ),
})

const insertion = (sql: Database['sql']) => {
  const insert = sql.prepare(
    'INSERT INTO block (packed, first_at, last_at, count, bytes, sources, payload) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  return (packed: 0 | 1, { first_at, last_at, count, bytes, sources, payload }: Draft): void =>
    void insert.run(packed, first_at, last_at, count, bytes, sources, payload)
}

const counting = (sql: Database['sql']) => {
  const known = sql.prepare('SELECT 1 FROM source WHERE source = ?')
  const total = sql.prepare('SELECT count(*) AS total FROM source')
  const add = sql.prepare(`INSERT INTO source VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, last_at = max(last_at, excluded.last_at)`)
  return (lines: readonly LogLine[]): void => {
    for (const [source, own] of Map.groupBy(lines, (line) => line.source)) {
      const hasRoom = known.get(source) !== undefined || Number(total.get()?.['total']) < maxSources
      const { first_at, last_at } = spanOf(own)
      add.run(hasRoom ? source : otherSources, own.length, first_at, last_at)
    }
  }
}

const packing = (database: Database, insert: ReturnType<typeof insertion>): LogStore['pack'] => {
  const { sql, change } = database
  const standing = sql.prepare(
    'SELECT coalesce(sum(bytes), 0) AS bytes, min(first_at) AS first FROM block WHERE packed = 0',
  )
  const open = sql.prepare('SELECT * FROM block WHERE packed = 0 ORDER BY id')
  const remove = sql.prepare('DELETE FROM block WHERE packed = 0')
  return (now) => {
    const { bytes, first } = database.read(() => standing.get()) as { bytes: number; first: number | null }
    if (first === null || (bytes < blockBytes && now - first < openMs)) return
    change(() => {
      const rows = open.all() as unknown as readonly BlockRow[]
      remove.run()
      insert(1, joined(rows))
    })
  }
}

/** Opens the store for writing, or makes it. Throws `EnvironmentFault`. */
export const openLogStore = (file: string): LogStore => {
  const database = openDatabase(file, { schema })
  const { sql, change } = database
  const insert = insertion(sql)
  const count = counting(sql)
  const pruned = sql.prepare('SELECT coalesce(sum(count), 0) AS count FROM block WHERE last_at < ?')
  const prune = sql.prepare('DELETE FROM block WHERE last_at < ?')
  const forget = sql.prepare('DELETE FROM source WHERE last_at < ?')
  return {
    ...accountOf(database),
    append: (lines) => {
      if (lines.length === 0) return
      change(() => {
        insert(0, draftOf(lines))
        count(lines)
      })
    },
    pack: packing(database, insert),
    prune: (before) =>
      change(() => {
        const lines = Number(pruned.get(before)?.['count'])
        if (lines > 0) prune.run(before)
        forget.run(before)
        return lines
      }),
    [Symbol.dispose]: () => database[Symbol.dispose](),
  }
}
