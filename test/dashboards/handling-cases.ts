import type { AlertCase, Series } from './alert-cases.ts'

const gauge = (name: string, [good, bad]: readonly [number, number], labels = {}): Series => ({
  name: `yiwang_${name}`,
  labels,
  good,
  bad,
})

const far = 1_000_000
const readable = { of: 'notify' }

/** Of `dashboards/rules/handling.ts`. */
export const handlingCases: readonly AlertCase[] = [
  {
    alert: 'YiwangIncidentUnacknowledged',
    series: [gauge('security_unacknowledged_seconds', [600, 960])],
    labels: {},
    summary: '有事件 16m 0s 无人受理',
  },
  {
    alert: 'YiwangReportDueSoon',
    // It is looked at after 65 minutes.
    series: [gauge('security_next_report_timestamp_seconds', [far, 3900 + 600])],
    labels: {},
    summary: '距事件上报时限还有 10m 0s',
  },
  {
    alert: 'YiwangReportOverdue',
    series: [gauge('security_reports_due', [0, 2], { due: 'overdue' })],
    labels: { due: 'overdue' },
    summary: '有 2 次事件上报已逾期',
  },
  {
    alert: 'YiwangTaskOverdue',
    series: [gauge('security_overdue_tasks', [0, 3])],
    labels: {},
    summary: '有 3 项责任单位任务逾期',
  },
  {
    alert: 'YiwangFindingsStale',
    // As time goes, then not at all, then as time goes again.
    series: [
      { ...gauge('security_evaluation_timestamp_seconds', [0, 0]), values: '0+60x19 1200+0x49 4200+60x39' },
    ],
    labels: {},
    summary: '发现已 45m 0s 没有更新',
  },
  {
    alert: 'YiwangNotifyFailing',
    series: [gauge('notify_failing_deliveries', [0, 4], { channel: 'duty' })],
    labels: { channel: 'duty' },
    summary: '通知渠道 duty 有 4 条送不出去',
  },
  {
    alert: 'YiwangNotifyGivenUp',
    series: [gauge('notify_deliveries', [0, 1], { channel: 'duty', state: 'given-up' })],
    labels: { channel: 'duty', state: 'given-up' },
    summary: '通知渠道 duty 有消息被放弃',
  },
  {
    alert: 'YiwangLogSourceSilent',
    series: [gauge('syslog_source_silent', [0, 1], { source: '192.0.2.1' })],
    labels: { source: '192.0.2.1' },
    summary: '192.0.2.1 停止报送日志',
  },
  {
    alert: 'YiwangLogNotStored',
    series: [{ ...gauge('syslog_refused_total', [0, 5], { reason: 'no-room' }), counter: true }],
    labels: { reason: 'no-room' },
    summary: '日志存不下，正在拒收',
  },
  {
    alert: 'YiwangConnectionsDropped',
    series: [{ ...gauge('collector_dropped_connections_total', [0, 4]), counter: true }],
    labels: {},
    summary: '连接数已满，采集端十五分钟内关闭了 60 个连接',
  },
  {
    alert: 'YiwangFiguresUnreadable',
    series: [gauge('collector_figures_readable', [1, 0], readable)],
    labels: readable,
    summary: '采集端读不了 notify 的数据',
  },
]
