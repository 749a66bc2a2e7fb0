import { SocketAddress } from 'node:net'
import type { Varbind } from '../message/pdu.ts'
import { errorStatus, SnmpFault } from '../fault.ts'
import type { SnmpSession } from '../session.ts'
import { countOf, textOf } from '../values.ts'
import { readRows } from './subtree.ts'

/** What a device hears at one of its ports (IEEE 802.1AB, LLDP-MIB). */
export interface Neighbour {
  /** Name of the device’s own port, else its number. */
  readonly localPort: string
  /** Who it is: `00:11:22:aa:bb:cc`, an address, or what its maker made of it. */
  readonly chassis: string
  /** Its port. */
  readonly port: string
  readonly sysName?: string | undefined
  readonly managementAddresses: readonly string[]
}

export interface Neighbourhood {
  /** The device’s own chassis id, by which others name it. */
  readonly chassis?: string | undefined
  readonly neighbours: readonly Neighbour[]
  /** There are more. */
  readonly neighboursCut: boolean
}

const mostNeighbours = 256
const mostAddresses = 512
const mostPorts = 512

const lldp = '1.0.8802.1.1.2.1'
const local = { chassisKind: `${lldp}.3.1.0`, chassis: `${lldp}.3.2.0` } as const
const localPorts = { kind: `${lldp}.3.7.1.2`, id: `${lldp}.3.7.1.3`, description: `${lldp}.3.7.1.4` } as const
const remote = {
  chassisKind: `${lldp}.4.1.1.4`,
  chassis: `${lldp}.4.1.1.5`,
  portKind: `${lldp}.4.1.1.6`,
  port: `${lldp}.4.1.1.7`,
  portDescription: `${lldp}.4.1.1.8`,
  sysName: `${lldp}.4.1.1.9`,
} as const
/** Only its index is of use: it holds the address. */
const remoteAddresses = { interfaceKind: `${lldp}.4.2.1.3` } as const

/** LldpChassisIdSubtype and LldpPortIdSubtype: which numbers mean a hardware address, which one of a network. */
const chassisKinds = { hardware: 4, network: 5 } as const
const portKinds = { hardware: 3, network: 4 } as const

/** IANA address family numbers. */
const families: Readonly<Record<number, { readonly octets: number; readonly family: 'ipv4' | 'ipv6' }>> = {
  1: { octets: 4, family: 'ipv4' },
  2: { octets: 16, family: 'ipv6' },
}

const addressFrom = (family: number, octets: Buffer): string | undefined => {
  const known = families[family]
  if (known === undefined || octets.length !== known.octets) return undefined
  if (known.family === 'ipv4') return octets.join('.')
  const groups = Array.from({ length: 8 }, (_, at) => octets.readUInt16BE(2 * at).toString(16))
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address
}

const pairs = (octets: Buffer): string => (octets.toString('hex').match(/../gu) ?? []).join(':')

type Kinds = typeof chassisKinds | typeof portKinds

const longestBinary = 32

/** What a chassis or port is called, by the kind of its id. */
const identifierOf = (varbind: Varbind | undefined, kind: number | undefined, kinds: Kinds): string => {
  const octets = varbind?.value
  if (!Buffer.isBuffer(octets)) return ''
  if (kind === kinds.network) {
    const address = addressFrom(octets[0] ?? 0, octets.subarray(1))
    if (address !== undefined) return address
  }
  const isPlain = kind !== kinds.hardware && octets.every((octet) => octet >= 32 && octet !== 127)
  return isPlain ? (textOf(varbind) ?? '') : pairs(octets.subarray(0, longestBinary))
}

const numbersOf = (index: string): readonly number[] => index.split('.').map(Number)

/** `timeMark.localPort.index`: the row that a management address belongs to, and the address itself. */
const addressIn = (index: string): readonly [row: string, address: string] | undefined => {
  const [timeMark, port, entry, family = 0, length, ...octets] = numbersOf(index)
  if (octets.length !== length || octets.some((octet) => octet > 255)) return undefined
  const address = addressFrom(family, Buffer.from(octets))
  return address === undefined ? undefined : [[timeMark, port, entry].join('.'), address]
}

const readAddresses = async (session: SnmpSession): Promise<ReadonlyMap<string, readonly string[]>> => {
  const { rows } = await readRows(session, remoteAddresses, mostAddresses)
  const found = [...rows.keys()].flatMap((index) => {
    const address = addressIn(index)
    return address === undefined ? [] : [address]
  })
  return new Map(
    Map.groupBy(found, ([row]) => row)
      .entries()
      .map(([row, group]) => [row, group.map(([, address]) => address)]),
  )
}

const readPorts = async (session: SnmpSession): Promise<ReadonlyMap<string, string>> => {
  const { rows } = await readRows(session, localPorts, mostPorts)
  return new Map(
    rows.entries().map(([index, row]) => {
      const kind = countOf(row.get('kind'))
      const name = identifierOf(row.get('id'), kind, portKinds)
      // A hardware address tells a person less than the port’s description.
      const isNamed = name !== '' && kind !== portKinds.hardware
      return [index, isNamed ? name : (textOf(row.get('description')) ?? index)]
    }),
  )
}

const readChassis = async (session: SnmpSession): Promise<string | undefined> => {
  try {
    const [kind, id] = await session.get([local.chassisKind, local.chassis])
    return identifierOf(id, countOf(kind), chassisKinds) || undefined
  } catch (error) {
    if (error instanceof SnmpFault && error.status === errorStatus.noSuchName) return undefined
    throw error
  }
}

/** Reads what a device knows of its neighbours; nothing where it has no LLDP. Rejects where it falls silent. */
export const readNeighbours = async (session: SnmpSession): Promise<Neighbourhood> => {
  const chassis = await readChassis(session)
  const { rows, isCut } = await readRows(session, remote, mostNeighbours)
  if (rows.size === 0) return { chassis, neighbours: [], neighboursCut: false }
  const ports = await readPorts(session)
  const addresses = await readAddresses(session)
  const neighbours = [...rows].map(([index, row]): Neighbour => {
    const [, portNumber = ''] = index.split('.')
    return {
      localPort: ports.get(portNumber) ?? portNumber,
      chassis: identifierOf(row.get('chassis'), countOf(row.get('chassisKind')), chassisKinds),
      port:
        identifierOf(row.get('port'), countOf(row.get('portKind')), portKinds) ||
        (textOf(row.get('portDescription')) ?? ''),
      sysName: textOf(row.get('sysName')),
      managementAddresses: addresses.get(index) ?? [],
    }
  })
  return { chassis, neighbours, neighboursCut: isCut }
}
