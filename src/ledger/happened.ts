import type { Claim, Progress } from '../../inventory/ledger/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import { type DayRange, endOfDay, startOfDay } from '../core/day.ts'
import { claimsAt } from './claims.ts'
import type { Context } from './context.ts'
import { type RosterChange, rosterChangesIn } from './rosters.ts'
import type { Slip } from './slips.ts'
import { ledgerAt, type Standing } from './standing.ts'

/** What happened within some days, for a bulletin. Days of which nothing was recorded are said to be so, not zeroed. */
export interface Happened {
  readonly range: DayRange
  /** Nobody noted, moved or claimed anything. */
  readonly silent: boolean
  readonly progress: readonly Progress[]
  readonly claims: readonly Claim[]
  readonly withdrawn: readonly Claim[]
  readonly done: readonly Standing[]
  readonly verified: readonly Standing[]
  readonly newlyOverdue: readonly Standing[]
  readonly slips: readonly (Slip & { readonly milestone: Standing })[]
  readonly rosters: readonly RosterChange[]
}

const byId = (standings: readonly Standing[]): ReadonlyMap<string, Standing> =>
  new Map(standings.map((each) => [each.id, each]))

/** What happened in a range of days, as known at its end, or at the context's clock where that is earlier. Pure. */
export const happenedIn = (inventory: Inventory, range: DayRange, context: Context): Happened => {
  const start = startOfDay(context.timeZone, range.from)
  const end = Math.min(endOfDay(context.timeZone, range.to), context.now)
  const isWithin = (at: string): boolean => start <= Date.parse(at) && Date.parse(at) <= end
  const [then, now] = [start - 1, end].map((moment) => ledgerAt(inventory, { ...context, now: moment }))
  const [before, after] = [byId(then?.milestones ?? []), now?.milestones ?? []]
  const claims = claimsAt(inventory.claim.values(), { ...context, now: end })
  const progress = [...inventory.progress.values()].filter(({ at }) => isWithin(at))
  const reported = claims.filter(({ at }) => isWithin(at))
  const withdrawn = claims.filter(({ withdrawn: taken }) => taken !== undefined && isWithin(taken.at))
  const became = (holds: (standing: Standing) => boolean): readonly Standing[] =>
    after.filter(
      (each) =>
        holds(each) && !holds(before.get(each.id) ?? { ...each, state: 'not_started', overdue: false }),
    )
  return {
    range,
    silent: progress.length + reported.length + withdrawn.length === 0,
    progress: progress.sort((left, right) => (left.at < right.at ? -1 : 1)),
    claims: reported,
    withdrawn,
    done: became(({ state }) => state === 'claimed' || state === 'verified'),
    verified: became(({ state }) => state === 'verified'),
    newlyOverdue: became(({ overdue }) => overdue),
    slips: after.flatMap((milestone) =>
      milestone.slips
        .filter(({ issuedOn }) => range.from <= issuedOn && issuedOn <= range.to)
        .map((slip) => ({ ...slip, milestone })),
    ),
    rosters: rosterChangesIn([...inventory.roster.values()], range),
  }
}
