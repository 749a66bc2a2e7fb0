import { type Database, openDatabase } from '../../database/open.ts'
import type { Severity } from '../events.ts'
import type { Notice } from './notice.ts'

/** `covered`: an incident tells the same. */
export const deliveryStates = ['waiting', 'sent', 'given-up', 'covered'] as const
export type DeliveryState = (typeof deliveryStates)[number]

/** One notice on its way to one channel. */
export interface Delivery {
  readonly notice: string
  readonly channel: string
  readonly state: DeliveryState
  readonly attempts: number
  readonly queuedAt: number
  /** Of a waiting one: not before. */
  readonly dueAt: number
  readonly sentAt: number | null
  /** What the last attempt that failed was told. */
  readonly detail: string | null
  readonly severity: Severity
  readonly title: string
}

export interface Waiting {
  readonly attempts: number
  readonly queuedAt: number
  readonly notice: Notice
}

export interface ChannelFigures {
  readonly channel: string
  readonly state: DeliveryState
  readonly count: number
  readonly oldestAt: number
  /** Of those that wait: how many were tried in vain. */
  readonly failing: number
}

export interface LogFilter {
  readonly channel?: string | undefined
  readonly state?: DeliveryState | undefined
  readonly limit: number
}

/** The delivery log, which is also the queue: what waits in it is still to be told, whatever happens to the process. */
export interface DeliveryQueue extends Disposable {
  /** On the disk when it returns. False where the notice was known already. Throws `EnvironmentFault`. */
  readonly add: (
    notice: Notice,
    now: number,
    channels: readonly { readonly name: string; readonly dueAt: number }[],
  ) => boolean
  /** What is due on a channel, the oldest first. */
  readonly due: (channel: string, now: number, limit: number) => readonly Waiting[]
  readonly markSent: (channel: string, notices: readonly string[], now: number) => void
  /** `dueAt`: when to try again; undefined: never. What was covered during the attempt stays so. */
  readonly markFailed: (
    channel: string,
    notices: readonly string[],
    failure: { readonly detail: string; readonly dueAt: number | undefined },
  ) => void
  /** What waits and an incident may tell as well. */
  readonly waitingAlerts: () => readonly Notice[]
  /** Not told any more where it waits, since the incident tells it. */
  readonly markCovered: (notice: string, incident: string) => void
  /** Gives up what waits for channels that are none of these: nobody would ever tell it. */
  readonly keepOnly: (channels: readonly string[]) => void
  /** The newest first. */
  readonly log: (filter: LogFilter) => readonly Delivery[]
  readonly figures: () => readonly ChannelFigures[]
  /** Forgets what was told or given up before. */
  readonly prune: (before: number) => void
}

const schema = `
  CREATE TABLE notice (id TEXT PRIMARY KEY, at INTEGER NOT NULL, payload TEXT NOT NULL) STRICT;
  CREATE TABLE delivery (
    notice TEXT NOT NULL REFERENCES notice (id) ON DELETE CASCADE, channel TEXT NOT NULL,
    state TEXT NOT NULL, attempts INTEGER NOT NULL, queued_at INTEGER NOT NULL, due_at INTEGER NOT NULL,
    sent_at INTEGER, detail TEXT, PRIMARY KEY (channel, notice)
  ) STRICT;
  CREATE INDEX delivery_due ON delivery (channel, due_at) WHERE state = 'waiting';
  CREATE INDEX delivery_queued ON delivery (queued_at);
  CREATE INDEX delivery_notice ON delivery (notice)
`

const statements = (sql: Database['sql']) => ({
  addNotice: sql.prepare('INSERT INTO notice VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
  addDelivery: sql.prepare("INSERT INTO delivery VALUES (?, ?, 'waiting', 0, ?, ?, NULL, NULL)"),
  due: sql.prepare(`SELECT attempts, queued_at AS queuedAt, payload FROM delivery JOIN notice ON id = notice
    WHERE channel = ? AND state = 'waiting' AND due_at <= ? ORDER BY due_at, delivery.rowid LIMIT ?`),
  sent: sql.prepare(
    "UPDATE delivery SET state = 'sent', attempts = attempts + 1, sent_at = ?, detail = NULL WHERE channel = ? AND notice = ?",
  ),
  failed: sql.prepare(
    `UPDATE delivery SET state = ?, attempts = attempts + 1, due_at = coalesce(?, due_at), detail = ?
      WHERE channel = ? AND notice = ? AND state = 'waiting'`,
  ),
  // By what waits, which is little, not by what was ever told.
  waitingAlerts: sql.prepare(`SELECT payload FROM notice WHERE payload ->> 'about' IS NOT NULL AND
    id IN (SELECT notice FROM delivery WHERE state = 'waiting')`),
  covered: sql.prepare(
    "UPDATE delivery SET state = 'covered', detail = ? WHERE notice = ? AND state = 'waiting'",
  ),
  orphan:
    sql.prepare(`UPDATE delivery SET state = 'given-up', detail = 'the channel is not configured any more'
    WHERE state = 'waiting' AND channel NOT IN (SELECT value FROM json_each(?))`),
  log: sql.prepare(`SELECT notice, channel, state, attempts, queued_at AS queuedAt, due_at AS dueAt,
    sent_at AS sentAt, detail, payload ->> 'severity' AS severity, payload ->> 'title' AS title
    FROM delivery JOIN notice ON id = notice
    WHERE (:channel IS NULL OR channel = :channel) AND (:state IS NULL OR state = :state)
    ORDER BY queued_at DESC, delivery.rowid DESC LIMIT :limit`),
  figures: sql.prepare(
    `SELECT channel, state, count(*) AS count, min(queued_at) AS oldestAt,
      sum(state = 'waiting' AND attempts > 0) AS failing FROM delivery GROUP BY channel, state`,
  ),
  prune: sql.prepare(
    "DELETE FROM notice WHERE at < ? AND NOT EXISTS (SELECT 1 FROM delivery WHERE notice = id AND state = 'waiting')",
  ),
})

/** Opens the delivery log; `yiwang notify log` reads it beside the process that writes. Throws `EnvironmentFault`. */
export const openDeliveryQueue = (file: string): DeliveryQueue => {
  const database = openDatabase(file, { schema })
  const { sql, change, read } = database
  const { addNotice, addDelivery, due, sent, failed, orphan, log, figures, prune, ...alerts } =
    statements(sql)
  return {
    add: (notice, now, channels) =>
      change(() => {
        if (addNotice.run(notice.id, now, JSON.stringify(notice)).changes === 0) return false
        for (const { name, dueAt } of channels) addDelivery.run(notice.id, name, now, dueAt)
        return true
      }),
    due: (channel, now, limit) =>
      read(() =>
        due.all(channel, now, limit).map(({ attempts, queuedAt, payload }) => ({
          attempts: Number(attempts),
          queuedAt: Number(queuedAt),
          notice: JSON.parse(String(payload)) as Notice,
        })),
      ),
    markSent: (channel, notices, now) =>
      change(() => {
        for (const notice of notices) sent.run(now, channel, notice)
      }),
    markFailed: (channel, notices, { detail, dueAt }) =>
      change(() => {
        const state: DeliveryState = dueAt === undefined ? 'given-up' : 'waiting'
        for (const notice of notices) failed.run(state, dueAt ?? null, detail, channel, notice)
      }),
    waitingAlerts: () =>
      read(() => alerts.waitingAlerts.all().map(({ payload }) => JSON.parse(String(payload)) as Notice)),
    markCovered: (notice, incident) => change(() => void alerts.covered.run(`told as ${incident}`, notice)),
    keepOnly: (channels) => change(() => void orphan.run(JSON.stringify(channels))),
    log: ({ channel, state, limit }) =>
      read(
        () =>
          log.all({
            channel: channel ?? null,
            state: state ?? null,
            limit,
          }) as unknown as readonly Delivery[],
      ),
    figures: () => read(() => figures.all() as unknown as readonly ChannelFigures[]),
    prune: (before) => change(() => void prune.run(before)),
    [Symbol.dispose]: () => database[Symbol.dispose](),
  }
}
