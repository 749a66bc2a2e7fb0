import dgram from 'node:dgram'
import { once } from 'node:events'
import { decodeMessage } from '../../probes/snmp/message/incoming.ts'
import { compareOids } from '../../probes/snmp/walk.ts'
import * as ber from './snmp-ber.ts'

/** What stands at an OID, and what follows it. */
export interface Mib {
  readonly get: (oid: string) => Buffer | undefined
  readonly next: (oid: string) => readonly [oid: string, value: Buffer] | undefined
}

export const mibOf = (objects: Readonly<Record<string, Buffer>>): Mib => {
  const sorted = Object.keys(objects).toSorted(compareOids)
  return {
    get: (oid) => objects[oid],
    next: (oid) => {
      const found = sorted.find((candidate) => compareOids(oid, candidate) < 0)
      return found === undefined ? undefined : [found, objects[found]!]
    },
  }
}

const tags = { get: 0xa0, getBulk: 0xa5, noSuchObject: 0x80, endOfMibView: 0x82 } as const

/** max-repetitions: the third number of a GETBULK. */
const repetitionsIn = (request: Buffer): number => {
  const [, , pdu] = ber.children(ber.children(request)[0]!.content)
  const content = ber.children(pdu!.content)[2]!.content
  return content.readIntBE(0, content.length)
}

const following = (mib: Mib, oids: readonly string[], repetitions: number): readonly Buffer[] => {
  const rounds: Buffer[] = []
  let cursors = [...oids]
  for (let round = 0; round < repetitions; round += 1)
    cursors = cursors.map((cursor) => {
      const [oid, value] = mib.next(cursor) ?? [cursor, ber.element(tags.endOfMibView)]
      rounds.push(ber.varbind(oid, value))
      return oid
    })
  return rounds
}

export interface StubAgent extends AsyncDisposable {
  readonly port: number
  /** Communities that it was asked with, each request. */
  readonly communities: readonly string[]
  readonly address: string
}

/** An agent of v2c whose every answer is ours to choose. */
export const stubAgent = async (
  mib: Mib,
  { address = '127.0.0.1', port = 0, community = 'read-only-word', mostAnswers = Infinity } = {},
): Promise<StubAgent> => {
  // So that another may have the port at every other address.
  const socket = dgram.createSocket({ type: 'udp4', reuseAddr: port !== 0 })
  const communities: string[] = []
  socket.on('message', (request, from) => {
    const message = decodeMessage(request)
    if (message?.version !== 'v2c') return
    communities.push(message.community.toString())
    if (message.community.toString() !== community || communities.length > mostAnswers) return
    const oids = message.pdu.varbinds.map(({ oid }) => oid)
    const varbinds =
      message.pdu.type === tags.get
        ? oids.map((oid) => ber.varbind(oid, mib.get(oid) ?? ber.element(tags.noSuchObject)))
        : following(mib, oids, repetitionsIn(request))
    socket.send(
      ber.v2c(community, ber.pdu({ id: message.id, varbinds })),
      from.port,
      from.address,
      () => undefined,
    )
  })
  socket.bind(port, address)
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    communities,
    address,
    [Symbol.asyncDispose]: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}

export const system = ({ name = 'kf-core-1', objectId = '1.3.6.1.4.1.2011.2.23.1', services = 78 } = {}) => ({
  '1.3.6.1.2.1.1.1.0': ber.octets('Lankao county router'),
  '1.3.6.1.2.1.1.2.0': ber.oid(objectId),
  '1.3.6.1.2.1.1.5.0': ber.octets(name),
  '1.3.6.1.2.1.1.6.0': ber.octets('兰考机房'),
  '1.3.6.1.2.1.1.7.0': ber.integer(services),
  '1.3.6.1.2.1.2.1.0': ber.integer(24),
})

const lldp = '1.0.8802.1.1.2.1'

interface RemoteRow {
  readonly index: string
  readonly chassisKind: number
  readonly chassis: Buffer | string
  readonly portKind: number
  readonly port: Buffer | string
  readonly sysName?: string
  /** IPv4 or IPv6, as octets. */
  readonly addresses?: readonly Buffer[]
}

/** LLDP-MIB: the device’s own chassis (a hardware address), its ports by number, and what it hears. */
export const lldpObjects = (
  chassis: Buffer,
  ports: Readonly<Record<number, string>>,
  rows: readonly RemoteRow[],
): Readonly<Record<string, Buffer>> => ({
  [`${lldp}.3.1.0`]: ber.integer(4),
  [`${lldp}.3.2.0`]: ber.octets(chassis),
  ...Object.fromEntries(
    Object.entries(ports).flatMap(([number, name]) => [
      [`${lldp}.3.7.1.2.${number}`, ber.integer(5)],
      [`${lldp}.3.7.1.3.${number}`, ber.octets(name)],
      [`${lldp}.3.7.1.4.${number}`, ber.octets(`description of ${name}`)],
    ]),
  ),
  ...Object.fromEntries(
    rows.flatMap(({ index, sysName = '', addresses = [], ...row }): [string, Buffer][] => [
      [`${lldp}.4.1.1.4.${index}`, ber.integer(row.chassisKind)],
      [`${lldp}.4.1.1.5.${index}`, ber.octets(Buffer.from(row.chassis))],
      [`${lldp}.4.1.1.6.${index}`, ber.integer(row.portKind)],
      [`${lldp}.4.1.1.7.${index}`, ber.octets(Buffer.from(row.port))],
      [`${lldp}.4.1.1.8.${index}`, ber.octets('its port')],
      [`${lldp}.4.1.1.9.${index}`, ber.octets(sysName)],
      ...addresses.map((octets): [string, Buffer] => [
        `${lldp}.4.2.1.3.${index}.${octets.length === 4 ? 1 : 2}.${octets.length}.${[...octets].join('.')}`,
        ber.integer(2),
      ]),
    ]),
  ),
})
