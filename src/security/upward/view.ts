import type { Database } from '../../database/open.ts'
import { type Receipt, receiptResults } from './dispatch.ts'
import type { OutageRow, StatusRow } from './gaps.ts'
import type { Fields, UpwardKind } from './message.ts'

export interface DestinationState {
  readonly name: string
  readonly kinds: readonly UpwardKind[]
  readonly since: number
  readonly waiting: Readonly<Partial<Record<UpwardKind, number>>>
  /** When the oldest that waits was made. */
  readonly oldestWaitingAt?: number
  /** Attempts that failed since the last success, why the last one did, and when the next one is due. */
  readonly failures: number
  readonly detail?: string
  readonly retryAt?: number
  readonly lastReceiptAt?: number
}

export interface TallyRow {
  readonly destination: string
  readonly kind: UpwardKind
  readonly result: Receipt['result']
  readonly count: number
}

export const messageStates = ['waiting', ...receiptResults] as const
export type MessageState = (typeof messageStates)[number]

/** A message as it stands with one destination. */
export interface MessageRow {
  readonly sequence: number
  readonly id: string
  readonly kind: UpwardKind
  readonly destination: string
  readonly state: MessageState
  readonly at: number
  readonly madeAt: number
  readonly settledAt: number | null
  readonly receipt: string | null
  readonly detail: string | null
  readonly fields: Fields
}

export interface MessageFilter {
  readonly destination?: string | undefined
  readonly kind?: UpwardKind | undefined
  readonly state?: MessageState | undefined
  readonly limit: number
}

export interface RequestRow {
  readonly at: number
  readonly by: string
  readonly what: string
}

/** What people and metrics are shown. */
export interface View {
  readonly destinations: () => readonly DestinationState[]
  readonly tallies: () => readonly TallyRow[]
  readonly count: () => number
  /** The newest first. */
  readonly messages: (filter: MessageFilter) => readonly MessageRow[]
  readonly statuses: (destination: string, since: number) => readonly StatusRow[]
  readonly outages: (destination: string, since: number) => readonly OutageRow[]
  /** What people asked for, the newest first. */
  readonly requests: (limit: number) => readonly RequestRow[]
}

const isWaiting = 'message.sequence > done AND kind IN (SELECT value FROM json_each(kinds))'

const statements = (sql: Database['sql']) => ({
  destinations: sql.prepare(`SELECT name, kinds, since, failures, detail, retry_at AS retryAt,
    (SELECT at FROM receipt WHERE destination = name ORDER BY sequence DESC LIMIT 1) AS lastReceiptAt FROM destination ORDER BY name`),
  waiting: sql.prepare(`SELECT name, kind, count(*) AS count, min(made_at) AS oldestAt
    FROM message, destination WHERE ${isWaiting} GROUP BY name, kind`),
  tallies: sql.prepare('SELECT destination, kind, result, count FROM tally'),
  count: sql.prepare('SELECT count(*) AS count FROM message'),
  messages: sql.prepare(`SELECT message.sequence, id, kind, name AS destination,
      CASE WHEN again.sequence IS NOT NULL THEN 'waiting' ELSE coalesce(result, 'waiting') END AS state,
      message.at, made_at AS madeAt, receipt.at AS settledAt, receipt, receipt.detail, fields
    FROM message JOIN destination ON kind IN (SELECT value FROM json_each(kinds))
      LEFT JOIN receipt ON receipt.destination = name AND receipt.sequence = message.sequence
      LEFT JOIN again ON again.destination = name AND again.sequence = message.sequence
    WHERE (:destination IS NULL OR name = :destination) AND (:kind IS NULL OR kind = :kind)
      AND (${isWaiting} OR result IS NOT NULL)
      AND (:state IS NULL OR state = :state)
    ORDER BY message.sequence DESC, name LIMIT :limit`),
  statuses:
    sql.prepare(`SELECT message.at, period AS periodMs, result, receipt.at AS settledAt, receipt.detail
    FROM message LEFT JOIN receipt ON destination = ? AND receipt.sequence = message.sequence
    WHERE kind = 'status' AND period IS NOT NULL AND message.at >= ? ORDER BY message.at`),
  outages: sql.prepare(
    'SELECT since, until, detail FROM outage WHERE destination = ? AND coalesce(until, ?2) >= ?2 ORDER BY since',
  ),
  requests: sql.prepare('SELECT at, by, what FROM request ORDER BY at DESC, rowid DESC LIMIT ?'),
})

type Row = Readonly<Record<string, unknown>>

const withoutNull = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))

const stateOf = (row: Row, waiting: readonly Row[]): DestinationState => {
  const own = waiting.filter((each) => each['name'] === row['name'])
  const oldest = own.map((each) => Number(each['oldestAt']))
  const { kinds, retryAt, ...rest } = withoutNull(row) as unknown as Omit<DestinationState, 'kinds'> & {
    readonly kinds: string
  }
  return {
    ...rest,
    kinds: JSON.parse(kinds) as readonly UpwardKind[],
    waiting: Object.fromEntries(own.map(({ kind, count }) => [String(kind), Number(count)])),
    ...(oldest.length > 0 && { oldestWaitingAt: Math.min(...oldest) }),
    ...(rest.failures > 0 && retryAt !== undefined && { retryAt }),
  }
}

export const createView = ({ sql, read }: Database): View => {
  const all = statements(sql)
  return {
    destinations: () =>
      read(() => {
        const waiting = all.waiting.all()
        return all.destinations.all().map((row) => stateOf(row, waiting))
      }),
    tallies: () => read(() => all.tallies.all() as unknown as readonly TallyRow[]),
    count: () => read(() => Number(all.count.get()?.['count'] ?? 0)),
    messages: ({ destination = null, kind = null, state = null, limit }) =>
      read(() =>
        all.messages
          .all({ destination, kind, state, limit })
          .map(
            (row) =>
              ({ ...row, fields: JSON.parse(String(row['fields'])) as Fields }) as unknown as MessageRow,
          ),
      ),
    statuses: (destination, since) =>
      read(() => all.statuses.all(destination, since).map(withoutNull) as unknown as readonly StatusRow[]),
    outages: (destination, since) =>
      read(() => all.outages.all(destination, since).map(withoutNull) as unknown as readonly OutageRow[]),
    requests: (limit) => read(() => all.requests.all(limit) as unknown as readonly RequestRow[]),
  }
}
