import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { send } from '../../src/collector/http-answer.ts'
import { createReaders } from '../../src/collector/readers.ts'

const large = Array.from({ length: 64 }, () => ({
  length: 1024 * 1024,
  bytes: Buffer.alloc(1024 * 1024, 'x'),
}))

test('a reader that holds a rendering too long is cut, and what it held is let go', async () => {
  const readers = createReaders(1)
  const hold = readers.hold({})
  const ended = Promise.withResolvers<undefined>()
  const server = http.createServer((_request, response) => {
    const answer = { status: 200, body: large, hold }
    send(response, answer, undefined).catch(() => ended.resolve(undefined))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const request = http.get({ port, host: '127.0.0.1' })
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  response.pause()
  readers.hold({})
  await ended.promise
  expect(hold.signal.aborted).toBe(true)
  await expect(response.toArray()).rejects.toThrow('aborted')
  server.close()
})
