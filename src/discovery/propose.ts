import { isDeepStrictEqual } from 'node:util'
import { type Device, id as idSchema, maxIdLength } from '../../inventory/model.ts'
import type { Inventory } from '../../inventory/store.ts'
import type { FoundAgent } from '../../probes/snmp/discovery/index.ts'
import { type Places, placesOf } from './places.ts'

/** A record of a device; without a node where nothing tells which it is. */
export type ProposedDevice = Omit<Device, 'node'> & Partial<Pick<Device, 'node'>>

/** A device that was found, and the record that it should have. */
export interface Proposal {
  readonly agent: FoundAgent
  /** Further addresses at which the same device answered. */
  readonly alsoAt: readonly string[]
  readonly standing: 'new' | 'changed' | 'known'
  readonly device: ProposedDevice
}

/** The same device at another address: its engine id says so, together with its name, since machines are copied. */
const identityOf = ({ engineId, chassis, sysName, address }: FoundAgent): string =>
  engineId === undefined && chassis === undefined ? address : JSON.stringify([engineId ?? chassis, sysName])

const layers = { link: 0b10, internet: 0b100, application: 0b100_0000 } as const

/** RFC 3418: at which layers it works. No more than a guess, for a person to correct. */
const roleOf = ({ services = 0 }: FoundAgent): Device['role'] => {
  if ((services & layers.internet) !== 0) return 'router'
  if ((services & layers.link) !== 0) return 'switch'
  return (services & layers.application) !== 0 ? 'server' : 'other'
}

const longestName = 200
const longestDescription = 200

const candidateIds = ({ sysName = '', address }: FoundAgent): readonly string[] => {
  const byAddress = `d-${address.replaceAll(/[^0-9a-f]+/gu, '-').replaceAll(/^-|-$/gu, '')}`
  const byName = sysName
    .replaceAll(/[^A-Za-z0-9._-]+/gu, '-')
    .replace(/^[^A-Za-z0-9]+/u, '')
    .replace(/-+$/u, '')
    .slice(0, maxIdLength)
  return [byName, byAddress].filter((id) => idSchema.safeParse(id).success)
}

/** An id that no target has yet; nodes, systems and devices share their names. */
const freeId = (agent: FoundAgent, taken: ReadonlySet<string>): string => {
  const candidates = candidateIds(agent)
  const free = candidates.find((id) => !taken.has(id))
  if (free !== undefined) return free
  const base = (candidates.at(-1) ?? 'd').slice(0, maxIdLength - 8)
  for (let number = 2; ; number += 1) if (!taken.has(`${base}-${number}`)) return `${base}-${number}`
}

const remarkOf = ({ sysLocation, sysDescr }: FoundAgent, alsoAt: readonly string[]): string => {
  const parts = [
    sysLocation === undefined ? undefined : `位置 ${sysLocation}`,
    sysDescr?.slice(0, longestDescription),
    alsoAt.length > 0 ? `另有地址 ${alsoAt.slice(0, 8).join('、')}` : undefined,
  ]
  return ['SNMP 发现', ...parts.filter((part) => part !== undefined)].join('；')
}

const newDevice = (
  agent: FoundAgent,
  alsoAt: readonly string[],
  id: string,
  node: string | undefined,
): ProposedDevice => ({
  id,
  name: (agent.sysName ?? agent.address).slice(0, longestName),
  role: roleOf(agent),
  ...(node !== undefined && { node }),
  address: agent.address,
  ...(agent.maker !== undefined && { vendor: agent.maker }),
  snmp: { credential: agent.credential, port: agent.port },
  contacts: [],
  probes: [],
  state: 'active',
  remark: remarkOf(agent, alsoAt),
})

/** What a person wrote stays; what nobody filled in is proposed. */
const completed = (device: Device, { credential, port, maker }: FoundAgent): Device => ({
  ...device,
  ...(device.snmp === undefined && { snmp: { credential, port } }),
  ...(device.vendor === undefined && maker !== undefined && { vendor: maker }),
})

interface Found {
  readonly first: FoundAgent
  readonly alsoAt: readonly string[]
  readonly known: readonly [agent: FoundAgent, device: Device] | undefined
}

const gathered = (agents: readonly FoundAgent[], { deviceAt }: Places): readonly Found[] =>
  [...Map.groupBy(agents, identityOf).values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const known = group.flatMap((agent) => {
      const device = deviceAt(agent.address)
      return device === undefined ? [] : [[agent, device] as const]
    })
    const alsoAt = group.slice(1).map(({ address }) => address)
    return [{ first, alsoAt, known: known[0] }]
  })

/** The records that found devices should have, in the order in which they are given. Writes nothing. */
export const propose = (agents: readonly FoundAgent[], inventory: Inventory): readonly Proposal[] => {
  const places = placesOf(inventory)
  const taken = new Set(
    [inventory.node, inventory.system, inventory.device].flatMap((map) => [...map.keys()]),
  )
  return gathered(agents, places).map(({ first, alsoAt, known }): Proposal => {
    if (known !== undefined) {
      const [agent, before] = known
      const device = completed(before, agent)
      const standing = isDeepStrictEqual(device, before) ? 'known' : 'changed'
      return {
        agent,
        alsoAt: [first.address, ...alsoAt].filter((address) => address !== agent.address),
        standing,
        device,
      }
    }
    const id = freeId(first, taken)
    taken.add(id)
    return {
      agent: first,
      alsoAt,
      standing: 'new',
      device: newDevice(first, alsoAt, id, places.nodeAt(first.address)),
    }
  })
}
