import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { openHistory } from '../../src/collector/history.ts'
import type { Observation } from '../../src/core/observation.ts'
import type { Vantage } from '../../src/core/target.ts'

/** A history as the collector would have written it, over days that nobody has to wait for. */

const hourMs = 3_600_000

export interface Seen {
  readonly job: string
  /** First and last day, in Shanghai; both belong to it. */
  readonly days: readonly [string, string]
  readonly status: Observation['status']
  readonly cause?: Observation['cause']
  /** Hours of the day at which it looks; default: all. */
  readonly hours?: (hour: number) => boolean
  readonly agent?: string
}

const partsOf = (job: string) => {
  const [, target = '', kind = '', vantage = 'public'] =
    /^(.+?\/(?:old|new)|[^/]+)\/([^/@]+)(?:\/.*)?@(\w+)$/u.exec(job) ?? []
  return { target, kind, vantage: vantage as Vantage }
}

const observationsOf = ({ job, days: [first, last], status, cause, hours = () => true }: Seen) => {
  const from = Date.parse(`${first}T00:00:00+08:00`)
  const count = (Date.parse(`${last}T00:00:00+08:00`) - from) / hourMs + 24
  return Array.from({ length: count }, (_, index) => index)
    .filter((index) => hours(index % 24))
    .map((index): Observation => ({
      job,
      ...partsOf(job),
      planRevision: 1,
      status,
      ...(cause !== undefined && { cause, detail: 'synthetic' }),
      observedAt: from + index * hourMs + 60_000,
      seconds: 0.01,
      facts: {},
    }))
}

/** Delivers one look an hour of each, through the real writer. */
export const writeHistory = async (dataFolder: string, seen: readonly Seen[]): Promise<void> => {
  await using history = openHistory(path.join(dataFolder, 'collector', 'history.sqlite'))
  for (const each of seen) {
    const rows = observationsOf(each).map((observation, at) => ({ sequence: at + 1, observation }))
    const receivedAt = rows.at(-1)?.observation.observedAt ?? 0
    await history.append({
      agent: each.agent ?? 'a',
      stream: randomUUID(),
      first: 1,
      last: rows.length,
      rows,
      receivedAt,
    })
  }
}
