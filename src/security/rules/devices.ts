import { topics } from '../../compliance/evidence/topics.ts'
import { type Facts, factsAt, factsIn, flagAt, numberAt, textAt } from '../../facts/read.ts'
import type { Observation } from '../../core/observation.ts'
import { atOnce, clear, type Hit, hitIf, type Look, type LookRule, often, twice } from '../rule.ts'

const common = { from: 'look', kinds: ['snmp'], category: 'hazard', policy: twice } as const

const community: LookRule = {
  ...common,
  id: 'snmp.default-community',
  title: '以出厂团体名应答 SNMP',
  severity: 'high',
  clauses: topics.defaultAccounts,
  why: '任何人都能读出网络结构，可写时还能改配置。',
  remedy: '改用 SNMPv3（鉴别并加密）；至少更换团体名并限定来源地址。',
  judge: ({ observation: { status, facts } }) => {
    const isDefault = flagAt(facts, 'defaultCommunity')
    return status !== 'up' || isDefault === undefined
      ? undefined
      : hitIf(isDefault, '团体名为出厂值（public 或 private）')
  },
}

const version: LookRule = {
  ...common,
  id: 'snmp.version',
  title: '使用 SNMP v1 或 v2c',
  severity: 'low',
  clauses: [...topics.remoteSecrecy, ...topics.managementChannel],
  why: '团体名以明文传送，可被读出和冒用；第三级要求管理通道加密。',
  remedy: '为设备建立 SNMPv3 用户（SHA-2 鉴别、AES 加密），停用 v1 与 v2c。',
  judge: ({ observation: { status, facts } }) => {
    const used = textAt(facts, 'version')
    if (used === undefined || status !== 'up') return undefined
    return hitIf(used !== 'v3', `应答 SNMP ${used}`)
  },
}

const rebooted: LookRule = {
  ...common,
  id: 'device.rebooted',
  title: '设备重新启动',
  severity: 'medium',
  category: 'failure',
  clauses: topics.centralMonitoring,
  policy: { open: [1, 1], close: 10 },
  why: '断电、故障、被人重启或被攻击都会使设备重启，业务曾经中断。',
  remedy: '向值守人员核实原因，查看设备日志与电源；计划内的登记维护窗口。',
  judge: ({ observation: { status, facts } }) => {
    const isNew = flagAt(facts, 'restarted')
    return status !== 'up' || isNew === undefined
      ? undefined
      : hitIf(isNew, `运行时间只有 ${Math.round(numberAt(facts, 'sysUpTimeSeconds') ?? 0)} 秒`)
  },
}

interface Pair {
  readonly before: Facts
  readonly now: Facts
  readonly name: string
  readonly seconds: number
}

/** Each interface that is up in both looks; none where the device started anew in between. */
const pairs = (observation: Observation, previous: Observation): readonly Pair[] => {
  const seconds = (observation.observedAt - previous.observedAt) / 1000
  if (seconds <= 0 || flagAt(observation.facts, 'restarted') === true) return []
  const known = new Map(factsIn(previous.facts, 'interfaces').map((line) => [numberAt(line, 'index'), line]))
  return factsIn(observation.facts, 'interfaces').flatMap((now) => {
    const before = known.get(numberAt(now, 'index'))
    return before !== undefined && flagAt(now, 'operUp') === true
      ? [{ before, now, seconds, name: textAt(now, 'name') ?? '' }]
      : []
  })
}

/** How much counters grew; undefined where one went back or is not there. */
const grown = ({ before, now }: Pair, counters: readonly string[]): number | undefined => {
  let sum = 0
  for (const counter of counters) {
    const [was, is] = [numberAt(before, counter), numberAt(now, counter)]
    if (was === undefined || is === undefined || is < was) return undefined
    sum += is - was
  }
  return sum
}

const eachInterface = (
  { observation, trend: { previous } }: Look,
  judge: (pair: Pair) => string | undefined,
): readonly Hit[] | undefined => {
  if (observation.status !== 'up' || observation.facts['interfaces'] === undefined || previous === undefined)
    return undefined
  return pairs(observation, previous).flatMap((pair) => {
    const saw = judge(pair)
    return saw === undefined ? [] : [{ saw: `接口 ${pair.name} ${saw}`, place: pair.name }]
  })
}

/** Octets are counted, packets are not: an error is weighed against packets of this size. */
const packetOctets = 512

const errors: LookRule = {
  ...common,
  id: 'interface.errors',
  title: '接口错包、丢包增多',
  severity: 'medium',
  category: 'failure',
  clauses: topics.centralMonitoring,
  policy: often,
  why: '线缆、光模块、双工或拥塞有问题，业务时快时慢。',
  remedy: '更换线缆或光模块，核对两端速率与双工，查看拥塞。',
  judge: (look, { thresholds: { interfaceErrorRatio, interfaceErrorCount } }) =>
    eachInterface(look, (pair) => {
      // Not every device counts what it discards.
      const discarded = grown(pair, ['inDiscards', 'outDiscards']) ?? 0
      const wrong = grown(pair, ['inErrors', 'outErrors'])
      const octets = grown(pair, ['inOctets', 'outOctets'])
      if (wrong === undefined || octets === undefined) return undefined
      const bad = wrong + discarded
      const ratio = bad / Math.max(bad, octets / packetOctets)
      return bad >= interfaceErrorCount && ratio >= interfaceErrorRatio
        ? `新增错包 ${wrong} 个、丢包 ${discarded} 个`
        : undefined
    }),
}

const saturation: LookRule = {
  ...common,
  id: 'interface.saturation',
  title: '接口带宽将满',
  severity: 'medium',
  category: 'anomaly',
  clauses: topics.peakBandwidth,
  policy: often,
  why: '带宽用尽时业务变慢、丢包；突增也可能是攻击或异常外传。',
  remedy: '查明占用带宽的流量；正常增长的扩容，异常的隔离来源。',
  judge: (look, { thresholds: { saturationRatio } }) =>
    eachInterface(look, (pair) => {
      const speed = numberAt(pair.now, 'speedBitsPerSecond') ?? 0
      const octets = Math.max(grown(pair, ['inOctets']) ?? 0, grown(pair, ['outOctets']) ?? 0)
      const used = speed === 0 ? 0 : (octets * 8) / (speed * pair.seconds)
      return used >= saturationRatio ? `利用率 ${Math.round(used * 100)}%` : undefined
    }),
}

const flapping: LookRule = {
  ...common,
  id: 'interface.flapping',
  title: '接口反复通断',
  severity: 'medium',
  category: 'failure',
  clauses: topics.centralMonitoring,
  policy: atOnce,
  why: '接口反复通断使路由反复重算，影响的范围大于这条线路。',
  remedy: '检查光衰、电源与对端设备；必要时先关闭接口，用备用线路承载。',
  judge: ({ observation: { status }, trend: { flips, previous } }, { thresholds }) => {
    if (status !== 'up' || previous === undefined) return undefined
    return [...(flips ?? [])]
      .filter(([, times]) => times.length >= thresholds.flips)
      .map(([name, times]) => ({ saw: `接口 ${name} 近期通断 ${times.length} 次`, place: name }))
  },
}

const tenMegabits = 10_000_000

/** Half duplex has been a sign of a failed negotiation since hubs went: one end is set by hand, the other is not. */
const duplex: LookRule = {
  ...common,
  id: 'interface.half-duplex',
  title: '接口为半双工（疑似双工不匹配）',
  severity: 'medium',
  category: 'failure',
  clauses: topics.centralMonitoring,
  policy: twice,
  why: '两端双工不一致时产生冲突和错包，速率远低于标称。',
  remedy: '两端同设为自动协商，或同设为相同的速率与全双工。',
  judge: ({ observation: { status, facts } }) => {
    if (status !== 'up' || facts['interfaces'] === undefined) return undefined
    return factsIn(facts, 'interfaces')
      .filter(
        (line) =>
          flagAt(line, 'operUp') === true &&
          flagAt(line, 'fullDuplex') === false &&
          (numberAt(line, 'speedBitsPerSecond') ?? 0) > tenMegabits,
      )
      .map((line) => ({
        saw: `接口 ${textAt(line, 'name') ?? ''} 为半双工`,
        place: textAt(line, 'name') ?? '',
      }))
  },
}

const isFull = (system: Facts, ratio: number): boolean => {
  const [used, free] = [numberAt(system, 'usedBytes'), numberAt(system, 'availableBytes')]
  return (
    used !== undefined &&
    free !== undefined &&
    used + free > 0 &&
    flagAt(system, 'readOnly') !== true &&
    used / (used + free) >= ratio
  )
}

const disk: LookRule = {
  ...common,
  kinds: ['host'],
  id: 'host.disk-full',
  title: '磁盘将满',
  severity: 'high',
  category: 'failure',
  clauses: topics.centralMonitoring,
  why: '写满后服务停止、日志丢失。',
  remedy: '清理或归档，扩容；核对日志轮转与留存设置。',
  judge: ({ observation: { facts } }, { thresholds: { diskRatio } }) => {
    if (facts['filesystems'] === undefined) return undefined
    return factsIn(facts, 'filesystems')
      .filter((system) => isFull(system, diskRatio))
      .map((system) => {
        const place = textAt(system, 'mountpoint') ?? ''
        return { saw: `${place} 已用 ${Number((diskRatio * 100).toFixed(1))}% 以上`, place }
      })
  },
}

const hostClock: LookRule = {
  ...common,
  kinds: ['host'],
  id: 'host.clock',
  title: '主机时钟未同步',
  severity: 'medium',
  clauses: topics.auditContent,
  policy: often,
  why: '时间不准的日志不能作为证据，证书与会话也会出错。',
  remedy: '启用 chrony 或 systemd-timesyncd，指向本级时间服务器。',
  judge: ({ observation: { facts } }) => {
    const clock = factsAt(facts, 'clock')
    const isSynchronised = clock && flagAt(clock, 'synchronised')
    return isSynchronised === undefined ? undefined : isSynchronised ? clear : [{ saw: '内核认为时钟未同步' }]
  },
}

export const deviceRules = [
  community,
  version,
  rebooted,
  errors,
  saturation,
  flapping,
  duplex,
  disk,
  hostClock,
] as const
