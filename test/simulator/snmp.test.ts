import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { snmp } from '../../probes/snmp/index.ts'
import { designCity } from '../../src/simulator/city.ts'
import { startSimulator, type Simulator } from '../../src/simulator/serve.ts'
import { probeContext } from '../support/context.ts'
import { requires } from '../support/services.ts'
import { kaifeng } from './seed.ts'

const run = promisify(execFile)
const city = designCity(kaifeng)
let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator(city, { basePort: 0 })
})
afterAll(() => simulator[Symbol.asyncDispose]())

const devices = city.devices.map(({ service }) => service)
const byCredential = [...new Map(devices.map((device) => [device.behaviour.credential, device])).values()]

interface Interface {
  readonly name: string
  readonly adminUp: boolean
  readonly operUp: boolean
  readonly speedBitsPerSecond: number
  readonly inOctets: number
}

test.each(devices)(
  '$id answers the snmp probe with all its interfaces',
  async ({ id, address, behaviour }) => {
    const look = snmp.bind({ address, port: simulator.ports.get(id), credential: behaviour.credential })
    const measurement = await look(probeContext({ credential: (name) => simulator.credentials[name] }))
    expect(measurement.status).toBe('up')
    const interfaces = measurement.facts['interfaces'] as readonly Interface[]
    expect(
      interfaces.map(({ name, adminUp, operUp, speedBitsPerSecond }) => ({
        name,
        adminUp,
        operUp,
        speedMbps: speedBitsPerSecond / 1e6,
      })),
    ).toEqual(
      behaviour.interfaces.map(({ name, adminUp, operUp, speedMbps }) => ({
        name,
        adminUp,
        operUp,
        speedMbps,
      })),
    )
  },
)

test('counters move by the interface’s rate', async () => {
  const [device] = devices
  const look = snmp.bind({
    address: device!.address,
    port: simulator.ports.get(device!.id),
    credential: device!.behaviour.credential,
  })
  const read = async () => {
    const { facts } = await look(probeContext({ credential: (name) => simulator.credentials[name] }))
    return {
      octets: (facts['interfaces'] as readonly Interface[])[0]!.inOctets,
      seconds: facts['sysUpTimeSeconds'] as number,
    }
  }
  const before = await read()
  await expect.poll(async () => (await read()).octets).toBeGreaterThan(before.octets)
  const after = await read()
  // sysUpTime is in hundredths, and an octet counter is read a little after it.
  expect(after.octets / after.seconds / device!.behaviour.interfaces[0]!.inOctetsPerSecond).toBeCloseTo(1, 0)
})

test('the near end of a cut line is down, and up again after its repair', async () => {
  const { id, address, behaviour } = devices.find((device) => device.id === 'd-demo-edge-410221')!
  const look = snmp.bind({ address, port: simulator.ports.get(id), credential: behaviour.credential })
  const operUp = async (): Promise<readonly boolean[]> => {
    const { facts } = await look(probeContext({ credential: (name) => simulator.credentials[name] }))
    return (facts['interfaces'] as readonly Interface[]).map((port) => port.operUp)
  }
  expect(await operUp()).toEqual([true, true, true, false])
  await simulator.cut('n-410221')
  expect(await operUp()).toEqual([true, false, false, false])
  await simulator.repair('n-410221')
  expect(await operUp()).toEqual([true, true, true, false])
})

test('a wrong community gets no answer', async () => {
  const device = devices.find(({ behaviour }) => behaviour.credential === 'demo-v2c')!
  const look = snmp.bind({
    address: device.address,
    port: simulator.ports.get(device.id),
    credential: 'wrong',
    timeoutSeconds: 0.3,
  })
  const credential = () => ({ kind: 'snmp-community', community: 'public' }) as const
  expect(await look(probeContext({ credential }))).toMatchObject({ status: 'down', cause: 'timeout' })
})

const optionsFor = (name: string): readonly string[] => {
  const credential = simulator.credentials[name]!
  if (credential.kind === 'snmp-community') return ['-v2c', '-c', credential.community]
  return [
    ...['-v3', '-l', 'authPriv', '-u', credential.user],
    ...['-a', { sha1: 'SHA', sha256: 'SHA-256' }[credential.authProtocol], '-A', credential.authPassword],
    ...['-x', 'AES', '-X', credential.privPassword],
  ]
}

describe.skipIf(requires('snmpwalk', 'snmpbulkwalk', 'snmpset').skip)('net-snmp’s tools', () => {
  test.each(byCredential)(
    'snmpwalk and snmpbulkwalk of $behaviour.credential agree',
    async ({ id, address, behaviour }) => {
      const walk = async (tool: string): Promise<string> => {
        const target = `${address}:${simulator.ports.get(id)}`
        const { stdout } = await run(tool, [
          ...optionsFor(behaviour.credential),
          '-On',
          '-t',
          '5',
          target,
          '1.3.6.1.2.1.31.1.1.1.1',
        ])
        return stdout
      }
      const names = await walk('snmpwalk')
      expect(names.trim().split('\n')).toEqual(
        behaviour.interfaces.map(
          ({ name }, index) => `.1.3.6.1.2.1.31.1.1.1.1.${index + 1} = STRING: "${name}"`,
        ),
      )
      expect(await walk('snmpbulkwalk')).toBe(names)
    },
  )

  test('nothing can be set', async () => {
    const device = devices.find(({ behaviour }) => behaviour.credential === 'demo-v2c')!
    const target = `${device.address}:${simulator.ports.get(device.id)}`
    const options = [...optionsFor('demo-v2c'), '-t', '5', target, '1.3.6.1.2.1.1.5.0', 's', 'changed']
    await expect(run('snmpset', options)).rejects.toThrow(/notWritable|noAccess/u)
  })
})
