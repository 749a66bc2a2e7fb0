import { own } from '../../src/metrics/catalogue.ts'
import { boardUrl, byName, type BoardPlan, type Row, type Variable } from '../kit/board.ts'
import { falling, rising, series, stat, table } from '../kit/panels.ts'
import { recorded, states } from '../rules/recorded.ts'
import { boardIds, orZero, stateWords } from './common.ts'

const state = recorded.state.record
const nodes = `${state}{class="node",county="$county"}`
const small = { width: 6, height: 4 } as const

/** A county by the name of one of its nodes: metrics have no other name for it. */
export const countyVariable: Variable = {
  name: 'county',
  label: '区县',
  query: `group by (county, name) (topk by (county) (1, ${state}{class="node",level="county"}))`,
  regex: '/name="(?<text>[^"]+?)(?:政务外网[^"]*)?"|county="(?<value>[^"]+)"/g',
}

const township: Variable = {
  name: 'township',
  label: '乡镇（街道）节点',
  query: `group by (target, name) (${state}{class="node",level="township",county="$county"})`,
  regex: byName('target'),
  multi: true,
}

const countIn = (value: number): string => orZero(`count(${nodes} == ${value})`)

const now: Row = {
  title: '本区县现在',
  panels: [
    stat({
      ...small,
      title: '节点可达率',
      description: '本区县实测可达的节点占比。',
      unit: 'percentunit',
      queries: [{ expr: `${recorded.countyCoverage.record}{county="$county"}` }],
      steps: falling(0.9, 0.98),
    }),
    stat({
      ...small,
      title: '中断节点',
      description: '自身中断的节点：上游在，它不在。',
      unit: 'short',
      queries: [{ expr: countIn(states.down) }],
      steps: rising(1, 3),
    }),
    stat({
      ...small,
      title: '上游不可达节点',
      description: '因上游链路中断而无法到达的节点。',
      unit: 'short',
      queries: [{ expr: countIn(states.unreachable) }],
      steps: rising(1, 3),
    }),
    stat({
      ...small,
      title: '失去冗余的节点',
      description: '有两条以上上联、其中至少一条已断的节点。',
      unit: 'short',
      queries: [{ expr: orZero(`sum(${own.redundancyLost.name}{county="$county"})`) }],
      steps: rising(1, 3),
    }),
  ],
}

const details: Row = {
  title: '节点与系统',
  panels: [
    table({
      title: '县级节点与政务系统',
      description: '本区县的县级节点和系统，以及各自的状态。',
      unit: 'short',
      width: 12,
      height: 9,
      queries: [{ expr: `${state}{county="$county",level="county"}` }],
      columns: { name: '名称', class: '类别', target: '编号' },
      values: ['状态'],
      mappings: stateWords,
    }),
    table({
      title: '乡镇（街道）节点',
      description: '所选乡镇（街道）节点的状态；点击进入节点。',
      unit: 'short',
      width: 12,
      height: 9,
      queries: [{ expr: `${state}{class="node",target=~"$township"}` }],
      columns: { name: '名称', region: '区划代码', target: '编号' },
      values: ['状态'],
      mappings: stateWords,
      link: {
        title: '节点详情',
        url: boardUrl(boardIds.node, 'var-county=${county}&var-node=${__data.fields["编号"]}'),
      },
    }),
    series({
      title: '节点可达率',
      description: '本区县节点可达率随时间。',
      unit: 'percentunit',
      width: 12,
      height: 8,
      queries: [{ expr: `${recorded.countyCoverage.record}{county="$county"}`, legend: '可达率' }],
      steps: falling(0.9, 0.98),
    }),
    series({
      title: '所选乡镇节点的探测用时',
      description: '最近一次探测用了多久，按节点。',
      unit: 's',
      width: 12,
      height: 8,
      queries: [
        {
          expr: `max by (name) (${own.probeDuration.name}{class="node",target=~"$township"})`,
          legend: '{{name}}',
        },
      ],
    }),
  ],
}

export const county: BoardPlan = {
  uid: boardIds.county,
  title: '一网 · 区县与乡镇',
  description: '一个区县的节点、系统与乡镇。',
  variables: [countyVariable, township],
  rows: [now, details],
}
