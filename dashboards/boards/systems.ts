import { own } from '../../src/metrics/catalogue.ts'
import { byName, type BoardPlan, type Row } from '../kit/board.ts'
import { anyIsBad, falling, series, stat, table } from '../kit/panels.ts'
import { probeMetric } from '../kit/names.ts'
import { recorded, states } from '../rules/recorded.ts'
import { boardIds, orZero, stateWords, yesNo } from './common.ts'

const chosen = '{class="system",target=~"$system"}'
const left = recorded.certificateSeconds.record
const wide = { width: 12, height: 9 } as const
const small = { width: 6, height: 4 } as const
const day = 86_400

const countIn = (value: number): string =>
  orZero(`count(${recorded.state.record}{class="system"} == ${value})`)

const now: Row = {
  title: '全部系统现在',
  panels: [
    stat({
      ...small,
      title: '可达系统',
      description: '各项检查都符合预期的政务系统。',
      unit: 'short',
      queries: [{ expr: countIn(states.up) }],
    }),
    stat({
      ...small,
      title: '中断系统',
      description: '至少一项检查不符合预期的政务系统。',
      unit: 'short',
      queries: [{ expr: countIn(states.down) }],
      steps: anyIsBad,
    }),
    stat({
      ...small,
      title: '证书已过期',
      description: '服务器证书已过有效期的端点。',
      unit: 'short',
      queries: [{ expr: orZero(`count(${left} < 0)`) }],
      steps: anyIsBad,
    }),
    stat({
      ...small,
      title: '证书 30 日内到期',
      description: '服务器证书在 30 日内到期、尚未过期的端点。',
      unit: 'short',
      queries: [{ expr: orZero(`count(${left} >= 0 and ${left} < ${30 * day})`) }],
      steps: anyIsBad,
    }),
  ],
}

const certificates: Row = {
  title: '证书',
  panels: [
    table({
      ...wide,
      title: '证书剩余时间',
      description: '最先到期的在前；负数是已过期。',
      unit: 's',
      queries: [{ expr: `sort(${left})` }],
      columns: { name: '系统', endpoint: '端点', target: '编号' },
      values: ['剩余'],
      steps: falling(3 * day, 30 * day),
    }),
    table({
      ...wide,
      title: '证书是否可信',
      description: '在有效期内、名称相符，且由探针信任的机构签发。',
      unit: 'short',
      queries: [{ expr: `sort(${probeMetric('tls_trusted')})` }],
      columns: { name: '系统', endpoint: '端点', target: '编号' },
      values: ['可信'],
      mappings: yesNo,
    }),
  ],
}

const chosenSystems: Row = {
  title: '所选系统',
  panels: [
    table({
      ...wide,
      title: '系统状态',
      description: '所选系统的状态。',
      unit: 'short',
      queries: [{ expr: `${recorded.state.record}${chosen}` }],
      columns: { name: '名称', role: '种类', unit: '责任单位', target: '编号' },
      values: ['状态'],
      mappings: stateWords,
    }),
    table({
      ...wide,
      title: '各项检查',
      description: '所选系统的每一项探测最近一次是否符合预期。',
      unit: 'short',
      queries: [{ expr: `${own.probeUp.name}${chosen}` }],
      columns: { name: '名称', kind: '探测', endpoint: '端点' },
      values: ['符合预期'],
      mappings: yesNo,
    }),
    series({
      ...wide,
      title: '探测用时',
      description: '所选系统最近一次探测用了多久，按探测种类。',
      unit: 's',
      queries: [
        {
          expr: `max by (name, kind) (${own.probeDuration.name}${chosen})`,
          legend: '{{name}} {{kind}}',
        },
      ],
    }),
    series({
      ...wide,
      title: '可达比例',
      description: '每一点之前一小时内判为可达的时间占判得出的时间之比。',
      unit: 'percentunit',
      queries: [{ expr: `avg_over_time(${own.targetUp.name}${chosen}[1h])`, legend: '{{name}}' }],
      steps: falling(0.99, 0.999),
    }),
  ],
}

const web: Row = {
  title: '网站',
  panels: [
    series({
      ...wide,
      title: 'HTTP 用时，按阶段',
      description: '全部网站各阶段用时的均值。',
      unit: 's',
      queries: [{ expr: `avg by (phase) (${probeMetric('http_phase_seconds')})`, legend: '{{phase}}' }],
    }),
    table({
      ...wide,
      title: 'HTTP 状态码',
      description: '每个网站最近一次应答的状态码。',
      unit: 'none',
      queries: [{ expr: `sort_desc(${probeMetric('http_status_code')})` }],
      columns: { name: '系统', endpoint: '端点', target: '编号' },
      values: ['状态码'],
    }),
  ],
}

export const systems: BoardPlan = {
  uid: boardIds.systems,
  title: '一网 · 政务系统与证书',
  description: '政务信息系统的可达、检查与证书。',
  variables: [
    {
      name: 'system',
      label: '系统',
      query: `group by (target, name) (${recorded.state.record}{class="system"})`,
      regex: byName('target'),
      multi: true,
    },
  ],
  rows: [now, certificates, chosenSystems, web],
}
