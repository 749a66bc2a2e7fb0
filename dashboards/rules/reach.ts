import { own } from '../../src/metrics/catalogue.ts'
import { probeMetric } from '../kit/names.ts'
import { type AlertRule, scrapeJob } from './alert.ts'
import { recorded } from './recorded.ts'

/** Targets of which it was told lately that they are down: what their looks met was no loss of packets. */
const toldDown =
  'max_over_time(ALERTS{alertname=~"Yiwang(Node|Line|System|Device)Down",alertstate="firing"}[10m])'

/** Targets that are unknown since an agent is silent, which that agent's own alert tells. */
const behindSilentAgent = `${own.targetSilentAgent.name} and on (agent) ${own.agentSilent.name} == 1`

/** What cannot be reached, and who cannot look. */
export const reachAlerts: readonly AlertRule[] = [
  {
    name: 'YiwangCollectorDown',
    expr: `up{job="${scrapeJob}"} == 0 or absent(up{job="${scrapeJob}"})`,
    for: '2m',
    severity: 'critical',
    summary: '取不到 yiwang 采集端的指标',
    meaning: 'Prometheus 连续两分钟取不到采集端的 /metrics。此间没有任何告警是可信的，探针仍在探测并积存。',
    steps: [
      '在采集端所在主机上看进程：`systemctl status yiwang-collector`，以及 `journalctl -u yiwang-collector -n 100`。',
      '运行 `yiwang doctor`，看磁盘、端口、库是否可用。',
      '若进程正常，核对 Prometheus 抓取配置中的地址与令牌。',
      '恢复后各探针自动补送，`yiwang status` 中“待发”应回零。',
    ],
  },
  {
    name: 'YiwangNodeDown',
    expr: `${own.targetUp.name}{class="node"} == 0`,
    for: '1m',
    keepFor: '1m',
    severity: 'critical',
    summary: '节点中断：{{ $labels.name }}（{{ $labels.target }}）',
    meaning:
      '节点的检查失败，而它的上游是通的：问题在该节点或它的最后一段线路。其后的节点另计为“上游不可达”，不再单独通知。',
    steps: [
      '看 `yiwang status` 中该中断影响多少对象，决定先后。',
      '向运营商报障，附节点的线路编号（`yiwang node show 编号` 中 uplinks 的 circuit）。',
      '联系节点责任单位核对供电与设备：`yiwang node show 编号` 中的联系人。',
      '恢复后核对其后对象全部恢复，并记录中断时长。',
    ],
  },
  {
    name: 'YiwangLineDown',
    expr: `${own.targetUp.name}{class="uplink"} == 0`,
    for: '1m',
    keepFor: '1m',
    severity: 'critical',
    summary: '线路中断：{{ $labels.name }}（{{ $labels.target }}）',
    meaning: '上联线路自己的对端地址不应答。只断一条时节点经其余线路可达，全断时其后的对象为“上游不可达”。',
    steps: [
      '向运营商报障，附线路编号（`yiwang node show 编号` 中 uplinks 的 circuit）。',
      '在“链路与设备”看近端端口是否也断开。',
    ],
  },
  {
    name: 'YiwangTargetUnreachable',
    expr: `${own.targetUnreachable.name} == 1`,
    for: '1m',
    severity: 'warning',
    summary: '上游中断，无法到达：{{ $labels.name }}',
    meaning:
      '对象的所有上联都断在上游。它自身的状态不明，也不算它的故障；根因由 YiwangNodeDown 或 YiwangLineDown 通知，这一条被抑制。收到它说明根因没有告警。',
    steps: ['`yiwang status` 看中断的根因；若没有，检查台账中该节点的 uplinks 是否如实。'],
  },
  {
    name: 'YiwangSystemDown',
    expr: `${own.targetUp.name}{class="system"} == 0`,
    for: '3m',
    severity: 'critical',
    summary: '政务系统中断：{{ $labels.name }}（{{ $labels.target }}）',
    meaning: '系统的至少一项检查不符合预期，且持续三分钟。',
    steps: [
      '在“政务系统与证书”看是哪一项检查；或手动再看一次：`yiwang probe http URL`。',
      '联系责任单位（`yiwang system show 编号`）。',
      '若是计划内维护，请登记，不要只等它过去。',
    ],
  },
  {
    name: 'YiwangDeviceDown',
    expr: `${own.targetUp.name}{class="device"} == 0`,
    for: '2m',
    severity: 'critical',
    summary: '网络设备中断：{{ $labels.name }}（{{ $labels.target }}）',
    meaning: '设备不应答 ICMP 或 SNMP。只有 SNMP 不答时，多为凭据、访问控制或设备过载。',
    steps: [
      '`yiwang probe icmp 地址` 与 `yiwang probe snmp 地址` 分别看。',
      'ICMP 通而 SNMP 不通：核对凭据名与设备上的访问控制列表。',
      '都不通：检查供电与上联端口。',
    ],
  },
  {
    name: 'YiwangRedundancyLost',
    expr: `${own.redundancyLost.name} == 1`,
    for: '5m',
    severity: 'warning',
    summary: '失去冗余：{{ $labels.name }} 有一条上联已断',
    meaning: '节点仍然可达，但多条上联中至少一条已断，再断一条就会中断。',
    steps: [
      '`yiwang node show 编号` 找出断的线路与运营商、线路编号，报障。',
      '抢修前避免对剩下的线路做变更。',
    ],
  },
  {
    name: 'YiwangAgentSilent',
    expr: `${own.agentSilent.name} == 1`,
    for: '1m',
    keepFor: '2m',
    severity: 'critical',
    summary: '探针失联：{{ $labels.agent }}',
    meaning:
      '采集端在规定时间内没有收到该探针的音讯。只由它看的对象是“未知”，不是中断；探针若仍在运行，观测积存在本地，恢复后补送。',
    steps: [
      '同时有该地 YiwangNodeDown：先处理线路。',
      '在探针主机上：`systemctl status yiwang-agent`、`journalctl -u yiwang-agent -n 100`。',
      '核对探针到采集端的网络与证书有效期。',
    ],
  },
  {
    name: 'YiwangTargetsUnknown',
    expr: `count by (county) (${own.targetUnknown.name} == 1 unless on (target) (${behindSilentAgent}))`,
    for: '5m',
    severity: 'warning',
    summary: '{{ $labels.county }} 有 {{ $value }} 个对象无人能看到',
    meaning:
      '这些对象最近没有有效观测，原因又没有别的告警。因探针失联而未知的不计入（由 YiwangAgentSilent 通知），断在上游的是“不可达”，也不在此列。',
    steps: [
      '`yiwang status` 看哪些是 unknown。',
      '`yiwang plan show --target 编号` 看由哪个探针探测；无探针的，为该区县邀请一个探针。',
    ],
  },
  {
    name: 'YiwangPacketLoss',
    expr: `avg_over_time(${probeMetric('icmp_loss_ratio')}[10m]) > 0.05 and ${probeMetric('icmp_loss_ratio')} < 1 unless on (target) ${toldDown}`,
    for: '5m',
    severity: 'warning',
    summary: '丢包：{{ $labels.name }} 十分钟平均 {{ $value | humanizePercentage }}',
    meaning: '对象可达，但十分钟平均丢包超过 5%。十分钟内刚中断过的不算，那已经通知。',
    steps: [
      '看“链路与设备”中相关端口的利用率、错误与丢弃。',
      '与运营商核对该线路；`yiwang probe path 地址` 看在哪一跳。',
    ],
  },
  {
    name: 'YiwangInterfaceDown',
    expr: `${probeMetric('snmp_interface_oper_up')} == 0 and on (target, index) ${probeMetric('snmp_interface_admin_up')} == 1 and on (target, index) max_over_time(${probeMetric('snmp_interface_oper_up')}[1h]) == 1`,
    for: '2m',
    severity: 'info',
    summary: '端口断开：{{ $labels.name }} {{ $labels.interface }}',
    meaning:
      '一小时内通过、已启用的端口现在不通。它通常与节点中断或失去冗余同因，那两条会通知，这一条只在 Grafana 与 Alertmanager 中可见。',
    steps: ['对照 YiwangNodeDown 与 YiwangRedundancyLost；若都没有，检查对端设备与光模块。'],
  },
  {
    name: 'YiwangInterfaceSaturated',
    expr: `${recorded.receiveUtilisation.record} > 0.9 or ${recorded.transmitUtilisation.record} > 0.9`,
    for: '15m',
    severity: 'warning',
    summary: '端口拥塞：{{ $labels.name }} {{ $labels.interface }} 利用率 {{ $value | humanizePercentage }}',
    meaning: '端口在一个方向上持续十五分钟超过标称速率的 90%。',
    steps: ['看是业务增长还是异常流量（备份、攻击、环路）。', '业务增长：与运营商商议扩容，附利用率曲线。'],
  },
  {
    name: 'YiwangInterfaceErrors',
    expr: `rate(${probeMetric('snmp_interface_receive_errors_total')}[10m]) + rate(${probeMetric('snmp_interface_transmit_errors_total')}[10m]) > 1`,
    for: '10m',
    severity: 'warning',
    summary: '端口错误包：{{ $labels.name }} {{ $labels.interface }} 每秒 {{ $value | humanize }} 个',
    meaning: '收发错误持续每秒超过一个，多为线路、光模块或双工不匹配。',
    steps: ['核对两端速率与双工。', '换光模块或跳线；仍有错误则向运营商报障。'],
  },
]
