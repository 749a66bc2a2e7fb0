import { dayIn, minuteIn, startOfDay } from '../../core/day.ts'
import { type Finding, type Incident, type Severity, severityLabels } from '../../security/events.ts'
import { isLive, isOpenAt } from '../../security/standing.ts'
import type { Block, Sheet } from '../model.ts'
import { difference, type Field, heading, paragraph, tableOf, unitNames } from './blocks.ts'
import type { SecurityRecords } from './input.ts'
import type { Scene } from './scene.ts'

/** 网络安全: what security monitoring found, and the incidents that people work on. */

interface Watch extends SecurityRecords {
  /** Milliseconds since the epoch: first instant of the period, cut-off, end of the period before. */
  readonly from: number
  readonly at: number
  readonly before: number
  /** Something was looked at in the period: otherwise that nothing new was found tells nothing. */
  readonly isWatched: boolean
}

type Known = { readonly kind: 'none'; readonly why: string } | ({ readonly kind: 'known' } & Watch)

const knownOf = ({ input, contextBefore, availability }: Scene): Known => {
  const { security, context, range, unit } = input
  if (security === undefined)
    return { kind: 'none', why: '没有数据，没有安全台账（安全监测没有在本数据目录运行过）。' }
  const { oldestAt } = security
  if (oldestAt === undefined) return { kind: 'none', why: '没有数据，安全台账中没有任何记录。' }
  if (oldestAt > context.now)
    return {
      kind: 'none',
      why: `没有数据，安全台账自 ${dayIn(context.timeZone, oldestAt)} 起才有记录。`,
    }
  const isOf = ({ units }: Incident): boolean => unit === undefined || units.includes(unit)
  return {
    kind: 'known',
    oldestAt,
    findings: security.findings.filter((each) => unit === undefined || each.unit === unit),
    incidents: security.incidents.filter(isOf),
    incidentsBefore: security.incidentsBefore.filter(isOf),
    from: startOfDay(context.timeZone, range.from),
    at: context.now,
    before: contextBefore.now,
    isWatched: availability.hasData,
  }
}

const severities = Object.keys(severityLabels) as readonly Severity[]

const rankOf = ({ severity }: { readonly severity: Severity }): number => severities.indexOf(severity)

const isWithin = ({ from, at }: Watch, instant: number | undefined): boolean =>
  instant !== undefined && instant >= from && instant <= at

/** The gravest first. */
const liveOf = (incidents: readonly Incident[]): readonly Incident[] =>
  incidents
    .filter(isLive)
    .toSorted((left, right) => rankOf(left) - rankOf(right) || left.startedAt - right.startedAt)

const isLateToReport =
  (at: number) =>
  ({ reportClocks, reportedAt }: Incident): boolean =>
    reportedAt === undefined && reportClocks.some(({ dueAt }) => dueAt <= at)

interface SeverityRow {
  readonly name: string
  readonly open: number
  readonly before: number | undefined
  readonly opened: number | undefined
  readonly closed: number | undefined
}

const rowOf = (watch: Watch, name: string, findings: readonly Finding[]): SeverityRow => {
  const { at, before, oldestAt = Infinity, isWatched } = watch
  const count = (holds: (finding: Finding) => boolean): number => findings.filter(holds).length
  return {
    name,
    open: count(isOpenAt(at)),
    before: before < oldestAt ? undefined : count(isOpenAt(before)),
    opened: isWatched ? count(({ openedAt }) => isWithin(watch, openedAt)) : undefined,
    closed: isWatched ? count(({ closedAt }) => isWithin(watch, closedAt)) : undefined,
  }
}

const severityFields: readonly Field<SeverityRow>[] = [
  { title: '级别', format: 'text', read: ({ name }) => name },
  { title: '截止时未消除', format: 'integer', read: ({ open }) => open },
  { title: '较上期', format: 'change', read: ({ open, before }) => difference(open, before) },
  { title: '本期新发现', format: 'integer', read: ({ opened }) => opened },
  { title: '本期消除', format: 'integer', read: ({ closed }) => closed },
]

const stateText = ({ resolvedAt, recoveredAt, acknowledgedAt }: Incident): string => {
  if (resolvedAt !== undefined) return '已处置'
  const handled = acknowledgedAt === undefined ? '无人响应' : '处置中'
  return recoveredAt === undefined ? handled : `已恢复，${handled}`
}

const incidentFields = ({ input: { inventory, context } }: Scene): readonly Field<Incident>[] => {
  const timeText = (at: number | undefined): string | undefined =>
    at === undefined ? undefined : minuteIn(context.timeZone, at)
  const clockText = ({ reportClocks, reportedAt }: Incident): string | undefined => {
    if (reportedAt !== undefined) return `已于 ${timeText(reportedAt) ?? ''} 报告`
    return reportClocks.length === 0
      ? undefined
      : reportClocks.map(({ label, dueAt }) => `${label} ${timeText(dueAt) ?? ''}`).join('；')
  }
  return [
    { title: '事件', format: 'text', width: 3.2, read: ({ title }) => title },
    { title: '级别', format: 'text', width: 0.9, read: ({ severity }) => severityLabels[severity] },
    { title: '状态', format: 'text', width: 1.4, read: stateText },
    { title: '起始', format: 'text', width: 2, read: ({ startedAt }) => timeText(startedAt) },
    { title: '影响对象', format: 'integer', read: ({ targets, behind }) => targets.length + behind },
    {
      title: '责任单位',
      format: 'text',
      width: 2,
      read: ({ units }) => (units.length === 0 ? undefined : unitNames(inventory, units)),
    },
    { title: '报告期限', format: 'text', width: 2.2, read: clockText },
  ]
}

const mostNamed = 30

const incidentsPart = (scene: Scene, live: readonly Incident[]): Block => {
  const rest = live.length - mostNamed
  return live.length === 0
    ? paragraph('截止时没有未归档的安全事件。')
    : tableOf(
        '未归档的安全事件',
        incidentFields(scene),
        live.slice(0, mostNamed),
        rest > 0 ? `另有 ${rest} 起，见工作簿“安全事件”。` : undefined,
      )
}

/** One sentence for 总体情况. */
export const securityText = (scene: Scene): string => {
  const known = knownOf(scene)
  if (known.kind === 'none') return `网络安全：${known.why}`
  const { at, findings, incidents } = known
  const open = findings.filter(isOpenAt(at))
  const grave = open.filter(({ severity }) => severity === 'critical' || severity === 'high')
  const live = liveOf(incidents)
  const late = live.filter(isLateToReport(at)).length
  const fresh = incidents.filter(
    ({ openedAt, mergedInto }) => mergedInto === undefined && isWithin(known, openedAt),
  ).length
  return [
    `网络安全：截止时未消除的安全发现 ${open.length} 项，其中严重和高 ${grave.length} 项`,
    `未归档的安全事件 ${live.length} 起，其中超过报告期限未报告 ${late} 起`,
    known.isWatched ? `本期新发生 ${fresh} 起。` : '本期没有探测数据，新发生的情况不明。',
  ].join('；')
}

export const securitySection = (scene: Scene): readonly Block[] => {
  const known = knownOf(scene)
  const title = heading(1, '网络安全')
  if (known.kind === 'none') return [title, paragraph(known.why)]
  const { findings, incidents, from, oldestAt = from } = known
  const zone = scene.input.context.timeZone
  const rows = severities.map((severity) =>
    rowOf(
      known,
      severityLabels[severity],
      findings.filter((each) => each.severity === severity),
    ),
  )
  return [
    title,
    ...(oldestAt > from ? [paragraph(`安全台账自 ${dayIn(zone, oldestAt)} 起有记录，此前没有数据。`)] : []),
    ...(known.isWatched ? [] : [paragraph('本期没有探测数据，安全监测没有依据：新发现和消除不作统计。')]),
    tableOf('安全发现', severityFields, [...rows, rowOf(known, '合计', findings)]),
    incidentsPart(scene, liveOf(incidents)),
  ]
}

const findingFields = ({ input: { inventory, context } }: Scene): readonly Field<Finding>[] => [
  { title: '级别', format: 'text', read: ({ severity }) => severityLabels[severity] },
  { title: '规则', format: 'text', read: ({ rule }) => rule },
  { title: '对象', format: 'text', read: ({ targetName }) => targetName },
  { title: '发现', format: 'text', read: ({ title, saw }) => `${title}：${saw}` },
  {
    title: '责任单位',
    format: 'text',
    read: ({ unit }) => (unit === undefined ? undefined : unitNames(inventory, [unit])),
  },
  { title: '起始', format: 'text', read: ({ firstSeenAt }) => minuteIn(context.timeZone, firstSeenAt) },
  { title: '等保条款', format: 'text', read: ({ clauses }) => clauses.join(' ') },
  { title: '处置建议', format: 'text', read: ({ remedy }) => remedy },
]

/** What was open at the cut-off, in full. */
export const securitySheets = (scene: Scene): readonly Sheet[] => {
  const known = knownOf(scene)
  if (known.kind === 'none') return []
  const open = known.findings
    .filter(isOpenAt(known.at))
    .toSorted((left, right) => rankOf(left) - rankOf(right))
  const live = liveOf(known.incidents)
  const number: Field<Incident> = { title: '编号', format: 'text', read: ({ id }) => id }
  return [
    { name: '安全发现清单', table: tableOf('未消除的安全发现', findingFields(scene), open) },
    {
      name: '安全事件',
      table: tableOf('未归档的安全事件', [number, ...incidentFields(scene)], live),
    },
  ]
}
