import {
  type Collection,
  type Node,
  type Region,
  type Uplink,
  collections,
  nodeKinds,
} from '../../inventory/model.ts'
import type { Operation } from '../../inventory/store.ts'
import { UsageFault } from '../core/fault.ts'
import type { TargetId } from '../core/target.ts'
import { type Service, simulated, simulatedFault, simulatedRemark } from './service.ts'

/** A seeded node with the lines it hangs on and the service that it plays. */
export interface NodeDesign {
  readonly service: Service
  readonly record: Node
  /** What is out of order with it on purpose, in words. */
  readonly fault?: string
}

/** The city (ordinal 0) or one of its counties, in the order of their codes. */
export interface District {
  readonly ordinal: number
  readonly region: string
  readonly name: string
  /** Node that everything of the district hangs on. */
  readonly head: Node
  /** All of its nodes, head first. */
  readonly members: readonly Node[]
}

export interface Seed {
  readonly regions: ReadonlyMap<string, Region>
  readonly nodes: readonly Node[]
}

/** What the seed puts into a collection. */
export const recordsOf = (seed: readonly Operation[], collection: Collection): readonly unknown[] =>
  seed.flatMap((operation) =>
    operation.op === 'put' && operation.collection === collection ? [operation.record] : [],
  )

/** Regions and nodes among the seed's operations. */
export const readSeed = (seed: readonly Operation[]): Seed => {
  const regions = recordsOf(seed, 'region').map((record) => collections.region.parse(record))
  return {
    regions: new Map(regions.map((region) => [region.id, region])),
    nodes: recordsOf(seed, 'node').map((record) => collections.node.parse(record)),
  }
}

/** The access node carries its region's line; where there is none, the machine room, the hall … */
const headFirst = (a: Node, b: Node): number => {
  const rank = ({ kind }: Node): number => [...nodeKinds].toReversed().indexOf(kind)
  return a.region.localeCompare(b.region) || rank(a) - rank(b) || a.id.localeCompare(b.id)
}

const districtCode = ({ regions }: Seed, { region, level }: Node): string =>
  (level === 'township' ? regions.get(region)?.parent : undefined) ?? region

/** Groups the seed's nodes; `UsageFault` where it has no city. */
export const districtsOf = (seed: Seed): readonly [city: District, ...counties: District[]] => {
  const groups = Object.groupBy(seed.nodes, (node) => districtCode(seed, node))
  const districts = Object.entries(groups)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .flatMap(([region, group = []], ordinal) => {
      const members = group.toSorted(headFirst)
      const [head] = members
      const name = seed.regions.get(region)?.name ?? region
      return head === undefined ? [] : [{ ordinal, region, name, head, members }]
    })
  const [city, ...counties] = districts
  if (city?.head.level !== 'city') throw new UsageFault('expected the seed of a city, got none')
  return [city, ...counties]
}

const suffixOf = ({ id }: Node): string => id.replace(/^n-/u, '')

const line = (id: string, to: TargetId, operator: string, bandwidthMbps: number): Uplink => ({
  id,
  kind: 'line',
  to,
  operator,
  circuit: `模拟-${id}`,
  bandwidthMbps,
})

/** By the city's secure access platform (安全接入平台) over the internet: past the county. */
const vpn = (id: string, city: TargetId): Uplink => ({ id, kind: 'vpn', to: city, bandwidthMbps: 20 })

const countyUplinks = (suffix: string, city: TargetId): readonly Uplink[] => [
  line(`l-${suffix}-1`, city, '中国电信', 1000),
  line(`l-${suffix}-2`, city, '中国移动', 500),
]

const townOperators = ['中国联通', '中国电信', '中国移动'] as const

/** The last township comes in over VPN only; the one before it has a line, and a VPN to fall back on. */
const townshipUplinks = (
  suffix: string,
  district: District,
  city: TargetId,
  fromLast: number,
): readonly Uplink[] => {
  const operator = townOperators[district.ordinal % townOperators.length] ?? townOperators[0]
  const own = line(`l-${suffix}-1`, district.head.id, operator, 100)
  const fallback = vpn(`v-${suffix}-1`, city)
  if (fromLast === 0) return [fallback]
  return fromLast === 1 ? [own, fallback] : [own]
}

/** Uplinks carry no address of their own: on loopback it would answer a ping whatever happens to the line. */
const uplinksOf = (district: District, index: number, city: TargetId): readonly Uplink[] => {
  const node = district.members[index]
  if (node === undefined || node.id === city) return []
  const suffix = suffixOf(node)
  if (node.level === 'township')
    return townshipUplinks(suffix, district, city, district.members.length - 1 - index)
  return index === 0
    ? countyUplinks(suffix, city)
    : [line(`l-${suffix}-1`, district.head.id, '中国电信', 1000)]
}

interface Plot {
  readonly index: number
  readonly city: TargetId
  /** Nobody listens there. */
  readonly isShut: boolean
}

const designNode = (district: District, record: Node, { index, city, isShut }: Plot): NodeDesign => {
  const name = isShut ? simulatedFault(record.name) : simulated(record.name)
  const address = `127.41.${district.ordinal}.${index + 1}`
  const uplinks = [...uplinksOf(district, index, city)]
  const behaviour = { kind: isShut ? 'closed' : 'management' } as const
  return {
    service: { id: record.id, name, node: record.id, address, behaviour },
    // No address of its own: it would be pinged, and loopback answers for a node that is cut off.
    record: { ...record, name, addresses: [], uplinks, remark: simulatedRemark },
    ...(isShut && { fault: '端口关闭' }),
  }
}

type Districts = readonly [city: District, ...counties: District[]]

/** The township whose node is out of service, so that tables have an outage to show. */
export const troubledNode = ([, county]: Districts): TargetId | undefined => county?.members[2]?.id

/** Every node of the districts, with address, uplinks and service; `shut` is out of service. */
export const designNodes = ([city, ...counties]: Districts, shut?: TargetId): readonly NodeDesign[] =>
  [city, ...counties].flatMap((district) =>
    district.members.map((record, index) =>
      designNode(district, record, { index, city: city.head.id, isShut: record.id === shut }),
    ),
  )
