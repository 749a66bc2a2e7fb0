import type dgram from 'node:dgram'
import { EventEmitter } from 'node:events'
import library from 'net-snmp'
import type { SnmpCommunity, SnmpUser } from '../../core/credential.ts'
import type { Carrier } from '../carrier.ts'
import type { BehaviourOf, InterfaceDesign, Service } from '../service.ts'
import { type Listener, type Place, bindUdp, udpListener } from './listener.ts'
import { type Port, type Scalar, type Table, type Value, interfaceTables, systemGroup } from './mib.ts'

export type SnmpCredential = SnmpCommunity | SnmpUser

/** One object that was asked for; `done` sends what the node holds by then. */
interface MibRequest {
  readonly oid: string
  readonly instanceNode: { value: Value }
  readonly done: () => void
}

interface Provider {
  readonly name: string
  readonly type: number | undefined
  readonly oid: string
  readonly maxAccess: number | undefined
  readonly handler: (request: MibRequest) => void
  readonly [option: string]: unknown
}

interface Agent {
  registerProvider(provider: Provider): void
  getMib(): {
    setScalarValue(name: string, value: Value): void
    addTableRow(name: string, row: readonly Value[]): void
  }
  getAuthorizer(): {
    addCommunity(community: string): void
    addUser(user: Readonly<Record<string, unknown>>): void
  }
}

/** The agent's half of net-snmp, which brings no types. */
interface AgentLibrary {
  createAgent(options: Readonly<Record<string, unknown>>, done: () => void): Agent
  readonly SecurityLevel: Readonly<Record<string, number>>
  readonly AuthProtocols: Readonly<Record<string, string>>
  readonly PrivProtocols: Readonly<Record<string, string>>
  readonly MibProviderType: Readonly<Record<string, number>>
  readonly MaxAccess: Readonly<Record<string, number>>
}
const snmp = library as unknown as AgentLibrary

/** Who is admitted may read; the library's `AccessControlModelType.Simple`. */
const readOnlyAccess = 1

/** The socket as the library calls it. A datagram that it chokes on is dropped, as a router would. */
const libraryView = (socket: dgram.Socket): EventEmitter => {
  const view = Object.assign(new EventEmitter(), {
    bind: () => undefined,
    send: socket.send.bind(socket),
    close: () => undefined,
  })
  socket.on('message', (datagram, sender) => {
    try {
      view.emit('message', datagram, sender)
    } catch {
      return
    }
  })
  return view
}

/** Values by instance, made when they are asked for: the counters move with the clock and cost nothing between. */
type Readers = Map<string, () => Value>

const handlerOf =
  (readers: Readers) =>
  (request: MibRequest): void => {
    const read = readers.get(request.oid)
    if (read) request.instanceNode.value = read()
    request.done()
  }

interface Equipment {
  readonly agent: Agent
  readonly readers: Readers
  readonly interfaces: readonly InterfaceDesign[]
  readonly carrier: Carrier
}

const addScalar = ({ agent, readers, carrier }: Equipment, scalar: Scalar): void => {
  const { name, oid, type } = scalar
  readers.set(`${oid}.0`, () => scalar.read(carrier.elapsedSeconds()))
  agent.registerProvider({
    name,
    type: snmp.MibProviderType['Scalar'],
    oid,
    scalarType: type,
    maxAccess: snmp.MaxAccess['read-only'],
    handler: handlerOf(readers),
  })
  agent.getMib().setScalarValue(name, scalar.read(0))
}

const portOf = (design: InterfaceDesign, index: number, carrier: Carrier): Port => {
  const { operUp, towards } = design
  return {
    ...design,
    index,
    operUp: operUp && (towards === undefined || carrier.isUp(towards)),
    upSeconds: towards === undefined ? carrier.elapsedSeconds() : carrier.upSeconds(towards),
  }
}

const tableProvider = ({ name, oid, columns, augments }: Table, readers: Readers): Provider => ({
  name,
  type: snmp.MibProviderType['Table'],
  oid,
  maxAccess: snmp.MaxAccess['not-accessible'],
  tableColumns: columns.map((column) => ({ ...column, maxAccess: snmp.MaxAccess['read-only'] })),
  ...(augments === undefined ? { tableIndex: [{ columnName: 'ifIndex' }] } : { tableAugments: augments }),
  handler: handlerOf(readers),
})

const addTable = ({ agent, readers, interfaces, carrier }: Equipment, table: Table): void => {
  agent.registerProvider(tableProvider(table, readers))
  interfaces.forEach((design, position) => {
    const index = position + 1
    for (const { number, read } of table.columns)
      readers.set(`${table.oid}.${number}.${index}`, () => read(portOf(design, index, carrier)))
    const values = table.columns.map(({ read }) => read(portOf(design, index, carrier)))
    // A row that augments another begins with the other's index.
    agent.getMib().addTableRow(table.name, table.augments === undefined ? values : [index, ...values])
  })
}

const admit = (agent: Agent, credential: SnmpCredential): void => {
  const authorizer = agent.getAuthorizer()
  if (credential.kind === 'snmp-community') authorizer.addCommunity(credential.community)
  else
    authorizer.addUser({
      name: credential.user,
      level: snmp.SecurityLevel['authPriv'],
      authProtocol: snmp.AuthProtocols[{ sha1: 'sha', sha256: 'sha256' }[credential.authProtocol]],
      authKey: credential.authPassword,
      privProtocol: snmp.PrivProtocols['aes'],
      privKey: credential.privPassword,
    })
}

/**
 * An SNMP agent (v2c or v3 authPriv, by the credential) with system group and interface tables, read-only.
 * Counters grow by the interface's rates for as long as the carrier is up.
 */
export const snmpAgent = async (
  { name, behaviour: { interfaces } }: Service<BehaviourOf<'snmp'>>,
  credential: SnmpCredential,
  carrier: Carrier,
  place: Place,
): Promise<Listener> => {
  const socket = await bindUdp(place)
  const dgramModule = { createSocket: () => libraryView(socket) }
  const agent = snmp.createAgent(
    { ...place, dgramModule, accessControlModelType: readOnlyAccess },
    () => undefined,
  )
  admit(agent, credential)
  const equipment: Equipment = { agent, readers: new Map(), interfaces, carrier }
  for (const scalar of systemGroup(name, interfaces.length)) addScalar(equipment, scalar)
  for (const table of interfaceTables) addTable(equipment, table)
  return udpListener(socket)
}
