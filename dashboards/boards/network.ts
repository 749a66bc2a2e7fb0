import { own } from '../../src/metrics/catalogue.ts'
import { byName, type BoardPlan, type Row } from '../kit/board.ts'
import { anyIsBad, rising, series, stat, table } from '../kit/panels.ts'
import { probeMetric } from '../kit/names.ts'
import { recorded } from '../rules/recorded.ts'
import { boardIds, orZero, stateWords, yesNo } from './common.ts'

const chosen = 'target=~"$device"'
const wide = { width: 12, height: 8 } as const
const small = { width: 6, height: 4 } as const
/** Devices are asked each minute, as Prometheus asks four times. */
const ofInterface = { legend: '{{name}} {{interface}}', minStep: '1m' } as const

const rate = (metric: string): string => `rate(${probeMetric(metric)}{${chosen}}[$__rate_interval])`
const adminUp = `${probeMetric('snmp_interface_admin_up')}{${chosen}} == 1`

const now: Row = {
  title: '设备现在',
  panels: [
    stat({
      ...small,
      title: '中断或看不到的设备',
      description: '所选设备中状态不是“可达”的。',
      unit: 'short',
      queries: [{ expr: orZero(`count(${recorded.state.record}{class="device",${chosen}} != 1)`) }],
      steps: anyIsBad,
    }),
    stat({
      ...small,
      title: '已启用而未通的端口',
      description: '管理状态为启用、运行状态不为 up 的端口。',
      unit: 'short',
      queries: [
        {
          expr: orZero(
            `count(${probeMetric('snmp_interface_oper_up')}{${chosen}} == 0 and on (target, index) ${adminUp})`,
          ),
        },
      ],
      steps: rising(1, 10),
    }),
    stat({
      ...small,
      title: '最高端口利用率',
      description: '五分钟内收发两个方向中最高的一个。',
      unit: 'percentunit',
      queries: [
        {
          expr: `max({__name__=~"${recorded.receiveUtilisation.record}|${recorded.transmitUtilisation.record}",${chosen}})`,
        },
      ],
      steps: rising(0.7, 0.9),
    }),
    stat({
      ...small,
      title: '失去冗余的节点',
      description: '全网有两条以上上联、其中至少一条已断的节点。',
      unit: 'short',
      queries: [{ expr: orZero(`sum(${own.redundancyLost.name})`) }],
      steps: rising(1, 5),
    }),
  ],
}

const devices: Row = {
  title: '设备',
  panels: [
    table({
      ...wide,
      title: '设备状态',
      description: '所选设备的状态。',
      unit: 'short',
      queries: [{ expr: `${recorded.state.record}{class="device",${chosen}}` }],
      columns: { name: '名称', role: '角色', target: '编号' },
      values: ['状态'],
      mappings: stateWords,
    }),
    table({
      ...wide,
      title: '运行时间',
      description: 'SNMP 代理启动以来的时间；变小说明重启过。',
      unit: 's',
      queries: [{ expr: `${probeMetric('snmp_uptime_seconds')}{${chosen}}` }],
      columns: { name: '名称', role: '角色' },
      values: ['运行时间'],
    }),
    series({
      ...wide,
      title: '往返时延',
      description: 'ICMP 往返时延的均值，按设备。',
      unit: 's',
      queries: [{ expr: `${probeMetric('icmp_rtt_seconds')}{${chosen},stat="avg"}`, legend: '{{name}}' }],
    }),
    series({
      ...wide,
      title: '丢包率',
      description: '一次探测中未按时应答的比例，按设备。',
      unit: 'percentunit',
      queries: [{ expr: `${probeMetric('icmp_loss_ratio')}{${chosen}}`, legend: '{{name}}' }],
      steps: rising(0.01, 0.05),
    }),
  ],
}

const interfaces: Row = {
  title: '端口',
  panels: [
    table({
      width: 24,
      height: 9,
      title: '端口状态',
      description: '运行状态与管理状态；启用而未通的要查。',
      unit: 'short',
      queries: [
        { expr: `${probeMetric('snmp_interface_oper_up')}{${chosen}}` },
        { expr: `${probeMetric('snmp_interface_admin_up')}{${chosen}}` },
      ],
      columns: { name: '设备', interface: '端口', index: '序号' },
      values: ['已通', '已启用'],
      mappings: yesNo,
    }),
    series({
      ...wide,
      title: '接收速率',
      description: '各端口接收的速率，比特每秒。',
      unit: 'bps',
      queries: [{ expr: `8 * ${rate('snmp_interface_receive_bytes_total')}`, ...ofInterface }],
    }),
    series({
      ...wide,
      title: '发送速率',
      description: '各端口发送的速率，比特每秒。',
      unit: 'bps',
      queries: [{ expr: `8 * ${rate('snmp_interface_transmit_bytes_total')}`, ...ofInterface }],
    }),
    series({
      ...wide,
      title: '接收利用率',
      description: '五分钟内接收速率占端口标称速率之比。',
      unit: 'percentunit',
      queries: [{ expr: `${recorded.receiveUtilisation.record}{${chosen}}`, ...ofInterface }],
      steps: rising(0.7, 0.9),
    }),
    series({
      ...wide,
      title: '发送利用率',
      description: '五分钟内发送速率占端口标称速率之比。',
      unit: 'percentunit',
      queries: [{ expr: `${recorded.transmitUtilisation.record}{${chosen}}`, ...ofInterface }],
      steps: rising(0.7, 0.9),
    }),
    series({
      ...wide,
      title: '错误包',
      description: '收发错误的包，每秒；持续不为零说明线路或光模块有问题。',
      unit: 'pps',
      queries: [
        {
          expr: `${rate('snmp_interface_receive_errors_total')} + ${rate('snmp_interface_transmit_errors_total')}`,
          ...ofInterface,
        },
      ],
      steps: rising(0.01, 1),
    }),
    series({
      ...wide,
      title: '丢弃包',
      description: '收发时完好而被丢弃的包，每秒；说明拥塞或策略。',
      unit: 'pps',
      queries: [
        {
          expr: `${rate('snmp_interface_receive_discards_total')} + ${rate('snmp_interface_transmit_discards_total')}`,
          ...ofInterface,
        },
      ],
      steps: rising(0.01, 1),
    }),
  ],
}

export const network: BoardPlan = {
  uid: boardIds.network,
  title: '一网 · 链路与设备',
  description: '路由器、交换机、防火墙的状态与端口（SNMP）。',
  variables: [
    {
      name: 'device',
      label: '设备',
      query: `group by (target, name) (${recorded.state.record}{class="device"})`,
      regex: byName('target'),
      multi: true,
    },
  ],
  rows: [now, devices, interfaces],
}
