import { own } from '../../src/metrics/catalogue.ts'
import { ownProcess } from '../../src/metrics/process.ts'
import { upward as upwardMetrics } from '../../src/metrics/telling.ts'
import type { BoardPlan, Row } from '../kit/board.ts'
import { anyIsBad, rising, series, stat, table } from '../kit/panels.ts'
import { scrapeJob } from '../rules/alert.ts'
import { boardIds, orNone, orZero, yesNo } from './common.ts'

const wide = { width: 12, height: 8 } as const
const small = { width: 6, height: 4 } as const
const job = `{job="${scrapeJob}"}`
const rate = (metric: string): string => `sum(rate(${metric}[$__rate_interval]))`

const now: Row = {
  title: '现在',
  panels: [
    stat({
      ...small,
      title: '采集端',
      description: 'Prometheus 能否取到 yiwang 的指标。',
      unit: 'short',
      queries: [{ expr: `min(up${job})` }],
      mappings: yesNo,
    }),
    stat({
      ...small,
      title: '失联的探针',
      description: '超过规定时间没有音讯的探针；只由它们看的对象是“未知”。',
      unit: 'short',
      queries: [{ expr: orZero(`sum(${own.agentSilent.name})`) }],
      steps: anyIsBad,
    }),
    stat({
      ...small,
      title: '计划落后的版本',
      description: '台账的最新版本减去现行计划所据的版本；长期不为零说明计划没有更新。',
      unit: 'short',
      queries: [{ expr: `max(${own.inventoryRevision.name}) - max(${own.planRevision.name})` }],
      steps: rising(1, 10),
    }),
    stat({
      ...small,
      title: '版本',
      description: 'yiwang 与其运行时的版本。',
      unit: 'short',
      queries: [{ expr: own.buildInfo.name, legend: '{{version}} / {{node_version}}' }],
    }),
  ],
}

const agents: Row = {
  title: '探针',
  panels: [
    table({
      ...wide,
      title: '探针',
      description: '距上次音讯（秒）、待发观测、是否失联。',
      unit: 'short',
      queries: [
        { expr: own.agentHeartbeatAge.name },
        { expr: own.agentSpoolDepth.name },
        { expr: own.agentSilent.name },
      ],
      columns: { agent: '探针', vantage: '视角' },
      values: ['距上次音讯', '待发', '失联'],
    }),
    series({
      ...wide,
      title: '时钟偏差',
      description: '探针的时钟减去采集端的时钟。',
      unit: 's',
      queries: [{ expr: own.agentClockSkew.name, legend: '{{agent}}' }],
    }),
    series({
      ...wide,
      title: '待发观测',
      description: '探针积存而未送达的观测；线路断时增长，恢复后应回零。',
      unit: 'short',
      queries: [{ expr: own.agentSpoolDepth.name, legend: '{{agent}}' }],
      steps: rising(1000, 10_000),
    }),
    series({
      ...wide,
      title: '计划的探测',
      description: '现行计划中的探测数，按种类。',
      unit: 'short',
      queries: [{ expr: `sum by (kind) (${own.planJobs.name})`, legend: '{{kind}}' }],
    }),
  ],
}

const collector: Row = {
  title: '采集端',
  panels: [
    series({
      ...wide,
      title: '入库观测',
      description: '每秒首次入库的、重复而丢弃的、不能入库的观测。',
      unit: 'cps',
      queries: [
        { expr: rate(own.observations.name), legend: '入库' },
        { expr: rate(own.duplicates.name), legend: '重复' },
        { expr: orZero(rate(own.rejected.name)), legend: '不能入库' },
      ],
    }),
    series({
      ...wide,
      title: '每次提交用时',
      description: '历史库一次事务的平均用时。',
      unit: 's',
      queries: [
        { expr: `${rate(own.commitSeconds.name)} / (${rate(own.commits.name)} > 0)`, legend: '提交' },
      ],
      steps: rising(0.1, 1),
    }),
    series({
      ...wide,
      title: '被拒绝的请求',
      description: '以 4xx 或 5xx 结束的请求，每秒。',
      unit: 'reqps',
      queries: [{ expr: orZero(rate(own.refusedRequests.name)), legend: '被拒绝' }],
    }),
    series({
      ...wide,
      title: '处理器',
      description: '采集端占用的处理器，1 为一个核。',
      unit: 'percentunit',
      queries: [{ expr: `rate(${ownProcess.cpuSeconds}${job}[$__rate_interval])`, legend: '处理器' }],
    }),
    series({
      ...wide,
      title: '内存',
      description: '采集端常驻内存。',
      unit: 'bytes',
      queries: [{ expr: `${ownProcess.residentBytes}${job}`, legend: '内存' }],
    }),
    series({
      ...wide,
      title: '事件循环延迟 p99',
      description: '采集端事件循环的延迟，第 99 百分位。',
      unit: 's',
      queries: [{ expr: `${ownProcess.eventLoopP99}${job}`, legend: 'p99' }],
      steps: rising(0.1, 1),
    }),
  ],
}

const unset = '没有配置上级平台时是 0。'

const upward: Row = {
  title: '上报上级平台',
  panels: [
    stat({
      ...small,
      title: '待报消息',
      description: `还没有回执的消息，各上级平台合计。${unset}`,
      unit: 'short',
      queries: [{ expr: orZero(`sum(${upwardMetrics.waiting.name})`) }],
    }),
    stat({
      ...small,
      title: '等待最久的待报消息',
      description: `最早产生而没有回执的消息已等多久。${unset}`,
      unit: 's',
      queries: [{ expr: orZero(`max(time() - ${upwardMetrics.oldestWaiting.name})`) }],
      steps: rising(300, 900),
    }),
    stat({
      ...small,
      title: '24 小时内的缺报时段',
      description: `最近一天中，应有而没有按时报到运行状态的时长，取最长的上级平台；事后补报的也算。${unset}`,
      unit: 's',
      queries: [{ expr: orZero(`max(${upwardMetrics.gap.name})`) }],
      steps: rising(1, 3600),
    }),
    stat({
      ...small,
      title: '拒收',
      description: `上级平台拒收的次数，累计。${unset}`,
      unit: 'short',
      queries: [{ expr: orZero(`sum(${upwardMetrics.receipts.name}{result="refused"})`) }],
    }),
    series({
      ...wide,
      title: '待报消息，按上级平台',
      description: `线路断时增长，恢复后应回零。${unset}`,
      unit: 'short',
      queries: [
        { expr: orNone(`sum by (destination) (${upwardMetrics.waiting.name})`), legend: '{{destination}}' },
      ],
    }),
    series({
      ...wide,
      title: '距上次回执',
      description: `距上级平台最近一次回执（认可或拒收）多久。${unset}`,
      unit: 's',
      queries: [{ expr: orNone(`time() - ${upwardMetrics.lastReceipt.name}`), legend: '{{destination}}' }],
    }),
  ],
}

export const platform: BoardPlan = {
  uid: boardIds.platform,
  title: '一网 · 平台自监控',
  description: '探针、采集端与其进程，上报上级平台。',
  rows: [now, agents, collector, upward],
}
