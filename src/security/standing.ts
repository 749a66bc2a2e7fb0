import type { Incident, IncidentEvent } from './events.ts'

/** What stood at an instant, in milliseconds since the epoch: for lists and reports of a time that is past. */

interface Span {
  readonly openedAt: number
  readonly closedAt?: number
}

export const isOpenAt =
  (at: number) =>
  ({ openedAt, closedAt }: Span): boolean =>
    openedAt <= at && (closedAt === undefined || closedAt > at)

/** Neither archived nor merged into another, by which it is counted. */
export const isLive = ({ state, mergedInto }: Incident): boolean =>
  state !== 'archived' && mergedInto === undefined

/** As its last event by then has it, or as it is where that was forgotten; undefined where it had not begun. */
export const incidentAt = (
  incident: Incident,
  events: readonly IncidentEvent[],
  at: number,
): Incident | undefined =>
  incident.openedAt > at ? undefined : (events.findLast((event) => event.at <= at)?.incident ?? incident)
