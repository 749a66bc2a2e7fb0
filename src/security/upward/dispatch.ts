import type { Database } from '../../database/open.ts'
import type { Message, UpwardKind } from './message.ts'

export const receiptResults = ['accepted', 'refused'] as const

/** What a destination said of a message. */
export interface Receipt {
  readonly id: string
  readonly result: (typeof receiptResults)[number]
  /** Their own number for it (回执), where they give one. */
  readonly receipt?: string | undefined
  readonly detail?: string | undefined
}

export interface Waiting extends Message {
  readonly sequence: number
}

export interface Selection {
  readonly destination: string
  /** Of messages whose time is in here. */
  readonly since: number
  readonly until: number
  readonly kind?: UpwardKind | undefined
  readonly result?: Receipt['result'] | undefined
}

/** What delivers messages reads and writes here. */
export interface Dispatch {
  /** What is to be sent next, in order: what was asked for again before the rest. None before `retry_at`. */
  readonly waiting: (destination: string, now: number, limit: number) => readonly Waiting[]
  /** Writes down what a destination said of messages, in their order: it has them. Failures are over. */
  readonly settle: (destination: string, receipts: readonly (Receipt & Waiting)[], now: number) => void
  /** Notes that an attempt failed; `retryAt` says when the next one is due after so many failures in a row. */
  readonly fail: (
    destination: string,
    detail: string,
    now: number,
    retryAt: (failures: number) => number,
  ) => void
  /** Has messages that were sent sent once more, with the same ids. Returns how many. */
  readonly sendAgain: (selection: Selection, by: string, now: number) => number
  /** Lets every destination be tried at once. */
  readonly retryNow: (by: string, now: number) => void
}

const statements = (sql: Database['sql']) => ({
  // Later than any wait is long: the clock was wrong when it was written.
  isDue: sql.prepare(
    'SELECT 1 FROM destination WHERE name = ? AND retry_at NOT BETWEEN ?2 + 1 AND ?2 + 3600000',
  ),
  again: sql.prepare(`SELECT sequence, id, kind, at, fields FROM again JOIN message USING (sequence)
    WHERE destination = ? ORDER BY sequence LIMIT ?`),
  waiting: sql.prepare(`SELECT sequence, id, kind, at, fields FROM message, destination
    WHERE name = ? AND sequence > done AND kind IN (SELECT value FROM json_each(kinds)) ORDER BY sequence LIMIT ?`),
  // What was accepted once stays so, since then.
  addReceipt: sql.prepare(`INSERT INTO receipt VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (destination, sequence)
    DO UPDATE SET result = excluded.result, at = excluded.at, receipt = excluded.receipt, detail = excluded.detail
    WHERE receipt.result = 'refused'`),
  count: sql.prepare(`INSERT INTO tally VALUES (?, ?, ?, 1)
    ON CONFLICT DO UPDATE SET count = count + 1`),
  done: sql.prepare(
    'UPDATE destination SET done = max(done, ?), failures = 0, retry_at = 0, detail = NULL WHERE name = ?',
  ),
  dropAgain: sql.prepare('DELETE FROM again WHERE destination = ? AND sequence = ?'),
  endOutage: sql.prepare('UPDATE outage SET until = ? WHERE destination = ? AND until IS NULL'),
  fail: sql.prepare(
    'UPDATE destination SET failures = failures + 1, detail = ? WHERE name = ? RETURNING failures',
  ),
  retryAt: sql.prepare('UPDATE destination SET retry_at = ? WHERE name = ?'),
  retellOutage: sql.prepare('UPDATE outage SET detail = ? WHERE destination = ? AND until IS NULL'),
  beginOutage: sql.prepare('INSERT OR IGNORE INTO outage VALUES (?, ?, NULL, ?)'),
  sendAgain: sql.prepare(`INSERT OR IGNORE INTO again SELECT destination, sequence
    FROM receipt JOIN message USING (sequence)
    WHERE destination = :destination AND message.at >= :since AND message.at < :until
      AND (:kind IS NULL OR kind = :kind) AND (:result IS NULL OR result = :result)`),
  retryNow: sql.prepare('UPDATE destination SET retry_at = 0'),
  request: sql.prepare('INSERT INTO request VALUES (?, ?, ?)'),
})

const waitingOf = (row: Readonly<Record<string, unknown>>): Waiting => ({
  sequence: Number(row['sequence']),
  id: String(row['id']),
  kind: String(row['kind']) as UpwardKind,
  at: Number(row['at']),
  fields: JSON.parse(String(row['fields'])) as Message['fields'],
})

export const createDispatch = ({ sql, change, read }: Database): Dispatch => {
  const all = statements(sql)
  const settle: Dispatch['settle'] = (destination, receipts, now) =>
    change(() => {
      for (const { sequence, kind, result, receipt, detail } of receipts) {
        all.addReceipt.run(destination, sequence, result, now, receipt ?? null, detail ?? null)
        all.count.run(destination, kind, result)
        all.dropAgain.run(destination, sequence)
        all.done.run(sequence, destination)
      }
      all.endOutage.run(now, destination)
    })
  return {
    waiting: (destination, now, limit) =>
      read(() => {
        if (all.isDue.get(destination, now) === undefined) return []
        const again = all.again.all(destination, limit)
        return (again.length > 0 ? again : all.waiting.all(destination, limit)).map(waitingOf)
      }),
    settle,
    fail: (destination, detail, now, retryAt) =>
      change(() => {
        const failures = Number(all.fail.get(detail, destination)?.['failures'] ?? 1)
        all.retryAt.run(retryAt(failures), destination)
        if (all.retellOutage.run(detail, destination).changes === 0)
          all.beginOutage.run(destination, now, detail)
      }),
    sendAgain: (selection, by, now) =>
      change(() => {
        const { destination, since, until, kind = null, result = null } = selection
        const count = Number(all.sendAgain.run({ destination, since, until, kind, result }).changes)
        all.request.run(now, by, `replay of ${count} to ${destination}: ${JSON.stringify(selection)}`)
        all.retryNow.run()
        return count
      }),
    retryNow: (by, now) =>
      change(() => {
        all.request.run(now, by, 'send')
        all.retryNow.run()
      }),
  }
}
