import zlib from 'node:zlib'
import { openDatabase } from '../../database/open.ts'
import { type BlockRow, type LogAccount, type LogLine, accountOf, readLine, schema } from './blocks.ts'

export interface LogWindow {
  readonly since: number
  readonly until: number
  readonly source?: string
}

/** What is stored, for who only reads; a collector may write meanwhile. */
export interface LogArchive extends LogAccount, Disposable {
  /** The lines received in a window, the newest first. Throws `EnvironmentFault`. */
  readonly lines: (window: LogWindow) => Generator<LogLine, void>
}

const textOf = ({ packed, payload }: BlockRow): string =>
  (packed === 1 ? zlib.zstdDecompressSync(payload) : Buffer.from(payload)).toString('utf8')

/** Opens the store beside whoever writes it. Throws `EnvironmentFault`. */
export const openLogArchive = (file: string): LogArchive => {
  const database = openDatabase(file, { schema, readOnly: true })
  const blocks = database.sql.prepare(`SELECT * FROM block WHERE last_at >= :since AND first_at < :until AND
    (:source IS NULL OR EXISTS (SELECT 1 FROM json_each(sources) WHERE value = :source)) ORDER BY id DESC`)
  return {
    ...accountOf(database),
    *lines({ since, until, source }) {
      const rows = database.read(() => blocks.iterate({ since, until, source: source ?? null }))
      for (const row of rows as Iterable<BlockRow>)
        for (const line of textOf(row).split('\n').toReversed().map(readLine))
          if (line.receivedAt >= since && line.receivedAt < until && (source ?? line.source) === line.source)
            yield line
    },
    [Symbol.dispose]: () => database[Symbol.dispose](),
  }
}
