import type { Node } from '../../inventory/model.ts'
import type { Inventory } from '../../inventory/store.ts'
import type { Target, TargetId } from '../core/target.ts'
import { type FullPlan, type Job, isLook } from '../plan/plan.ts'
import type { Sighting } from './history/port.ts'
import { type Outage, outagesOf } from './outage.ts'
import type { Standing, Topology } from './topology.ts'
import { type Check, newestOf, tellingUp } from './check.ts'
import { type Slots, listed } from './listed.ts'
import { type RecheckInput, createRechecker } from './recheck.ts'
import { createRegrouper } from './regroup.ts'
import { type Segmentation, segmentationsOf } from './segmentation.ts'
import { createTracer } from './tracer.ts'
import { type Work, atOnce } from './slices.ts'
import type { TargetState, Verdict } from './verdict.ts'

export interface Judgement {
  readonly at: number
  readonly checks: readonly Check[]
  /** What targets said last of their own accord, however long ago. It makes nothing up or down. */
  readonly events: readonly Sighting[]
  readonly verdicts: ReadonlyMap<TargetId, Verdict>
  readonly outages: readonly Outage[]
  readonly segmentations: readonly Segmentation[]
}

export interface JudgeInput extends RecheckInput {
  readonly inventory: Inventory
  readonly plan: FullPlan
}

type OwnState = Exclude<TargetState, 'unreachable'>

/** A target's checks and what they say together, before topology. */
interface Own {
  readonly state: OwnState
  readonly answers: boolean
  readonly checks: readonly Check[]
}

const ownState = (checks: readonly Check[]): OwnState => {
  if (checks.length === 0) return 'unprobed'
  if (checks.some(({ status }) => status === 'down')) return 'down'
  return tellingUp(checks).some(({ status }) => status === 'up') ? 'up' : 'unknown'
}

const unprobed: Own = { state: 'unprobed', answers: false, checks: [] }

const ownOf = (checks: readonly Check[]): Own => ({
  state: ownState(checks),
  answers: checks.some(({ answers }) => answers),
  checks,
})

const standingOf = ({ state, answers }: Own): Standing => {
  if (answers || state === 'up') return 'answers'
  return state === 'down' ? 'failed' : 'silent'
}

const sinceOf = ({ state, checks }: Own): number | undefined => {
  let first: number | undefined
  for (const { status, since } of checks)
    if (status === state && since !== undefined && (first === undefined || since < first)) first = since
  return first
}

/** The node without which this target cannot be reached; a node's own way up is the topology's matter. */
const hostOf = ({ id, labels }: Target, inventory: Inventory): TargetId | undefined => {
  switch (labels.class) {
    case 'device':
      return inventory.device.get(id)?.node
    case 'system':
      return inventory.system.get(id)?.node
    case 'uplink':
      return uplinkOf(id, inventory)?.to
    case 'node':
    case 'migration':
      return undefined
  }
}

const uplinkOf = (id: TargetId, inventory: Inventory): Node['uplinks'][number] | undefined => {
  const slash = id.lastIndexOf('/')
  return inventory.node.get(id.slice(0, slash))?.uplinks.find((uplink) => uplink.id === id.slice(slash + 1))
}

/** A target and what the inventory says of its place. */
interface Place {
  readonly target: Target
  readonly host: TargetId | undefined
  readonly uplinks: number
}

const placeOf = (target: Target, inventory: Inventory): Place => ({
  target,
  host: hostOf(target, inventory),
  uplinks: inventory.node.get(target.id)?.uplinks.length ?? 0,
})

const none: readonly TargetId[] = []

const upstreamOf = ({ target, host }: Place, topology: Topology): readonly TargetId[] => {
  const own = topology.causes.get(target.id)
  if (own !== undefined) return own
  if (host === undefined || !topology.dead.has(host)) return none
  const causes = topology.causes.get(host) ?? [host]
  // In a ring of uplinks a line can be the very cause of what it leads to.
  return causes.includes(target.id) ? none : causes
}

const verdictOf = (place: Place, own: Own, topology: Topology): Verdict => {
  const { target, uplinks } = place
  const upstream = standingOf(own) === 'answers' ? none : upstreamOf(place, topology)
  const isBehind = upstream.length > 0 && own.state !== 'unprobed'
  const deadUplinks = (uplinks > 0 ? topology.deadUplinks.get(target.id) : undefined) ?? none
  const since = sinceOf(own)
  return {
    target,
    state: isBehind ? 'unreachable' : own.state,
    answers: own.answers,
    checks: own.checks,
    ...(since !== undefined && { since }),
    causes: isBehind ? upstream : none,
    redundancyLost: uplinks > 1 && deadUplinks.length > 0 && !topology.causes.has(target.id),
    deadUplinks,
  }
}

const eventsOf = (listening: readonly Job[], sightings: JudgeInput['sightings']): readonly Sighting[] =>
  listening.flatMap(({ id }) => newestOf(sightings.get(id) ?? []) ?? [])

/** Places in the lists of a judge: those of the plan's targets, then of what else a job looks at. */
const slotsOf = ({ targets, jobs }: FullPlan): Slots => {
  const slots = new Map([...targets.keys()].map((id, slot) => [id, slot]))
  for (const { target } of jobs) if (!slots.has(target)) slots.set(target, slots.size)
  return slots
}

/** Judges one plan again and again. What nothing happened to is the same object as in the judgement before. */
export interface Judge {
  /** A picture of one instant, however often the work pauses. One such work at a time. */
  judge(input: RecheckInput): Work<Judgement>
}

const targetsAtOnce = 512

export const createJudge = (inventory: Inventory, plan: FullPlan): Judge => {
  const slots = slotsOf(plan)
  const places = [...plan.targets.values()].map((target) => placeOf(target, inventory))
  const looks = plan.jobs.filter(isLook)
  const listening = plan.jobs.filter((job) => !isLook(job))
  const isSegmented = looks.some(({ expect }) => expect === 'unreachable')
  const rechecker = createRechecker(looks)
  const regrouper = createRegrouper(looks, slots, ownOf)
  const tracer = createTracer(
    inventory.node.values(),
    places.map(({ host }) => host),
    slots,
  )
  const standings = regrouper.sums.map(standingOf)
  const verdicts = places.map((place) => verdictOf(place, unprobed, tracer.topology()))

  /** Returns whether one of these stands otherwise than before. */
  const move = (changed: Iterable<number>): boolean => {
    let moved = false
    for (const slot of changed) {
      const standing = standingOf(regrouper.sums[slot] ?? unprobed)
      moved ||= standing !== standings[slot]
      standings[slot] = standing
    }
    return moved
  }

  return {
    *judge(input) {
      const checks = yield* rechecker.recheck(input)
      const changed = yield* regrouper.regroup(checks)
      if (move(changed)) for (const slot of yield* tracer.retrace(standings)) changed.add(slot)
      let done = 0
      for (const slot of changed) {
        const [place, own = unprobed] = [places[slot], regrouper.sums[slot]]
        if (place !== undefined) verdicts[slot] = verdictOf(place, own, tracer.topology())
        if ((done += 1) % targetsAtOnce === 0) yield
      }
      // A copy: who still shows this judgement must not see the next one in the making.
      const all = listed(slots, verdicts.slice())
      return {
        at: input.now,
        checks,
        events: eventsOf(listening, input.sightings),
        verdicts: all,
        outages: outagesOf(all),
        segmentations: isSegmented ? segmentationsOf(all.values()) : [],
      }
    },
  }
}

/**
 * What is up, down, unreachable and unknown at `now`: a pure function of what was planned and seen.
 * Upstream outranks silence; what answers freshly is never called unreachable; what nobody could look at
 * is unknown, never red and never a stale green.
 */
export const judge = ({ inventory, plan, ...input }: JudgeInput): Judgement =>
  atOnce(createJudge(inventory, plan).judge(input))
