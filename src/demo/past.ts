import path from 'node:path'
import { randomUUID } from 'node:crypto'
import type { Migration } from '../../inventory/migration/index.ts'
import { collections } from '../../inventory/model.ts'
import type { Inventory, Operation } from '../../inventory/store.ts'
import { openHistory } from '../collector/history.ts'
import type { Config } from '../config/index.ts'
import { addDays, type Day, dayIn, startOfDay } from '../core/day.ts'
import type { Observation } from '../core/observation.ts'
import { compilePlan } from '../plan/compile.ts'
import type { Job } from '../plan/plan.ts'
import { planSettings } from '../plan/settings.ts'
import { movedSystem } from '../simulator/named.ts'

/**
 * The days before the demo (模拟): nobody can wait for them, and without them no system can have moved. The system
 * that moved was in trial for two days, and its old address silent for the three since; one look an hour.
 */

const hourMs = 3_600_000
const trialDays = 2
const silentDays = 3

/** Days that must be seen of a system that moves, in the demo; one look an hour is enough for a day. */
export const pastSettings = { probeDays: trialDays, silentDays, ranRatio: 0.001 } as const

const firstDay = (zone: string, now: number): Day => addDays(dayIn(zone, now), -trialDays - silentDays)

const acceptedDay = (zone: string, now: number): Day => addDays(dayIn(zone, now), -silentDays)

const moveAt = (zone: string, day: Day, from: Migration['state'], to: Migration['state']) => ({
  at: new Date(startOfDay(zone, day)).toISOString(),
  by: '模拟',
  from,
  to,
  reason: '模拟的迁移经过',
})

/** Gives the move its steps. */
export const pastMoves = (inventory: Inventory, zone: string, now: number): readonly Operation[] => {
  const record = inventory.migration.get(movedSystem)
  if (record === undefined) return []
  const moves = [
    moveAt(zone, firstDay(zone, now), 'deploying', 'trial'),
    moveAt(zone, acceptedDay(zone, now), 'trial', 'accepted'),
  ]
  return [{ op: 'put', collection: 'migration', record: collections.migration.parse({ ...record, moves }) }]
}

const hoursFrom = (zone: string, first: Day, until: Day): readonly number[] => {
  const [from, to] = [startOfDay(zone, first), startOfDay(zone, until)]
  return Array.from({ length: (to - from) / hourMs }, (_, index) => from + index * hourMs)
}

const lookAt = ({ id, target, kind, vantage, expect }: Job, hour: number): Observation => ({
  job: id,
  target,
  kind,
  vantage,
  planRevision: 1,
  observedAt: hour + 60_000,
  seconds: 0.01,
  facts: {},
  ...(expect === 'reachable' ? { status: 'up' } : { status: 'down', cause: 'refused', detail: '模拟的历史' }),
})

/** Writes what `agent` would have seen, as the collector writes it; before the collector runs. */
export const plantPast = async (
  config: Config,
  inventory: Inventory,
  { agent, now }: { readonly agent: string; readonly now: number },
): Promise<void> => {
  const { timezone: zone } = config
  const today = dayIn(zone, now)
  const jobs = compilePlan(inventory, planSettings(config.probing)).jobs.filter(({ target }) =>
    target.startsWith(`${movedSystem}/`),
  )
  const rows = jobs
    .flatMap((job) => {
      const since = job.expect === 'reachable' ? firstDay(zone, now) : acceptedDay(zone, now)
      return hoursFrom(zone, since, today).map((hour) => lookAt(job, hour))
    })
    .map((observation, index) => ({ sequence: index + 1, observation }))
  await using history = openHistory(path.join(config.dataFolder, 'collector', 'history.sqlite'))
  await history.append({
    agent,
    stream: randomUUID(),
    first: 1,
    last: rows.length,
    rows,
    receivedAt: startOfDay(zone, today),
  })
}
