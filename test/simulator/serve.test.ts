import { execFile } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import { createRequire } from 'node:module'
import tls from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { designCity, servicesOf } from '../../src/simulator/city.ts'
import { startSimulator, type Simulator } from '../../src/simulator/serve.ts'
import type { Service } from '../../src/simulator/service.ts'
import { requires } from '../support/services.ts'
import { kaifeng } from './seed.ts'

const run = promisify(execFile)
const dnsPacket = createRequire(import.meta.url)('dns-packet') as {
  encode(packet: object): Buffer
  decode(datagram: Buffer): { answers: readonly { data: unknown }[]; rcode: string }
}

const city = designCity(kaifeng)
const services = servicesOf(city)
const county = 'n-410221'
let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator(city, { basePort: 0 })
})
afterAll(() => simulator[Symbol.asyncDispose]())

const service = (id: string): Service => services.find((each) => each.id === id)!
const place = (id: string): { host: string; port: number } => ({
  host: service(id).address,
  port: simulator.ports.get(id)!,
})
const urlOf = (id: string, scheme: 'http' | 'https'): string => {
  const { host, port } = place(id)
  return `${scheme}://${host}:${port}/`
}

/** What the peer says until it hangs up, after `hello`. */
const talk = async (id: string, hello?: string): Promise<Buffer> => {
  const socket = net.connect(place(id))
  if (hello !== undefined) socket.write(hello)
  const chunks = await Array.fromAsync(socket as AsyncIterable<Buffer>)
  return Buffer.concat(chunks)
}

const codeOfConnect = async (id: string): Promise<string | undefined> => {
  const socket = net.connect(place(id))
  try {
    await once(socket, 'connect')
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  } finally {
    socket.destroy()
  }
}

test('every service has a port', () => {
  expect([...simulator.ports.keys()].toSorted()).toEqual(services.map(({ id }) => id).toSorted())
  expect([...simulator.ports.values()].every((port) => port > 0)).toBe(true)
  expect(simulator.moved).toEqual([])
})

test('a node greets and hangs up', async () => {
  expect((await talk(city.top)).toString()).toBe('SSH-2.0-yiwang_simulator\r\n')
})

test('a database takes the connection', async () => {
  expect(await codeOfConnect('s-demo-population')).toBeUndefined()
})

test('a closed port refuses', async () => {
  expect(await codeOfConnect('s-demo-geography')).toBe('ECONNREFUSED')
})

test('garbage is no HTTP', async () => {
  expect((await talk('s-demo-audit', 'GET / HTTP/1.1\r\n\r\n')).toString('latin1')).not.toContain('HTTP/')
})

test('a web site has a page that says it is simulated', async () => {
  const response = await fetch(urlOf('s-demo-hotline', 'http'))
  expect(response.status).toBe(200)
  expect(await response.text()).toContain('<title>明文的样例网站甲（模拟）</title>')
})

test('a site redirects to its portal', async () => {
  const url = urlOf('s-demo-mobile', 'http')
  const response = await fetch(url, { redirect: 'manual' })
  expect([response.status, response.headers.get('location')]).toEqual([302, '/portal/'])
  expect((await fetch(url)).status).toBe(200)
})

test('a slow site takes the request and says nothing for long', async () => {
  const socket = net.connect(place('s-demo-card'))
  socket.write('GET / HTTP/1.1\r\nhost: slow\r\n\r\n')
  await expect(once(socket, 'data', { signal: AbortSignal.timeout(300) })).rejects.toThrow('aborted')
  socket.destroy()
})

test.each([
  { id: 's-demo-portal', problem: null },
  { id: 's-demo-trading', problem: null },
  { id: 's-demo-approval', problem: 'CERT_HAS_EXPIRED' },
  { id: 's-demo-credit', problem: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  { id: 's-demo-estate', problem: 'ERR_TLS_CERT_ALTNAME_INVALID' },
])('the certificate of $id: $problem', async ({ id, problem }) => {
  const socket = tls.connect({ ...place(id), ca: simulator.authority, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { authorizationError } = socket
  const code =
    authorizationError instanceof Error
      ? (authorizationError as NodeJS.ErrnoException).code
      : authorizationError
  expect(code).toBe(problem)
  socket.destroy()
})

test('the certificate of s-demo-trading expires in ten days', async () => {
  const socket = tls.connect({ ...place('s-demo-trading'), ca: simulator.authority })
  await once(socket, 'secureConnect')
  const days = (Date.parse(socket.getPeerCertificate().valid_to) - Date.now()) / 86_400_000
  expect(days).toBeGreaterThan(9.9)
  expect(days).toBeLessThan(10.1)
  socket.destroy()
})

const ask = async (id: string, datagram: Buffer, waitMs: number): Promise<Buffer | undefined> => {
  const { host, port } = place(id)
  const socket = dgram.createSocket('udp4')
  try {
    socket.send(datagram, port, host)
    const [reply] = (await once(socket, 'message', { signal: AbortSignal.timeout(waitMs) })) as [Buffer]
    return reply
  } catch {
    return undefined
  } finally {
    socket.close()
  }
}

const query = (name: string, type = 'A'): Buffer =>
  dnsPacket.encode({ type: 'query', id: 1, flags: 0x0100, questions: [{ name, type }] })

test.each([
  { name: 'portal.kaifeng.example', type: 'A', rcode: 'NOERROR', data: ['127.42.0.1'] },
  { name: 'Portal.Kaifeng.Example', type: 'A', rcode: 'NOERROR', data: ['127.42.0.1'] },
  { name: 'portal.kaifeng.example', type: 'AAAA', rcode: 'NOERROR', data: [] },
  { name: 'missing.kaifeng.example', type: 'A', rcode: 'NXDOMAIN', data: [] },
])('the name service answers $name $type: $rcode', async ({ name, type, rcode, data }) => {
  const reply = dnsPacket.decode((await ask('s-demo-name-service', query(name, type), 5000))!)
  expect(reply.rcode).toBe(rcode)
  expect(reply.answers.map((answer) => answer.data)).toEqual(data)
})

test('the standby name service is silent', async () => {
  expect(await ask('s-demo-name-service-standby', query('portal.kaifeng.example'), 300)).toBeUndefined()
})

test.each(['s-demo-name-service', 'd-demo-core'])('%s outlives noise', async (id) => {
  for (const length of [0, 1, 12, 500, 9000]) await ask(id, Buffer.alloc(length, 0x30), 20)
  await ask(id, query('portal.kaifeng.example').subarray(0, 20), 20)
  expect(simulator.ports.has(id)).toBe(true)
  if (id === 's-demo-name-service') expect(await ask(id, query('portal.kaifeng.example'), 5000)).toBeDefined()
})

test('a cut closes the county and what is behind it, and a repair brings it back on the same ports', async () => {
  const hall = `s-demo-hall-${county.slice(2)}`
  const township = city.nodes.find(({ record }) => record.uplinks.some(({ to }) => to === county))!.record.id
  const closed = await simulator.cut(county)
  expect(closed).toEqual(expect.arrayContaining([county, hall, township]))
  for (const id of [county, hall, township]) expect(await codeOfConnect(id)).toBe('ECONNREFUSED')
  expect(await codeOfConnect('n-410222')).toBeUndefined()
  expect(await simulator.repair(county)).toEqual(closed)
  for (const id of [county, hall, township]) expect(await codeOfConnect(id)).toBeUndefined()
})

test('a cut drops who is connected', async () => {
  const { host, port } = place(`s-demo-hall-${county.slice(2)}`)
  const socket = net.connect(port, host)
  await once(socket, 'connect')
  const ended = once(socket, 'close')
  await simulator.cut(county)
  await ended
  await simulator.repair(county)
})

test('cuts and repairs at once leave the city as the last one wants it', async () => {
  await Promise.all([
    simulator.cut(county),
    simulator.repair(county),
    simulator.cut(county),
    simulator.cut(county),
    simulator.repair(county),
  ])
  for (const { id, behaviour } of services)
    if (behaviour.kind === 'management') expect(await codeOfConnect(id)).toBeUndefined()
})

test('a port that was taken meanwhile is said, and had again once it is free', async () => {
  const hall = `s-demo-hall-${county.slice(2)}`
  const closed = await simulator.cut(county)
  const squatter = net.createServer().listen(place(hall))
  await once(squatter, 'listening')
  await expect(simulator.repair(county)).rejects.toMatchObject({ code: 'PORT_IN_USE' })
  expect(await codeOfConnect(county)).toBeUndefined()
  squatter.close()
  await once(squatter, 'close')
  expect(await simulator.repair(county)).toEqual([hall])
  expect(closed).toContain(hall)
})

test('a certificate stays the same when its server comes back', async () => {
  const fingerprint = async (): Promise<string> => {
    const socket = tls.connect({ ...place('s-demo-portal'), ca: simulator.authority })
    await once(socket, 'secureConnect')
    const { fingerprint256 } = socket.getPeerCertificate()
    socket.destroy()
    return fingerprint256
  }
  const before = await fingerprint()
  await simulator.cut(city.top)
  await simulator.repair(city.top)
  expect(await fingerprint()).toBe(before)
})

test('a node that is none of the city’s is refused', async () => {
  await expect(simulator.cut('n-nowhere')).rejects.toThrow(
    'expected a node of the simulated city, got n-nowhere',
  )
})

describe.skipIf(requires('curl', 'dig', 'openssl').skip)('curl, dig and openssl', () => {
  test('agree with what was promised', async () => {
    const name = place('s-demo-name-service')
    const dig = await run('dig', [
      '+short',
      `@${name.host}`,
      '-p',
      String(name.port),
      'portal.kaifeng.example',
    ])
    expect(dig.stdout).toBe('127.42.0.1\n')
    const curl = await run('curl', [
      '-s',
      '-L',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      urlOf('s-demo-mobile', 'http'),
    ])
    expect(curl.stdout).toBe('200')
    const { host, port } = place('s-demo-approval')
    const { stdout } = await run('sh', ['-c', `openssl s_client -connect ${host}:${port} </dev/null 2>&1`])
    expect(stdout).toContain('certificate has expired')
  })
})
