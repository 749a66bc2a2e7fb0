import { existsSync } from 'node:fs'
import type { Claim } from '../../inventory/ledger/index.ts'
import type { Migration } from '../../inventory/migration/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import { sightingsBefore } from '../collector/history/before.ts'
import { historyFault } from '../collector/history/fault.ts'
import type { Sighting } from '../collector/history/port.ts'
import { readHeard, readSightings } from '../collector/history/read.ts'
import { openForReading } from '../collector/history/schema.ts'
import type { Config } from '../config/index.ts'
import type { TargetId } from '../core/target.ts'
import { claimsAt, type Context, standingClaims } from '../ledger/index.ts'
import { compileJobs } from '../plan/compile.ts'
import type { Job } from '../plan/plan.ts'
import { planSettings } from '../plan/settings.ts'
import type { Look, VerifyInput } from '../verify/index.ts'
import { historyFile } from './host-evidence.ts'
import { hearingAt, isTelling, lookAt, sightingsAt } from './looks.ts'
import { readMigrationEvidenceBeside } from './migration.ts'

/** What the collector's history shows, for verdicts on claims: read once, while a collector may be writing it. */

interface Ground {
  readonly config: Config
  readonly inventory: Inventory
  readonly now: number
}

/** A look of the plan, and what each agent saw by it. */
interface Known {
  readonly job: Job
  readonly seen: readonly Sighting[]
}

function* heardBy(known: readonly Known[]): Generator<Pick<Look, 'agent' | 'seen' | 'intervalSeconds'>> {
  for (const { job, seen } of known)
    for (const { agent, observation } of seen)
      yield { agent, seen: observation, intervalSeconds: job.intervalSeconds }
}

type Looks = ReadonlyMap<TargetId, readonly Look[]>

const looksOf = (ground: Ground): Looks => {
  const { config, inventory, now } = ground
  const file = historyFile(config.dataFolder)
  if (!existsSync(file)) return new Map()
  const jobs = compileJobs(inventory, planSettings(config.probing)).filter(isTelling)
  const database = openForReading(file)
  try {
    const newest = Map.groupBy(readSightings(database), ({ observation }) => observation.job)
    const seenOf = sightingsAt(now, newest, sightingsBefore(database, now))
    const known = jobs.map((job): Known => ({ job, seen: seenOf(job) }))
    const isHeard = hearingAt(ground, readHeard(database), heardBy(known))
    return Map.groupBy(
      known.flatMap(({ job, seen }) => seen.map((each) => lookAt(job, each, isHeard(each.agent)))),
      ({ target }) => target,
    )
  } catch (error) {
    throw historyFault(file, error)
  } finally {
    database.close()
  }
}

const ofMoves: ReadonlySet<Claim['kind']> = new Set(['migrated', 'migration-state', 'old-silent'])

/** The systems that move of which something is claimed that needs days. */
export const claimedMoves = (
  { mention, migration }: Inventory,
  claims: Iterable<Claim>,
): readonly Migration[] => {
  const claimed = new Set<string>()
  for (const { kind, subject } of claims)
    if (ofMoves.has(kind)) claimed.add(mention.get(subject)?.system ?? subject)
  return [...migration.values()].filter(({ id }) => claimed.has(id))
}

/** The same by the claims that stand: of other kinds there is nothing to tell apart. */
const standingMoves = (inventory: Inventory, context: Context): readonly Migration[] => {
  const claims = inventory.claim.values().filter(({ kind }) => ofMoves.has(kind))
  return claimedMoves(inventory, standingClaims(claimsAt(claims, context)))
}

export interface VerifyScope {
  /** Count the days of every system that moves, claimed or not: what `verifyNamed` needs. */
  readonly everySystem?: boolean
}

/**
 * Everything that verdicts at the context's clock are made of. Rejects with `UsageFault` where no plan can be made,
 * `EnvironmentFault` where the history cannot be read; without a history there is nothing to see.
 */
export const readVerifyInput = async (
  config: Config,
  inventory: Inventory,
  context: Context,
  { everySystem = false }: VerifyScope = {},
): Promise<VerifyInput> => {
  const ground: Ground = { config, inventory, now: context.now }
  const moving = everySystem ? [...inventory.migration.values()] : standingMoves(inventory, context)
  const [migration, looks] = await Promise.all([
    readMigrationEvidenceBeside(config, inventory, moving, context.now),
    Promise.try(looksOf, ground),
  ])
  return { context, inventory, looks, migration, settings: { ...config.verify, ...config.migration } }
}
