import { minuteIn } from '../../../core/day.ts'
import { failureText } from '../../../facts/failure.ts'
import { listed } from '../../../facts/listed.ts'
import { factsIn, flagAt, numberAt, textAt, type Facts } from '../../../facts/read.ts'
import {
  anything,
  cannotTell,
  contradicts,
  faultOnly,
  type Judged,
  type ProbeRule,
  supports,
  yesOrNo,
} from '../rule.ts'
import { topics } from '../topics.ts'

const mostOffsetSeconds = 1

const ntp: ProbeRule = {
  id: 'ntp.offset',
  title: 'NTP：时钟是否同步，与探针相差多少',
  from: 'probe',
  kinds: ['ntp'],
  items: topics.auditContent,
  says: anything,
  judge: ({ observation: { status, facts } }) => {
    const synchronised = flagAt(facts, 'synchronised')
    if (status !== 'up' || synchronised === undefined) return undefined
    if (!synchronised) return contradicts('自称时钟未同步')
    const offset = numberAt(facts, 'offsetSeconds')
    if (offset === undefined) return cannotTell('自称已同步，没有得到时差')
    const words = `自称已同步，与探针相差 ${offset.toFixed(3)} 秒`
    return Math.abs(offset) > mostOffsetSeconds ? contradicts(words) : supports(words)
  },
}

/** What is full at its peak: ours, no standard's. */
const fullRatio = 0.7
const daySeconds = 86_400
/** A week has every kind of day; of it looks may be missed. */
const weekWatchedSeconds = 6.5 * daySeconds

/** Interfaces of the device within itself carry nothing that a line has to. */
const isWithin = (name: string): boolean => /^(?:lo\d*$|(?:in)?loopback|null)/iu.test(name)

interface Load {
  readonly name: string
  readonly operUp: boolean
  readonly peaks: readonly Facts[]
}

const loadsOf = (facts: Facts): readonly Load[] =>
  factsIn(facts, 'interfaces')
    .map((line) => ({
      name: textAt(line, 'name') ?? '',
      operUp: flagAt(line, 'operUp') === true,
      peaks: factsIn(line, 'peaks'),
    }))
    .filter(({ name, operUp, peaks }) => !isWithin(name) && (operUp || peaks.length > 0))

const ratioOf = (peak: Facts): number => numberAt(peak, 'ratio') ?? 0
/** Downwards: what is below the limit must not read as the limit. */
const percent = (ratio: number): string => `${Math.floor(ratio * 100 + 1e-9)}%`

const highestOf = ({ peaks }: Load): number => Math.max(0, ...peaks.map(ratioOf))

const peakWords = ({ name, peaks }: Load): readonly string[] =>
  peaks
    .filter((peak) => ratioOf(peak) >= fullRatio)
    .map((peak) => {
      const [at, seconds] = [numberAt(peak, 'at') ?? 0, numberAt(peak, 'seconds') ?? 0]
      return `${name} ${percent(ratioOf(peak))}（至 ${minuteIn('Asia/Shanghai', at)} 的 ${Math.round(seconds)} 秒）`
    })

const isWatched = ({ peaks }: Load): boolean =>
  peaks.reduce((sum, peak) => sum + (numberAt(peak, 'watchedSeconds') ?? 0), 0) >= weekWatchedSeconds

const bandwidth: ProbeRule = {
  id: 'snmp.peak-load',
  title: 'SNMP：各接口本周与上周的利用率高峰（两次查看之间，收发取高）',
  from: 'probe',
  kinds: ['snmp'],
  items: topics.peakBandwidth,
  says: anything,
  judge: ({ observation: { status, facts } }) => {
    const loads = loadsOf(facts)
    if (status !== 'up' || loads.length === 0) return undefined
    const full = loads.flatMap(peakWords)
    if (full.length > 0) return contradicts(`利用率高峰 ${listed(full)}，达到 ${percent(fullRatio)}`)
    const words = `${loads.length} 个接口的利用率高峰为 ${percent(Math.max(...loads.map(highestOf)))}`
    const isCut = flagAt(facts, 'interfacesTruncated') === true
    const used = loads.filter(({ operUp }) => operUp)
    const short = used.filter((load) => !isWatched(load)).length
    if (used.length > 0 && short === 0 && !isCut)
      return supports(`${words}，低于 ${percent(fullRatio)}，看满一周`)
    return cannotTell(`${words}；${short} 个还没有看满一周${isCut ? '，另有接口没有读出' : ''}`)
  },
}

const uplinks: ProbeRule = {
  id: 'icmp.uplink',
  title: '上联线路是否通：断了一条即失去冗余',
  from: 'probe',
  kinds: ['icmp'],
  items: topics.redundancy,
  says: faultOnly,
  judge: ({ observation: { status, target, cause, facts } }, subject) => {
    const uplink = target.startsWith(`${subject.record.id}/`)
      ? target.slice(subject.record.id.length + 1)
      : ''
    if (uplink === '' || status === 'unknown') return undefined
    return status === 'down'
      ? contradicts(`上联 ${uplink} 不通（${failureText({ cause, facts })}），此刻没有冗余`)
      : cannotTell(`上联 ${uplink} 通；是否有第二条见台账`)
  },
}

/** RFC 7208 §4.6.2: `+all` lets everybody send, `?all` says nothing. */
const judgeSpf = (text: string): Judged =>
  /\s[-~]all\b/u.test(text) ? supports(`SPF：${text}`) : contradicts(`SPF 不拒绝他人冒名发信：${text}`)

/** RFC 7489 §6.3: under `p=none` mail that fails is delivered all the same. */
const judgeDmarc = (text: string): Judged =>
  /\bp\s*=\s*(?:quarantine|reject)/iu.test(text)
    ? supports(`DMARC：${text}`)
    : contradicts(`DMARC 不处置冒名邮件：${text}`)

const senders: ProbeRule = {
  id: 'dns.sender-policy',
  title: 'DNS：邮件域的 SPF 与 DMARC 记录',
  from: 'probe',
  kinds: ['dns'],
  items: topics.spam,
  says: yesOrNo,
  judge: ({ observation: { facts } }) => {
    const texts = factsIn(facts, 'answers')
      .filter((answer) => textAt(answer, 'type') === 'TXT')
      .map((answer) => (textAt(answer, 'data') ?? '').replaceAll('"', ''))
    const spf = texts.find((text) => /^v=spf1\b/iu.test(text))
    if (spf !== undefined) return judgeSpf(spf)
    const dmarc = texts.find((text) => /^v=DMARC1\b/iu.test(text))
    return dmarc === undefined ? undefined : judgeDmarc(dmarc)
  },
}

const looked: ProbeRule = {
  id: 'looks.state',
  title: '资产是否在监测之中（探测得到了它的状态）',
  from: 'probe',
  kinds: ['icmp', 'tcp', 'http', 'tls', 'dns', 'snmp', 'ntp', 'ssh', 'host'],
  items: topics.centralMonitoring,
  says: ['supports'],
  judge: ({ observation: { status, kind } }) =>
    status === 'unknown'
      ? undefined
      : supports(`${kind.toUpperCase()} 监测得到其状态：${status === 'up' ? '正常' : '异常'}`),
}

const audits: ProbeRule = {
  id: 'looks.audit',
  title: '技术检查（端口、TLS、HTTP 审计）是否做过',
  from: 'probe',
  kinds: ['ports', 'tls-audit', 'http-audit'],
  items: [...topics.regularChecks, ...topics.overallChecks, ...topics.testsBeforeUse],
  says: ['supports', 'cannot-tell'],
  judge: ({ observation: { status, kind, facts } }) => {
    if (status === 'unknown') return undefined
    return status === 'up' && facts['complete'] !== false
      ? supports(`${kind.toUpperCase()} 检查已完成；是否按期、是否有报告须另看`)
      : cannotTell(`${kind.toUpperCase()} 检查没有做完`)
  },
}

const model: ProbeRule = {
  id: 'snmp.model',
  title: 'SNMP：设备自报的型号与台账是否一致',
  from: 'probe',
  kinds: ['snmp'],
  items: [...topics.register, ...topics.configurationRecords],
  says: yesOrNo,
  judge: ({ observation: { facts } }, subject) => {
    const described = textAt(facts, 'sysDescr')
    const recorded = subject.kind === 'device' ? subject.record.model : undefined
    if (described === undefined || recorded === undefined) return undefined
    return described.toLowerCase().includes(recorded.toLowerCase())
      ? supports(`台账型号 ${recorded} 见于设备自报“${described}”`)
      : contradicts(`台账型号 ${recorded} 不见于设备自报“${described}”`)
  },
}

export const networkRules = [ntp, bandwidth, uplinks, senders, looked, audits, model] as const
