import type { Finding, IncidentState, Severity } from './events.ts'
import { type Case, isWaiting } from './incident.ts'

/** Counts for the metrics. Times: milliseconds since the epoch. */
export interface SecurityFigures {
  readonly findings: readonly { readonly rule: string; readonly severity: Severity; readonly count: number }[]
  readonly incidents: readonly {
    readonly state: IncidentState
    readonly severity: Severity
    readonly count: number
  }[]
  readonly reports: readonly { readonly due: 'ahead' | 'overdue'; readonly count: number }[]
  /** When the first report that is not made yet is due. */
  readonly nextReportAt?: number
  /** Since when the incident that waits longest, and is not over by itself, has waited for somebody. */
  readonly longestUnacknowledgedAt?: number
  readonly overdueTasks: number
}

const counted = <Item, Row>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
  rowOf: (item: Item, count: number) => Row,
): readonly Row[] =>
  [...Map.groupBy(items, keyOf).values()].flatMap((group) =>
    group[0] === undefined ? [] : [rowOf(group[0], group.length)],
  )

const least = (times: readonly number[]): number | undefined =>
  times.length === 0 ? undefined : times.reduce((one, other) => Math.min(one, other))

const figure = <Name extends string>(
  name: Name,
  value: number | undefined,
): Partial<Readonly<Record<Name, number>>> =>
  (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, number>>

export const securityFigures = (
  open: readonly Finding[],
  live: readonly Case[],
  now: number,
): SecurityFigures => {
  const unreported = live.filter(({ reportedAt }) => reportedAt === undefined)
  const due = unreported.flatMap(({ reportClocks }) => reportClocks.map(({ dueAt }) => dueAt))
  const overdue = due.filter((at) => at < now).length
  const waiting = live.filter(isWaiting).map(({ alertedAt }) => alertedAt)
  const tasks = live.flatMap((incident) => incident.tasks)
  return {
    findings: counted(
      open,
      ({ rule, severity }) => `${rule} ${severity}`,
      ({ rule, severity }, count) => ({ rule, severity, count }),
    ),
    incidents: counted(
      live,
      ({ state, severity }) => `${state} ${severity}`,
      ({ state, severity }, count) => ({ state, severity, count }),
    ),
    reports: [
      { due: 'ahead', count: due.length - overdue },
      { due: 'overdue', count: overdue },
    ],
    ...figure('nextReportAt', least(due)),
    ...figure('longestUnacknowledgedAt', least(waiting)),
    overdueTasks: tasks.filter(({ dueAt, doneAt }) => doneAt === undefined && dueAt < now).length,
  }
}
