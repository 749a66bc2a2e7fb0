import { topics } from '../../compliance/evidence/topics.ts'
import { failureText } from '../../facts/failure.ts'
import { listed } from '../../facts/listed.ts'
import { factsIn, flagAt, numberAt, textAt } from '../../facts/read.ts'
import { hitIf, type LookRule, often, twice } from '../rule.ts'
import { answerText, isAbove } from '../trend.ts'

const common = { from: 'look', category: 'failure', policy: twice } as const

const clock: LookRule = {
  ...common,
  kinds: ['ntp'],
  id: 'ntp.offset',
  title: '时间服务器不准',
  severity: 'medium',
  clauses: topics.auditContent,
  why: '下级设备跟着走偏，日志与证书出错。',
  remedy: '核对上级时间源与链路；必要时切换到其他时间源。',
  judge: ({ observation: { status, facts } }, { thresholds: { clockSeconds } }) => {
    const isSynchronised = flagAt(facts, 'synchronised')
    if (status !== 'up' || isSynchronised === undefined) return undefined
    if (!isSynchronised) return [{ saw: '自称时钟未同步' }]
    const offset = numberAt(facts, 'offsetSeconds')
    return offset === undefined
      ? undefined
      : hitIf(Math.abs(offset) > clockSeconds, `与探针相差 ${offset.toFixed(3)} 秒`)
  },
}

const dnsChanged: LookRule = {
  ...common,
  kinds: ['dns'],
  id: 'dns.changed',
  title: '域名解析结果改变',
  severity: 'medium',
  category: 'anomaly',
  clauses: topics.configurationChanges,
  why: '解析被劫持时用户被引到冒名网站；也可能是未登记的变更。',
  remedy: '与登记核对；未经批准的立即改回，检查域名账户与解析服务器。',
  judge: ({ check, observation: { status, cause, facts }, trend: { answer } }) => {
    // Only an answer that is not the expected one, not a server that answers nothing.
    if (status === 'down')
      return cause === 'assertion' && check.job.expect === 'reachable'
        ? [{ saw: `与登记的不符：${failureText({ cause, facts })}` }]
        : undefined
    if (status !== 'up' || answer === undefined || answerText(facts) === '') return undefined
    return hitIf(answerText(facts) !== answer.usual, `由 ${answer.usual} 变为 ${answerText(facts)}`)
  },
}

const dnsSplit: LookRule = {
  ...common,
  kinds: ['dns'],
  id: 'dns.split',
  title: '各处解析结果不一致',
  severity: 'low',
  category: 'anomaly',
  clauses: topics.configurationChanges,
  why: '同一服务器对各处给出不同结果：可能有一处被劫持，或分区解析配置不全。',
  remedy: '核对各处结果；有意的分区解析登记例外。',
  policy: often,
  judge: ({ observation: { observedAt }, check: { job }, all }) => {
    const fresh = all.filter(
      ({ observation }) =>
        observation.status === 'up' &&
        Math.abs(observation.observedAt - observedAt) <= 3 * job.intervalSeconds * 1000,
    )
    if (fresh.length < 2) return undefined
    const answers = new Set(fresh.map(({ observation }) => answerText(observation.facts)))
    return hitIf(answers.size > 1, `${fresh.length} 处得到 ${answers.size} 种结果：${listed([...answers])}`)
  },
}

const pathChanged: LookRule = {
  ...common,
  kinds: ['path'],
  id: 'path.changed',
  title: '路由路径改变',
  severity: 'low',
  category: 'anomaly',
  clauses: topics.centralMonitoring,
  policy: { open: [1, 1], close: 3 },
  why: '主用线路可能已断而走了备用；也可能流量被引到别处。',
  remedy: '核对路由与线路状态；计划内的调整登记维护窗口。',
  judge: ({ observation: { facts } }) => {
    const isChanged = flagAt(facts, 'changed')
    if (isChanged === undefined) return undefined
    const hops = factsIn(facts, 'hops').map((hop) => textAt(hop, 'address') ?? '*')
    return hitIf(isChanged, `现经 ${listed(hops)}`)
  },
}

const loss: LookRule = {
  ...common,
  kinds: ['icmp'],
  id: 'quality.loss',
  title: '丢包',
  severity: 'medium',
  clauses: topics.peakBandwidth,
  policy: often,
  why: '丢包使业务变慢、会话中断，往往是线路中断的先兆。',
  remedy: '分段排查；属线路的向运营商报障，附上测量记录。',
  judge: ({ observation: { status, facts } }, { thresholds: { lossRatio } }) => {
    const ratio = numberAt(facts, 'lossRatio')
    if (status !== 'up' || ratio === undefined) return undefined
    return hitIf(ratio >= lossRatio, `丢包 ${Math.round(ratio * 100)}%`)
  },
}

const milliseconds = (seconds: number): string => `${(seconds * 1000).toFixed(1)} 毫秒`

const latency: LookRule = {
  ...loss,
  id: 'quality.latency',
  title: '时延高于平常',
  severity: 'low',
  category: 'anomaly',
  why: '拥塞、绕行或设备过载，业务变慢。',
  remedy: '核对路径与接口利用率；属线路的向运营商报障。',
  judge: ({ observation: { status, facts }, trend: { roundTrip } }, { thresholds }) => {
    const now = numberAt(facts, 'rttAvgSeconds')
    if (status !== 'up' || now === undefined) return undefined
    const isSlow = isAbove(roundTrip, now, thresholds)
    if (isSlow === undefined || roundTrip === undefined) return undefined
    return hitIf(isSlow, `往返 ${milliseconds(now)}，平常 ${milliseconds(roundTrip.mean)}`)
  },
}

const jitter: LookRule = {
  ...latency,
  id: 'quality.jitter',
  title: '抖动高于平常',
  judge: ({ observation: { status, facts }, trend }, { thresholds }) => {
    const now = numberAt(facts, 'jitterSeconds')
    if (status !== 'up' || now === undefined) return undefined
    const isAtypical = isAbove(trend.jitter, now, thresholds)
    if (isAtypical === undefined || trend.jitter === undefined) return undefined
    return hitIf(isAtypical, `抖动 ${milliseconds(now)}，平常 ${milliseconds(trend.jitter.mean)}`)
  },
}

export const serviceRules = [clock, dnsChanged, dnsSplit, pathChanged, loss, latency, jitter] as const
