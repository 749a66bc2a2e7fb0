import { execFile } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { ports } from '../../probes/ports/index.ts'
import { portsSpec } from '../../probes/ports/spec.ts'
import { UsageFault } from '../../src/core/fault.ts'
import { probeContext } from '../support/context.ts'
import { type Peer, closedPort, peer } from '../support/peers.ts'
import { requires } from '../support/services.ts'

const authorisedBy = ['127.0.0.0/8', '::1/128']

const look = (options: Readonly<Record<string, unknown>>) =>
  ports.bind({ address: '127.0.0.1', authorisedBy, portsPerSecond: 1000, ...options })(probeContext())

const quiet = (address?: string): Promise<Peer> => peer(() => undefined, address)

test.each(['127.0.0.1', '::1'])('what is open at %s is compared with the baseline', async (address) => {
  await using declared = await quiet(address)
  await using undeclared = await quiet(address)
  const [gone, unused] = [await closedPort(), await closedPort()]
  const measurement = await look({
    address,
    ports: [declared.port, undeclared.port, unused],
    expectedOpen: [declared.port, gone],
  })
  expect(measurement).toMatchObject({
    status: 'up',
    facts: {
      remoteAddress: address,
      tried: 4,
      open: [declared.port, undeclared.port].toSorted((left, right) => left - right),
      unexpectedOpen: [undeclared.port],
      expectedClosed: [gone],
      closed: 2,
      filtered: 0,
    },
  })
})

test('ports are tried once each, and only those asked for', async () => {
  const seen: number[] = []
  const servers = await Promise.all(
    Array.from({ length: 3 }, () => peer((socket) => seen.push(socket.localPort ?? 0))),
  )
  const [first, second, third] = servers.map(({ port }) => port)
  await look({ ports: [first, `${first}-${first}`, second], expectedOpen: [first] })
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
  expect(seen.toSorted()).toEqual([first, second].toSorted())
  expect(seen).not.toContain(third)
})

describe('authorisation', () => {
  test.each([
    ['no network', {}],
    ['another network', { authorisedBy: ['10.0.0.0/8'] }],
    ['another family', { authorisedBy: ['::/0'] }],
  ])('with %s nothing is sent: unknown, permission, and what to do', async (_, options) => {
    let connections = 0
    await using server = await peer(() => (connections += 1))
    const run = ports.bind({ address: '127.0.0.1', ports: [server.port], ...options })
    const measurement = await run(probeContext())
    expect(measurement).toMatchObject({ status: 'unknown', cause: 'permission', facts: {} })
    expect(measurement.detail).toMatch(
      /^127\.0\.0\.1 is in no network that was authorised.*yiwang network add .* scan=true/u,
    )
    const socket = net.connect(server.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.destroy()
    expect(connections).toBeLessThanOrEqual(1)
  })

  test('a name is judged by the address that it resolves to', async () => {
    const run = ports.bind({ address: 'localhost', ports: [1], authorisedBy: ['192.0.2.0/24'] })
    expect((await run(probeContext())).detail).toMatch(/^(127\.0\.0\.1|::1) is in no network/u)
  })
})

test.each([
  ['no port', { ports: [] }],
  ['a range upside down', { ports: ['90-80'] }],
  ['a range past the end', { ports: ['65000-66000'] }],
  ['a word', { ports: ['ssh'] }],
  ['port 0', { ports: [0] }],
  ['too many ports', { ports: ['1-4097'] }],
  ['ranges without end', { ports: Array.from({ length: 4096 }, () => '1-65535') }],
  ['too many with the baseline', { ports: ['1-4096'], expectedOpen: [5000] }],
  ['a network that is none', { ports: [1], authorisedBy: ['192.0.2.0/33'] }],
  ['a network without a length', { ports: [1], authorisedBy: ['192.0.2.0'] }],
  ['a rate without bound', { ports: [1], portsPerSecond: 1e6 }],
  ['less time than silent ports take', { ports: ['1-1000'], timeoutSeconds: 5 }],
])('%s is a fault of the operator', (_, options) => {
  expect(() => ports.bind({ address: '127.0.0.1', ...options })).toThrow(UsageFault)
})

test('the deadline is by default what silent ports take', () => {
  const deadline = (options: Readonly<Record<string, unknown>>) =>
    portsSpec.parse({ address: 'a', ...options }).timeoutSeconds
  expect(deadline({ ports: [1] })).toBe(9)
  expect(deadline({ ports: ['1-4096'], portTimeoutSeconds: 0.1 })).toBe(88)
  expect(deadline({ ports: ['1-4096'] })).toBe(519)
})

test('connections are begun at the pace, not faster', async () => {
  const { seconds } = await look({ ports: ['1-6'], portsPerSecond: 20 })
  expect(seconds).toBeGreaterThanOrEqual(0.25)
})

const listenAndSleep = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { once } = require('node:events')
  const listen = async () => {
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 })
    await once(server, 'listening')
    return server.address().port
  }
  Promise.all(Array.from({ length: workerData }, listen)).then((ports) => {
    parentPort.postMessage(ports)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })`

/** Ports that are listened on and never accepted from: their queues are full, so the kernel drops what else comes. */
const deafPorts = async (count: number): Promise<AsyncDisposable & { readonly ports: readonly number[] }> => {
  const worker = new Worker(listenAndSleep, { eval: true, workerData: count })
  const [silent] = (await once(worker, 'message')) as [readonly number[]]
  const queues = silent.map((port) =>
    Array.from({ length: 8 }, () => net.connect({ port, host: '127.0.0.1' }).on('error', () => undefined)),
  )
  await Promise.all(queues.flatMap((queue) => queue.slice(0, 2)).map((socket) => once(socket, 'connect')))
  const dispose = async (): Promise<void> => {
    for (const socket of queues.flat()) socket.destroy()
    await worker.terminate()
  }
  return { ports: silent, [Symbol.asyncDispose]: dispose }
}

test('a port that does not answer is filtered', async () => {
  await using deaf = await deafPorts(1)
  const [deafPort] = deaf.ports
  await using open = await quiet()
  const options = { portTimeoutSeconds: 0.2, expectedOpen: [deafPort, open.port] }
  expect(await look({ ports: [deafPort, await closedPort()], ...options })).toMatchObject({
    status: 'up',
    facts: { open: [open.port], expectedClosed: [deafPort], closed: 1, filtered: 1 },
  })
  expect(await look({ ports: [deafPort], portTimeoutSeconds: 0.2 })).toMatchObject({
    status: 'down',
    cause: 'timeout',
    detail: 'no answer from any of 1 ports',
    facts: { tried: 1, open: [], filtered: 1 },
  })
})

test('at most sixteen are under way at once: a seventeenth silent port waits for its turn', async () => {
  await using deaf = await deafPorts(17)
  const options = { portTimeoutSeconds: 0.2, portsPerSecond: 1000 }
  const measurement = await look({ ports: deaf.ports, ...options })
  expect(measurement.facts).toMatchObject({ tried: 17, filtered: 17 })
  expect(measurement.seconds).toBeGreaterThanOrEqual(0.4)
})

test('a run that is cancelled in the middle is unknown, and begins nothing more', async () => {
  const cancel = new AbortController()
  const tried: number[] = []
  const servers = await Promise.all(
    Array.from({ length: 4 }, () =>
      peer((socket) => {
        tried.push(socket.localPort ?? 0)
        cancel.abort()
      }),
    ),
  )
  const run = ports.bind({
    address: '127.0.0.1',
    authorisedBy,
    ports: servers.map(({ port }) => port),
    portsPerSecond: 2,
  })
  const measurement = await run(probeContext({ signal: cancel.signal }))
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
  expect(measurement).toMatchObject({ status: 'unknown', cause: 'cancelled' })
  expect(tried).toHaveLength(1)
})

test('the whole ephemeral range of loopback has no port that only met itself', async () => {
  const { facts } = await look({ ports: ['40000-40800'] })
  const { stdout } = await run('ss', ['-Hltn'])
  const listening = new Set([...stdout.matchAll(/:(\d+)\s/gu)].map(([, port]) => Number(port)))
  expect((facts['open'] as readonly number[]).filter((port) => !listening.has(port))).toEqual([])
})

const run = promisify(execFile)

test.skipIf(requires('nmap').skip)('nmap -sT finds the same open, closed and filtered', async () => {
  await using deaf = await deafPorts(1)
  const [deafPort] = deaf.ports
  const servers = await Promise.all(Array.from({ length: 12 }, () => quiet()))
  const tried = [...servers.map(({ port }) => port), deafPort]
  for (let index = 0; index < 12; index += 1) tried.push(await closedPort())
  const [{ stdout }, { facts }] = await Promise.all([
    run('nmap', ['-sT', '-Pn', '-n', '-oG', '-', '--max-retries', '1', '-p', tried.join(','), '127.0.0.1']),
    look({ ports: tried, portTimeoutSeconds: 0.5 }),
  ])
  const byState = (state: string): readonly number[] =>
    [...stdout.matchAll(new RegExp(`(\\d+)/${state}/`, 'gu'))].map(([, port]) => Number(port))
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
  expect(facts['open']).toEqual(byState('open'))
  expect(facts['open']).toHaveLength(12)
  expect(facts['filtered']).toBe(byState('filtered').length)
  expect(facts).toMatchObject({ closed: 12, filtered: 1, tried: 25 })
})
