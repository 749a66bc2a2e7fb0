import { own } from '../../src/metrics/catalogue.ts'
import { byName, type BoardPlan, type Row } from '../kit/board.ts'
import { colours, rising, series, stat, table, words } from '../kit/panels.ts'
import { probeMetric } from '../kit/names.ts'
import { recorded } from '../rules/recorded.ts'
import { boardIds, stateWords, yesNo } from './common.ts'
import { countyVariable } from './county.ts'

const chosen = '{target="$node"}'
const small = { width: 6, height: 4 } as const

const now: Row = {
  title: '节点现在',
  panels: [
    stat({
      ...small,
      title: '状态',
      description: '可达、中断、上游不可达或未知。',
      unit: 'short',
      queries: [{ expr: `${recorded.state.record}${chosen}`, legend: '{{name}}' }],
      mappings: stateWords,
    }),
    stat({
      ...small,
      title: '上联冗余',
      description: '有两条以上上联的节点：是否有一条已断。只有一条上联的节点没有冗余可失。',
      unit: 'short',
      queries: [{ expr: `max(${own.redundancyLost.name}${chosen}) or vector(-1)` }],
      mappings: words({
        '-1': ['单上联', colours.off],
        '0': ['冗余完好', colours.good],
        '1': ['已失去冗余', colours.bad],
      }),
    }),
    stat({
      ...small,
      title: '所选时段可达比例',
      description: '所选时段内判为可达的时间占判得出的时间之比；未知与上游不可达不计。',
      unit: 'percentunit',
      queries: [{ expr: `avg_over_time(${own.targetUp.name}${chosen}[$__range])` }],
    }),
    stat({
      ...small,
      title: '距上次观测',
      description: '最近一次观测距现在多久。',
      unit: 's',
      queries: [{ expr: `time() - max(${own.probeLastObservation.name}${chosen})` }],
      steps: rising(180, 600),
    }),
  ],
}

const checks: Row = {
  title: '探测',
  panels: [
    table({
      title: '各项检查',
      description: '每一项探测最近一次是否符合预期。',
      unit: 'short',
      width: 12,
      height: 8,
      queries: [{ expr: `${own.probeUp.name}${chosen}` }],
      columns: { kind: '探测', vantage: '视角', endpoint: '端点' },
      values: ['符合预期'],
      mappings: yesNo,
    }),
    series({
      title: '时延',
      description: 'ICMP 为往返时延的均值，其他探测为一次所用的时间。',
      unit: 's',
      width: 12,
      height: 8,
      queries: [
        {
          expr: `max by (kind) (${probeMetric('icmp_rtt_seconds')}{target="$node",stat="avg"}) or max by (kind) (${own.probeDuration.name}${chosen})`,
          legend: '{{kind}}',
        },
      ],
    }),
    series({
      title: '状态随时间',
      description: '1 可达，0 中断，2 上游不可达，3 未知。',
      unit: 'short',
      width: 24,
      height: 7,
      queries: [{ expr: `${recorded.state.record}${chosen}`, legend: '{{name}}' }],
      mappings: stateWords,
    }),
  ],
}

export const nodeBoard: BoardPlan = {
  uid: boardIds.node,
  title: '一网 · 节点',
  description: '一个节点的状态、冗余与各项探测。',
  variables: [
    countyVariable,
    {
      name: 'node',
      label: '节点',
      query: `group by (target, name) (${recorded.state.record}{class="node",county="$county"})`,
      regex: byName('target'),
    },
  ],
  rows: [now, checks],
}
