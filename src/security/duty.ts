import type { Inventory } from '../../inventory/store.ts'
import type { Severity } from './events.ts'

/** Who is told, and who next while nobody acknowledges (值班表). */
export interface Roster {
  /** Ids of contacts; the first turn of those on duty, then each that follows. */
  readonly tiers: readonly (readonly string[])[]
}

/** Turns that hold at an instant, milliseconds since the epoch: all of their people are told together. */
export const rosterAt = ({ duty }: Inventory, now: number): Roster => {
  const turns = [...duty.values()].filter(
    ({ startsAt, endsAt }) => Date.parse(startsAt) <= now && now < Date.parse(endsAt),
  )
  const first = [...new Set(turns.flatMap(({ contacts }) => contacts))]
  const depth = Math.max(0, ...turns.map(({ escalation }) => escalation.length))
  const next = Array.from({ length: depth }, (_, at) => [
    ...new Set(turns.flatMap(({ escalation }) => escalation[at] ?? [])),
  ])
  return { tiers: first.length === 0 ? [] : [first, ...next] }
}

/** Whom to tell at a step of the escalation; the last ones where it has no further. */
export const tierOf = ({ tiers }: Roster, level: number): readonly string[] =>
  tiers[Math.min(level, tiers.length - 1)] ?? []

/** Minutes without acknowledgement after which the next are told, each time anew. */
export type Patience = Readonly<Record<Severity, number>>

const minuteMs = 60_000

/** How often it should have been escalated by now. */
export const escalationsDue = (openedAt: number, now: number, minutes: number): number =>
  Math.max(0, Math.floor((now - openedAt) / (minutes * minuteMs)))
