import { areaLabels } from '../../../core/target.ts'
import {
  highRisk,
  managementPorts,
  named,
  plaintextManagement,
  plaintextTransfer,
  remoteControl,
} from '../../../facts/ports.ts'
import { listed } from '../../../facts/listed.ts'
import { numberAt, numbersIn } from '../../../facts/read.ts'
import {
  anything,
  cannotTell,
  contradicts,
  faultOnly,
  type Judged,
  type ProbeRule,
  type Subject,
  supports,
  yesOrNo,
} from '../rule.ts'
import type { Seen } from '../evidence.ts'
import { topics } from '../topics.ts'

/** It was looked at from an area that it does not lie in. */
const isAcross = ({ observation: { vantage } }: Seen, { areas }: Subject): boolean => !areas.includes(vantage)

/** What a scan that got answers found; a host that answers on no port shows nothing. */
const scanOf = ({ observation: { status, facts, vantage } }: Seen) => {
  const tried = numberAt(facts, 'tried')
  if (status !== 'up' || tried === undefined) return undefined
  const open = numbersIn(facts, 'open')
  const unexpected = numbersIn(facts, 'unexpectedOpen')
  const missing = numbersIn(facts, 'expectedClosed')
  return {
    tried,
    open,
    unexpected,
    missing,
    /** Ports of a baseline are always tried: none is either open or missing only where none is declared. */
    hasBaseline: open.length > unexpected.length || missing.length > 0,
    filtered: numberAt(facts, 'filtered') ?? 0,
    from: `自${areaLabels[vantage]}试 ${tried} 个端口`,
  }
}
type Scan = NonNullable<ReturnType<typeof scanOf>>

/** What is open against what was approved; where nothing was, nothing can be told. */
const againstBaseline = ({ open, unexpected, hasBaseline, from }: Scan): Judged => {
  if (open.length === 0) return supports(`${from}，没有开放的`)
  if (!hasBaseline) return cannotTell(`${from}，开放 ${listed(open)}，但没有登记批准的清单`)
  return unexpected.length > 0
    ? contradicts(`${from}，清单之外开放 ${listed(unexpected)}`)
    : supports(`${from}，开放的 ${open.length} 个都在清单内`)
}

const common = { from: 'probe', kinds: ['ports'] } as const

const plaintext: ProbeRule = {
  ...common,
  id: 'ports.plaintext-management',
  title: '端口扫描：Telnet、rlogin 等明文管理端口',
  items: [...topics.remoteSecrecy, ...topics.managementChannel],
  says: faultOnly,
  judge: (seen) => {
    const scan = scanOf(seen)
    if (scan === undefined) return undefined
    const found = named(scan.open, plaintextManagement)
    return found.length > 0
      ? contradicts(`开放明文管理端口 ${listed(found)}`)
      : cannotTell(`${scan.from}，未见明文管理端口；所试端口以外不得而知`)
  },
}

const transfer: ProbeRule = {
  ...common,
  id: 'ports.plaintext-transfer',
  title: '端口扫描：FTP、Telnet 等明文传送端口',
  items: [...topics.networkSecrecy, ...topics.transferSecrecy],
  says: faultOnly,
  judge: (seen) => {
    const scan = scanOf(seen)
    if (scan === undefined) return undefined
    const found = named(scan.open, plaintextTransfer)
    return found.length > 0
      ? contradicts(`开放明文传送端口 ${listed(found)}`)
      : cannotTell(`${scan.from}，未见明文传送端口；所试端口以外不得而知`)
  },
}

const services: ProbeRule = {
  ...common,
  id: 'ports.high-risk',
  title: '端口扫描：高危端口，以及批准清单之外的开放端口',
  items: topics.unneededServices,
  says: anything,
  judge: (seen) => {
    const scan = scanOf(seen)
    if (scan === undefined) return undefined
    const risky = named(scan.open, highRisk)
    return risky.length > 0 ? contradicts(`开放高危端口 ${listed(risky)}`) : againstBaseline(scan)
  },
}

const boundary: ProbeRule = {
  ...common,
  id: 'ports.across-boundary',
  title: '跨区端口扫描：与批准的开放清单比对',
  items: topics.controlledInterfaces,
  says: anything,
  judge: (seen, subject) => {
    const scan = scanOf(seen)
    return scan === undefined || !isAcross(seen, subject) ? undefined : againstBaseline(scan)
  },
}

const denied: ProbeRule = {
  ...common,
  id: 'ports.default-deny',
  title: '跨区端口扫描：清单之外的端口是否被拦下',
  items: topics.defaultDeny,
  says: anything,
  judge: (seen, subject) => {
    const scan = scanOf(seen)
    if (scan === undefined || !isAcross(seen, subject)) return undefined
    const compared = againstBaseline(scan)
    if (compared.says !== 'supports') return compared
    return scan.filtered === scan.tried - scan.open.length && scan.filtered > 0
      ? supports(`${scan.from}，清单之外的 ${scan.filtered} 个全无应答`)
      : cannotTell(`${scan.from}，有端口以“关闭”应答：请求穿过了边界`)
  },
}

const entries: ProbeRule = {
  ...common,
  id: 'ports.management-entry',
  title: '跨区端口扫描：未经批准的管理端口能否从区外到达',
  items: [...topics.sourceAddresses, ...topics.managementZone, ...topics.remoteMaintenance],
  says: faultOnly,
  judge: (seen, subject) => {
    const scan = scanOf(seen)
    if (scan === undefined || !isAcross(seen, subject)) return undefined
    const found = scan.unexpected.filter((port) => managementPorts.has(port))
    return found.length > 0
      ? contradicts(`${scan.from}，可达管理端口 ${listed(found)}，不在批准的清单内`)
      : cannotTell(`${scan.from}，未见未经批准而可达的管理端口；所试端口以外不得而知`)
  },
}

const drift: ProbeRule = {
  ...common,
  id: 'ports.drift',
  title: '端口扫描：实际开放与登记的基线是否一致',
  items: [...topics.changeApproval, ...topics.configurationChanges],
  says: yesOrNo,
  judge: (seen) => {
    const scan = scanOf(seen)
    if (scan?.hasBaseline !== true) return undefined
    const changes = [
      scan.unexpected.length > 0 && `多出 ${listed(scan.unexpected)}`,
      scan.missing.length > 0 && `少了 ${listed(scan.missing)}`,
    ].filter(Boolean)
    return changes.length > 0
      ? contradicts(`开放端口偏离基线：${changes.join('；')}`)
      : supports('开放端口与基线一致')
  },
}

const tools: ProbeRule = {
  ...common,
  id: 'ports.remote-control',
  title: '端口扫描：基线之外的远程控制工具',
  items: topics.maintenanceTools,
  says: faultOnly,
  judge: (seen) => {
    const scan = scanOf(seen)
    if (scan === undefined) return undefined
    const found = named(scan.unexpected, remoteControl)
    return found.length > 0
      ? contradicts(`基线之外开放远程控制端口 ${listed(found)}`)
      : cannotTell(`${scan.from}，未见基线之外的远程控制端口`)
  },
}

export const portsRules = [plaintext, transfer, services, boundary, denied, entries, drift, tools] as const
