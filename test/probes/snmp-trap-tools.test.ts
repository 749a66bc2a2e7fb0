import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { requires } from '../support/services.ts'
import { type Snmpd, secrets, startSnmpd } from './snmp-peers.ts'
import { device, linkDown, receive, speakFrom, tool, toolOptions } from './snmp-trap-peers.ts'

const run = promisify(execFile)

const router = { community: '127.0.0.2', sha1: '127.0.0.3', sha256: '127.0.0.4' } as const
const devices = Object.entries(router).map(([credential, address]) => device(credential, address, credential))

const said = {
  oid: '1.3.6.1.6.3.1.1.5.3',
  name: 'linkDown',
  uptimeSeconds: 47.11,
  link: { index: 7, name: 'GigabitEthernet0/0/7', adminUp: true, operUp: false },
  varbinds: [
    { oid: '1.3.6.1.2.1.2.2.1.1.7', value: 7 },
    { oid: '1.3.6.1.2.1.2.2.1.7.7', value: 1 },
    { oid: '1.3.6.1.2.1.2.2.1.8.7', value: 2 },
    { oid: '1.3.6.1.2.1.31.1.1.1.1.7', value: 'GigabitEthernet0/0/7' },
  ],
  varbindsOmitted: 0,
  receivedAtSeconds: 1000,
  rateLimited: 0,
}

describe.skipIf(requires('snmptrap', 'snmpinform', 'snmpd', 'snmpget').skip)('net-snmp’s tools', () => {
  test('a trap of v2c is taken', async () => {
    await using reception = await receive(devices)
    await tool('snmptrap', reception.receiver.port, toolOptions.community, { from: router.community })
    await reception.until(1)
    const facts = { ...said, version: 'v2c', inform: false, received: { linkDown: 1 } }
    expect(reception.taken).toMatchObject([{ job: 'community', facts }])
  })

  test.each(['community', 'sha1', 'sha256'] as const)(
    '%s: an inform is taken and acknowledged',
    async (by) => {
      await using reception = await receive(devices)
      await tool('snmpinform', reception.receiver.port, toolOptions[by], { from: router[by] })
      const version = by === 'community' ? 'v2c' : 'v3'
      expect(reception.taken).toMatchObject([{ job: by, facts: { ...said, version, inform: true } }])
      expect(reception.bugs).toEqual([])
    },
  )

  test('what is not kept is not acknowledged, and is taken when it comes again', async () => {
    await using reception = await receive(devices)
    reception.keeps = false
    const informing = tool('snmpinform', reception.receiver.port, toolOptions.sha256, {
      from: router.sha256,
      repeats: 10,
      seconds: 1,
    })
    await reception.until(1)
    reception.keeps = true
    await informing
    expect(reception.taken.length).toBeGreaterThanOrEqual(2)
    expect(reception.receiver.dropped()).toHaveProperty('notKept')
  })

  test.each([
    { by: 'wrongCommunity', from: router.community, reason: 'community' },
    { by: 'community', from: '127.0.0.9', reason: 'stranger' },
    { by: 'community', from: router.sha256, reason: 'credential' },
    { by: 'unknownUser', from: router.sha256, reason: 'user' },
    { by: 'sha1', from: router.sha256, reason: 'user' },
    { by: 'wrongAuthPassword', from: router.sha256, reason: 'digest' },
    { by: 'wrongPrivPassword', from: router.sha256, reason: 'decryption' },
    { by: 'inClear', from: router.sha256, reason: 'level' },
    { by: 'notEncrypted', from: router.sha256, reason: 'level' },
  ] as const)('an inform of $by from $from is refused: $reason', async ({ by, from, reason }) => {
    await using reception = await receive(devices)
    // Only v3 is told why; who speaks v2c waits.
    const options = { from, seconds: by === 'community' || by === 'wrongCommunity' ? 1 : 20 }
    const failure = await tool('snmpinform', reception.receiver.port, toolOptions[by], options).catch(
      (error: unknown) => error as { stderr: string },
    )
    expect(failure).toHaveProperty('stderr')
    await reception.untilDropped(reason)
    expect(reception.taken).toEqual([])
    expect(secrets.filter((secret) => JSON.stringify(reception.receiver.dropped()).includes(secret))).toEqual(
      [],
    )
  })

  test('the reports that refuse are net-snmp’s own words', async () => {
    await using reception = await receive(devices)
    const words = async (by: keyof typeof toolOptions): Promise<string> => {
      const informing = tool('snmpinform', reception.receiver.port, toolOptions[by], { from: router.sha256 })
      return informing.then(
        () => '',
        (error: unknown) => (error as { stderr: string }).stderr,
      )
    }
    expect(await words('unknownUser')).toContain('Unknown user name')
    expect(await words('wrongAuthPassword')).toContain('Authentication failure')
    expect(await words('inClear')).toContain('Unsupported security level')
    expect(await words('wrongPrivPassword')).toMatch(/[Dd]ecryption error/u)
  })

  describe('traps of v3, whose engine is the device’s own', () => {
    let daemon: Snmpd
    beforeAll(async () => {
      daemon = await startSnmpd()
    })
    afterAll(() => daemon[Symbol.asyncDispose]())

    /** Engine id, boots and time of the daemon, as a trap of its own would state them. */
    const engineOf = async (): Promise<{ id: string; boots: number; time: number }> => {
      const oids = ['1', '2', '3'].map((number) => `.1.3.6.1.6.3.10.2.1.${number}.0`)
      const where = ['-Oqvx', `udp:127.0.0.1:${daemon.port}`, ...oids]
      const { stdout } = await run('snmpget', [...toolOptions.community, ...where], { env: { MIBS: '' } })
      const [, id = '', boots, time] = /^"([^"]*)"\s+(\d+)\s+(\d+)\s*$/u.exec(stdout) ?? []
      return { id: id.replaceAll(/\s/gu, ''), boots: Number(boots), time: Number(time) }
    }

    const send = async (
      port: number,
      by: keyof typeof toolOptions,
      { id, boots, time }: { id: string; boots: number; time: number },
      more = {},
    ): Promise<void> =>
      tool('snmptrap', port, [...toolOptions[by], '-e', `0x${id}`, '-Z', `${boots},${time}`], more)

    const polled = (by: 'sha1' | 'sha256') => device(by, '127.0.0.1', by, { port: daemon.port })

    test.each(['sha1', 'sha256'] as const)('%s: the device is asked who it is, then believed', async (by) => {
      await using reception = await receive([polled(by)])
      await send(reception.receiver.port, by, await engineOf())
      await reception.until(1)
      expect(reception.taken).toMatchObject([{ job: by, facts: { ...said, version: 'v3', inform: false } }])
    })

    test('another engine, however authentic, is not the device’s', async () => {
      await using reception = await receive([polled('sha256')])
      await send(reception.receiver.port, 'sha256', { ...(await engineOf()), id: '8000000004aabbccdd' })
      await reception.untilDropped('engine')
      expect(reception.taken).toEqual([])
    })

    test('an engine that is configured is believed without being asked', async () => {
      const id = '8000000004aabbccdd'
      await using reception = await receive([device('d', '127.0.0.5', 'sha256', { engineId: id })])
      await send(reception.receiver.port, 'sha256', { id, boots: 3, time: 1000 }, { from: '127.0.0.5' })
      await reception.until(1)
      await send(
        reception.receiver.port,
        'wrongAuthPassword',
        { id, boots: 3, time: 1000 },
        { from: '127.0.0.5' },
      )
      await reception.untilDropped('digest')
      await send(
        reception.receiver.port,
        'wrongPrivPassword',
        { id, boots: 3, time: 1000 },
        { from: '127.0.0.5' },
      )
      await reception.untilDropped('decryption')
      await send(reception.receiver.port, 'notEncrypted', { id, boots: 3, time: 1000 }, { from: '127.0.0.5' })
      await reception.untilDropped('level')
    })

    test('what is older than the window is not taken; after a boot it counts anew', async () => {
      const id = '8000000004aabbccee'
      const from = '127.0.0.6'
      await using reception = await receive([device('d', from, 'sha256', { engineId: id })])
      const { port } = reception.receiver
      await send(port, 'sha256', { id, boots: 3, time: 1000 }, { from })
      await reception.until(1)
      await send(port, 'sha256', { id, boots: 3, time: 840 }, { from })
      await reception.untilDropped('time')
      await send(port, 'sha256', { id, boots: 2, time: 5000 }, { from })
      await reception.untilDropped('time', 2)
      await send(port, 'sha256', { id, boots: 4, time: 1 }, { from, trap: ['1.3.6.1.6.3.1.1.5.1'] })
      await reception.until(2)
      expect(reception.taken[1]).toMatchObject({
        facts: { name: 'coldStart', received: { linkDown: 1, coldStart: 1 } },
      })
    })

    test('a trap that was overheard and is sent again is taken once', async () => {
      const id = '8000000004aabbccff'
      const from = '127.0.0.7'
      await using wire = await speakFrom('127.0.0.1')
      await using replayer = await speakFrom(from)
      await send(wire.port, 'sha256', { id, boots: 3, time: 1000 }, { trap: linkDown })
      const overheard = await wire.hear()
      await using reception = await receive([device('d', from, 'sha256', { engineId: id })])
      for (let times = 0; times < 3; times += 1) await replayer.send(overheard, reception.receiver.port)
      await reception.untilDropped('repeated', 2)
      expect(reception.taken).toHaveLength(1)
    })
  })
})
