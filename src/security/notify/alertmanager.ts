import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Severity } from '../events.ts'
import type { Notice } from './notice.ts'
import { subjectOf } from './related.ts'

const text = z.string().max(4096)
const labels = z.record(z.string().max(200), text)

const alert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels,
  annotations: labels,
  startsAt: z.iso.datetime({ offset: true }),
  endsAt: z.iso.datetime({ offset: true }),
  fingerprint: z.string().regex(/^[0-9a-f]{1,64}$/u, 'expected a fingerprint in hexadecimal'),
})

/** What Alertmanager posts to a webhook, version 4 of its form. */
export const alertGroup = z.object({
  version: z.literal('4'),
  status: z.enum(['firing', 'resolved']),
  groupKey: text,
  commonLabels: labels,
  commonAnnotations: labels,
  alerts: z.array(alert).min(1).max(1000),
})
export type AlertGroup = z.output<typeof alertGroup>
type Alert = z.output<typeof alert>

const severities: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  page: 'critical',
  error: 'high',
  high: 'high',
  warning: 'medium',
  medium: 'medium',
}

const severityOf = (name: string | undefined): Severity => severities[name ?? ''] ?? 'low'

const titleOf = ({ labels: own, annotations }: Pick<Alert, 'labels' | 'annotations'>): string =>
  annotations['summary'] ?? annotations['description'] ?? own['alertname'] ?? '告警'

/** The same group in the same state is the same news: a repeated or a replayed post says nothing new. */
const idOf = ({ groupKey, status, alerts }: AlertGroup): string => {
  const states = alerts.map((each) => [each.fingerprint, each.startsAt, each.status].join(' ')).toSorted()
  return `alert:${createHash('sha256')
    .update(JSON.stringify([groupKey, status, states]))
    .digest('hex')
    .slice(0, 32)}`
}

const maxShown = 8

/** One notice a group, however many alerts are in it; `told`: those of them that an incident does not tell. */
export const noticeOfAlerts = (group: AlertGroup, told: readonly Alert[], now: number): Notice => {
  const { commonLabels, commonAnnotations } = group
  const alerts = told.length > 0 ? told : group.alerts
  const subjects = alerts.map(subjectOf).filter((subject) => subject !== undefined)
  const firing = alerts.filter((each) => each.status === 'firing')
  const isOver = firing.length === 0
  const [first] = isOver ? alerts : firing
  const title = titleOf({
    labels: commonLabels,
    annotations: { ...first?.annotations, ...commonAnnotations },
  })
  const shown = alerts.slice(0, maxShown).map((each) => ({
    label: each.status === 'firing' ? '告警' : '恢复',
    text: [each.labels['name'] ?? each.labels['target'] ?? each.labels['instance'] ?? '', titleOf(each)]
      .filter(Boolean)
      .join('：'),
  }))
  const more = alerts.length - shown.length
  return {
    id: idOf(group),
    at: now,
    severity: severityOf(commonLabels['severity'] ?? first?.labels['severity']),
    isGood: isOver,
    title: `${isOver ? '已恢复' : '告警'}：${title}`,
    lines: more > 0 ? [...shown, { label: '其他', text: `还有 ${more} 条` }] : shown,
    ...(subjects.length === alerts.length && { about: subjects }),
  }
}
