import { type Facts, factsIn, numberAt, textAt } from '../../../facts/read.ts'
import {
  anything,
  cannotTell,
  contradicts,
  type Judged,
  presenceOnly,
  type ProbeRule,
  supports,
} from '../rule.ts'
import { topics } from '../topics.ts'

const common = { from: 'probe', kinds: ['snmp-trap'] } as const

const nameOf = (facts: Facts): string => textAt(facts, 'name') ?? textAt(facts, 'oid') ?? ''

const arrival: ProbeRule = {
  ...common,
  id: 'trap.arrival',
  title: 'SNMP 通知：设备的事件送达采集端',
  items: [...topics.boundaryAudit, ...topics.centralMonitoring],
  says: ['supports'],
  judge: ({ observation: { facts } }) =>
    textAt(facts, 'oid') === undefined ? undefined : supports(`设备事件 ${nameOf(facts)} 已送达`),
}

/** RFC 3418 and RFC 2863: a restart or a line, no security event. `authenticationFailure` is one. */
const everyday: ReadonlySet<string> = new Set(['coldStart', 'warmStart', 'linkDown', 'linkUp'])

const alarm: ProbeRule = {
  ...common,
  id: 'trap.alarm',
  title: 'SNMP 通知：安全或厂商告警送达采集端',
  items: [...topics.attackAlarm, ...topics.hostIntrusion, ...topics.securityEvents],
  says: presenceOnly,
  judge: ({ observation: { facts } }) => {
    if (textAt(facts, 'oid') === undefined) return undefined
    const name = nameOf(facts)
    return everyday.has(name)
      ? cannotTell(`只见日常事件 ${name}`)
      : supports(`告警 ${name} 已送达；能否认出各种攻击须另看`)
  },
}

/** RFC 1628: notifications under upsTraps, conditions under upsWellKnownAlarms. */
const ups = '1.3.6.1.2.1.33'
const failing: ReadonlyMap<string, string> = new Map([
  [`${ups}.1.6.3.1`, '电池须更换'],
  [`${ups}.1.6.3.3`, '电池电量低'],
  [`${ups}.1.6.3.4`, '电池耗尽'],
])

const judgeUps = (facts: Facts): Judged | undefined => {
  switch (textAt(facts, 'oid') ?? '') {
    case `${ups}.2.1`:
      return supports('市电中断时转由电池供电')
    case `${ups}.2.2`:
      return cannotTell('做过放电测试；结果见设备')
    case `${ups}.2.3`: {
      const alarms = factsIn(facts, 'varbinds').map((bind) => failing.get(textAt(bind, 'value') ?? ''))
      const found = alarms.find((text) => text !== undefined)
      return found === undefined ? undefined : contradicts(`UPS 告警：${found}`)
    }
    default:
      return undefined
  }
}

const power: ProbeRule = {
  ...common,
  id: 'trap.ups',
  title: 'SNMP 通知：UPS 转电池、放电测试、电池告警（RFC 1628）',
  items: topics.upsPower,
  says: anything,
  judge: ({ observation: { facts } }) => judgeUps(facts),
}

const instantOf = (facts: Facts): string => {
  const at = numberAt(facts, 'lastAt')
  return at === undefined ? '' : new Date(at).toISOString()
}

const logs: ProbeRule = {
  from: 'probe',
  kinds: ['syslog'],
  id: 'log.arrival',
  title: '设备日志（syslog）是否送达采集端',
  items: [...topics.boundaryAudit, ...topics.centralLogs],
  says: anything,
  judge: ({ observation: { facts } }) => {
    switch (textAt(facts, 'state') ?? '') {
      case 'logging':
        return supports(
          `设备日志送达采集端，共 ${numberAt(facts, 'messages') ?? 0} 条，最近 ${instantOf(facts)}`,
        )
      case 'silent':
        return contradicts(`设备日志曾送达采集端，${instantOf(facts)} 之后中断`)
      case 'never':
        return cannotTell('采集端没有收到过该设备的日志；是否送往别处看不出来')
      default:
        return undefined
    }
  },
}

/** 六个月 of the Cybersecurity Law, article 21, at its longest. */
const sixMonths = 184

const kept: ProbeRule = {
  ...logs,
  id: 'log.retention',
  title: '采集端存有该设备多少天的日志',
  items: [...topics.centralLogs, ...topics.boundaryAuditProtection],
  says: presenceOnly,
  judge: ({ observation: { facts } }) => {
    const days = numberAt(facts, 'keptDays')
    if (days === undefined) return undefined
    const words = `采集端存有该设备 ${Math.floor(days)} 天的日志`
    return days >= sixMonths
      ? supports(`${words}，不少于六个月`)
      : cannotTell(`${words}；更早的是否在别处看不出来`)
  },
}

export const eventRules = [arrival, alarm, power, logs, kept] as const
