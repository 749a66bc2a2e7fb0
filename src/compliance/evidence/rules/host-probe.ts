import { listed } from '../../../facts/listed.ts'
import { factsAt, factsIn, flagAt, numberAt, textAt, textsIn } from '../../../facts/read.ts'
import { anything, cannotTell, contradicts, faultOnly, type ProbeRule, supports, yesOrNo } from '../rule.ts'
import { topics } from '../topics.ts'
import { highRisk } from '../../../facts/ports.ts'

const common = { from: 'probe', kinds: ['host'] } as const

const loopback = /^(?:127\.|::1$)/u

const listening: ProbeRule = {
  ...common,
  id: 'host.listening',
  title: '探针所在主机：对外监听的高危端口',
  items: topics.unneededServices,
  says: anything,
  judge: ({ observation: { facts } }) => {
    const count = numberAt(facts, 'listeningCount')
    if (count === undefined) return undefined
    const sockets = factsIn(facts, 'listening')
    const risky = sockets
      .filter((socket) => !loopback.test(textAt(socket, 'address') ?? ''))
      .map((socket) => numberAt(socket, 'port') ?? 0)
      .filter((port) => highRisk.has(port))
      .map((port) => `${port}/${highRisk.get(port) ?? ''}`)
    if (risky.length > 0) return contradicts(`对外监听高危端口 ${listed([...new Set(risky)])}`)
    return sockets.length < count
      ? cannotTell(`只列出 ${count} 个监听中的 ${sockets.length} 个`)
      : supports(`${count} 个监听中没有高危端口`)
  },
}

/** Names that Linux gives to wireless cards, mobile modems, dialled lines and phones (systemd.net-naming-scheme(7)). */
const sideDoor = /^(?:wl|ww|ppp|usb|rndis|bnep)/u

const sideDoors: ProbeRule = {
  ...common,
  id: 'host.side-doors',
  title: '探针所在主机：无线、移动网络、拨号网卡是否启用',
  items: [...topics.unauthorisedWaysOut, ...topics.wireless, ...topics.waysOut],
  says: yesOrNo,
  judge: ({ observation: { facts } }) => {
    if (facts['interfaces'] === undefined) return undefined
    const found = factsIn(facts, 'interfaces')
      .filter((each) => textAt(each, 'state') !== 'down' && textsIn(each, 'addresses').length > 0)
      .map((each) => textAt(each, 'name') ?? '')
      .filter((name) => sideDoor.test(name))
    return found.length > 0
      ? contradicts(`网卡 ${listed(found)} 已启用并有地址`)
      : supports('没有启用的无线、移动网络或拨号网卡')
  },
}

const clock: ProbeRule = {
  ...common,
  id: 'host.clock',
  title: '探针所在主机：内核时钟是否已同步',
  items: topics.auditContent,
  says: yesOrNo,
  judge: ({ observation: { facts } }) => {
    const found = factsAt(facts, 'clock')
    if (found === undefined) return undefined
    const daemons = textsIn(found, 'daemons')
    return flagAt(found, 'synchronised') === true
      ? supports(`时钟已同步（${listed(daemons) || '未见校时程序'}）`)
      : contradicts('内核认为时钟未同步')
  },
}

const busyRatio = 0.9
const leastFreeRatio = 0.05

const load: ProbeRule = {
  ...common,
  id: 'host.load',
  title: '探针所在主机：此刻处理器与内存的余量',
  items: topics.peakLoad,
  says: faultOnly,
  judge: ({ observation: { facts } }) => {
    const busy = numberAt(facts, 'cpuBusyRatio')
    if (busy === undefined) return undefined
    const memory = factsAt(facts, 'memory') ?? {}
    const total = numberAt(memory, 'totalBytes') ?? 0
    const free = total === 0 ? 1 : (numberAt(memory, 'availableBytes') ?? total) / total
    const words = `处理器忙 ${Math.round(busy * 100)}%，可用内存 ${Math.round(free * 100)}%`
    return busy >= busyRatio || free < leastFreeRatio
      ? contradicts(`${words}，没有余量`)
      : cannotTell(`${words}；只是此刻，不是高峰`)
  },
}

const restart: ProbeRule = {
  ...common,
  id: 'host.restart',
  title: '探针所在主机：补丁已装、等待重启',
  items: topics.vulnerabilities,
  says: faultOnly,
  judge: ({ observation: { facts } }) => {
    const required = flagAt(facts, 'rebootRequired')
    if (required === undefined) return undefined
    return required
      ? contradicts(`补丁已装而未重启，仍在运行内核 ${textAt(facts, 'kernel') ?? ''}`)
      : cannotTell('没有等待重启的补丁；未装的补丁不在此列')
  },
}

export const hostProbeRules = [listening, sideDoors, clock, load, restart] as const
