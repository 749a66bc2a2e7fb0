import { existsSync } from 'node:fs'
import type { Claim } from '../../inventory/ledger/index.ts'
import type { Migration } from '../../inventory/migration/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import { sightingsBefore } from '../collector/history/before.ts'
import { openForReading } from '../collector/history/schema.ts'
import { readHistory } from '../collector/history.ts'
import type { Config } from '../config/index.ts'
import type { TargetId } from '../core/target.ts'
import { claimsAt, type Context, standingClaims } from '../ledger/index.ts'
import type { Evidence as MigrationEvidence } from '../migration/gates.ts'
import { compilePlan } from '../plan/compile.ts'
import { planSettings } from '../plan/settings.ts'
import type { Look, VerifyInput } from '../verify/index.ts'
import { historyFile } from './host-evidence.ts'
import { hearingAt, isTelling, lookAt, sightingsAt } from './looks.ts'
import { readMigrationEvidence } from './migration.ts'

/** What the collector's history shows, for verdicts on claims: read once, while a collector may be writing it. */

interface Ground {
  readonly config: Config
  readonly inventory: Inventory
  readonly now: number
}

type Looks = ReadonlyMap<TargetId, readonly Look[]>

const looksOf = async (ground: Ground): Promise<Looks> => {
  const { config, inventory, now } = ground
  const file = historyFile(config.dataFolder)
  if (!existsSync(file)) return new Map()
  const { jobs } = compilePlan(inventory, planSettings(config.probing))
  await using history = readHistory(file)
  const database = openForReading(file)
  try {
    const seen = sightingsAt(now, history.sightings(), sightingsBefore(database, now))
    const looks = jobs.filter(isTelling).flatMap((job) => seen(job).map((each) => lookAt(job, each)))
    const isHeard = hearingAt(ground, history.heard(), looks)
    return Map.groupBy(
      looks.map((look) => ({ ...look, heard: isHeard(look.agent) })),
      ({ target }) => target,
    )
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

/** Days are counted of those systems only of which something is claimed that needs them. */
const migrationOf = (
  { config, inventory, now }: Ground,
  claims: readonly Claim[],
  everySystem: boolean,
): ReadonlyMap<string, MigrationEvidence> => {
  const records = everySystem ? [...inventory.migration.values()] : claimedMoves(inventory, claims)
  return records.length === 0 ? new Map() : readMigrationEvidence(config, inventory, records, now)
}

export interface VerifyScope {
  /** Count the days of every system that moves, claimed or not: what `verifyNamed` needs. */
  readonly everySystem?: boolean
}

/**
 * Everything that verdicts at the context's clock are made of. Rejects with `UsageFault` where no plan can be made,
 * with `EnvironmentFault` where the history cannot be read; without a history there is nothing to see.
 */
export const readVerifyInput = async (
  config: Config,
  inventory: Inventory,
  context: Context,
  { everySystem = false }: VerifyScope = {},
): Promise<VerifyInput> => {
  const ground: Ground = { config, inventory, now: context.now }
  const claims = standingClaims(claimsAt(inventory.claim.values(), context))
  return {
    context,
    inventory,
    looks: await looksOf(ground),
    migration: migrationOf(ground, claims, everySystem),
    settings: { ...config.verify, ...config.migration },
  }
}
