import type { Claim } from '../../../inventory/ledger/index.ts'
import { endOfDay } from '../../core/day.ts'
import {
  claimsAt,
  type Context,
  type Happened,
  happenedIn,
  type Ledger,
  ledgerAt,
  standingClaims,
  type Standing,
} from '../../ledger/index.ts'
import { type Availability, availabilityOf } from './availability.ts'
import type { ReportInput } from './input.ts'

/** What several sections need, worked out once. */
export interface Scene {
  readonly input: ReportInput
  readonly ledger: Ledger
  /** At the end of the period before. */
  readonly ledgerBefore: Ledger
  readonly claims: readonly Claim[]
  readonly claimsBefore: readonly Claim[]
  readonly contextBefore: Context
  readonly happened: Happened
  readonly availability: Availability
  readonly availabilityBefore: Availability
}

/** Whether a unit leads it or takes part in it; without a unit everything counts. */
export const isOf = (unit: string | undefined, { lead, joint }: Standing): boolean =>
  unit === undefined || lead.includes(unit) || joint.includes(unit)

const narrowed = (ledger: Ledger, unit: string | undefined): Ledger => ({
  ...ledger,
  tasks: ledger.tasks.filter((each) => isOf(unit, each)),
  milestones: ledger.milestones.filter((each) => isOf(unit, each)),
})

const happenedTo = (happened: Happened, unit: string | undefined): Happened => ({
  ...happened,
  done: happened.done.filter((each) => isOf(unit, each)),
  verified: happened.verified.filter((each) => isOf(unit, each)),
  newlyOverdue: happened.newlyOverdue.filter((each) => isOf(unit, each)),
  slips: happened.slips.filter(({ milestone }) => isOf(unit, milestone)),
})

export const sceneOf = (input: ReportInput): Scene => {
  const { inventory, context, range, before, unit } = input
  const contextBefore = { ...context, now: endOfDay(context.timeZone, before.to) }
  const claimsOf = (at: Context) => standingClaims(claimsAt(inventory.claim.values(), at))
  return {
    input,
    ledger: narrowed(ledgerAt(inventory, context), unit),
    ledgerBefore: narrowed(ledgerAt(inventory, contextBefore), unit),
    claims: claimsOf(context),
    claimsBefore: claimsOf(contextBefore),
    contextBefore,
    happened: happenedTo(happenedIn(inventory, range, context), unit),
    availability: availabilityOf(input, input.looks),
    availabilityBefore: availabilityOf(input, input.looksBefore),
  }
}
