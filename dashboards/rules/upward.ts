import { upward } from '../../src/metrics/telling.ts'
import type { AlertRule } from './alert.ts'

const minute = 60
const waited = `time() - ${upward.oldestWaiting.name} > ${15 * minute}`

/** What does not reach the platform above. A line that is cut is one alert: the backlog. */
export const upwardAlerts: readonly AlertRule[] = [
  {
    name: 'YiwangUpwardBacklog',
    expr: waited,
    for: '5m',
    severity: 'critical',
    summary: '上级平台 {{ $labels.destination }} 的消息已积压 {{ $value | humanizeDuration }}',
    meaning: '最早的一条待报消息等了一刻钟以上仍没有回执，此间计为缺报时段。消息不丢，恢复后按序补报。',
    steps: [
      '`yiwang upward status` 看最近一次失败的原因与下次重试的时间。',
      '`yiwang upward test --destination 名称` 核对到上级平台的网络、证书有效期与凭据。',
      '恢复后不想等重试：`yiwang upward send`；向上级说明缺报：`yiwang upward gaps`。',
    ],
  },
  {
    name: 'YiwangUpwardNoReceipt',
    expr:
      `time() - ${upward.lastReceipt.name} > on (instance) group_left () 3 * ${upward.statusPeriod.name}` +
      ` and on (instance, destination) ${upward.waiting.name}{kind="status"}` +
      ` unless on (instance, destination) (${waited})`,
    for: '5m',
    severity: 'critical',
    summary: '上级平台 {{ $labels.destination }} 已 {{ $value | humanizeDuration }} 没有回执，也没有积压',
    meaning: '应当按期上报的运行状态三个周期没有一条有回执，而又没有久等的消息：本级没有在产生上报消息。',
    steps: [
      '看采集端日志中 nothing new is told upward 的 error。',
      '`yiwang upward status` 与 `yiwang upward gaps`：原因为“未产生状态”的时段即是。',
      '`df -h`：磁盘写满时不产生新消息。',
    ],
  },
  {
    name: 'YiwangUpwardRefused',
    expr: `sum by (destination) (increase(${upward.receipts.name}{result="refused"}[30m])) > 0`,
    for: '0m',
    severity: 'warning',
    summary: '上级平台 {{ $labels.destination }} 半小时内拒收过消息',
    meaning: '上级平台收到了消息而不认可，多为字段名、取值或编码与其要求不符。拒收的不再自动重发。',
    steps: [
      '`yiwang upward outbox list --state refused` 看是哪些、理由是什么。',
      '与上级平台核对字段，改映射文件（docs/upward.md）；`yiwang upward test --show` 看改后的样子。',
      '重报：`yiwang upward replay --destination 名称 --since 1d --refused`。',
    ],
  },
]
