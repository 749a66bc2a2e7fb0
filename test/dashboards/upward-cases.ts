import type { AlertCase } from './alert-cases.ts'

const province = { destination: 'province' }
const statusWaits = {
  name: 'yiwang_upward_waiting_messages',
  labels: { ...province, kind: 'status' },
  ...{ good: 0, bad: 0 },
}
const period = { name: 'yiwang_upward_status_period_seconds', good: 300, bad: 300 }
/** As time goes, then not at all, then as time goes again. */
const stands = { ...{ good: 0, bad: 0 }, values: '0+60x19 1200+0x49 4200+60x39' }

/** Of `dashboards/rules/upward.ts`. */
export const upwardCases: readonly AlertCase[] = [
  {
    alert: 'YiwangUpwardBacklog',
    series: [
      { name: 'yiwang_upward_oldest_waiting_timestamp_seconds', labels: province, ...stands },
      // There was no receipt either: that is no alert of its own.
      { name: 'yiwang_upward_last_receipt_timestamp_seconds', labels: province, ...stands },
      ...[statusWaits, period],
    ],
    labels: province,
    summary: '上级平台 province 的消息已积压 45m 0s',
    silent: ['YiwangUpwardNoReceipt'],
  },
  {
    alert: 'YiwangUpwardNoReceipt',
    series: [
      { name: 'yiwang_upward_last_receipt_timestamp_seconds', labels: province, ...stands },
      // Who is told no status may be told nothing for long.
      {
        name: 'yiwang_upward_last_receipt_timestamp_seconds',
        labels: { destination: 'soc' },
        ...{ good: 0, bad: 0 },
      },
      ...[statusWaits, period],
    ],
    labels: province,
    summary: '上级平台 province 已 45m 0s 没有回执，也没有积压',
    silent: ['YiwangUpwardBacklog'],
  },
  {
    alert: 'YiwangUpwardRefused',
    series: [
      {
        name: 'yiwang_upward_receipts_total',
        labels: { ...province, kind: 'status', result: 'refused' },
        ...{ good: 0, bad: 2, counter: true },
      },
      {
        name: 'yiwang_upward_receipts_total',
        labels: { ...province, kind: 'status', result: 'accepted' },
        ...{ good: 5, bad: 5, counter: true },
      },
    ],
    labels: province,
    summary: '上级平台 province 半小时内拒收过消息',
  },
]
