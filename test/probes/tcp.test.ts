import { once } from 'node:events'
import net from 'node:net'
import { expect, test } from 'vitest'
import { tcp } from '../../probes/tcp.ts'
import { probeContext } from '../support/context.ts'

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
  const measurement = await tcp.bind({ address: 'no-such-host.invalid', port: 1 })(probeContext())
  expect(measurement.status === 'down' ? measurement.cause : measurement.cause).toMatch(
    /unresolved|resolver/u,
  )
})

test('a cancelled run is unknown', async () => {
  const signal = AbortSignal.abort()
  expect(await tcp.bind({ address: '127.0.0.1', port: 1 })(probeContext({ signal }))).toMatchObject({
    status: 'unknown',
    cause: 'cancelled',
  })
})
