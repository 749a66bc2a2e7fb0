import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { DatabaseSync } from 'node:sqlite'
import { type Migration, recordAt, type Stay, staysOf } from '../../inventory/migration/index.ts'
import { type Questionnaire, readQuestionnaire } from '../../inventory/migration/questionnaire.ts'
import type { Inventory } from '../../inventory/store.ts'
import { historyFault } from '../collector/history/fault.ts'
import { createHoursReader, keptHours } from '../collector/history/hours.ts'
import { openForReading } from '../collector/history/schema.ts'
import { atOnce, type Work } from '../collector/slices.ts'
import type { Config } from '../config/index.ts'
import { addDays, dayIn, type Day, daysFrom, startOfDay } from '../core/day.ts'
import { EnvironmentFault } from '../core/fault.ts'
import { remembered } from '../core/remembered.ts'
import type { Look } from '../migration/days.ts'
import { type Evidence, noEvidence } from '../migration/gates.ts'
import { compileMigrationJobs } from '../plan/compile.ts'
import { sidesToLookAt } from '../plan/derive-migration.ts'
import type { Job } from '../plan/plan.ts'
import { planSettings } from '../plan/settings.ts'
import { migrationTargetId } from '../plan/targets.ts'
import { historyFile } from './host-evidence.ts'
import { answerBeside } from './days-beside.ts'
import {
  answerDays,
  type Answers,
  type DayRules,
  type Question,
  type Questions,
  type SilenceQuestion,
} from './migration-days.ts'

/** The days of some hundred systems take as long as it takes to start a thread. */
const worthAThread = 1000

/** Silence is looked for this many days further back than it must last: some days will tell nothing. */
const graceDays = 60

/** The newest day that is over at an instant, to the millisecond. */
const lastWholeDay = (at: number, zone: string): Day => {
  const today = dayIn(zone, at)
  return startOfDay(zone, addDays(today, 1)) - 1 <= at ? today : addDays(today, -1)
}

/** Lists of days are asked for again and again: systems of a wave have the same. */
const createDays = () => {
  const known = new Map<string, readonly Day[]>()
  return (first: Day, last: Day): readonly Day[] => {
    const key = `${first} ${last}`
    const days = known.get(key) ?? daysFrom(first, last)
    known.set(key, days)
    return days
  }
}

interface Ground {
  /** When the history begins. */
  readonly from: number
  readonly at: number
  readonly lastDay: Day
  readonly silentDays: number
  /** In the site's zone: systems of a wave moved at the same moments. */
  readonly dayOf: (at: number) => Day
  readonly startOf: (day: Day) => number
  readonly daysFrom: (first: Day, last: Day) => readonly Day[]
}

/** The whole days that a stay touches, as far as there is a history of them. */
const daysOf = ({ from = 0, to = Infinity }: Stay, ground: Ground): readonly Day[] => {
  const { at, lastDay, dayOf } = ground
  const begin = Math.max(from, ground.from)
  if (begin > Math.min(to, at)) return []
  const end = to > at ? lastDay : [dayOf(to - 1), lastDay].toSorted()[0]
  return ground.daysFrom(dayOf(begin), end ?? lastDay)
}

const asLook = ({ id, intervalSeconds }: Job): Look => ({ job: id, intervalSeconds })

const probedOf = (
  system: string,
  stays: readonly Stay[],
  jobs: readonly Job[],
  ground: Ground,
): readonly Question[] => {
  const [first = [], ...others] = stays
    .filter(({ state }) => state === 'trial')
    .map((stay) => daysOf(stay, ground))
  const days = others.length === 0 ? first : [...new Set([first, ...others].flat())]
  return days.length === 0 || jobs.length === 0 ? [] : [{ system, looks: jobs.map(asLook), days }]
}

/** Since when the old place is to be silent without a break. */
const silencedSince = (stays: readonly Stay[]): Stay | undefined => {
  const last = stays.findLastIndex(({ state }) => !sidesToLookAt(state).old)
  return stays[last + 1]
}

const silencedOf = (
  system: string,
  stays: readonly Stay[],
  jobs: readonly Job[],
  ground: Ground,
): readonly SilenceQuestion[] => {
  const since = silencedSince(stays)
  const [job] = jobs
  if (since === undefined || job === undefined) return []
  const stay = since.from === undefined ? { state: since.state } : { state: since.state, from: since.from }
  const days = daysOf(stay, ground).slice(-(ground.silentDays + graceDays))
  if (days.length === 0) return []
  const { vantage, control, target } = job
  return [{ system, looks: jobs.map(asLook), days, control: { vantage, control, target } }]
}

const questionsOf = (records: readonly Migration[], jobs: readonly Job[], ground: Ground): Questions => {
  const byTarget = Map.groupBy(jobs, ({ target }) => target)
  const all = records.map((record) => {
    const stays = staysOf(record, ground.startOf)
    const at = (side: 'old' | 'new'): readonly Job[] => byTarget.get(migrationTargetId(record.id, side)) ?? []
    return {
      probed: probedOf(record.id, stays, at('new'), ground),
      silenced: silencedOf(record.id, stays, at('old'), ground),
    }
  })
  return {
    probed: all.flatMap(({ probed }) => probed),
    silenced: all.flatMap(({ silenced }) => silenced),
  }
}

export interface EvidenceRequest {
  readonly config: Pick<Config, 'probing' | 'timezone' | 'migration'>
  readonly inventory: Inventory
  readonly migrations: readonly Migration[]
  /** Milliseconds since the epoch. */
  readonly at: number
}

const nothingAsked: Questions = { probed: [], silenced: [] }

const asked = (database: DatabaseSync, { config, inventory, migrations, at }: EvidenceRequest): Questions => {
  const kept = keptHours(database, { from: 0, to: at })
  if (kept === undefined) return nothingAsked
  const records = migrations.map((record) => recordAt(record, at))
  const jobs = compileMigrationJobs(inventory, records, planSettings(config.probing))
  const { timezone: zone, migration } = config
  return questionsOf(records, jobs, {
    from: kept.from,
    at,
    lastDay: lastWholeDay(at, zone),
    silentDays: migration.silentDays,
    dayOf: remembered((instant) => dayIn(zone, instant)),
    startOf: remembered((day) => startOfDay(zone, day)),
    daysFrom: createDays(),
  })
}

const rulesOf = ({ config: { timezone, migration } }: EvidenceRequest): DayRules => ({
  zone: timezone,
  ratios: migration,
})

type Evidences = ReadonlyMap<string, Evidence>

const answered = ({ migrations }: EvidenceRequest, { probeDays, silentDays }: Answers): Evidences =>
  new Map(
    migrations.map(({ id }) => [
      id,
      { probeDays: probeDays.get(id) ?? [], silentDays: silentDays.get(id) ?? [] },
    ]),
  )

/** What an open history shows, bit by bit: see `readMigrationEvidence`. Throws what SQLite throws. */
export function* migrationEvidence(database: DatabaseSync, request: EvidenceRequest): Work<Evidences> {
  const questions = asked(database, request)
  return answered(request, yield* answerDays(createHoursReader(database), questions, rulesOf(request)))
}

const reading = <Result>(file: string, read: (database: DatabaseSync) => Result): Result => {
  const database = openForReading(file)
  try {
    return read(database)
  } catch (error) {
    throw historyFault(file, error)
  } finally {
    database.close()
  }
}

const withoutHistory = (migrations: readonly Migration[]): Evidences =>
  new Map(migrations.map(({ id }) => [id, noEvidence]))

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
): Evidences => {
  const file = historyFile(config.dataFolder)
  if (!existsSync(file)) return withoutHistory(migrations)
  return reading(file, (database) =>
    atOnce(migrationEvidence(database, { config, inventory, migrations, at })),
  )
}

/** The same, with the days of many systems counted in a thread while the caller goes on. Rejects as the other throws. */
export const readMigrationEvidenceBeside = async (
  config: Config,
  inventory: Inventory,
  migrations: readonly Migration[],
  at: number,
): Promise<Evidences> => {
  if (migrations.length < worthAThread) return readMigrationEvidence(config, inventory, migrations, at)
  const file = historyFile(config.dataFolder)
  if (!existsSync(file)) return withoutHistory(migrations)
  const request: EvidenceRequest = { config, inventory, migrations, at }
  const questions = reading(file, (database) => asked(database, request))
  return answered(request, await answerBeside({ file, questions, rules: rulesOf(request) }))
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
