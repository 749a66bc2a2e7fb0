/** Spans for which the platform above has no status, or had none in time (缺报时段). Times: ms since the epoch. */

export const gapLabels = {
  cut: '上报中断',
  refused: '上级拒收',
  'not-made': '未产生状态',
} as const
export type GapReason = keyof typeof gapLabels

/** A status as it stands with one destination. */
export interface StatusRow {
  /** The beginning of its period; it is due until the period ends. */
  readonly at: number
  readonly periodMs: number
  readonly result?: 'accepted' | 'refused' | undefined
  readonly settledAt?: number | undefined
  readonly detail?: string | undefined
}

/** While a destination could not be told. */
export interface OutageRow {
  readonly since: number
  readonly until?: number | undefined
  readonly detail: string
}

export interface Gap {
  readonly from: number
  readonly until: number
  readonly reason: GapReason
  /** What was told of it: words of the network, or of the platform above. */
  readonly detail?: string
  /** Status messages that were due in it, and how many of them it has had since (补报). */
  readonly due: number
  readonly madeUp: number
  readonly madeUpAt?: number
}

export interface GapGround {
  /** When the destination was first there; what was due before is no gap. */
  readonly since: number
  readonly now: number
  /** Of the settings, for what was never made. */
  readonly periodMs: number
  readonly outages: readonly OutageRow[]
}

const outageDuring = (outages: readonly OutageRow[], from: number, until: number): OutageRow | undefined =>
  outages.findLast((outage) => outage.since < until && (outage.until ?? Infinity) > from)

const detailed = (detail: string | undefined): { readonly detail?: string } =>
  detail === undefined ? {} : { detail }

const gapOf = (
  { at, periodMs, result, settledAt, detail }: StatusRow,
  ground: GapGround,
): Gap | undefined => {
  const [from, until] = [at, at + periodMs]
  if (result === 'refused') return { from, until, reason: 'refused', due: 1, madeUp: 0, ...detailed(detail) }
  const isInTime = (settledAt ?? ground.now) <= until
  if (isInTime) return undefined
  return {
    ...{ from, until, reason: 'cut', due: 1, madeUp: settledAt === undefined ? 0 : 1 },
    ...detailed(outageDuring(ground.outages, from, until)?.detail),
    ...(settledAt !== undefined && { madeUpAt: settledAt }),
  }
}

/** Nothing was made between; less than a period is no gap: periods begin anew where their length changes. */
const hole = (from: number, until: number, periodMs: number): readonly Gap[] =>
  until - from < periodMs
    ? []
    : [{ from, until, reason: 'not-made', due: Math.floor((until - from) / periodMs), madeUp: 0 }]

const joined = (one: Gap, next: Gap): Gap => ({
  ...one,
  ...next,
  from: one.from,
  due: one.due + next.due,
  madeUp: one.madeUp + next.madeUp,
})

/** Gaps in their order; spans that follow one another for the same reason are one. Rows are in the order of `at`. */
export const gapsOf = (rows: readonly StatusRow[], ground: GapGround): readonly Gap[] => {
  let covered = ground.since
  const spans = rows
    .filter(({ at }) => at >= ground.since && at <= ground.now)
    .flatMap((row) => {
      const before = hole(covered, row.at, row.periodMs)
      covered = Math.max(covered, row.at + row.periodMs)
      return [...before, ...[gapOf(row, ground)].filter((gap) => gap !== undefined)]
    })
  const gaps: Gap[] = []
  for (const span of [...spans, ...hole(covered, ground.now, ground.periodMs)]) {
    const last = gaps.at(-1)
    if (last?.reason === span.reason && last.until === span.from) gaps[gaps.length - 1] = joined(last, span)
    else gaps.push(span)
  }
  return gaps
}

/** Seconds of gaps that lie after an instant. */
export const gapSeconds = (gaps: readonly Gap[], after: number): number =>
  gaps.reduce((sum, { from, until }) => sum + Math.max(0, until - Math.max(from, after)), 0) / 1000
