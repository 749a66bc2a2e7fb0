import { listed } from '../../../facts/listed.ts'
import { isIP } from 'node:net'
import type { Device } from '../../../../inventory/model.ts'
import type { Inventory } from '../../../../inventory/store.ts'
import { isWithin } from '../../../core/network.ts'
import {
  cannotTell,
  contradicts,
  type Judged,
  presenceOnly,
  type RecordRule,
  type Subject,
  supports,
  anything,
  yesOrNo,
} from '../rule.ts'
import { topics } from '../topics.ts'

const addressesOf = (subject: Subject): readonly string[] => {
  switch (subject.kind) {
    case 'node':
      return subject.record.addresses
    case 'device':
      return [subject.record.address]
    case 'system':
      return []
  }
}

const plan: RecordRule = {
  id: 'record.address-plan',
  title: '台账：地址所在网段的区，与资产所在的区是否一致',
  from: 'record',
  items: topics.addressPlan,
  says: anything,
  judge: (subject, { network }) => {
    const addresses = addressesOf(subject).filter((address) => isIP(address) > 0)
    if (addresses.length === 0) return undefined
    const places = addresses.map((address) => ({
      address,
      networks: [...network.values()].filter(({ cidr }) => isWithin(address, [cidr])),
    }))
    const astray = places.filter(({ networks }) => networks.some(({ area }) => !subject.areas.includes(area)))
    if (astray.length > 0)
      return contradicts(
        `资产登记在 ${subject.areas.join('、')} 区，地址却在别区的网段内：${listed(
          astray.map(
            ({ address, networks }) => `${address}（${networks.map(({ name }) => name).join('、')}）`,
          ),
        )}`,
      )
    const unplanned = places.filter(({ networks }) => networks.length === 0)
    return unplanned.length > 0
      ? cannotTell(`地址 ${listed(unplanned.map(({ address }) => address))} 不在任何已登记的网段内`)
      : supports(`地址 ${listed(addresses)} 在本区已登记的网段内`)
  },
}

const judgeUplinks = (count: number, operators: ReadonlySet<string>): Judged | undefined => {
  if (count === 0) return undefined
  if (count === 1) return contradicts('台账只登记了一条上联线路')
  return operators.size === 1
    ? cannotTell(`台账登记 ${count} 条上联线路，但同属 ${[...operators].join('')}`)
    : supports(`台账登记 ${count} 条上联线路`)
}

const uplinks: RecordRule = {
  id: 'record.uplinks',
  title: '台账：节点的上联线路是否多于一条、是否分属不同运营商',
  from: 'record',
  items: topics.redundancy,
  says: anything,
  judge: (subject) => {
    if (subject.kind !== 'node') return undefined
    const { uplinks: lines } = subject.record
    const operators = new Set(lines.flatMap(({ operator }) => operator ?? []))
    return judgeUplinks(lines.length, operators)
  },
}

/** Roles that traffic goes through: their second one stands beside them. */
const passing: ReadonlySet<Device['role']> = new Set(['router', 'switch', 'firewall', 'vpn'])

const twinsOf = (own: Device, { device }: Inventory): readonly Device[] =>
  [...device.values()].filter(
    ({ id, node, role, state }) =>
      id !== own.id && node === own.node && role === own.role && state === 'active',
  )

const twins: RecordRule = {
  id: 'record.twins',
  title: '台账：同一节点是否有第二台同类设备',
  from: 'record',
  items: [...topics.redundancy, ...topics.hotStandby],
  says: anything,
  judge: (subject, inventory) => {
    if (subject.kind !== 'device') return undefined
    const found = twinsOf(subject.record, inventory)
    if (found.length > 0)
      return supports(`同一节点另有同类设备 ${listed(found.map(({ name }) => name))}；是否互为热备须另看`)
    return passing.has(subject.record.role)
      ? contradicts('流量所经的设备，台账中同一节点没有第二台')
      : cannotTell('台账中同一节点没有第二台；别处或集群中的看不出来')
  },
}

const isAnswered = (subject: Subject): boolean =>
  subject.record.contacts.length > 0 || (subject.kind !== 'device' && subject.record.unit !== undefined)

const owners: RecordRule = {
  id: 'record.owners',
  title: '台账：资产是否写明归谁管',
  from: 'record',
  items: topics.register,
  says: yesOrNo,
  judge: (subject) =>
    isAnswered(subject)
      ? supports(`台账写明 ${subject.record.name} 的责任单位或联系人`)
      : contradicts(`台账没有写明 ${subject.record.name} 归谁管`),
}

const watch: RecordRule = {
  id: 'record.watch-duty',
  title: '台账：是否登记了负责监测、日志或告警的联系人',
  from: 'record',
  items: topics.logAnalysis,
  says: presenceOnly,
  judge: (_subject, { contact }) => {
    const found = [...contact.values()].filter(({ duty = '' }) => /监测|日志|告警|值班|安全/u.test(duty))
    return found.length > 0
      ? supports(
          `台账登记 ${listed(found.map(({ name, duty = '' }) => `${name}（${duty}）`))}；是否做了分析须另看`,
        )
      : cannotTell('台账没有登记负责监测、日志或告警的联系人')
  },
}

const monitored: RecordRule = {
  id: 'record.monitored',
  title: '台账：资产有没有可供监测的地址',
  from: 'record',
  items: topics.centralMonitoring,
  says: ['contradicts'],
  judge: (subject) => {
    const { record } = subject
    if (record.state !== 'active' || record.probes.length > 0) return undefined
    const ways = subject.kind === 'system' ? subject.record.endpoints : addressesOf(subject)
    return ways.length > 0 ? undefined : contradicts(`${record.name} 没有登记地址或探测，不在监测之中`)
  },
}

const home: RecordRule = {
  id: 'record.region',
  title: '台账：云节点所在的行政区划（GB/T 2260）',
  from: 'record',
  items: topics.cloudAtHome,
  says: presenceOnly,
  judge: (subject, { region, node }) => {
    if (subject.kind === 'device') return undefined
    const at = subject.kind === 'node' ? subject.record : node.get(subject.record.node ?? '')
    const place = at === undefined ? undefined : region.get(at.region)
    return place === undefined
      ? cannotTell('台账没有写明机房所在的节点或行政区划')
      : supports(`台账登记在 ${place.name}（${place.id}）；所用的全部设施须另看`)
  },
}

export const recordRules = [plan, uplinks, twins, owners, watch, monitored, home] as const
