import { addDot3Table, addIfTable, addSystem, libraryAgent, startSnmpd } from '../probes/snmp-peers.ts'
import { local, type SocketPlant } from './stand.ts'

/** SNMP agents of devices with a fault and without. */

const megabit = 1_000_000
const [isUp, isDown] = [1, 2]

const snmp =
  (bad: string, good: string, community?: string): SocketPlant['stand'] =>
  async (isBad, stack) => {
    const daemon = stack.use(await startSnmpd(isBad ? community : undefined))
    const options = { ...local, port: daemon.port, credential: isBad ? bad : good, interfaces: false }
    return { kind: 'snmp', options }
  }

/** A device that has been up for a while, or for less than at the look before. */
const restarting: SocketPlant['stand'] = async (isBad, stack) => {
  const agent = stack.use(await libraryAgent())
  addSystem(agent.mib, { sysDescr: 'switch', sysUpTime: 100_000, sysName: 'sw-1' })
  return {
    kind: 'snmp',
    options: { ...local, port: agent.port, credential: 'own', interfaces: false },
    before: (turn) => {
      if (isBad && turn > 0) agent.mib.setScalarValue('sysUpTime', 500)
    },
  }
}

/** RFC 3635 dot3StatsDuplexStatus. */
const duplex = { half: 2, full: 3 } as const

const negotiated: SocketPlant['stand'] = async (isBad, stack) => {
  const agent = stack.use(await libraryAgent())
  addSystem(agent.mib, { sysDescr: 'switch', sysUpTime: 100_000, sysName: 'sw-1' })
  addIfTable(agent.mib, [
    { index: 1, descr: 'Gig0/1', speed: 100 * megabit, adminStatus: isUp, operStatus: isUp },
  ])
  addDot3Table(agent.mib, [{ index: 1, duplexStatus: isBad ? duplex.half : duplex.full }])
  return { kind: 'snmp', options: { ...local, port: agent.port, credential: 'own' } }
}

const ifColumn = { operStatus: 8, inOctets: 10, inErrors: 14 } as const
/** A device with one interface of 1 Mbit/s, whose values change from look to look. */
const port1 =
  (
    changes: (turn: number) => Partial<Record<keyof typeof ifColumn, number>>,
    turns?: number,
  ): SocketPlant['stand'] =>
  async (isBad, stack) => {
    const agent = stack.use(await libraryAgent())
    addSystem(agent.mib, { sysDescr: 'switch', sysUpTime: 100_000, sysName: 'sw-1' })
    addIfTable(agent.mib, [
      { index: 1, descr: 'Gig0/1', speed: megabit, adminStatus: isUp, operStatus: isUp },
    ])
    return {
      kind: 'snmp',
      options: { ...local, port: agent.port, credential: 'own' },
      before: (turn) => {
        for (const [name, value] of Object.entries(isBad ? changes(turn) : {}))
          agent.mib.setTableSingleCell('ifEntry', ifColumn[name as keyof typeof ifColumn], [1], value)
      },
      ...(turns !== undefined && { turns }),
    }
  }

export const devicePlants: readonly SocketPlant[] = [
  { rule: 'snmp.default-community', stand: snmp('default', 'own', 'public') },
  { rule: 'snmp.version', stand: snmp('own', 'v3') },
  { rule: 'interface.errors', stand: port1((turn) => ({ inErrors: turn * 500 })) },
  // Full for each of the minutes between looks.
  { rule: 'interface.saturation', stand: port1((turn) => ({ inOctets: (turn * 60 * megabit) / 8 })) },
  { rule: 'interface.flapping', stand: port1((turn) => ({ operStatus: turn % 2 === 0 ? isUp : isDown }), 6) },
  { rule: 'interface.half-duplex', stand: negotiated },
  { rule: 'device.rebooted', stand: restarting },
]
