import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ntp } from '../../probes/ntp/index.ts'
import { codeOf, decodeReply, encodeRequest } from '../../probes/ntp/packet.ts'
import { ntpTime, secondsBetween, unixMsOf } from '../../probes/ntp/time.ts'
import { probeContext } from '../support/context.ts'
import { temporaryFolder } from '../support/cli.ts'
import { freeUdpPort, udpPeer } from '../support/peers.ts'
import { requires } from '../support/services.ts'
import { heard, patiently } from '../support/patience.ts'
import { type Answer, answerTo, startChronyd } from './ntp-peers.ts'

const look = (port: number, options: Readonly<Record<string, unknown>> = {}) =>
  ntp.bind({ address: '127.0.0.1', timeoutSeconds: 2, port, ...options })(probeContext())

const lookAt = async (answer: Answer) => {
  await using server = await udpPeer((request) => [answerTo(request, answer)])
  return await look(server.port)
}

test.each(['127.0.0.1', '::1'])(
  'a server at %s: offset, delay and what it says of itself',
  async (address) => {
    const answer = {
      aheadMs: 90_000,
      stratum: 2,
      referenceId: 0xc0000201,
      rootDelay: 0.5,
      rootDispersion: 0.25,
    }
    await using server = await udpPeer((request) => [answerTo(request, answer)], address)
    const measurement = await look(server.port, { address })
    expect(measurement).toMatchObject({
      status: 'up',
      facts: {
        remoteAddress: address,
        version: 4,
        leap: 'none',
        stratum: 2,
        synchronised: true,
        referenceId: '192.0.2.1',
        precisionSeconds: 2 ** -20,
        rootDelaySeconds: 0.5,
        rootDispersionSeconds: 0.25,
        requests: 1,
        answers: 1,
      },
    })
    expect(measurement.facts).not.toHaveProperty('kissCode')
    const { offsetSeconds, delaySeconds } = measurement.facts as Record<string, number>
    expect(delaySeconds).toBeGreaterThanOrEqual(0)
    // As far as the way there and the way back can differ.
    expect(Math.abs(offsetSeconds! - 90)).toBeLessThan(1 + delaySeconds! / 2)
    const behindMs = Date.now() + 90_000 - Date.parse(String(measurement.facts['referenceTime']))
    expect(behindMs).toBeGreaterThanOrEqual(60_000)
  },
)

test('the time that the server held the request is no delay', async () => {
  const { facts } = await lookAt({ heldMs: 10_000 })
  expect(facts['delaySeconds']).toBe(0)
})

test.each([
  { leap: 3, stratum: 2, facts: { leap: 'unsynchronised', stratum: 2, synchronised: false } },
  { leap: 0, stratum: 16, facts: { leap: 'none', stratum: 16, synchronised: false } },
  { leap: 0, stratum: 255, facts: { stratum: 16, synchronised: false } },
  {
    leap: 3,
    stratum: 0,
    referenceId: 'INIT',
    facts: { stratum: 16, synchronised: false, kissCode: 'INIT', referenceId: 'INIT' },
  },
  { leap: 1, stratum: 1, referenceId: 'GPS', facts: { leap: 'add', synchronised: true, referenceId: 'GPS' } },
  { leap: 2, stratum: 15, facts: { leap: 'delete', stratum: 15, synchronised: true } },
])('leap $leap, stratum $stratum: up, and what it is worth is a fact', async ({ facts, ...answer }) => {
  expect(await lookAt(answer)).toMatchObject({ status: 'up', facts })
})

test.each(['DENY', 'RSTR', 'RATE'])('a kiss-o’-death %s is down: refused', async (kissCode) => {
  const measurement = await lookAt({ leap: 3, stratum: 0, referenceId: kissCode })
  expect(measurement).toMatchObject({ status: 'down', cause: 'refused', facts: { kissCode, answers: 1 } })
  expect(measurement.detail).toContain(kissCode)
  expect(measurement.facts).not.toHaveProperty('offsetSeconds')
})

test('a kiss after a good answer ends the asking, and the answer counts', async () => {
  let asked = 0
  await using server = await udpPeer((request) => [
    answerTo(request, (asked += 1) === 1 ? {} : { leap: 3, stratum: 0, referenceId: 'RATE' }),
  ])
  const measurement = await look(server.port, { samples: 4 })
  expect(measurement).toMatchObject({ status: 'up', facts: { stratum: 2, requests: 2, answers: 2 } })
  expect(asked).toBe(2)
})

test('of several answers the least delayed one counts', async () => {
  let asked = 0
  // The less a server says that it held the request, the more was delay.
  await using server = await udpPeer((request) => {
    asked += 1
    return [answerTo(request, { stratum: asked, heldMs: asked === 3 ? 5000 : 0 })]
  })
  const { facts } = await look(server.port, { samples: 4 })
  expect(facts).toMatchObject({ stratum: 3, requests: 4, answers: 4, delaySeconds: 0 })
})

test('a lost datagram is asked for again', async () => {
  const measurement = await heard(1, 'up', async (timeoutSeconds) => {
    let asked = 0
    await using server = await udpPeer((request) => ((asked += 1) === 1 ? [] : [answerTo(request)]))
    return await look(server.port, { timeoutSeconds })
  })
  expect(measurement).toMatchObject({ status: 'up', facts: { requests: 2, answers: 1 } })
})

test('answers that come before the deadline count, though fewer than asked for', async () => {
  const measurement = await patiently(
    0.4,
    async (timeoutSeconds) => {
      let asked = 0
      await using server = await udpPeer((request) => ((asked += 1) === 2 ? [answerTo(request)] : []))
      return await look(server.port, { samples: 3, timeoutSeconds })
    },
    ({ cause, facts }) => cause === 'timeout' || Number(facts['requests']) < 4,
  )
  expect(measurement).toMatchObject({ status: 'up', facts: { requests: 4, answers: 1 } })
})

test('each request is another, and says nothing of us', async () => {
  const requests: Buffer[] = []
  await using server = await udpPeer((request) => {
    requests.push(request)
    return [answerTo(request)]
  })
  await look(server.port, { samples: 4 })
  expect(new Set(requests.map((request) => request.readBigUInt64BE(40))).size).toBe(4)
  for (const request of requests) {
    expect(request).toHaveLength(48)
    expect(request[0]).toBe(0x23)
    expect(request.subarray(1, 40).every((octet) => octet === 0)).toBe(true)
  }
})

test('a closed port is down: refused', async () => {
  expect(await look(await freeUdpPort())).toMatchObject({ status: 'down', cause: 'refused' })
})

const hostile: readonly {
  readonly name: string
  talk: (request: Buffer) => readonly Buffer[]
  cause: string
}[] = [
  { name: 'is silent', talk: () => [], cause: 'timeout' },
  { name: 'sends nothing in a datagram', talk: () => [Buffer.alloc(0)], cause: 'protocol' },
  { name: 'echoes', talk: (request) => [request], cause: 'protocol' },
  { name: 'sends 47 bytes', talk: (request) => [answerTo(request).subarray(0, 47)], cause: 'protocol' },
  { name: 'sends 9,000 bytes of noise', talk: () => [Buffer.alloc(9000, 0xa5)], cause: 'protocol' },
  { name: 'forges', talk: (request) => [answerTo(request, { origin: 1n })], cause: 'protocol' },
  { name: 'broadcasts', talk: (request) => [answerTo(request, { mode: 5 })], cause: 'protocol' },
  { name: 'speaks version 0', talk: (request) => [answerTo(request, { version: 0 })], cause: 'protocol' },
]

test.each(hostile)('a server that $name is down: $cause', async ({ talk, cause }) => {
  await using server = await udpPeer(talk)
  const measurement = await heard(0.2, cause, (timeoutSeconds) => look(server.port, { timeoutSeconds }))
  expect(measurement).toMatchObject({ status: 'down', cause })
})

test('noise and an answer twice do not disturb', async () => {
  await using server = await udpPeer((request) => [
    Buffer.from('noise'),
    answerTo(request, { origin: 7n }),
    answerTo(request),
    answerTo(request),
  ])
  expect(await look(server.port, { samples: 2 })).toMatchObject({ status: 'up', facts: { answers: 2 } })
})

test('a run that is cancelled in the middle is unknown', async () => {
  const cancel = new AbortController()
  await using server = await udpPeer(() => {
    cancel.abort()
    return []
  })
  const run = ntp.bind({ address: '127.0.0.1', port: server.port })
  expect(await run(probeContext({ signal: cancel.signal }))).toMatchObject({
    status: 'unknown',
    cause: 'cancelled',
  })
})

describe('parsing', () => {
  test('any bytes are an answer or none, without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (octets) => {
        const bytes = Buffer.from(octets)
        const reply = decodeReply(bytes)
        if (bytes.length < 48 || (bytes[0]! & 7) !== 4) expect(reply).toBeUndefined()
        if (reply !== undefined) expect(reply.origin).toBe(bytes.readBigUInt64BE(24))
      }),
    )
  })

  test('any answer makes a run that ends, whose facts survive the wire', async () => {
    let answer = Buffer.alloc(48)
    await using server = await udpPeer((request) => [
      Buffer.concat([answer.subarray(0, 24), request.subarray(40, 48), answer.subarray(32)]),
    ])
    const octets = fc.uint8Array({ minLength: 48, maxLength: 100 }).map((bytes) => {
      bytes[0] = (bytes[0]! & 0xf8) | 4 | 0x20
      return Buffer.from(bytes)
    })
    await fc.assert(
      fc.asyncProperty(octets, async (bytes) => {
        answer = bytes
        const measurement = await look(server.port)
        expect(['up', 'down']).toContain(measurement.status)
        expect(JSON.parse(JSON.stringify(measurement))).toEqual(measurement)
        for (const { read } of ntp.metrics) expect(read(measurement.facts)).not.toBeNaN()
      }),
      { numRuns: 100 },
    )
  })

  test('a request is the 48 octets of figure 8', () => {
    expect(encodeRequest(0x0102030405060708n).toString('hex')).toBe(`23${'00'.repeat(39)}0102030405060708`)
  })

  test.each([
    [0x47505300, 'GPS'],
    [0x52415445, 'RATE'],
    [0, undefined],
    [0xc0000201, undefined],
    [0x47005300, undefined],
    [0x471b5b32, undefined],
  ])('the code of %i is %s', (referenceId, code) => {
    expect(codeOf(referenceId)).toBe(code)
  })

  test('times survive, in 2036 and after too', () => {
    const unixMs = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2090, 0) })
    fc.assert(
      fc.property(unixMs, fc.integer({ min: -1e9, max: 1e9 }), (at, apartMs) => {
        const difference = secondsBetween(ntpTime(at), ntpTime(at + apartMs))
        expect(difference).toBeCloseTo(apartMs / 1000, 5)
        expect(unixMsOf(ntpTime(at + apartMs), at)).toBeCloseTo(at + apartMs, 2)
      }),
    )
  })
})

const run = promisify(execFile)

describe.skipIf(requires('chronyd').skip)('chronyd', () => {
  test('that has a clock of its own is up', async () => {
    await using server = await startChronyd('local stratum 3')
    const measurement = await look(server.port, { samples: 4 })
    expect(measurement).toMatchObject({
      status: 'up',
      facts: {
        version: 4,
        leap: 'none',
        stratum: 3,
        synchronised: true,
        referenceId: '127.127.1.1',
        answers: 4,
      },
    })
    // Both read the same clock.
    const { offsetSeconds, delaySeconds } = measurement.facts as Record<string, number>
    expect(Math.abs(offsetSeconds!)).toBeLessThan(0.05 + delaySeconds! / 2)
  })

  test('that knows no time says so', async () => {
    await using server = await startChronyd()
    expect(await look(server.port)).toMatchObject({
      status: 'up',
      facts: { leap: 'unsynchronised', stratum: 16, synchronised: false },
    })
  })

  test('as a client measures the offset that we measure', async () => {
    await using server = await udpPeer((request) => [answerTo(request, { aheadMs: 7500, stratum: 1 })])
    const chrony = `server 127.0.0.1 port ${server.port} iburst maxsamples 1`
    await using folder = await temporaryFolder()
    // chronyd unlinks what has this name before it writes it: never give it /dev/null.
    const pidFile = `pidfile ${folder.path}/pid`
    const environment = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` }
    const [{ stdout, stderr }, { facts }] = await Promise.all([
      run('chronyd', ['-Q', '-U', '-t', '10', '-f', '/dev/null', chrony, pidFile, 'cmdport 0'], {
        env: environment,
      }),
      look(server.port, { samples: 4 }),
    ])
    const wrongBy = Number(/wrong by (-?\d+\.\d+) seconds/u.exec(stdout + stderr)?.[1])
    expect(wrongBy).toBeCloseTo(7.5, 1)
    expect(facts['offsetSeconds']).toBeCloseTo(wrongBy, 1)
  })
})
