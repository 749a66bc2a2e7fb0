import dgram from 'node:dgram'
import { once } from 'node:events'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Asked, discoverAgents } from '../../probes/snmp/discovery/index.ts'
import type { SnmpCommunity, SnmpUser } from '../../src/core/credential.ts'
import { freeUdpPort } from '../support/peers.ts'
import { requires } from '../support/services.ts'
import * as ber from './snmp-ber.ts'
import { credentials, startSnmpd } from './snmp-peers.ts'
import { type Mib, type StubAgent, lldpObjects, mibOf, stubAgent, system } from './snmp-stub-agent.ts'

const named = (...names: readonly string[]) =>
  names.map((name) => ({ name, credential: credentials[name] as SnmpCommunity | SnmpUser }))

const ask = (
  addresses: readonly string[],
  port: number,
  names: readonly string[] = ['community'],
  signal = new AbortController().signal,
): Promise<Asked[]> =>
  Array.fromAsync(discoverAgents({ addresses, family: 4, port, credentials: named(...names), signal }))

const askAgent = async ({ address, port }: StubAgent) => {
  const [asked] = await ask([address], port)
  if (asked?.end !== 'found') throw new Error(`expected an agent, got ${JSON.stringify(asked)}`)
  return asked.agent
}

/** A socket that takes everything and says nothing. */
const silentPeer = async (address: string, port: number) => {
  const socket = dgram.createSocket('udp4')
  let heard = 0
  socket.on('message', () => (heard += 1))
  socket.bind(port, address)
  await once(socket, 'listening')
  return {
    heard: () => heard,
    [Symbol.asyncDispose]: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}

describe('one agent', () => {
  test('says who it is', async () => {
    await using agent = await stubAgent(mibOf(system()))
    expect(await askAgent(agent)).toEqual({
      address: '127.0.0.1',
      port: agent.port,
      version: 'v2c',
      credential: 'community',
      maker: '华为',
      sysName: 'kf-core-1',
      sysDescr: 'Lankao county router',
      sysLocation: '兰考机房',
      sysObjectId: '1.3.6.1.4.1.2011.2.23.1',
      services: 78,
      interfaceCount: 24,
      engineId: undefined,
      chassis: undefined,
      neighbours: [],
      neighboursCut: false,
    })
  })

  test('says whom it hears at which port, and at which address that is found', async () => {
    const rows = [
      {
        index: '0.3.1',
        chassisKind: 4,
        chassis: Buffer.from('00e0fc112233', 'hex'),
        portKind: 5,
        port: 'GigabitEthernet0/0/1',
        sysName: 'kf-access-7',
        addresses: [Buffer.from([192, 0, 2, 7]), Buffer.from('20010db8000000000000000000000007', 'hex')],
      },
      {
        index: '0.9.2',
        chassisKind: 5,
        chassis: Buffer.from([1, 192, 0, 2, 9]),
        portKind: 3,
        port: Buffer.from('a1b2c3d4e5f6', 'hex'),
      },
      { index: '5.3.4', chassisKind: 7, chassis: '核心交换机', portKind: 7, port: '' },
    ]
    const own = Buffer.from('00e0fcaabbcc', 'hex')
    await using agent = await stubAgent(mibOf({ ...system(), ...lldpObjects(own, { 3: 'GE0/0/3' }, rows) }))
    expect(await askAgent(agent)).toMatchObject({
      chassis: '00:e0:fc:aa:bb:cc',
      neighboursCut: false,
      neighbours: [
        {
          localPort: 'GE0/0/3',
          chassis: '00:e0:fc:11:22:33',
          port: 'GigabitEthernet0/0/1',
          sysName: 'kf-access-7',
          managementAddresses: ['192.0.2.7', '2001:db8::7'],
        },
        { localPort: '9', chassis: '192.0.2.9', port: 'a1:b2:c3:d4:e5:f6', managementAddresses: [] },
        { localPort: 'GE0/0/3', chassis: '核心交换机', port: 'its port' },
      ],
    })
  })
})

describe('an agent that means ill', () => {
  const column = (number: number): string => `1.0.8802.1.1.2.1.4.1.1.${number}`
  /** What a table of LLDP answers with, instead. */
  const withRemote = (next: Mib['next']): Mib => {
    const honest = mibOf(system())
    return { ...honest, next: (oid) => (oid.startsWith('1.0.8802.1.1.2.1.4') ? next(oid) : honest.next(oid)) }
  }
  const successor = (oid: string): string => {
    const parts = oid.split('.')
    return [...parts.slice(0, 11), 0, 1, Number(parts[13] ?? 0) + 1].join('.')
  }

  test('has neighbours without end: some are read, and that there are more is said', async () => {
    await using agent = await stubAgent(withRemote((oid) => [successor(oid), ber.octets('x')]))
    const { neighbours, neighboursCut, sysName } = await askAgent(agent)
    expect({ count: neighbours.length, neighboursCut, sysName }).toEqual({
      count: 256,
      neighboursCut: true,
      sysName: 'kf-core-1',
    })
  })

  test.each<[string, Mib['next']]>([
    ['says the same again', () => [`${column(4)}.0.1.1`, ber.integer(4)]],
    [
      'goes back',
      (oid) => [oid.endsWith('.1.1') ? `${column(4)}.0.0.1` : `${column(4)}.0.1.1`, ber.integer(4)],
    ],
    ['has indexes of another form', (oid) => (oid.length > 100 ? undefined : [`${oid}.1`, ber.octets('x')])],
  ])('%s: it comes to an end', async (_name, next) => {
    await using agent = await stubAgent(withRemote(next))
    expect((await askAgent(agent)).neighbours.length).toBeLessThanOrEqual(256)
  })

  test('falls silent in the middle: what it said before is there, and why there is no more', async () => {
    await using agent = await stubAgent(mibOf(system()), { mostAnswers: 2 })
    expect(await askAgent(agent)).toMatchObject({
      sysName: 'kf-core-1',
      neighbours: [],
      neighboursUnread: 'the agent fell silent after its first answers',
    })
  })

  test('whatever its LLDP cells are, an answer comes of it, and each text is one line', async () => {
    const octets = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes))
    const value = fc.oneof(
      octets.map(ber.octets),
      fc.integer({ min: 0, max: 9 }).map((number) => ber.integer(number)),
    )
    const rows = fc.array(fc.tuple(fc.integer({ min: 4, max: 9 }), fc.nat(3), fc.nat(3), value), {
      maxLength: 20,
    })
    await fc.assert(
      fc.asyncProperty(rows, octets, async (cells, chassis) => {
        const objects = Object.fromEntries(
          cells.map(([number, port, row, cell]) => [`${column(number)}.0.${port}.${row}`, cell]),
        )
        await using agent = await stubAgent(
          mibOf({ ...system(), ...lldpObjects(chassis, {}, []), ...objects }),
        )
        const { neighbours } = await askAgent(agent)
        expect(JSON.stringify(neighbours)).not.toMatch(/\\u00[01]/u)
      }),
      { numRuns: 40 },
    )
  })
})

describe('credentials', () => {
  test('are tried in their order, and the first that is answered decides', async () => {
    await using agent = await stubAgent(mibOf(system()))
    const [asked] = await ask([agent.address], agent.port, ['wrongCommunity', 'community'])
    expect(asked).toMatchObject({ end: 'found', agent: { credential: 'community' } })
    expect(agent.communities.slice(0, 2)).toEqual(['another-word', 'another-word'])
  })

  describe.skipIf(requires('snmpd').skip)('at snmpd', () => {
    test('one of v3 comes first, and then no community is told to anybody', async () => {
      await using daemon = await startSnmpd()
      const [asked] = await ask(['127.0.0.1'], daemon.port, ['sha1', 'community'])
      expect(asked).toMatchObject({
        end: 'found',
        agent: {
          credential: 'sha1',
          version: 'v3',
          sysName: 'kaifeng-county-1',
          interfaceCount: expect.any(Number) as number,
          engineId: expect.stringMatching(/^80001f88/u) as string,
        },
      })
    })

    test('who refuses them all is told of, with the first refusal', async () => {
      await using daemon = await startSnmpd()
      expect(
        await ask(['127.0.0.1'], daemon.port, ['unknownUser', 'wrongAuthPassword', 'wrongCommunity']),
      ).toEqual([
        {
          end: 'refused',
          address: '127.0.0.1',
          detail: expect.stringContaining('usmStatsUnknownUserNames') as string,
        },
      ])
    })
  })
})

describe('a range', () => {
  test('of which some answer, some are silent and most have no agent', async () => {
    await using first = await stubAgent(mibOf(system()), { address: '127.2.0.1' })
    const { port } = first
    await using second = await stubAgent(mibOf(system({ name: 'b' })), { address: '127.2.0.77', port })
    await using silent = await silentPeer('127.2.0.9', port)
    const addresses = Array.from({ length: 254 }, (_, at) => `127.2.0.${at + 1}`)
    const asked = await ask(addresses, port, ['community', 'wrongCommunity'])
    const counts = Object.fromEntries(
      Map.groupBy(asked, ({ end }) => end)
        .entries()
        .map(([end, group]) => [end, group.length]),
    )
    expect(counts).toEqual({ found: 2, silent: 1, none: 251 })
    const found = asked.flatMap((each) => (each.end === 'found' ? [each.agent.address] : []))
    expect(found.toSorted()).toEqual([first.address, second.address])
    // Twice with each community.
    expect(silent.heard()).toBe(4)
  })

  test('of silence is asked with one v3 discovery, whatever the number of users', async () => {
    const port = await freeUdpPort()
    await using silent = await silentPeer('127.2.0.9', port)
    expect(await ask(['127.2.0.9'], port, ['sha1', 'sha256'])).toEqual([
      { end: 'silent', address: '127.2.0.9' },
    ])
    expect(silent.heard()).toBe(2)
  })

  test('that is broken off ends at once, and what was found is there', async () => {
    await using agent = await stubAgent(mibOf(system()), { address: '127.2.0.1' })
    await using silent = await silentPeer('127.2.0.9', agent.port)
    const stop = new AbortController()
    const options = {
      family: 4,
      port: agent.port,
      credentials: named('community'),
      signal: stop.signal,
    } as const
    const asked: Asked[] = []
    for await (const each of discoverAgents({ ...options, addresses: [agent.address, '127.2.0.9'] })) {
      asked.push(each)
      stop.abort()
    }
    expect(asked).toMatchObject([{ end: 'found' }])
    expect(silent.heard()).toBeLessThanOrEqual(1)
  })

  test('that was broken off before it began asks nobody', async () => {
    await using agent = await stubAgent(mibOf(system()))
    expect(await ask([agent.address], agent.port, ['community'], AbortSignal.abort())).toEqual([])
    expect(agent.communities).toEqual([])
  })
})
