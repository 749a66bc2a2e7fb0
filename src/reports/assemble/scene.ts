import { endOfDay } from '../../core/day.ts'
import { given } from '../../core/given.ts'
import {
  type Context,
  type Happened,
  happenedIn,
  type Ledger,
  ledgerAt,
  type Standing,
} from '../../ledger/index.ts'
import {
  type ItemRatio,
  type Judged,
  judgedByRecord,
  ratiosOf,
  verifyAll,
  type Verified,
} from '../../verify/index.ts'
import { type Availability, availabilityOf } from './availability.ts'
import type { ReportInput } from './input.ts'

/** Claims against what was seen. */
export interface Verdicts<Each extends Judged = Verified> {
  readonly all: readonly Each[]
  readonly ratios: readonly ItemRatio[]
}

/** What several sections need, worked out once. */
export interface Scene {
  readonly input: ReportInput
  readonly ledger: Ledger
  /** At the end of the period before. */
  readonly ledgerBefore: Ledger
  readonly verdicts: Verdicts
  /** Absent: none are on record. */
  readonly verdictsBefore?: Verdicts<Judged>
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
const verdictsOf = <Each extends Judged>(
  all: readonly Each[],
  { inventory, unit }: ReportInput,
  context: Context,
): Verdicts<Each> => ({
  all: all.filter((each) => unit === undefined || each.unit === unit),
  ratios: ratiosOf({ inventory, context }, all),
})

/** The history knows of the past whether something answered, not what it said: verdicts of then are those on record. */
const verdictsThen = (input: ReportInput): Verdicts<Judged> | undefined => {
  const { inventory, recordedBefore } = input
  if (recordedBefore === undefined) return undefined
  const context = { ...input.context, now: recordedBefore.at }
  return verdictsOf(judgedByRecord({ inventory, context }, recordedBefore.byClaim), input, context)
}

export const sceneOf = (input: ReportInput): Scene => {
  const { inventory, context, range, before, unit } = input
  const contextBefore = { ...context, now: endOfDay(context.timeZone, before.to) }
  const happened = happenedIn(inventory, range, context)
  return {
    input,
    ledger: narrowed(ledgerAt(inventory, context), unit),
    ledgerBefore: narrowed(ledgerAt(inventory, contextBefore), unit),
    verdicts: verdictsOf(verifyAll(input.verify), input, context),
    ...given({ verdictsBefore: verdictsThen(input) }),
    contextBefore,
    silent: happened.silent,
    rosters: happened.rosters,
    slips: happened.slips.filter(({ milestone }) => isOf(unit, milestone)),
    availability: availabilityOf(input, input.looks),
    availabilityBefore: availabilityOf(input, input.looksBefore),
  }
}
