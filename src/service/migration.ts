import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { type Migration, recordAt, type Stay, staysOf } from '../../inventory/migration/index.ts'
import { type Questionnaire, readQuestionnaire } from '../../inventory/migration/questionnaire.ts'
import type { Inventory } from '../../inventory/store.ts'
import { keptHours, readControlHours, readHours } from '../collector/history/hours.ts'
import type { TimeWindow } from '../collector/history/port.ts'
import { openForReading } from '../collector/history/schema.ts'
import type { Config } from '../config/index.ts'
import { addDays, dayIn, type Day, daysFrom, startOfDay } from '../core/day.ts'
import { EnvironmentFault } from '../core/fault.ts'
import { type Look, type ProbeDay, probeDaysOf, type SilentDay, silentDaysOf } from '../migration/days.ts'
import { type Evidence, noEvidence } from '../migration/gates.ts'
import { compileMigrationPlan } from '../plan/compile.ts'
import { sidesToLookAt } from '../plan/derive-migration.ts'
import type { Job } from '../plan/plan.ts'
import { planSettings } from '../plan/settings.ts'
import { migrationTargetId } from '../plan/targets.ts'

/** Silence is looked for this many days further back than it must last: some days will tell nothing. */
const graceDays = 60

/** The newest day that is over at an instant, to the millisecond. */
const lastWholeDay = (at: number, zone: string): Day => {
  const today = dayIn(zone, at)
  return startOfDay(zone, addDays(today, 1)) - 1 <= at ? today : addDays(today, -1)
}

interface Ground {
  readonly database: DatabaseSync
  readonly kept: TimeWindow
  readonly at: number
  readonly config: Config
}

/** The whole days that a stay touches, as far as there is a history of them. */
const daysOf = ({ from = 0, to = Infinity }: Stay, { kept, at, config: { timezone } }: Ground) => {
  const begin = Math.max(from, kept.from)
  const last = lastWholeDay(at, timezone)
  if (begin > Math.min(to, at)) return []
  const end = to > at ? last : [dayIn(timezone, to - 1), last].toSorted()[0]
  return daysFrom(dayIn(timezone, begin), end ?? last)
}

const windowOf = (days: readonly Day[], { kept, config: { timezone } }: Ground): TimeWindow => {
  const [first, last] = [days[0] ?? '', days.at(-1) ?? '']
  return {
    from: Math.max(startOfDay(timezone, first), kept.from),
    to: Math.min(startOfDay(timezone, addDays(last, 1)), kept.to),
  }
}

const looksAt = (jobs: readonly Job[], id: string, side: 'old' | 'new'): readonly Job[] =>
  jobs.filter(({ target }) => target === migrationTargetId(id, side))

const hoursOf = (looks: readonly Look[], days: readonly Day[], ground: Ground) =>
  looks.flatMap(({ job }) => readHours(ground.database, job, windowOf(days, ground)))

const asLook = ({ id, intervalSeconds }: Job): Look => ({ job: id, intervalSeconds })

const readProbeDays = (stays: readonly Stay[], jobs: readonly Job[], ground: Ground): readonly ProbeDay[] => {
  const days = [
    ...new Set(stays.filter(({ state }) => state === 'trial').flatMap((stay) => daysOf(stay, ground))),
  ]
  if (days.length === 0 || jobs.length === 0) return []
  const looks = jobs.map(asLook)
  const { timezone: zone, migration } = ground.config
  return probeDaysOf(looks, hoursOf(looks, days, ground), { zone, days }, migration)
}

/** Since when the old place is to be silent without a break. */
const silencedSince = (stays: readonly Stay[]): Stay | undefined => {
  const last = stays.findLastIndex(({ state }) => !sidesToLookAt(state).old)
  return stays[last + 1]
}

const readSilentDays = (
  stays: readonly Stay[],
  jobs: readonly Job[],
  ground: Ground,
): readonly SilentDay[] => {
  const since = silencedSince(stays)
  const [job] = jobs
  if (since === undefined || job === undefined) return []
  const { timezone: zone, migration } = ground.config
  const stay = since.from === undefined ? { state: since.state } : { state: since.state, from: since.from }
  const days = daysOf(stay, ground).slice(-(migration.silentDays + graceDays))
  if (days.length === 0) return []
  const looks = jobs.map(asLook)
  const { vantage, control, target } = job
  const controlled = readControlHours(ground.database, { vantage, control, target }, windowOf(days, ground))
  return silentDaysOf(looks, { hours: hoursOf(looks, days, ground), controlled }, { zone, days }, migration)
}

const evidenceOf = (record: Migration, jobs: readonly Job[], ground: Ground): Evidence => {
  const stays = staysOf(record, (day) => startOfDay(ground.config.timezone, day))
  return {
    probeDays: readProbeDays(stays, looksAt(jobs, record.id, 'new'), ground),
    silentDays: readSilentDays(stays, looksAt(jobs, record.id, 'old'), ground),
  }
}

const historyFile = (config: Config): string => path.join(config.dataFolder, 'collector', 'history.sqlite')

/**
 * What the collector's history shows of systems that move, by their id, at an instant (milliseconds since the epoch):
 * whole days in trial, and whole days since the old place is to be silent. Read from the file, while a collector may be
 * writing it; without a history there is no evidence. Throws `EnvironmentFault`.
 */
export const readMigrationEvidence = (
  config: Config,
  inventory: Inventory,
  migrations: readonly Migration[],
  at: number,
): ReadonlyMap<string, Evidence> => {
  const records = migrations.map((record) => recordAt(record, at))
  if (!existsSync(historyFile(config))) return new Map(records.map(({ id }) => [id, noEvidence]))
  const { jobs } = compileMigrationPlan(inventory, records, planSettings(config.probing))
  const byTarget = Map.groupBy(jobs, ({ target }) => target)
  const jobsOf = (id: string): readonly Job[] =>
    (['old', 'new'] as const).flatMap((side) => byTarget.get(migrationTargetId(id, side)) ?? [])
  const database = openForReading(historyFile(config))
  try {
    const kept = keptHours(database, { from: 0, to: at })
    return new Map(
      records.map((record) => [
        record.id,
        kept === undefined
          ? noEvidence
          : evidenceOf(record, jobsOf(record.id), { database, kept, at, config }),
      ]),
    )
  } finally {
    database.close()
  }
}

const bundledQuestionnaire = new URL('../../inventory/migration/questionnaire.yaml', import.meta.url)

/** The questionnaire of a file, or the one that comes with yiwang. */
export const loadQuestionnaire = async (file: string | undefined): Promise<Questionnaire> => {
  try {
    return readQuestionnaire(
      file ?? 'questionnaire.yaml',
      await readFile(file ?? bundledQuestionnaire, 'utf8'),
    )
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause
    throw new EnvironmentFault('FILE_UNREADABLE', `${file ?? 'questionnaire.yaml'}: cannot be read`, {
      cause,
    })
  }
}
