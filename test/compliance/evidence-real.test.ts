import https from 'node:https'
import packet from 'dns-packet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { probeByKind } from '../../probes/index.ts'
import { snmp } from '../../probes/snmp/index.ts'
import type { Verdict } from '../../src/core/host-evidence.ts'
import type { ProbeContext } from '../../src/core/probe.ts'
import { addIfTable, addSystem, libraryAgent, snmpContext } from '../probes/snmp-peers.ts'
import { answerTo } from '../probes/ntp-peers.ts'
import { kexInit, packet as sshPacket } from '../probes/ssh-peers.ts'
import { html, serve, serveTls, site } from '../probes/web-peers.ts'
import { type CertificateWorkshop, certificateWorkshop, type KeyPair } from '../support/certificates.ts'
import { probeContext } from '../support/context.ts'
import { closedPort, listening, peer, udpPeer } from '../support/peers.ts'
import { evidenceOf, seen } from './evidence-site.ts'

/** Rules read facts by name: that the probes write them so is shown with the probes themselves. */

let workshop: CertificateWorkshop
let pair: KeyPair
beforeAll(async () => {
  workshop = await certificateWorkshop()
  pair = await workshop.issue({ commonName: 'localhost', names: 'IP:127.0.0.1' })
})
afterAll(() => workshop[Symbol.asyncDispose]())

/** What each rule says of a look that is made now. */
const saidOf = async (
  kind: string,
  options: object,
  context: ProbeContext = probeContext(),
): Promise<Readonly<Record<string, Verdict>>> => {
  const probe = probeByKind.get(kind)
  if (probe === undefined) throw new Error(`no probe ${kind}`)
  const measurement = await probe.bind({ address: '127.0.0.1', ...options })(context)
  const observations = [seen({ ...measurement, kind })]
  const evidence = evidenceOf({ now: measurement.observedAt, observations })
  return Object.fromEntries(
    evidence.filter(({ source }) => source.from === 'probe').map(({ rule, says }) => [rule, says]),
  )
}

describe('web', () => {
  test('a login over plain HTTP', async () => {
    await using server = await serve(html('<title>用户登录</title>', { 'set-cookie': 'SID=1' }))
    expect(await saidOf('http', { scheme: 'http', port: server.port })).toEqual({
      'http.plain': 'contradicts',
      'http.plain-login': 'contradicts',
      'looks.state': 'supports',
    })
  })

  test('the same over HTTPS, of a server that asks for no client certificate', async () => {
    await using server = await serveTls(pair, html('<title>用户登录</title>'))
    expect(await saidOf('http', { scheme: 'https', port: server.port })).toMatchObject({
      'http.plain': 'supports',
      'http.plain-login': 'supports',
      'http.client-certificate': 'contradicts',
    })
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('of one that insists on it, %s', async (maxVersion) => {
    const options = { ...pair, requestCert: true, rejectUnauthorized: true, ca: pair.cert, maxVersion }
    await using server = await listening(https.createServer(options, html('')))
    const { port } = server
    const said = await saidOf('http', { scheme: 'https', port, timeoutSeconds: 3 })
    expect(said['http.client-certificate']).not.toBe('contradicts')
    if (maxVersion === 'TLSv1.3') expect(said['http.client-certificate']).toBe('supports')
  })

  test('an attack that is to be stopped, malformed input, and the test virus', async () => {
    const virus = Buffer.from(
      'WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNULUZJTEUhJEgrSCo=',
      'base64',
    )
    const pages = {
      '/?yiwang-test=attack': html('', {}, 403),
      '/?yiwang-test=input': html('', {}, 500),
      '/eicar.com?yiwang-test=virus': html(virus),
    }
    await using server = await serve(site(pages))
    const ask = (path: string) => saidOf('http', { scheme: 'http', port: server.port, path })
    expect(await ask('/?yiwang-test=attack')).toMatchObject({
      'http.attack-test': 'supports',
      'http.attack-test-inside': 'supports',
      'http.attack-noticed': 'supports',
    })
    expect(await ask('/?yiwang-test=input')).toMatchObject({ 'http.malformed-input': 'contradicts' })
    expect(await ask('/eicar.com?yiwang-test=virus')).toMatchObject({ 'http.test-virus': 'contradicts' })
  })

  test('an audit', async () => {
    const listing = '<title>Index of /js/</title><h1>Index of /js/</h1><hr><pre><a href="../">'
    const welcome = html('<title>Welcome to nginx!</title>', { 'set-cookie': 'SID=1' })
    const pages = { '/': welcome, '/js/': listing }
    await using server = await serveTls(pair, site(pages))
    await using plain = await serve(html('<title>首页</title>'))
    const options = { scheme: 'https', port: server.port, httpPort: plain.port }
    expect(await saidOf('http-audit', options)).toEqual({
      'http.plain-door': 'contradicts',
      'http.cookies': 'contradicts',
      'http.default-page': 'contradicts',
      'http.exposure': 'contradicts',
      'looks.audit': 'supports',
    })
  })

  test('a page that is not the approved one', async () => {
    await using server = await serve(html('<title>首页</title>'))
    const baseline = { sha256: '0'.repeat(64) }
    const said = await saidOf('page', { scheme: 'http', port: server.port, baseline })
    expect(said).toMatchObject({ 'page.baseline': 'contradicts', 'http.plain': 'contradicts' })
  })
})

describe('TLS', () => {
  test('a server of today with a certificate of its own', async () => {
    await using server = await listening(https.createServer({ ...pair, minVersion: 'TLSv1.2' }, html('')))
    expect(await saidOf('tls', { port: server.port })).toMatchObject({ 'tls.session': 'cannot-tell' })
    const audit = await saidOf('tls-audit', { port: server.port, pauseSeconds: 0 })
    expect(audit).toEqual({
      'tls.secrecy': 'supports',
      'tls.integrity': 'supports',
      'tls.known-attacks': 'cannot-tell',
      'tls.national': 'cannot-tell',
      'looks.audit': 'supports',
    })
  })

  test('one that still takes TLS 1.0', async () => {
    const old = { ...pair, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    await using server = await listening(https.createServer(old, html('')))
    expect(await saidOf('tls-audit', { port: server.port, pauseSeconds: 0 })).toMatchObject({
      'tls.secrecy': 'contradicts',
      'tls.integrity': 'contradicts',
    })
  })
})

describe('others', () => {
  test('ports', async () => {
    await using server = await peer(() => undefined)
    const options = { ports: [server.port], authorisedBy: ['127.0.0.0/8'] }
    expect(await saidOf('ports', options)).toEqual({
      'ports.plaintext-management': 'cannot-tell',
      'ports.plaintext-transfer': 'cannot-tell',
      'ports.high-risk': 'cannot-tell',
      'ports.remote-control': 'cannot-tell',
      'looks.audit': 'supports',
    })
    const approved = await saidOf('ports', { ...options, expectedOpen: [server.port] })
    expect(approved).toMatchObject({ 'ports.high-risk': 'supports', 'ports.drift': 'supports' })
    const expectedOpen = [await closedPort()]
    const drifted = await saidOf('ports', { ...options, expectedOpen })
    expect(drifted).toMatchObject({ 'ports.high-risk': 'contradicts', 'ports.drift': 'contradicts' })
  })

  test.each([
    ['aes256-ctr', 'supports'],
    ['aes256-ctr,arcfour128', 'contradicts'],
  ])('ssh with %s', async (ciphers, says) => {
    const offer = kexInit(
      'curve25519-sha256',
      'rsa-sha2-512',
      ciphers,
      ciphers,
      'hmac-sha2-256',
      'hmac-sha2-256',
    )
    await using server = await peer((socket) => {
      socket.write('SSH-2.0-Test_1.0\r\n')
      socket.write(sshPacket(offer))
    })
    const said = await saidOf('ssh', { port: server.port })
    expect(said).toMatchObject({ 'ssh.algorithms': says })
  })

  test.each([
    [0, 'supports'],
    [90_000, 'contradicts'],
  ])('a clock that is %i ms ahead', async (aheadMs, says) => {
    await using server = await udpPeer((request) => [answerTo(request, { aheadMs })])
    expect(await saidOf('ntp', { port: server.port })).toMatchObject({ 'ntp.offset': says })
  })

  test('SNMP v2c, a model that is not the recorded one', async () => {
    using agent = await libraryAgent()
    addSystem(agent.mib, { sysDescr: 'Other 9000', sysUpTime: 100_000, sysName: 'r' })
    const options = { port: agent.port, credential: 'community' }
    expect(await saidOf('snmp', options, snmpContext())).toMatchObject({
      'snmp.version': 'contradicts',
      'snmp.model': 'contradicts',
      'snmp.default-community': 'cannot-tell',
    })
  })

  /** The counter is read, says the first number, and a minute later the second. */
  test.each([
    { line: 'that was full for a minute', octets: [1_000, 6_001_000], says: 'contradicts' },
    { line: 'that was not', octets: [1_000, 601_000], says: 'cannot-tell' },
    { line: 'whose counter was cleared', octets: [6_001_000, 1_000], says: 'cannot-tell' },
  ])('a line of 1 Mbit/s $line', async ({ octets: [before = 0, after = 0], says }) => {
    using agent = await libraryAgent()
    addSystem(agent.mib, { sysDescr: 'router', sysUpTime: 100_000, sysName: 'r' })
    const line = { index: 1, descr: 'ge-0', adminStatus: 1, operStatus: 1, speed: 1_000_000 }
    addIfTable(agent.mib, [{ ...line, inOctets: before }])
    const options = { address: '127.0.0.1', port: agent.port, credential: 'community' }
    const at = Date.parse('2026-11-25T02:00:00Z')
    const first = await snmp.bind(options)(snmpContext({ now: () => at }))
    agent.mib.setScalarValue('sysUpTime', 106_000)
    agent.mib.setTableSingleCell('ifEntry', 10, [1], after)
    const context = snmpContext({ now: () => at + 60_000, previous: first.facts })
    expect(await saidOf('snmp', options, context)).toMatchObject({ 'snmp.peak-load': says })
  })

  test('DNS', async () => {
    await using server = await udpPeer((request) => {
      const { id, questions } = packet.decode(request)
      const answers = [{ name: 'mail.test', type: 'TXT', ttl: 60, data: ['v=spf1 +all'] } as const]
      return [packet.encode({ id, questions, answers, type: 'response' })]
    })
    const said = await saidOf('dns', { port: server.port, name: 'mail.test', type: 'TXT' })
    expect(said).toMatchObject({ 'dns.sender-policy': 'contradicts' })
  })

  test('this machine itself', async () => {
    const said = await saidOf('host', {})
    expect(Object.keys(said)).toEqual(
      expect.arrayContaining(['host.listening', 'host.side-doors', 'host.clock', 'host.load']),
    )
  })
})
