import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { icmp, icmpMethod } from '../../probes/icmp/index.ts'
import { UsageFault } from '../../src/core/fault.ts'
import { probeContext } from '../support/context.ts'
import { sweepWith } from '../support/sweep.ts'

const once = { count: 1 }
const sweep = (specs: readonly object[], context = probeContext()) =>
  sweepWith(
    icmp,
    specs.map((spec, index) => ({ id: String(index), spec })),
    context,
  )

describe.skipIf(!['raw', 'datagram'].includes(icmpMethod()))('icmp on loopback', () => {
  test.each(['127.0.0.1', '127.9.8.7', '::1'])('%s is up, with its round trips', async (address) => {
    const measurement = await icmp.bind({ address, intervalSeconds: 0.01 })(probeContext())
    expect(measurement).toMatchObject({
      status: 'up',
      facts: {
        method: icmpMethod(),
        remoteAddress: address,
        sent: 3,
        received: 3,
        lossRatio: 0,
        duplicates: 0,
      },
    })
    const { rttMinSeconds: min, rttAvgSeconds: avg, rttMaxSeconds: max, jitterSeconds } = measurement.facts
    expect(min).toBeGreaterThanOrEqual(0)
    expect(avg).toBeGreaterThanOrEqual(min as number)
    expect(max).toBeGreaterThanOrEqual(avg as number)
    expect(jitterSeconds).toBeLessThanOrEqual((max as number) - (min as number))
  })

  test.each([16, 55, 56, 57, 1400, 20_000])('%i bytes of payload come back', async (sizeBytes) => {
    for (const address of ['127.0.0.1', '::1'])
      expect(await icmp.bind({ address, sizeBytes, ...once })(probeContext())).toMatchObject({ status: 'up' })
  })

  test('a name is resolved to the wanted family', async () => {
    const measurement = await icmp.bind({ address: 'localhost', family: 4, ...once })(probeContext())
    expect(measurement).toMatchObject({ status: 'up', facts: { remoteAddress: '127.0.0.1' } })
  })

  test('a literal of the other family is not resolved', async () => {
    const measurement = await icmp.bind({ address: '127.0.0.1', family: 6, ...once })(probeContext())
    expect(measurement).toMatchObject({ status: 'down', cause: 'unresolved' })
  })

  test('an event loop that stands still neither loses nor slows an answer', async () => {
    const run = icmp.bind({ address: '127.0.0.1', packetTimeoutSeconds: 0.2, ...once })(probeContext())
    // The packet leaves in the next turn; after it the loop stands still for longer than the packet's timeout.
    setImmediate(() => setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)))
    const measurement = await run
    expect(measurement.status).toBe('up')
    expect(measurement.facts['rttMaxSeconds']).toBeLessThan(0.2)
  })

  test('each of 3,000 targets gets three packets and one result', async () => {
    const specs = Array.from({ length: 3000 }, (_, index) => ({
      address: `127.7.${index >> 8}.${index & 255}`,
      intervalSeconds: 0.02,
      packetsPerSecond: 100_000,
    }))
    const results = await Array.fromAsync(sweep(specs))
    expect(new Set(results.map(([id]) => id)).size).toBe(specs.length)
    expect(results.filter(([, { facts }]) => facts['received'] === 3)).toHaveLength(specs.length)
    for (const [id, { facts }] of results) expect(facts['remoteAddress']).toBe(specs[Number(id)]!.address)
  })

  test('more packets than there are sequence numbers', async () => {
    const specs = Array.from({ length: 700 }, (_, index) => ({
      address: `127.6.${index >> 8}.${index & 255}`,
      count: 100,
      intervalSeconds: 0.001,
      packetsPerSecond: 1_000_000,
    }))
    const results = await Array.fromAsync(sweep(specs))
    expect(results.filter(([, { facts }]) => facts['received'] === 100)).toHaveLength(specs.length)
  })

  test('the same target many times at once: each answer finds its own', async () => {
    const results = await Array.fromAsync(
      sweep(Array.from({ length: 100 }, () => ({ address: '127.0.0.1' }))),
    )
    expect(results).toHaveLength(100)
    for (const [, { facts }] of results) expect(facts).toMatchObject({ received: 3, duplicates: 0 })
  })

  test('a sweep mixes literals, names and both families; a bad name holds up nobody', async () => {
    const addresses = ['127.0.0.1', 'a..b', 'localhost', '::1']
    const results = await Array.fromAsync(sweep(addresses.map((address) => ({ address, ...once }))))
    const byId = new Map(results)
    expect([...byId.keys()].toSorted()).toEqual(['0', '1', '2', '3'])
    expect(byId.get('1')?.cause).toMatch(/^(?:unresolved|resolver)$/u)
    for (const id of ['0', '2', '3']) expect(byId.get(id)).toMatchObject({ status: 'up' })
  })

  test('nothing to sweep is no result', async () => {
    expect(await Array.fromAsync(sweep([]))).toEqual([])
  })

  test('a sweep is spread, and cancelled: what is outstanding is unknown', async () => {
    const controller = new AbortController()
    const specs = Array.from({ length: 50 }, (_, index) => ({
      address: `127.5.0.${index}`,
      spreadSeconds: 3600,
      ...once,
    }))
    const statuses: string[] = []
    for await (const [, { status, cause }] of sweep(specs, probeContext({ signal: controller.signal }))) {
      statuses.push(cause ?? status)
      controller.abort()
    }
    expect(statuses).toEqual(['up', ...new Array<string>(49).fill('cancelled')])
  })

  test('who stops reading a sweep ends it', async () => {
    for await (const [, { status }] of sweep([
      { address: '127.0.0.1', ...once },
      { address: '127.0.0.2', count: 2, intervalSeconds: 60 },
    ])) {
      expect(status).toBe('up')
      break
    }
  })

  test('a run that is cancelled on the way is unknown', async () => {
    const controller = new AbortController()
    const run = icmp.bind({ address: '127.0.0.1', count: 2, intervalSeconds: 60 })
    const measurement = run(probeContext({ signal: controller.signal }))
    setImmediate(() => controller.abort())
    expect(await measurement).toMatchObject({ status: 'unknown', cause: 'cancelled' })
  })

  test('a process that has pinged ends by itself, sockets or not', async () => {
    const child = path.join(import.meta.dirname, 'icmp-child.ts')
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [child, JSON.stringify([{ address: '127.0.0.1', ...once }])],
      // Sooner than the engine's sockets would be closed for being idle.
      { timeout: 9000 },
    )
    expect(JSON.parse(stdout)).toMatchObject({ measurements: { '127.0.0.1': { status: 'up' } } })
  })
})

test.each([
  [{ count: 0 }],
  [{ sizeBytes: 8 }],
  [{ intervalSeconds: 0 }],
  [{ packetsPerSecond: 0 }],
  [{ count: 100, timeoutSeconds: 5 }],
  [{ count: 1000, intervalSeconds: 60 }],
])('%j is the operator’s fault', (options) => {
  expect(() => icmp.bind({ address: '127.0.0.1', ...options })).toThrow(UsageFault)
})

test('the deadline follows from count and interval where none is given', () => {
  expect(() => icmp.bind({ address: '127.0.0.1', count: 100 })).not.toThrow()
})
