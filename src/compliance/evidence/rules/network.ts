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
  title: 'NTP：时钟是否同步，与代理相差多少',
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
    const words = `自称已同步，与代理相差 ${offset.toFixed(3)} 秒`
    return Math.abs(offset) > mostOffsetSeconds ? contradicts(words) : supports(words)
  },
}

const fullRatio = 0.7

const averageOf = (line: Facts, seconds: number): number => {
  const speed = numberAt(line, 'speedBitsPerSecond') ?? 0
  const octets = Math.max(numberAt(line, 'inOctets') ?? 0, numberAt(line, 'outOctets') ?? 0)
  return speed === 0 ? 0 : (octets * 8) / (speed * seconds)
}

/** Since a peak is never below the average, a high average alone shows that the line is too small. */
const bandwidth: ProbeRule = {
  id: 'snmp.average-load',
  title: 'SNMP：各接口自启动以来的平均利用率（高峰只会更高）',
  from: 'probe',
  kinds: ['snmp'],
  items: topics.peakBandwidth,
  says: faultOnly,
  judge: ({ observation: { status, facts } }) => {
    const seconds = numberAt(facts, 'sysUpTimeSeconds') ?? 0
    if (status !== 'up' || facts['interfaces'] === undefined || seconds === 0) return undefined
    const loads = factsIn(facts, 'interfaces')
      .filter((line) => flagAt(line, 'operUp') === true)
      .map((line) => ({ name: textAt(line, 'name') ?? '', ratio: averageOf(line, seconds) }))
    const full = loads.filter(({ ratio }) => ratio >= fullRatio && ratio <= 1)
    return full.length > 0
      ? contradicts(
          `自启动以来平均利用率 ${listed(full.map(({ name, ratio }) => `${name} ${Math.round(ratio * 100)}%`))}`,
        )
      : cannotTell(`${loads.length} 个接口的平均利用率都低于 ${fullRatio * 100}%；平均值说明不了高峰`)
  },
}

const uplinks: ProbeRule = {
  id: 'icmp.uplink',
  title: '上联线路是否通：断了一条即失去冗余',
  from: 'probe',
  kinds: ['icmp'],
  items: topics.redundancy,
  says: faultOnly,
  judge: ({ observation: { status, target, cause } }, subject) => {
    const uplink = target.startsWith(`${subject.record.id}/`)
      ? target.slice(subject.record.id.length + 1)
      : ''
    if (uplink === '' || status === 'unknown') return undefined
    return status === 'down'
      ? contradicts(`上联 ${uplink} 不通（${cause ?? ''}），此刻没有冗余`)
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
      : supports(`${kind} 监测得到其状态：${status === 'up' ? '正常' : '异常'}`),
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
      ? supports(`${kind} 检查已完成；是否按期、是否有报告须另看`)
      : cannotTell(`${kind} 检查没有做完`)
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
