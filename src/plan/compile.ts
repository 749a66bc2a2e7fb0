import { kindByName } from '../../probes/index.ts'
import type { Migration } from '../../inventory/migration/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import { type Problem, UsageFault } from '../core/fault.ts'
import type { Kind } from '../core/probe.ts'
import type { Target } from '../core/target.ts'
import { derive } from './derive.ts'
import { bothSides, deriveMigration } from './derive-migration.ts'
import { sealPlan } from './digest.ts'
import { type Unnamed, nameJobs } from './name-jobs.ts'
import type { FullPlan } from './plan.ts'
import type { Derived, PlanSettings, Wish } from './wish.ts'

export type Registry = ReadonlyMap<string, Kind>

/** One wrong setting is wrong at every node: no list is longer than this. */
const maxProblems = 500

type Checked = { readonly job: Unnamed } | { readonly problems: readonly Problem[] }

const unknownKind = ({ where, kind }: Wish, registry: Registry): Checked => {
  const message = `expected a probe kind (${[...registry.keys()].join(', ')}), got ${JSON.stringify(kind)}`
  return { problems: [{ where, message }] }
}

const check = (wish: Wish, settings: PlanSettings, registry: Registry): Checked => {
  const { where, target, kind, discriminator, vantage, control, isPinned = false } = wish
  const probe = registry.get(kind)
  if (probe === undefined) return unknownKind(wish, registry)
  const { options, intervalSeconds = settings.intervalSeconds } = settings.kinds[kind] ?? {}
  const parsed = probe.schema.safeParse({ ...options, ...wish.options })
  if (!parsed.success)
    return {
      problems: parsed.error.issues.map(({ path, message }) => ({
        where,
        message: `${[kind, ...path].join('.')}: ${message}`,
      })),
    }
  const spec = parsed.data as Unnamed['spec']
  const expect = probe.listens ? 'events' : wish.expect
  const job = { target: target.id, kind, spec, vantage, expect, discriminator, isPinned } as const
  return {
    job: {
      ...job,
      intervalSeconds: wish.intervalSeconds ?? intervalSeconds,
      ...(control !== undefined && { control }),
    },
  }
}

const sharedIds = (targets: readonly Target[], byId: ReadonlyMap<string, Target>): readonly Problem[] =>
  targets
    .filter((target) => byId.get(target.id) !== target)
    .map(({ id, labels }) => ({
      where: `${labels.class}/${id}`,
      message: `expected an id of its own, got that of a ${byId.get(id)?.labels.class ?? 'record'}`,
    }))

const refuse = (problems: readonly Problem[]): never => {
  const left = problems.length - maxProblems
  const rest = left > 0 ? [{ where: '', message: `and ${left} more` }] : []
  throw new UsageFault([...problems.slice(0, maxProblems), ...rest])
}

const gather = (derived: readonly Derived[]) => ({
  targets: derived.flatMap(({ targets }) => targets),
  wishes: derived.flatMap(({ wishes }) => wishes),
  problems: derived.flatMap(({ problems }) => problems),
})

/**
 * What is to be probed, from where and how often: a pure function of inventory and settings.
 * Every spec is validated by its probe. Throws one `UsageFault` with all problems, each naming its field
 * (`system/s-1.endpoints[0]`). Targets are all active records, probed or not.
 */
export const compilePlan = (
  inventory: Inventory,
  settings: PlanSettings,
  registry: Registry = kindByName,
): FullPlan => sealed(inventory.revision, derive(inventory), { settings, registry })

/**
 * Every look at what these systems move from and to, whatever state they are in: what their gates judge by.
 * Throws as `compilePlan` does.
 */
export const compileMigrationPlan = (
  inventory: Inventory,
  migrations: readonly Migration[],
  settings: PlanSettings,
): FullPlan =>
  sealed(
    inventory.revision,
    migrations.map((migration) => deriveMigration(migration, inventory, bothSides)),
    { settings, registry: kindByName },
  )

const sealed = (
  revision: number,
  derived: readonly Derived[],
  { settings, registry }: { readonly settings: PlanSettings; readonly registry: Registry },
): FullPlan => {
  const { targets, wishes, problems } = gather(derived)
  const checked = wishes.map((wish) => check(wish, settings, registry))
  const byId = new Map(targets.map((target) => [target.id, target]))
  const found = [
    ...problems,
    ...sharedIds(targets, byId),
    ...checked.flatMap((each) => ('problems' in each ? each.problems : [])),
  ]
  if (found.length > 0) refuse(found)
  const jobs = nameJobs(checked.flatMap((each) => ('job' in each ? [each.job] : [])))
  return Object.freeze({ ...sealPlan(revision, jobs), targets: byId })
}
