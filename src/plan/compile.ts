import { kindByName } from '../../probes/index.ts'
import type { Migration } from '../../inventory/migration/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import { type Problem, UsageFault } from '../core/fault.ts'
import type { Kind } from '../core/probe.ts'
import type { Target, TargetId } from '../core/target.ts'
import { derive } from './derive.ts'
import { bothSides, deriveMigration } from './derive-migration.ts'
import { inOrder, sealPlan } from './digest.ts'
import { type Unnamed, nameJobs } from './name-jobs.ts'
import type { FullPlan, Job } from './plan.ts'
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
  return {
    job: {
      ...{ target: target.id, kind, spec, vantage, expect, discriminator, isPinned },
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

interface Rules {
  readonly settings: PlanSettings
  readonly registry: Registry
}

interface Compiled {
  readonly jobs: readonly Job[]
  readonly targets: ReadonlyMap<TargetId, Target>
}

/** What a record asks for is let go once it is checked: a province asks for 55,000 looks. */
const compiled = (derived: Iterable<Derived>, { settings, registry }: Rules): Compiled => {
  const [targets, unnamed]: [Target[], Unnamed[]] = [[], []]
  const [asking, refused]: [Problem[], Problem[]] = [[], []]
  for (const each of derived) {
    targets.push(...each.targets)
    asking.push(...each.problems)
    for (const wish of each.wishes) {
      const checked = check(wish, settings, registry)
      if ('job' in checked) unnamed.push(checked.job)
      else refused.push(...checked.problems)
    }
  }
  const byId = new Map(targets.map((target) => [target.id, target]))
  const problems = [...asking, ...sharedIds(targets, byId), ...refused]
  if (problems.length > 0) refuse(problems)
  return { jobs: nameJobs(unnamed), targets: byId }
}

/**
 * What is to be probed, from where and how often: a pure function of inventory and settings.
 * Every spec is validated by its probe. Throws one `UsageFault` with all problems, each naming its field
 * (`system/s-1.endpoints[0]`). Targets are all active records, probed or not.
 */
export const compilePlan = (
  inventory: Inventory,
  settings: PlanSettings,
  registry: Registry = kindByName,
): FullPlan => {
  const { jobs, targets } = compiled(derive(inventory), { settings, registry })
  return Object.freeze({ ...sealPlan(inventory.revision, jobs), targets })
}

/** The jobs of `compilePlan` alone, for who hands no plan out: its digest is a fifth of the work. */
export const compileJobs = (inventory: Inventory, settings: PlanSettings): readonly Job[] =>
  inOrder(compiled(derive(inventory), { settings, registry: kindByName }).jobs)

/**
 * Every look at what these systems move from and to, whatever state they are in: what their gates judge by.
 * Throws as `compilePlan` does.
 */
export const compileMigrationJobs = (
  inventory: Inventory,
  migrations: readonly Migration[],
  settings: PlanSettings,
): readonly Job[] => {
  const derived = migrations.values().map((migration) => deriveMigration(migration, inventory, bothSides))
  return inOrder(compiled(derived, { settings, registry: kindByName }).jobs)
}
