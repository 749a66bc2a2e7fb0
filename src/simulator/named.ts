import { collections, type System, type Unit } from '../../inventory/model.ts'
import type { Operation } from '../../inventory/store.ts'
import type { TargetId } from '../core/target.ts'
import { type District, type NodeDesign, recordsOf } from './nodes.ts'
import { type Behaviour, type Service, simulated, simulatedRemark } from './service.ts'
import type { SystemDesign } from './systems.ts'

/** The systems that a work plan names, as they are played, and for each of them a fault that can be planted. */

/** What a service does instead while the fault of a named system is planted. */
export interface Fault {
  /** Ids of the named systems that it is a fault of. */
  readonly of: readonly string[]
  readonly service: TargetId
  readonly behaviour: Behaviour
  /** In words. */
  readonly what: string
}

/** What a city has beside its own where the seed brings the systems of the plan. */
export interface NamedDesign {
  readonly systems: readonly SystemDesign[]
  /** A node for each hall that has none: a hall is seen by its node. */
  readonly halls: readonly NodeDesign[]
  /** The old address of the system that has moved. */
  readonly old: readonly Service[]
  readonly faults: readonly Fault[]
}

/** The system that has moved to the cloud: it has an address there, and the one that it left. */
export const movedSystem = 'sys-frontend'
const movedSystemOld: TargetId = `${movedSystem}/old`

const cloud = 'cloud-demo'

/** The simulated government cloud, where the named systems stand, and the move of one of them into it. */
export const movedRecords = (endpoints: {
  readonly old: string
  readonly new: string
}): readonly Operation[] => [
  {
    op: 'put',
    collection: 'cloud',
    record: { id: cloud, name: simulated('市政务云'), networks: ['127.44.0.0/16'], remark: simulatedRemark },
  },
  {
    op: 'put',
    collection: 'migration',
    record: {
      id: movedSystem,
      state: 'accepted',
      decision: 'rehost',
      cloud,
      oldEndpoints: [endpoints.old],
      newEndpoints: [endpoints.new],
      remark: simulatedRemark,
    },
  },
]

const page: Behaviour = { kind: 'http', answer: 'page' }
const secure: Behaviour = { kind: 'https', certificate: 'good' }

interface Role {
  readonly sound: Behaviour
  readonly faulty: Behaviour
  readonly what: string
}

const frontOut = '首页答 503'
const roles = {
  /** Has a page of its own, and a door for its peers where it has any. */
  front: { sound: page, faulty: { kind: 'http', answer: 'front-out' }, what: frontOut },
  secure: {
    sound: secure,
    faulty: { kind: 'https', certificate: 'good', answer: 'front-out' },
    what: frontOut,
  },
  /** Is seen by its peers alone. */
  door: { sound: page, faulty: { kind: 'http', answer: 'door-out' }, what: '互联接口答 503' },
  database: { sound: { kind: 'database' }, faulty: { kind: 'closed' }, what: '端口关闭' },
} as const satisfies Readonly<Record<string, Role>>

const cast: Readonly<Record<string, keyof typeof roles>> = {
  'sys-3p-secmon': 'front',
  'cloud-city': 'front',
  'sys-usercenter': 'secure',
  'sys-city-portal': 'secure',
  'sys-prov-portal': 'door',
  'sys-county-platform': 'front',
  'sys-12345': 'front',
  'sys-110': 'door',
  'sys-city-trade': 'front',
  'sys-prov-trade': 'door',
  'sys-trade-pub': 'door',
  'sys-trade-property': 'door',
  'sys-trade-soe': 'door',
  'sys-invest': 'door',
  'sys-credit': 'door',
  'sys-prov-fiscal': 'front',
  'sys-prov-wage': 'front',
  'sys-prov-audit': 'front',
  'sys-police': 'secure',
  'sys-sscard': 'secure',
  'sys-realestate': 'secure',
  'sys-tax': 'secure',
  'sys-ftz': 'secure',
  'sys-city-exchange': 'front',
  [movedSystem]: 'front',
  'sys-prov-exchange': 'door',
  'sys-city-catalog': 'front',
  'sys-prov-catalog': 'door',
  'db-population': 'database',
  'db-legal': 'database',
  'db-geo': 'database',
  'db-license': 'database',
}

/** Each asks at the other's door. */
const links: readonly (readonly [string, string])[] = [
  ['sys-city-portal', 'sys-prov-portal'],
  ['sys-12345', 'sys-110'],
  ['sys-city-trade', 'sys-prov-trade'],
  ['sys-city-trade', 'sys-trade-pub'],
  ['sys-city-trade', 'sys-trade-property'],
  ['sys-city-trade', 'sys-trade-soe'],
  ['sys-city-trade', 'sys-invest'],
  ['sys-city-trade', 'sys-credit'],
  ['sys-city-exchange', 'sys-prov-exchange'],
  [movedSystem, 'sys-prov-exchange'],
  ['sys-city-catalog', 'sys-prov-catalog'],
]

const peersOf = (id: string): readonly string[] =>
  links.flatMap(([one, other]) => (one === id ? [other] : other === id ? [one] : []))

const designSystem = (record: System, role: Role, index: number, node: TargetId): SystemDesign => {
  const name = simulated(record.name)
  return {
    service: { id: record.id, name, node, address: `127.44.0.${index + 1}`, behaviour: role.sound },
    record: { ...record, name, state: 'active', remark: simulatedRemark },
    peers: peersOf(record.id),
  }
}

const designHall = (hall: Unit, { ordinal, head, name: district }: District): NodeDesign => {
  const id = `n-${hall.region}-hall`
  const name = simulated(`${district}政务外网政务服务大厅节点`)
  const uplink = { id: `l-${hall.region}-hall-1`, kind: 'line', to: head.id, operator: '中国电信' } as const
  return {
    service: {
      id,
      name,
      node: id,
      address: `127.41.${ordinal}.250`,
      behaviour: { kind: 'management' },
    },
    record: {
      ...collections.node.parse({ id, name, region: hall.region, level: head.level, kind: 'hall' }),
      unit: hall.id,
      uplinks: [uplink],
      remark: simulatedRemark,
    },
  }
}

const designHalls = (seed: readonly Operation[], districts: readonly District[]): readonly NodeDesign[] => {
  const nodes = recordsOf(seed, 'node').map((record) => collections.node.parse(record))
  const seen = new Set(nodes.map(({ unit }) => unit))
  return recordsOf(seed, 'unit')
    .map((record) => collections.unit.parse(record))
    .filter(({ id, kind }) => kind === 'hall' && !seen.has(id))
    .flatMap((hall) => {
      const district = districts.find(({ region }) => region === hall.region)
      return district === undefined ? [] : [designHall(hall, district)]
    })
}

/** A township's node is shut: then neither every node answers nor every hall. */
const nodeFaults = (node: TargetId | undefined): readonly Fault[] =>
  node === undefined
    ? []
    : [
        {
          of: ['net-city-extranet', 'sys-hall'],
          service: node,
          behaviour: { kind: 'closed' },
          what: '乡镇节点端口关闭',
        },
      ]

const oldPlace = (name: string, node: TargetId): Service => ({
  id: movedSystemOld,
  name: `${name}原址`,
  node,
  address: '127.45.0.1',
  behaviour: { kind: 'closed' },
})

const faultOf = ({ service: { id } }: SystemDesign): Fault => {
  if (id === movedSystem)
    return { of: [id, 'cls-nonsecret'], service: movedSystemOld, behaviour: page, what: '原址仍在应答' }
  const { faulty, what } = roles[cast[id] ?? 'front']
  return { of: [id], service: id, behaviour: faulty, what }
}

/** Of a seed without a plan's systems: nothing. That `troubled` is shut is a fault of the plan's network. */
export const designNamed = (
  seed: readonly Operation[],
  districts: readonly [city: District, ...counties: District[]],
  troubled: TargetId | undefined,
): NamedDesign | undefined => {
  const [city] = districts
  const systems = recordsOf(seed, 'system')
    .map((record) => collections.system.parse(record))
    .flatMap((record, index) => {
      const role = cast[record.id]
      return role === undefined ? [] : [designSystem(record, roles[role], index, city.head.id)]
    })
  if (systems.length === 0) return undefined
  const moved = systems.find(({ service }) => service.id === movedSystem)
  return {
    systems,
    halls: designHalls(seed, districts),
    old: moved === undefined ? [] : [oldPlace(moved.record.name, city.head.id)],
    faults: [...nodeFaults(troubled), ...systems.map(faultOf)],
  }
}
