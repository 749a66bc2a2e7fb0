import {
  type Incident,
  type IncidentChange,
  type IncidentEvent,
  type Severity,
  categoryLabels,
  gradeLabels,
  severityLabels,
} from '../events.ts'
import type { Subject } from './related.ts'

/** One thing to be told. Its text may come from a target: each channel escapes it in its own way. */
export interface Notice {
  /** The same for the same news, however often it is given: it is told once. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly severity: Severity
  readonly isGood: boolean
  readonly title: string
  readonly lines: readonly NoticeLine[]
  /** Of alerts each of which an incident may tell as well. */
  readonly about?: readonly Subject[]
}

export interface NoticeLine {
  readonly label: string
  readonly text: string
}

export const severityOrder: readonly Severity[] = ['critical', 'high', 'medium', 'low']

/** Whether one is as grave as the other, or graver. */
export const isAsGrave = (one: Severity, other: Severity): boolean =>
  severityOrder.indexOf(one) <= severityOrder.indexOf(other)

/** What of an incident is told, and in which words; the rest is for who looks it up. */
const told: Readonly<Partial<Record<IncidentChange, string>>> = {
  opened: '新事件',
  raised: '新事件',
  worsened: '级别升高',
  recovered: '已恢复',
  reopened: '再次发生',
  graded: '已定级',
  escalated: '无人确认，已升级',
  tasked: '已派单',
  resolved: '已处置',
  merged: '已并入上级事件',
  amended: '通报已变更',
  lifted: '通报已解除',
}
const good: ReadonlySet<IncidentChange> = new Set(['recovered', 'resolved', 'lifted'])
/** Those who hear of it for the first time are told what was seen, and what to do. */
const firstHeard: ReadonlySet<IncidentChange> = new Set(['opened', 'raised', 'reopened', 'escalated'])

const reachOf = ({ targets, behind }: Incident): string => {
  const named = `${targets.slice(0, 5).join('、')}${targets.length > 5 ? ' 等' : ''}`
  return `${targets.length} 个对象：${named}${behind > 0 ? `；其下 ${behind} 个不可达` : ''}`
}

/** What an incident's event tells people; undefined where it is no news, or where nobody waits for it. */
export const noticeOf = ({
  change,
  at,
  sequence,
  incident,
  notify,
  note,
}: IncidentEvent): Notice | undefined => {
  const news = told[change]
  if (news === undefined || incident.state === 'watching') return undefined
  const { id, title, severity, category, grade, suggestedGrade, assignee } = incident
  const { saw, remedy } = firstHeard.has(change) ? incident : {}
  const graded =
    grade === undefined ? suggestedGrade && `${gradeLabels[suggestedGrade]}（建议）` : gradeLabels[grade]
  const lines = [
    ['事件', id],
    ['级别', `${severityLabels[severity]}，${categoryLabels[category]}`],
    ['定级', graded],
    ['影响', reachOf(incident)],
    ['所见', saw],
    ['处置', remedy],
    ['值班', notify.join('、')],
    ['处理人', assignee],
    ['说明', note],
  ] as const
  return {
    id: `incident:${id}:${change}:${sequence}`,
    at,
    severity,
    isGood: good.has(change),
    title: `${news}：${title}`,
    lines: lines.flatMap(([label, text]) => (text === undefined || text === '' ? [] : [{ label, text }])),
  }
}

/** What `yiwang notify test` sends. */
export const testNotice = (at: number, id: string): Notice => ({
  id: `test:${id}`,
  at,
  severity: 'low',
  isGood: false,
  title: '测试消息（yiwang notify test）',
  lines: [{ label: '说明', text: '这是一条测试消息，无需处理。特殊字符 *_[]()<b>`# 应原样显示或被替换。' }],
})
