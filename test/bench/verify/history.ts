import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { Inventory } from '../../../inventory/store.ts'
import { openHistory } from '../../../src/collector/history.ts'
import { bucketColumns, openForWriting } from '../../../src/collector/history/schema.ts'
import { writerOf } from '../../../src/collector/history/writer.ts'
import type { Config } from '../../../src/config/index.ts'
import { addDays, startOfDay } from '../../../src/core/day.ts'
import type { Observation } from '../../../src/core/observation.ts'
import { compilePlan } from '../../../src/plan/compile.ts'
import type { Job } from '../../../src/plan/plan.ts'
import { planSettings } from '../../../src/plan/settings.ts'
import type { Calendar, Size } from './province.ts'

/** What a collector would have kept of it: the newest looks and what is folded by the real writer, the hours in bulk. */

const httpFacts = ({ spec }: Job) => ({
  url: `https://${String(spec['address'])}/`,
  status: 200,
  title: '政务信息系统',
  remoteAddress: spec['address'],
  redirects: [],
  headers: { 'content-type': 'text/html; charset=utf-8', server: 'nginx', 'cache-control': 'no-store' },
  phases: { dns: 0, connect: 0.002, tls: 0.004, firstByte: 0.01, transfer: 0.001 },
  bytes: 48_213,
})

const factsOf = (job: Job): Observation['facts'] => {
  if (job.kind === 'http') return httpFacts(job)
  const { address } = job.spec
  return job.kind === 'icmp'
    ? { sent: 3, received: 3, lossRatio: 0, rtt: { min: 0.001, mean: 0.002, max: 0.003 } }
    : {
        remoteAddress: address,
        protocol: 'TLSv1.3',
        notAfter: '2027-01-01T00:00:00Z',
        issuer: 'CA',
        daysLeft: 60,
      }
}

const observationOf = (job: Job, observedAt: number): Observation => {
  const silent = job.expect === 'unreachable'
  return {
    job: job.id,
    target: job.target,
    kind: job.kind,
    vantage: job.vantage,
    planRevision: 1,
    observedAt,
    seconds: 0.01,
    ...(silent
      ? { status: 'down', cause: 'timeout', detail: 'no answer', facts: {} }
      : { status: 'up', facts: factsOf(job) }),
  }
}

const batch = 500

const deliverNewest = async (file: string, jobs: readonly Job[], now: number): Promise<void> => {
  await using history = openHistory(file)
  const stream = randomUUID()
  for (let from = 0; from < jobs.length; from += batch) {
    const rows = jobs
      .slice(from, from + batch)
      .map((job, at) => ({ sequence: from + at + 1, observation: observationOf(job, now - 20_000) }))
    const last = from + rows.length
    await history.append({ agent: 'a', stream, first: from + 1, last, rows, receivedAt: now - 10_000 })
  }
}

const hourMs = 3_600_000

interface Hours {
  /** SQL that holds for a job. */
  readonly where: string
  readonly from: number
  readonly to: number
  readonly counts: string
}

/** Sixty looks an hour, a bucket of the histogram for those that were up. */
const fill = (database: DatabaseSync, { where, from, to, counts }: Hours): void => {
  database.exec(`
    WITH RECURSIVE hours(hour) AS (SELECT ${from} UNION ALL SELECT hour + ${hourMs} FROM hours WHERE hour + ${hourMs} < ${to})
    INSERT INTO rollup (hour, job, up, down, unknown, seconds_sum, loss_sum, loss_count, ${bucketColumns.join(', ')})
    SELECT hour, job.id, ${counts}${', 0'.repeat(bucketColumns.length - 2)}
    FROM hours CROSS JOIN job WHERE ${where} ON CONFLICT DO NOTHING`)
}

/** Up to the second bucket. */
const up = '60, 0, 0, 0.6, 0, 0, 0, 60'
const down = '0, 60, 0, 0, 0, 0, 0, 0'

/** Writes the history of a size. Says how many jobs there are. */
export const writeProvince = async (
  {
    file,
    config,
    inventory,
  }: { readonly file: string; readonly config: Config; readonly inventory: Inventory },
  { trialDays, silentDays }: Size,
  { zone, lastDay, now, days }: Calendar & { readonly now: number; readonly days: number },
): Promise<number> => {
  const { jobs } = compilePlan(inventory, planSettings(config.probing))
  await deliverNewest(file, jobs, now)
  const database = openForWriting(file)
  try {
    database.exec('PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY')
    const since = (day: number): number => startOfDay(zone, addDays(lastDay, 1 - day))
    const to = Math.floor(now / hourMs) * hourMs
    const migrating = "job.target LIKE '%/old' OR job.target LIKE '%/new'"
    const begin = since(trialDays + silentDays)
    fill(database, { where: "job.target LIKE '%/new'", from: begin, to: since(days), counts: up })
    fill(database, {
      where: `NOT (${migrating}) OR job.target LIKE '%/new'`,
      from: since(days),
      to,
      counts: up,
    })
    fill(database, { where: "job.target LIKE '%/old'", from: since(silentDays), to, counts: down })
    const writer = writerOf(database)
    while (writer.fold(now - hourMs) > 0);
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    database.close()
  }
  return jobs.length
}
