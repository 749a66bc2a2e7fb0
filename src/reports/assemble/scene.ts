import { endOfDay } from '../../core/day.ts'
import {
  type Context,
  type Happened,
  happenedIn,
  type Ledger,
  ledgerAt,
  type Standing,
} from '../../ledger/index.ts'
import { type ItemRatio, ratiosOf, verifyAll, type Verified, type VerifyInput } from '../../verify/index.ts'
import { type Availability, availabilityOf } from './availability.ts'
import type { ReportInput } from './input.ts'

/** Claims against what was seen. */
export interface Verdicts {
  readonly all: readonly Verified[]
  readonly ratios: readonly ItemRatio[]
}

/** What several sections need, worked out once. */
export interface Scene {
  readonly input: ReportInput
  readonly ledger: Ledger
  /** At the end of the period before. */
  readonly ledgerBefore: Ledger
  readonly verdicts: Verdicts
  readonly verdictsBefore: Verdicts
  readonly contextBefore: Context
  /** Nobody noted, moved or claimed anything in the period. */
  readonly silent: boolean
  /** Changes of rosters, and slips, of the period. */
  readonly rosters: Happened['rosters']
  readonly slips: Happened['slips']
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

/** Ratios are of the whole plan, whoever asks. */
const verdictsOf = (input: VerifyInput, unit: string | undefined): Verdicts => {
  const all = verifyAll(input)
  return {
    all: all.filter((each) => unit === undefined || each.unit === unit),
    ratios: ratiosOf(input, all),
  }
}

export const sceneOf = (input: ReportInput): Scene => {
  const { inventory, context, range, before, unit } = input
  const contextBefore = { ...context, now: endOfDay(context.timeZone, before.to) }
  const happened = happenedIn(inventory, range, context)
  return {
    input,
    ledger: narrowed(ledgerAt(inventory, context), unit),
    ledgerBefore: narrowed(ledgerAt(inventory, contextBefore), unit),
    verdicts: verdictsOf(input.verify, unit),
    verdictsBefore: verdictsOf(input.verifyBefore, unit),
    contextBefore,
    silent: happened.silent,
    rosters: happened.rosters,
    slips: happened.slips.filter(({ milestone }) => isOf(unit, milestone)),
    availability: availabilityOf(input, input.looks),
    availabilityBefore: availabilityOf(input, input.looksBefore),
  }
}
