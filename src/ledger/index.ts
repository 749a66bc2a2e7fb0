export { claimedOf, claimedRatio, claimsAt, standingClaims } from './claims.ts'
export { type Context, dayOf, today } from './context.ts'
export { type Deadline, deadlinesOf } from './deadlines.ts'
export { milestoneFigures, taskFigures } from './figures.ts'
export { type Happened, happenedIn } from './happened.ts'
export { type Light, lightLabels, type Policy, policyOf, type SlipColour, slipLabels } from './policy.ts'
export {
  denominatorOf,
  excludedFrom,
  listedIn,
  type NamedExclusion,
  type NoRoster,
  type Ratio,
  ratio,
  type RatioRequest,
  type RosterChange,
  rosterChange,
  rosterChangeLine,
  rosterChangesIn,
  rosterOn,
} from './rosters.ts'
export type { Slip } from './slips.ts'
export { countByState, type GoalStanding, type Ledger, ledgerAt, type Standing } from './standing.ts'
export { type Delay, delayLabels, type Need } from './waiting.ts'
export {
  addWorkingDays,
  isWorkingDay,
  lastWorkingDay,
  workingDaysBetween,
  yearsText,
} from './working-days.ts'
