import { openDatabase, type Database } from '../../database/open.ts'
import type { Told } from './assets.ts'
import { createDispatch, type Dispatch } from './dispatch.ts'
import type { Message, UpwardKind } from './message.ts'
import { createView, type View } from './view.ts'

/**
 * What is told upward, in one order for all: `message`. A destination is a place in that order (`done`), with a
 * receipt for each message that it took or refused. `told` and `mark` say how far the inventory and the ledger of
 * incidents have been read, and which status was the last; they change together with the messages that were made of them.
 */
const schema = `
  CREATE TABLE message (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, at INTEGER NOT NULL,
    made_at INTEGER NOT NULL, period INTEGER, fields TEXT NOT NULL
  ) STRICT;
  CREATE INDEX message_status ON message (at) WHERE kind = 'status';
  CREATE TABLE destination (
    name TEXT PRIMARY KEY, kinds TEXT NOT NULL, since INTEGER NOT NULL, done INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0, retry_at INTEGER NOT NULL DEFAULT 0, detail TEXT
  ) STRICT;
  CREATE TABLE receipt (
    destination TEXT NOT NULL, sequence INTEGER NOT NULL REFERENCES message (sequence) ON DELETE CASCADE,
    result TEXT NOT NULL, at INTEGER NOT NULL, receipt TEXT, detail TEXT, PRIMARY KEY (destination, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX receipt_sequence ON receipt (sequence);
  CREATE TABLE again (
    destination TEXT NOT NULL, sequence INTEGER NOT NULL REFERENCES message (sequence) ON DELETE CASCADE,
    PRIMARY KEY (destination, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX again_sequence ON again (sequence);
  CREATE TABLE outage (
    destination TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER, detail TEXT NOT NULL,
    PRIMARY KEY (destination, since)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE tally (
    destination TEXT NOT NULL, kind TEXT NOT NULL, result TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (destination, kind, result)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE told (asset TEXT PRIMARY KEY, digest TEXT NOT NULL, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE request (at INTEGER NOT NULL, by TEXT NOT NULL, what TEXT NOT NULL) STRICT
`

export interface NewMessage extends Message {
  /** Of a status: milliseconds until the next one is due. */
  readonly periodMs?: number
}

/** What goes into the outbox together, or not at all. */
export interface Addition {
  readonly messages: readonly NewMessage[]
  readonly now: number
  /** The last event of the ledger that they were made of. */
  readonly cursor?: number
  readonly told?: readonly { readonly asset: string; readonly told: Told }[]
}

export interface Wanted {
  readonly name: string
  readonly kinds: readonly UpwardKind[]
}

/** What makes messages writes here. */
export interface Intake {
  /**
   * The destinations that there are now. One that is new, or wants more, hears of everything that is: `told` and the
   * cursor are forgotten. One that is gone is forgotten itself.
   */
  readonly configure: (wanted: readonly Wanted[], now: number) => void
  /** Whether another message may be made. Makes room of what everybody has. */
  readonly hasRoom: () => boolean
  /** On the disk when it returns; messages whose id is known are left as they are. */
  readonly add: (addition: Addition) => void
  /** Undefined: nothing of the ledger was told yet. */
  readonly cursor: () => number | undefined
  readonly told: () => ReadonlyMap<string, Told>
  /** The beginning of the period of the newest status. */
  readonly lastStatusAt: () => number | undefined
  /** Forgets what everybody has and what was made before an instant. */
  readonly prune: (before: number) => void
}

/** A file that the collector and the commands of people share. Everything throws `EnvironmentFault`. */
export interface Outbox extends Disposable {
  readonly intake: Intake
  readonly dispatch: Dispatch
  readonly view: View
}

/** The first message that somebody still waits for: what comes before it everybody has. */
const firstWaiting = `coalesce((SELECT min(sequence) FROM message JOIN destination
  ON sequence > done AND kind IN (SELECT value FROM json_each(kinds))), ${Number.MAX_SAFE_INTEGER})`

const statements = (sql: Database['sql']) => ({
  destinations: sql.prepare('SELECT name, kinds FROM destination'),
  addDestination: sql.prepare(`INSERT INTO destination (name, kinds, since, done)
    VALUES (?, ?, ?, coalesce((SELECT max(sequence) FROM message), 0))
    ON CONFLICT (name) DO UPDATE SET kinds = excluded.kinds`),
  dropDestination: sql.prepare('DELETE FROM destination WHERE name = ?'),
  dropAgain: sql.prepare('DELETE FROM again WHERE destination = ?'),
  forgetTold: sql.prepare("UPDATE told SET digest = ''"),
  forgetCursor: sql.prepare("DELETE FROM mark WHERE name = 'cursor'"),
  count: sql.prepare('SELECT count(*) AS count FROM message'),
  makeRoom: sql.prepare(`DELETE FROM message WHERE sequence IN
    (SELECT sequence FROM message WHERE sequence < ${firstWaiting} ORDER BY sequence LIMIT ?)`),
  prune: sql.prepare(`DELETE FROM message WHERE made_at < ? AND sequence < ${firstWaiting}`),
  pruneOutages: sql.prepare('DELETE FROM outage WHERE until < ?'),
  pruneRequests: sql.prepare('DELETE FROM request WHERE at < ?'),
  addMessage:
    sql.prepare(`INSERT INTO message (id, kind, at, made_at, period, fields) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING`),
  setCursor: sql.prepare("INSERT OR REPLACE INTO mark VALUES ('cursor', ?)"),
  setTold: sql.prepare('INSERT OR REPLACE INTO told VALUES (?, ?, ?)'),
  cursor: sql.prepare("SELECT value FROM mark WHERE name = 'cursor'"),
  told: sql.prepare('SELECT asset, digest, number FROM told'),
  setStatus: sql.prepare("INSERT OR REPLACE INTO mark VALUES ('status', ?)"),
  status: sql.prepare("SELECT value FROM mark WHERE name = 'status'"),
})

const markIn = (row: Readonly<Record<string, unknown>> | undefined): number | undefined => {
  const value = row?.['value']
  return typeof value === 'number' ? value : undefined
}

const configure = (all: ReturnType<typeof statements>, wanted: readonly Wanted[], now: number): void => {
  const before = new Map(
    all.destinations
      .all()
      .map(({ name, kinds }) => [String(name), JSON.parse(String(kinds)) as readonly string[]]),
  )
  for (const name of before.keys())
    if (!wanted.some((each) => each.name === name)) {
      all.dropDestination.run(name)
      all.dropAgain.run(name)
    }
  for (const { name, kinds } of wanted) all.addDestination.run(name, JSON.stringify(kinds), now)
  if (wanted.every(({ name, kinds }) => kinds.every((kind) => before.get(name)?.includes(kind)))) return
  all.forgetTold.run()
  all.forgetCursor.run()
}

const createIntake = ({ sql, change, read }: Database, maxMessages: number): Intake => {
  const all = statements(sql)
  const excess = (): number => Number(all.count.get()?.['count'] ?? 0) - maxMessages
  return {
    configure: (wanted, now) => change(() => configure(all, wanted, now)),
    hasRoom: () => {
      if (read(excess) < 0) return true
      // Some more than one, or each message would make room for one.
      change(() => void all.makeRoom.run(Math.ceil(maxMessages / 100)))
      return read(excess) < 0
    },
    add: ({ messages, now, cursor, told = [] }) =>
      change(() => {
        for (const { id, kind, at, periodMs, fields } of messages) {
          all.addMessage.run(id, kind, at, now, periodMs ?? null, JSON.stringify(fields))
          if (periodMs !== undefined) all.setStatus.run(at)
        }
        if (cursor !== undefined) all.setCursor.run(cursor)
        for (const { asset, told: last } of told) all.setTold.run(asset, last.digest, last.number)
      }),
    cursor: () => read(() => markIn(all.cursor.get())),
    told: () =>
      read(
        () =>
          new Map(
            all.told
              .all()
              .map(({ asset, digest, number }) => [
                String(asset),
                { digest: String(digest), number: Number(number) },
              ]),
          ),
      ),
    lastStatusAt: () => read(() => markIn(all.status.get())),
    prune: (before) =>
      change(() => {
        all.prune.run(before)
        all.pruneOutages.run(before)
        all.pruneRequests.run(before)
      }),
  }
}

/** Opens the outbox of a file, or makes it. */
export const openOutbox = (file: string, maxMessages: number): Outbox => {
  const database = openDatabase(file, { schema })
  database.sql.exec('PRAGMA foreign_keys = ON')
  return {
    intake: createIntake(database, maxMessages),
    dispatch: createDispatch(database),
    view: createView(database),
    [Symbol.dispose]: () => database[Symbol.dispose](),
  }
}
