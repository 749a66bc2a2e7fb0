import { own } from '../../src/metrics/catalogue.ts'
import { ledger } from '../../src/metrics/ledger.ts'
import { boardUrl, type BoardPlan, type Row } from '../kit/board.ts'
import { anyIsBad, falling, rising, series, stat, table } from '../kit/panels.ts'
import { recorded } from '../rules/recorded.ts'
import { boardIds, orNone, orZero, verdictWords } from './common.ts'

const targets = own.targets.name
const nodes = `${targets}{class="node"}`
const nodesUp = `${targets}{class="node",state="up"}`
const small = { width: 4, height: 4 } as const

const now: Row = {
  title: '现在',
  panels: [
    stat({
      ...small,
      title: '节点验证率',
      description: '实测可达的节点占台账声明节点的比例：台账说有，探测证实有。',
      unit: 'percentunit',
      queries: [{ expr: `(sum(${nodesUp}) or vector(0)) / sum(${nodes})` }],
      steps: falling(0.9, 0.98),
    }),
    stat({
      ...small,
      title: '声明节点',
      description: '台账中在用的节点数（声明值，不是实测值）。',
      unit: 'short',
      queries: [{ expr: `sum(${nodes})` }],
    }),
    stat({
      ...small,
      title: '验证节点',
      description: '此刻实测可达的节点数。',
      unit: 'short',
      queries: [{ expr: orZero(`sum(${nodesUp})`) }],
    }),
    stat({
      ...small,
      title: '中断（按根因）',
      description: '每个根因计一次；其后受影响的对象不重复计数。',
      unit: 'short',
      queries: [{ expr: `sum(${own.outages.name})` }],
      steps: anyIsBad,
    }),
    stat({
      ...small,
      title: '上游不可达',
      description: '因上游链路中断而无法到达的对象：不算它们自己的故障。',
      unit: 'short',
      queries: [{ expr: `sum(${own.targetUnreachable.name})` }],
      steps: rising(1, 50),
    }),
    stat({
      ...small,
      title: '未知',
      description: '最近没有人能看到的对象：是我们看不到，不是对象中断。',
      unit: 'short',
      queries: [{ expr: `sum(${own.targetUnknown.name})` }],
      steps: rising(1, 50),
    }),
  ],
}

const wrong: Row = {
  title: '现在有什么问题',
  panels: [
    table({
      title: '中断根因',
      description: '当前的中断，按其后受影响对象的数量排列；点击对象看节点详情。',
      unit: 'short',
      width: 14,
      height: 9,
      queries: [{ expr: `sort_desc(${own.outageTargets.name})` }],
      columns: { name: '名称', class: '类别', level: '级别', county: '区县代码', target: '编号' },
      values: ['其后受影响'],
      link: {
        title: '区县详情',
        url: boardUrl(boardIds.county, 'var-county=${__data.fields["区县代码"]}'),
      },
    }),
    table({
      title: '正在触发的告警',
      description: '按告警名与级别计数；被抑制的也计在内，通知以 Alertmanager 为准。',
      unit: 'short',
      width: 10,
      height: 9,
      queries: [{ expr: 'count by (alertname, severity) (ALERTS{alertstate="firing"})' }],
      columns: { alertname: '告警', severity: '级别' },
      values: ['数量'],
    }),
  ],
}

const coverage: Row = {
  title: '覆盖',
  panels: [
    table({
      title: '各级声明与验证',
      description: '声明来自台账，验证来自探测；两者之差是要去核实的。',
      unit: 'short',
      width: 12,
      height: 8,
      queries: [
        { expr: `sum by (class, level) (${targets})` },
        { expr: `sum by (class, level) (${targets}{state="up"})` },
      ],
      columns: { class: '类别', level: '级别' },
      values: ['声明', '验证'],
    }),
    series({
      title: '对象状态',
      description:
        '全部对象按状态计数（up 可达，down 中断，unreachable 上游不可达，unknown 未知，unprobed 未探测）。',
      unit: 'short',
      width: 12,
      height: 8,
      queries: [{ expr: `sum by (state) (${targets})`, legend: '{{state}}' }],
    }),
    table({
      title: '各区县',
      description: '按区县：节点数、可达数、可达率（0 至 1）；点击进入区县。',
      unit: 'short',
      width: 24,
      height: 9,
      queries: [
        { expr: recorded.countyNodes.record },
        { expr: recorded.countyNodesUp.record },
        { expr: recorded.countyCoverage.record },
      ],
      columns: { county: '区县代码' },
      values: ['节点', '可达', '可达率'],
      link: {
        title: '区县详情',
        url: boardUrl(boardIds.county, 'var-county=${__data.fields["区县代码"]}'),
      },
    }),
  ],
}

const members = ledger.goalMembers.name

/** Over all goals, each weighed by its members. */
const shareOf = (ratio: string): string => orZero(`sum(${ratio} * on (goal) ${members}) / sum(${members})`)

const claims: Row = {
  title: '填报与核验',
  panels: [
    stat({
      ...small,
      title: '目标填报率',
      description: '各目标填报完成数之和占名录之比；没有目标或名录时为 0。',
      unit: 'percentunit',
      queries: [{ expr: shareOf(ledger.goalClaimed.name) }],
    }),
    stat({
      ...small,
      title: '目标核验率',
      description: '其中由探测或台账证实的。与填报率之差即矛盾、证据过期与无法验证。',
      unit: 'percentunit',
      queries: [{ expr: shareOf(ledger.goalVerified.name) }],
    }),
    stat({
      ...small,
      title: '矛盾的声明',
      description: '填报与实测相反的声明，不论是否已申诉；见 yiwang contradiction list。',
      unit: 'short',
      queries: [{ expr: orZero(`sum(${ledger.contradictions.name})`) }],
      steps: anyIsBad,
    }),
    stat({
      ...small,
      title: '其中未申诉',
      description: '责任单位尚未答复的矛盾。',
      unit: 'short',
      queries: [{ expr: orZero(`sum(${ledger.contradictions.name}{answered="no"})`) }],
      steps: anyIsBad,
    }),
    stat({
      ...small,
      title: '最久的矛盾',
      description: '自核验记录（yiwang verify --record）或本进程首次发现起。',
      unit: 's',
      queries: [{ expr: orZero(`max(${ledger.oldestContradiction.name})`) }],
    }),
    stat({
      ...small,
      title: '逾期任务',
      description: '已过期限而未完成、也未暂缓的任务。',
      unit: 'short',
      queries: [{ expr: orZero(`sum(${ledger.tasks.name}{state="overdue"})`) }],
      steps: anyIsBad,
    }),
    table({
      title: '各目标',
      description: '填报、核验占名录之比（0 至 1），与名录的成员数。',
      unit: 'short',
      width: 10,
      height: 8,
      queries: [
        { expr: orNone(`sum by (goal) (${ledger.goalClaimed.name})`) },
        { expr: orNone(`sum by (goal) (${ledger.goalVerified.name})`) },
        { expr: orNone(`sum by (goal) (${members})`) },
      ],
      columns: { goal: '目标' },
      values: ['填报', '核验', '成员'],
    }),
    table({
      title: '填报而未核验',
      description: '按原因计数：矛盾、证据过期、无法验证。',
      unit: 'short',
      width: 7,
      height: 8,
      queries: [{ expr: orNone(`sum by (goal, why) (${ledger.goalGap.name})`) }],
      columns: { goal: '目标', why: '原因' },
      values: ['成员'],
      mappings: verdictWords,
    }),
    series({
      title: '声明的核验结论',
      description: '全部声明按结论计数，随时间。',
      unit: 'short',
      width: 7,
      height: 8,
      queries: [{ expr: orNone(`sum by (verdict) (${ledger.claims.name})`), legend: '{{verdict}}' }],
    }),
  ],
}

export const overview: BoardPlan = {
  uid: boardIds.overview,
  title: '一网 · 总览',
  description: '电子政务外网：声明与验证、现在的中断、各区县。',
  rows: [now, claims, wrong, coverage],
}
