import { handlingCases } from './handling-cases.ts'
import { upwardCases } from './upward-cases.ts'

/** What makes each alert fire, and what it then says. Time begins at 0, and a step is a minute. */
export interface AlertCase {
  readonly alert: string
  readonly series: readonly Series[]
  /** Labels of the alert beside its name and severity. */
  readonly labels: Readonly<Record<string, string>>
  readonly summary: string
  /** Alerts that the same series must not make fire: the cause has one. */
  readonly silent?: readonly string[]
}

export interface Series {
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
  /** Value while all is well, and while it is not; of a counter: what a minute adds. */
  readonly good: number
  readonly bad: number
  readonly counter?: boolean
  /** As promtool writes them, where these do not do. */
  readonly values?: string
}

const node = { target: 'n-1', name: '某县节点', class: 'node', county: '410221', level: 'county' }
const system = { target: 's-1', name: '办公系统', class: 'system', county: '410200', level: 'city' }
const device = { target: 'd-1', name: '核心', class: 'device', county: '410200', level: 'city' }
const port = { ...device, interface: 'Gig0/1', index: '1' }
const tls = { ...system, kind: 'tls', endpoint: '443' }

const flag = (name: string, labels: Readonly<Record<string, string>>, good = 0): Series => ({
  name: `yiwang_${name}`,
  labels,
  good,
  bad: 1 - good,
})

const always = (name: string, labels: Readonly<Record<string, string>>, value: number): Series => ({
  name: `yiwang_${name}`,
  labels,
  good: value,
  bad: value,
})

const year = 31_536_000
const days13 = 13 * 86_400

export const alertCases: readonly AlertCase[] = [
  {
    alert: 'YiwangCollectorDown',
    series: [{ name: 'up', labels: { job: 'yiwang', instance: 'a' }, good: 1, bad: 0 }],
    labels: { job: 'yiwang', instance: 'a' },
    summary: '取不到 yiwang 采集端的指标',
  },
  {
    alert: 'YiwangNodeDown',
    series: [flag('target_up', node, 1)],
    labels: node,
    summary: '节点中断：某县节点（n-1）',
  },
  {
    alert: 'YiwangLineDown',
    series: [flag('target_up', { ...node, class: 'uplink' }, 1)],
    labels: { ...node, class: 'uplink' },
    summary: '线路中断：某县节点（n-1）',
  },
  {
    alert: 'YiwangTargetUnreachable',
    series: [flag('target_unreachable', node)],
    labels: node,
    summary: '上游中断，无法到达：某县节点',
  },
  {
    alert: 'YiwangSystemDown',
    series: [flag('target_up', system, 1)],
    labels: system,
    summary: '政务系统中断：办公系统（s-1）',
  },
  {
    alert: 'YiwangDeviceDown',
    series: [flag('target_up', device, 1)],
    labels: device,
    summary: '网络设备中断：核心（d-1）',
  },
  {
    alert: 'YiwangRedundancyLost',
    series: [flag('node_redundancy_lost', node)],
    labels: node,
    summary: '失去冗余：某县节点 有一条上联已断',
  },
  {
    alert: 'YiwangAgentSilent',
    series: [flag('agent_silent', { agent: 'lankao', vantage: 'public' })],
    labels: { agent: 'lankao', vantage: 'public' },
    summary: '探针失联：lankao',
  },
  {
    alert: 'YiwangTargetsUnknown',
    series: [flag('target_unknown', node), flag('target_unknown', { ...node, target: 'n-2' })],
    labels: { county: '410221' },
    summary: '410221 有 2 个对象无人能看到',
  },
  {
    alert: 'YiwangPacketLoss',
    series: [{ name: 'yiwang_icmp_loss_ratio', labels: { ...device, kind: 'icmp' }, good: 0, bad: 0.5 }],
    labels: { ...device, kind: 'icmp' },
    summary: '丢包：核心 十分钟平均 50%',
  },
  {
    alert: 'YiwangInterfaceDown',
    series: [flag('snmp_interface_oper_up', port, 1), always('snmp_interface_admin_up', port, 1)],
    labels: port,
    summary: '端口断开：核心 Gig0/1',
  },
  {
    alert: 'YiwangInterfaceSaturated',
    series: [
      always('snmp_interface_speed_bytes', port, 1000),
      // Both directions at once are one alert.
      ...['receive', 'transmit'].map((direction) => ({
        name: `yiwang_snmp_interface_${direction}_bytes_total`,
        labels: port,
        good: 6000,
        bad: 57_000,
        counter: true,
      })),
    ],
    labels: port,
    summary: '端口拥塞：核心 Gig0/1 利用率 95%',
  },
  {
    alert: 'YiwangInterfaceErrors',
    series: ['receive', 'transmit'].map((direction) => ({
      name: `yiwang_snmp_interface_${direction}_errors_total`,
      labels: port,
      good: 6,
      bad: 60,
      counter: true,
    })),
    labels: port,
    summary: '端口错误包：核心 Gig0/1 每秒 2 个',
  },
  {
    alert: 'YiwangCertificateExpired',
    series: [
      { name: 'yiwang_tls_certificate_not_after_timestamp_seconds', labels: tls, good: year, bad: 60 },
    ],
    labels: tls,
    summary: '证书已过期：办公系统',
  },
  {
    alert: 'YiwangCertificateExpiresSoon',
    series: [
      { name: 'yiwang_tls_certificate_not_after_timestamp_seconds', labels: tls, good: year, bad: days13 },
    ],
    labels: tls,
    // Looked at 65 minutes after the beginning of time.
    summary: '证书将到期：办公系统 还有 12d 22h 55m 0s',
  },
  {
    alert: 'YiwangCertificateUntrusted',
    series: [flag('tls_trusted', tls, 1), always('tls_certificate_not_after_timestamp_seconds', tls, year)],
    labels: tls,
    summary: '证书不可信：办公系统',
  },
  {
    alert: 'YiwangSegmentationViolated',
    series: [flag('segmentation_holds', { ...system, kind: 'tcp', endpoint: '3306' }, 1)],
    labels: { ...system, kind: 'tcp', endpoint: '3306' },
    summary: '隔离被破坏：办公系统 3306',
  },
  {
    alert: 'YiwangPageChanged',
    series: [flag('page_matches_baseline', { ...system, kind: 'page' }, 1)],
    labels: { ...system, kind: 'page' },
    summary: '网页与基线不符：办公系统',
  },
  {
    alert: 'YiwangUnexpectedPort',
    series: [{ name: 'yiwang_ports_unexpected_open', labels: { ...system, kind: 'ports' }, good: 0, bad: 3 }],
    labels: { ...system, kind: 'ports' },
    summary: '有 3 个基线之外的端口开放：办公系统',
  },
  {
    alert: 'YiwangClockOff',
    series: [{ name: 'yiwang_ntp_offset_seconds', labels: { ...system, kind: 'ntp' }, good: 0.01, bad: -90 }],
    labels: { ...system, kind: 'ntp' },
    summary: '时钟偏差：办公系统 1m 30s',
  },
  {
    alert: 'YiwangClaimContradicted',
    series: [
      { name: 'yiwang_mlps_claims', labels: { assessment: 'a', check: 'contradicted' }, good: 0, bad: 2 },
    ],
    labels: { assessment: 'a' },
    summary: '等级测评 a 有 2 项记录与证据矛盾',
  },
  {
    alert: 'YiwangRemediationOverdue',
    series: [
      { name: 'yiwang_mlps_remediation_overdue_seconds', labels: { assessment: 'a' }, good: 0, bad: 86_400 },
    ],
    labels: { assessment: 'a' },
    summary: '等级测评 a 有整改逾期 1d 0h 0m 0s',
  },
  {
    alert: 'YiwangMigrationContradicted',
    series: [{ name: 'yiwang_outages', labels: { class: 'migration' }, good: 0, bad: 1 }],
    labels: {},
    summary: '有 1 个上云系统的记录与实测矛盾',
  },
  {
    alert: 'YiwangAgentClockSkewed',
    series: [
      {
        name: 'yiwang_agent_clock_skew_seconds',
        labels: { agent: 'lankao', vantage: 'public' },
        good: 0.1,
        bad: -60,
      },
    ],
    labels: { agent: 'lankao', vantage: 'public' },
    summary: '探针 lankao 的时钟偏差 1m 0s',
  },
  {
    alert: 'YiwangSpoolGrowing',
    series: [
      {
        name: 'yiwang_agent_spool_depth',
        labels: { agent: 'lankao', vantage: 'public' },
        good: 0,
        bad: 20_000,
      },
    ],
    labels: { agent: 'lankao', vantage: 'public' },
    summary: '探针 lankao 积存 20000 条观测',
  },
  {
    alert: 'YiwangObservationsRejected',
    series: [
      {
        name: 'yiwang_collector_rejected_observations_total',
        labels: { reason: 'too-old' },
        good: 0,
        bad: 5,
        counter: true,
      },
    ],
    labels: { reason: 'too-old' },
    summary: '采集端拒收观测：too-old',
  },
  {
    alert: 'YiwangPlanStale',
    series: [
      { name: 'yiwang_inventory_revision', good: 4, bad: 5 },
      { name: 'yiwang_plan_revision', good: 4, bad: 4 },
    ],
    labels: {},
    summary: '台账已更新而计划没有更新',
  },
  ...handlingCases,
  ...upwardCases,
]
