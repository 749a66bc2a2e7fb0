import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { openDatabase } from '../../database/open.ts'
import type { Finding, FindingEvent, IncidentEvent, SecurityEvent } from '../events.ts'
import type { Case } from '../incident.ts'
import { schema } from './schema.ts'

type Unnumbered<Event> = Omit<Event, 'sequence'>
export type Draft = Unnumbered<FindingEvent> | Unnumbered<IncidentEvent>

/** What one transaction reads and writes. */
export interface Entry {
  /** Incidents that are not archived, and those archived since an instant. */
  readonly cases: (archivedSince: number) => readonly Case[]
  readonly incident: (id: string) => Case | undefined
  /** How many incidents have an id that begins so. */
  readonly countIncidents: (prefix: string) => number
  readonly putIncident: (incident: Case) => void
  readonly putFinding: (finding: Finding) => void
  readonly tell: (event: Draft) => void
}

export interface Retained {
  /** When the oldest event that is kept happened, milliseconds since the epoch. */
  readonly oldestAt?: number
  readonly events: number
}

export type ChainVerdict =
  | { readonly intact: true; readonly sequence: number; readonly hash: string }
  | { readonly intact: false; readonly sequence: number }

/**
 * Findings and incidents, and everything that happened to them, in one file that the collector and the commands of
 * people share. Everything throws `EnvironmentFault` where the file cannot be read or written.
 */
export interface Ledger extends Disposable {
  /** All of it is on the disk when this returns, or none of it. */
  readonly change: <Value>(work: (entry: Entry) => Value) => Value
  readonly findings: (which: 'open' | 'all') => readonly Finding[]
  readonly incidents: (which: 'live' | 'all') => readonly Case[]
  /** Incidents that are not archived, and those archived since an instant. */
  readonly recent: (archivedSince: number) => readonly Case[]
  readonly incident: (id: string) => Case | undefined
  readonly since: (sequence: number, limit: number) => readonly SecurityEvent[]
  readonly head: () => number
  /** Sequence of the last event that happened before an instant; 0 where all are younger. */
  readonly lastBefore: (at: number) => number
  /** Everything that happened to an incident or a finding, oldest first. */
  readonly eventsOf: (subject: string) => readonly SecurityEvent[]
  readonly retained: () => Retained
  /** Whether any event was altered, added or taken out since it was written. */
  readonly verify: () => ChainVerdict
  /** Forgets what was over before an instant; at most so many events at once. Returns how many it forgot. */
  readonly prune: (before: number, most: number) => number
}

type Row = Readonly<Record<string, unknown>>

const statements = (database: DatabaseSync) => ({
  openFindings: database.prepare(
    'SELECT document FROM finding WHERE closed_at IS NULL ORDER BY opened_at, id',
  ),
  allFindings: database.prepare('SELECT document FROM finding ORDER BY opened_at, id'),
  putFinding: database.prepare('INSERT OR REPLACE INTO finding VALUES (?, ?, ?, ?)'),
  cases: database.prepare(
    'SELECT document FROM incident WHERE closed_at IS NULL OR closed_at >= ? ORDER BY id',
  ),
  liveIncidents: database.prepare('SELECT document FROM incident WHERE closed_at IS NULL ORDER BY id'),
  allIncidents: database.prepare('SELECT document FROM incident ORDER BY id'),
  incident: database.prepare('SELECT document FROM incident WHERE id = ?'),
  count: database.prepare(
    'SELECT count(*) AS count FROM incident WHERE id >= ?1 AND id < ?1 || char(1114111)',
  ),
  putIncident: database.prepare('INSERT OR REPLACE INTO incident VALUES (?, ?, ?)'),
  head: database.prepare('SELECT sequence, hash FROM event ORDER BY sequence DESC LIMIT 1'),
  anchor: database.prepare('SELECT sequence, hash FROM anchor'),
  tell: database.prepare('INSERT INTO event (sequence, at, subject, document, hash) VALUES (?, ?, ?, ?, ?)'),
  since: database.prepare('SELECT document FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?'),
  lastBefore: database.prepare('SELECT sequence FROM event WHERE at < ? ORDER BY sequence DESC LIMIT 1'),
  ofSubject: database.prepare('SELECT document FROM event WHERE subject = ? ORDER BY sequence'),
  oldest: database.prepare('SELECT at FROM event ORDER BY sequence LIMIT 1'),
  chain: database.prepare('SELECT sequence, document, hash FROM event ORDER BY sequence'),
  lastStale: database.prepare(
    `SELECT sequence, hash FROM (SELECT sequence, hash FROM event
      WHERE sequence < (SELECT coalesce(min(sequence), ${Number.MAX_SAFE_INTEGER}) FROM event WHERE at >= ?)
      ORDER BY sequence LIMIT ?) ORDER BY sequence DESC LIMIT 1`,
  ),
  setAnchor: database.prepare('UPDATE anchor SET sequence = ?, hash = ?'),
  dropEvents: database.prepare('DELETE FROM event WHERE sequence <= ?'),
  dropFindings: database.prepare('DELETE FROM finding WHERE closed_at < ?'),
  dropIncidents: database.prepare('DELETE FROM incident WHERE closed_at < ?'),
})
type Statements = ReturnType<typeof statements>

const textOf = (row: Row | undefined, column: string): string => {
  const value = row?.[column]
  return typeof value === 'string' ? value : ''
}

/** What we ourselves wrote: it is believed as to its form. */
const read = (row: Row): unknown => JSON.parse(textOf(row, 'document'))

const casesOf = (rows: readonly Row[]): readonly Case[] => rows.map(read) as readonly Case[]
const findingsOf = (rows: readonly Row[]): readonly Finding[] => rows.map(read) as readonly Finding[]
const eventsOf = (rows: readonly Row[]): readonly SecurityEvent[] =>
  rows.map(read) as readonly SecurityEvent[]
const caseOf = (row: Row | undefined): Case | undefined =>
  row === undefined ? undefined : (read(row) as Case)

const hashOf = (previous: string, document: string): string =>
  createHash('sha256').update(previous).update(document).digest('hex')

const linkOf = (row: Row | undefined): { readonly sequence: number; readonly hash: string } => ({
  sequence: Number(row?.['sequence'] ?? 0),
  hash: textOf(row, 'hash'),
})

const headOf = ({ head, anchor }: Statements) => linkOf(head.get() ?? anchor.get())

const tell = (all: Statements, draft: Draft): void => {
  const { sequence: last, hash: previous } = headOf(all)
  const sequence = last + 1
  const document = JSON.stringify({ ...draft, sequence })
  const subject = draft.type === 'incident' ? draft.incident.id : draft.finding.id
  all.tell.run(sequence, draft.at, subject, document, hashOf(previous, document))
}

const entryOf = (all: Statements): Entry => ({
  cases: (archivedSince) => casesOf(all.cases.all(archivedSince)),
  incident: (id) => caseOf(all.incident.get(id)),
  countIncidents: (prefix) => Number(all.count.get(prefix)?.['count'] ?? 0),
  putIncident: (incident) =>
    void all.putIncident.run(incident.id, incident.closedAt ?? null, JSON.stringify(incident)),
  putFinding: (finding) =>
    void all.putFinding.run(finding.id, finding.openedAt, finding.closedAt ?? null, JSON.stringify(finding)),
  tell: (event) => tell(all, event),
})

const verifyChain = (all: Statements): ChainVerdict => {
  let { sequence, hash } = linkOf(all.anchor.get())
  for (const row of all.chain.iterate()) {
    const found = linkOf(row)
    if (found.sequence !== sequence + 1 || found.hash !== hashOf(hash, textOf(row, 'document')))
      return { intact: false, sequence: found.sequence }
    ;({ sequence, hash } = found)
  }
  return { intact: true, sequence, hash }
}

const prune = (all: Statements, before: number, most: number): number => {
  const first = linkOf(all.anchor.get()).sequence
  const last = linkOf(all.lastStale.get(before, most))
  // Of what was over before then an event tells: without one there is nothing to look for.
  if (last.sequence <= first) return 0
  all.dropFindings.run(before)
  all.dropIncidents.run(before)
  all.setAnchor.run(last.sequence, last.hash)
  all.dropEvents.run(last.sequence)
  return last.sequence - first
}

/** The collector and the commands of people write in turn: each waits so long for the other. */
const busyMs = 10_000

/** Opens the ledger of a file, or makes it. */
export const openLedger = (file: string): Ledger => {
  const { sql, change, read, [Symbol.dispose]: dispose } = openDatabase(file, { schema, busyMs })
  const all = statements(sql)
  return {
    change: (work) => change(() => work(entryOf(all))),
    findings: (which) =>
      read(() => findingsOf((which === 'open' ? all.openFindings : all.allFindings).all())),
    incidents: (which) =>
      read(() => casesOf((which === 'live' ? all.liveIncidents : all.allIncidents).all())),
    recent: (archivedSince) => read(() => casesOf(all.cases.all(archivedSince))),
    incident: (id) => read(() => caseOf(all.incident.get(id))),
    since: (sequence, limit) => read(() => eventsOf(all.since.all(sequence, limit))),
    head: () => read(() => headOf(all).sequence),
    lastBefore: (at) => read(() => linkOf(all.lastBefore.get(at)).sequence),
    eventsOf: (subject) => read(() => eventsOf(all.ofSubject.all(subject))),
    retained: () =>
      read(() => {
        const oldestAt = all.oldest.get()?.['at']
        return {
          // They have no holes: `verify` would not pass.
          events: headOf(all).sequence - linkOf(all.anchor.get()).sequence,
          ...(typeof oldestAt === 'number' && { oldestAt }),
        }
      }),
    verify: () => read(() => verifyChain(all)),
    prune: (before, most) => change(() => prune(all, before, most)),
    [Symbol.dispose]: dispose,
  }
}
