import { once } from 'node:events'
import net from 'node:net'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { tcp } from '../../probes/tcp.ts'
import { probeContext } from '../support/context.ts'
import { hostilePeers, peer } from '../support/peers.ts'

const listen = async (host: string): Promise<net.Server> => {
  const server = net.createServer((socket) => socket.end())
  server.listen(0, host)
  await once(server, 'listening')
  return server
}

test.each(['127.0.0.1', '::1'])('an open port on %s is up', async (address) => {
  await using server = await listen(address)
  const { port } = server.address() as net.AddressInfo
  const measurement = await tcp.bind({ address, port })(probeContext())
  expect(measurement).toMatchObject({ status: 'up', facts: { remoteAddress: address } })
})

test.each([undefined, 4] as const)('a name, of family %s', async (family) => {
  await using server = await listen('127.0.0.1')
  const { port } = server.address() as net.AddressInfo
  const spec = { address: 'localhost', port, ...(family !== undefined && { family }) }
  expect(await tcp.bind(spec)(probeContext())).toMatchObject({
    status: 'up',
    facts: { remoteAddress: '127.0.0.1' },
  })
})

test('a closed port is down: refused', async () => {
  const server = await listen('127.0.0.1')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  expect(await tcp.bind({ address: '127.0.0.1', port })(probeContext())).toMatchObject({
    status: 'down',
    cause: 'refused',
  })
})

test('a name that does not exist is down: unresolved', async () => {
  const measurement = await tcp.bind({ address: 'a..b', port: 1 })(probeContext())
  expect(measurement.cause).toMatch(/unresolved|resolver/u)
})

test('a cancelled run is unknown', async () => {
  const signal = AbortSignal.abort()
  expect(await tcp.bind({ address: '127.0.0.1', port: 1 })(probeContext({ signal }))).toMatchObject({
    status: 'unknown',
    cause: 'cancelled',
  })
})

// A reset may come before the connection is reported: either word is true of that peer.
const patientPeers = hostilePeers.filter(({ name }) => name !== 'resets')

test.each(patientPeers)('a peer that $name is up: its port is open', async ({ talk }) => {
  await using server = await peer(talk)
  const measurement = await tcp.bind({ address: '127.0.0.1', port: server.port })(probeContext())
  expect(measurement).toMatchObject({ status: 'up' })
})

const listenAndSleep = `
  const { parentPort } = require('node:worker_threads')
  const server = require('node:net').createServer()
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })`

/** Listens and never accepts: its queue is full, so the kernel drops what else comes. */
const deafServer = async (): Promise<AsyncDisposable & { readonly port: number }> => {
  const worker = new Worker(listenAndSleep, { eval: true })
  const [port] = (await once(worker, 'message')) as [number]
  const queue = Array.from({ length: 8 }, () =>
    net.connect({ port, host: '127.0.0.1' }).on('error', () => undefined),
  )
  await Promise.all(queue.slice(0, 2).map((socket) => once(socket, 'connect')))
  const dispose = async (): Promise<void> => {
    for (const socket of queue) socket.destroy()
    await worker.terminate()
  }
  return { port, [Symbol.asyncDispose]: dispose }
}

test('a host that drops the handshake is down: timeout, at the deadline', async () => {
  await using server = await deafServer()
  const run = tcp.bind({ address: '127.0.0.1', port: server.port, timeoutSeconds: 0.3 })
  expect(await run(probeContext())).toMatchObject({
    status: 'down',
    cause: 'timeout',
    detail: 'no answer within 0.3 s',
  })
})

test('a run that is cancelled in the middle is unknown', async () => {
  await using server = await deafServer()
  const cancel = new AbortController()
  const run = tcp.bind({ address: '127.0.0.1', port: server.port })
  const pending = run(probeContext({ signal: cancel.signal }))
  cancel.abort()
  expect(await pending).toMatchObject({ status: 'unknown', cause: 'cancelled' })
})
