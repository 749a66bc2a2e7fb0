import { assessments, own } from '../../src/metrics/catalogue.ts'
import { probeMetric } from '../kit/names.ts'
import type { AlertRule } from './alert.ts'
import { recorded } from './recorded.ts'

const day = 86_400
const left = recorded.certificateSeconds.record

/** What answers otherwise than it should, what is recorded otherwise than it is, and the platform itself. */
export const securityAlerts: readonly AlertRule[] = [
  {
    name: 'YiwangCertificateExpired',
    expr: `${left} < 0`,
    for: '5m',
    severity: 'critical',
    summary: '证书已过期：{{ $labels.name }}',
    meaning: '服务器证书已过有效期，浏览器会拒绝或警告。',
    steps: [
      '联系责任单位立即换证：`yiwang system show 编号`。',
      '换后用 `yiwang probe tls 地址 --port 443` 核对。',
    ],
  },
  {
    name: 'YiwangCertificateExpiresSoon',
    expr: `${left} >= 0 and ${left} < ${14 * day}`,
    for: '30m',
    severity: 'warning',
    summary: '证书将到期：{{ $labels.name }} 还有 {{ $value | humanizeDuration }}',
    meaning: '服务器证书在 14 日内到期。',
    steps: ['通知责任单位办理换证，留出审批时间。', '换后用 `yiwang probe tls 地址 --port 443` 核对。'],
  },
  {
    name: 'YiwangCertificateUntrusted',
    expr: `${probeMetric('tls_trusted')} == 0 unless on (target, endpoint, vantage) ${left} < 0`,
    for: '10m',
    severity: 'warning',
    summary: '证书不可信：{{ $labels.name }}',
    meaning: '证书在有效期内，但名称不符、自签名、链不全，或不是由探针信任的机构签发。',
    steps: [
      '`yiwang probe tls-audit 地址 --port 443` 看是哪一种。',
      '若由本地机构签发，把其根证书装到探针（NODE_EXTRA_CA_CERTS）。',
    ],
  },
  {
    name: 'YiwangSegmentationViolated',
    expr: `${own.segmentationHolds.name} == 0`,
    for: '5m',
    severity: 'critical',
    summary: '隔离被破坏：{{ $labels.name }} {{ $labels.endpoint }}',
    meaning: '不该能到达的区域能到达它，或该能到达的到达不了。',
    steps: ['核对防火墙策略与最近变更。', '`yiwang plan show --target 编号` 看由哪些视角判断。'],
  },
  {
    name: 'YiwangPageChanged',
    expr: `${probeMetric('page_matches_baseline')} == 0`,
    for: '5m',
    severity: 'critical',
    summary: '网页与基线不符：{{ $labels.name }}',
    meaning: '网页内容与批准的基线不同：可能是正常更新，也可能被篡改。',
    steps: ['立即查看网页；有不当内容先下线，再取证。', '是正常更新的，由责任单位确认后更新基线。'],
  },
  {
    name: 'YiwangUnexpectedPort',
    expr: `${probeMetric('ports_unexpected_open')} > 0`,
    for: '5m',
    severity: 'warning',
    summary: '有 {{ $value }} 个基线之外的端口开放：{{ $labels.name }}',
    meaning: '端口扫描发现了基线中没有的开放端口。',
    steps: ['`yiwang probe ports 地址` 看是哪些。', '关闭，或由责任单位说明用途后列入基线。'],
  },
  {
    name: 'YiwangClockOff',
    expr: `abs(${probeMetric('ntp_offset_seconds')}) > 1`,
    for: '10m',
    severity: 'warning',
    summary: '时钟偏差：{{ $labels.name }} {{ $value | humanizeDuration }}',
    meaning: '时间服务器与探针的时钟相差超过一秒，日志与证书判断会受影响。',
    steps: ['先核对探针自己的时钟：`yiwang doctor`。', '再检查该时间服务器的上级时钟源。'],
  },
  {
    name: 'YiwangClaimContradicted',
    expr: `sum by (assessment) (${assessments.claims.name}{check="contradicted"}) > 0`,
    for: '10m',
    severity: 'warning',
    summary: '等级测评 {{ $labels.assessment }} 有 {{ $value }} 项记录与证据矛盾',
    meaning: '记录的测评结果与探测或主机核查所见相反。',
    steps: [
      '`yiwang mlps contradictions` 看是哪些项、凭什么证据。',
      '改正系统，或由测评人员复核后更正记录。',
    ],
  },
  {
    name: 'YiwangRemediationOverdue',
    expr: `${assessments.overdue.name} > 0`,
    for: '30m',
    severity: 'warning',
    summary: '等级测评 {{ $labels.assessment }} 有整改逾期 {{ $value | humanizeDuration }}',
    meaning: '有未复核的整改超过了期限。',
    steps: ['`yiwang mlps gaps` 看是哪些。', '督促责任单位；确需延期的由批准人改期并说明。'],
  },
  {
    name: 'YiwangMigrationContradicted',
    expr: `sum(${own.outages.name}{class="migration"}) > 0`,
    for: '10m',
    severity: 'warning',
    summary: '有 {{ $value }} 个上云系统的记录与实测矛盾',
    meaning: '记录说已割接而原地址仍应答，或新地址不应答。',
    steps: [
      '`yiwang migration list` 与 `yiwang migration show 编号` 看缺什么。',
      '核对割接是否完成；未完成的更正状态。',
    ],
  },
  {
    name: 'YiwangAgentClockSkewed',
    expr: `abs(${own.agentClockSkew.name}) > 5`,
    for: '10m',
    severity: 'warning',
    summary: '探针 {{ $labels.agent }} 的时钟偏差 {{ $value | humanizeDuration }}',
    meaning: '探针与采集端的时钟相差超过五秒，观测的时间不可靠。',
    steps: ['在两边运行 `yiwang doctor`，启用时间同步（chrony）。'],
  },
  {
    name: 'YiwangSpoolGrowing',
    expr: `${own.agentSpoolDepth.name} > 10000`,
    for: '10m',
    severity: 'warning',
    summary: '探针 {{ $labels.agent }} 积存 {{ $value }} 条观测',
    meaning: '探针探测得比送得快，或线路不稳。',
    steps: ['看探针到采集端的带宽与丢包。', '看采集端“每次提交用时”，磁盘慢会使接收变慢。'],
  },
  {
    name: 'YiwangObservationsRejected',
    expr: `sum by (reason) (increase(${own.rejected.name}[15m])) > 0`,
    for: '1m',
    severity: 'warning',
    summary: '采集端拒收观测：{{ $labels.reason }}',
    meaning: '有观测被确认而没有入库，通常是探针版本不符或时间离谱。',
    steps: ['看采集端日志中的 reason。', '核对探针版本与时钟。'],
  },
  {
    name: 'YiwangPlanStale',
    expr: `max(${own.inventoryRevision.name}) - max(${own.planRevision.name}) > 0`,
    for: '10m',
    severity: 'warning',
    summary: '台账已更新而计划没有更新',
    meaning: '十分钟内计划没有跟上台账，新增的对象没有被探测。',
    steps: ['看采集端日志中编制计划的错误；`yiwang plan show` 会列出台账的问题。'],
  },
]
