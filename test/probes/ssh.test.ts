import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { algorithmOfEachKey, chooseKex, exchangeInitFor, readHostKey } from '../../probes/ssh/host-key.ts'
import { readIdentification } from '../../probes/ssh/identification.ts'
import { type SshFacts, ssh } from '../../probes/ssh/index.ts'
import { kexInitFor, readKexInit } from '../../probes/ssh/kexinit.ts'
import { framed, readPacket } from '../../probes/ssh/packet.ts'
import { parts, reasons, rules, weakAmong } from '../../probes/ssh/weak.ts'
import { probeContext } from '../support/context.ts'
import { type Talk, closedPort, hostilePeers, peer } from '../support/peers.ts'
import { requires } from '../support/services.ts'
import { heard } from '../support/patience.ts'
import { type Workshop, environment, kexInit, packet, sshWorkshop, string } from './ssh-peers.ts'

const look = (port: number, options: Readonly<Record<string, unknown>> = {}) =>
  ssh.bind({ address: '127.0.0.1', port, ...options })(probeContext())

const lookAt = (talk: Talk, expected = 'up') =>
  heard(0.3, expected, async (timeoutSeconds) => {
    await using server = await peer(talk)
    return await look(server.port, { timeoutSeconds })
  })

const banner = 'SSH-2.0-Test_1.0\r\n'

test('a closed port is down: refused', async () => {
  expect(await look(await closedPort())).toMatchObject({ status: 'down', cause: 'refused' })
})

test('what a server offers, and the weak names among it', async () => {
  const offer = kexInit(
    'diffie-hellman-group1-sha1,kex-strict-s-v00@openssh.com,curve25519-sha256',
    'ssh-dss,rsa-sha2-512,ssh-rsa',
    'aes256-ctr,3des-cbc',
    'aes256-ctr,arcfour128',
    'hmac-md5',
    'hmac-md5',
  )
  const measurement = await lookAt((socket) => {
    socket.write(`Only for officials\r\n仅限授权用户\r\n${banner}`)
    socket.write(packet(Buffer.from([2, 0, 0, 0, 0])))
    socket.write(packet(offer))
  })
  expect(measurement).toMatchObject({
    status: 'up',
    facts: {
      remoteAddress: '127.0.0.1',
      banner: 'SSH-2.0-Test_1.0',
      protocolVersion: '2.0',
      software: 'Test_1.0',
      preamble: ['Only for officials', '仅限授权用户'],
      kexAlgorithms: ['diffie-hellman-group1-sha1', 'curve25519-sha256'],
      hostKeyAlgorithms: ['ssh-dss', 'rsa-sha2-512', 'ssh-rsa'],
      ciphers: ['aes256-ctr', 'arcfour128', '3des-cbc'],
      macs: ['hmac-md5'],
      compression: ['none'],
      strictKex: true,
      weak: [
        { part: 'kex', name: 'diffie-hellman-group1-sha1', reason: 'group1024' },
        { part: 'hostKey', name: 'ssh-dss', reason: 'dsa' },
        { part: 'hostKey', name: 'ssh-rsa', reason: 'sha1' },
        { part: 'cipher', name: 'arcfour128', reason: 'rc4' },
        { part: 'cipher', name: '3des-cbc', reason: 'block64' },
        { part: 'mac', name: 'hmac-md5', reason: 'md5' },
      ],
      hostKeys: [],
    },
  })
  expect(measurement.facts).not.toHaveProperty('comments')
})

test('a server of version 1 only is up: that it offers nothing else is a fact', async () => {
  const measurement = await lookAt((socket) => socket.write('SSH-1.5-Cisco-1.25\n'))
  expect(measurement).toMatchObject({
    status: 'up',
    facts: { protocolVersion: '1.5', software: 'Cisco-1.25', hostKeys: [] },
  })
  expect(measurement.facts).not.toHaveProperty('ciphers')
})

test('a key in answer to our exchange is described', async () => {
  const key = Buffer.concat([string('ssh-rsa'), string(Buffer.of(1, 0, 1)), string(Buffer.alloc(129, 0x01))])
  const measurement = await lookAt((socket) => {
    socket.write(banner)
    socket.write(packet(kexInit()))
    let received = 0
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length
      if (received > 100)
        socket.write(packet(Buffer.concat([Buffer.of(31), string(key), string('f'), string('s')])))
    })
  })
  expect((measurement.facts as unknown as SshFacts).hostKeys).toEqual([
    { type: 'ssh-rsa', bits: 1025, fingerprint: expect.stringMatching(/^SHA256:[\w+/]{43}$/u) as string },
  ])
})

test.each([
  ['says nothing more', (): void => undefined],
  ['disconnects', (socket: Parameters<Talk>[0]) => socket.write(packet(Buffer.of(1, 0, 0, 0, 3)))],
  ['hangs up', (socket: Parameters<Talk>[0]) => socket.end()],
  ['sends garbage', (socket: Parameters<Talk>[0]) => socket.write(Buffer.alloc(200, 0xff))],
  ['shows a broken key', (socket: Parameters<Talk>[0]) => socket.write(packet(Buffer.of(31, 0, 0, 0, 9)))],
  [
    'chats for ever',
    (socket: Parameters<Talk>[0]) =>
      socket.write(packet(Buffer.of(2)).toString('latin1').repeat(99), 'latin1'),
  ],
])('a server that then %s is up without a key', async (_, then) => {
  const measurement = await lookAt((socket) => {
    socket.write(banner)
    socket.write(packet(kexInit()))
    then(socket)
  })
  expect(measurement).toMatchObject({
    status: 'up',
    facts: { hostKeys: [], kexAlgorithms: ['curve25519-sha256'] },
  })
})

const causes: Readonly<Record<string, string>> = {
  'is silent': 'timeout',
  'talks garbage': 'timeout',
  'sends one byte at a time': 'timeout',
  'sends half a TLS hello': 'timeout',
  'switches protocols unasked': 'timeout',
  'pours garbage': 'protocol',
  'sends headers without end': 'protocol',
  'sends interim responses without end': 'protocol',
  'sends a body without end': 'protocol',
  'sends a gzip bomb': 'protocol',
}

test.each(hostilePeers)('a peer that $name is down', async ({ name, talk }) => {
  const cause = causes[name] ?? 'refused'
  expect(await lookAt(talk, cause)).toMatchObject({ status: 'down', cause })
})

const hostile: readonly {
  readonly name: string
  readonly talk: Talk
  readonly cause: string
  detail: RegExp
}[] = [
  {
    name: 'turns us away in words',
    talk: (socket) => socket.end('Exceeded MaxStartups\r\n'),
    cause: 'refused',
    detail: /closed the connection.*Exceeded MaxStartups/u,
  },
  {
    name: 'hangs up after its banner',
    talk: (socket) => socket.end(banner),
    cause: 'refused',
    detail: /closed the connection/u,
  },
  {
    name: 'disconnects with a reason',
    talk: (socket) =>
      socket.write(
        Buffer.concat([
          Buffer.from(banner),
          packet(Buffer.concat([Buffer.of(1, 0, 0, 0, 2), string('too many'), string('')])),
        ]),
      ),
    cause: 'refused',
    detail: /disconnected: too many/u,
  },
  {
    name: 'announces a giant packet',
    talk: (socket) => socket.write(`${banner}\x7f\xff\xff\xff`),
    cause: 'protocol',
    detail: /expected an SSH packet of at most/u,
  },
  {
    name: 'sends KEXINIT cut off',
    talk: (socket) => socket.write(Buffer.concat([Buffer.from(banner), packet(kexInit().subarray(0, 60))])),
    cause: 'protocol',
    detail: /expected SSH_MSG_KEXINIT/u,
  },
  {
    name: 'sends other messages without end',
    talk: (socket) =>
      socket.write(
        Buffer.concat([Buffer.from(banner), ...Array.from({ length: 50 }, () => packet(Buffer.of(2)))]),
      ),
    cause: 'protocol',
    detail: /expected SSH_MSG_KEXINIT/u,
  },
  {
    name: 'has a banner of another form',
    talk: (socket) => socket.write('SSH-two\r\n'),
    cause: 'protocol',
    detail: /expected SSH-protocol-software, got SSH-two/u,
  },
  {
    name: 'has a banner without end',
    talk: (socket) => socket.write(`SSH-2.0-${'x'.repeat(10_000)}`),
    cause: 'protocol',
    detail: /within 8192 bytes/u,
  },
]

test.each(hostile)('a server that $name is down: $cause', async ({ talk, cause, detail }) => {
  const measurement = await lookAt(talk, cause)
  expect(measurement).toMatchObject({ status: 'down', cause })
  expect(measurement.detail).toMatch(detail)
})

test('a run that is cancelled while a key is awaited is unknown', async () => {
  const cancel = new AbortController()
  await using server = await peer((socket) => {
    socket.write(banner)
    socket.write(packet(kexInit()))
    let received = 0
    socket.on('data', (chunk: Buffer) => {
      if ((received += chunk.length) > 100) cancel.abort()
    })
  })
  const run = ssh.bind({ address: '127.0.0.1', port: server.port })
  expect(await run(probeContext({ signal: cancel.signal }))).toMatchObject({
    status: 'unknown',
    cause: 'cancelled',
  })
})

describe('parsing', () => {
  const octets = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes))

  test('any bytes are an identification, more to wait for, or a problem', () => {
    const lines = fc.array(
      fc.oneof(fc.constant('SSH-'), fc.constant('\n'), fc.constant('2.0-x '), fc.string()),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          octets,
          lines.map((parts) => Buffer.from(parts.join(''))),
        ),
        (bytes) => {
          const parsed = readIdentification(bytes)
          if (parsed === 'more' || 'problem' in parsed) return
          expect(parsed.used).toBeLessThanOrEqual(bytes.length)
          expect(parsed.value.banner.length).toBeLessThanOrEqual(255)
          expect(parsed.value.banner).not.toMatch(/\p{Cc}/u)
          expect(parsed.value.preamble.length).toBeLessThanOrEqual(20)
        },
      ),
    )
  })

  test('any bytes are a packet, more to wait for, or a problem', () => {
    fc.assert(
      fc.property(octets, (bytes) => {
        const parsed = readPacket(bytes)
        if (parsed === 'more' || 'problem' in parsed) return
        expect(parsed.used).toBeLessThanOrEqual(bytes.length)
        expect(parsed.value.length).toBeLessThan(parsed.used)
      }),
    )
  })

  test('what we frame is read again, in whole blocks', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (octetsOfPayload) => {
        const payload = Buffer.from(octetsOfPayload)
        const bytes = framed(payload)
        expect(bytes.length % 8).toBe(0)
        expect(readPacket(bytes)).toEqual({ value: payload, used: bytes.length })
        expect(readPacket(bytes.subarray(0, -1))).toBe('more')
      }),
    )
  })

  test('any bytes are KEXINIT or none', () => {
    const begun = octets.map((bytes) => Buffer.concat([kexInit().subarray(0, 17), bytes]))
    fc.assert(
      fc.property(fc.oneof(octets, begun), (payload) => {
        const offered = readKexInit(payload)
        for (const names of Object.values(offered ?? {}) as string[][]) {
          expect(names.length).toBeLessThanOrEqual(200)
          expect(names.every((name) => name.length > 0 && name.length <= 64)).toBe(true)
        }
      }),
    )
  })

  test('KEXINIT cut off anywhere is none; ours reads as it was meant', () => {
    const whole = kexInit()
    // The last five bytes carry nothing that we read.
    for (let end = 0; end < whole.length - 5; end += 1)
      expect(readKexInit(whole.subarray(0, end))).toBeUndefined()
    const offered = readKexInit(whole)!
    expect(readKexInit(kexInitFor(offered, 'k', 'h'))).toEqual({ ...offered, kex: ['k'], hostKey: ['h'] })
  })

  test('any bytes are a key or none', () => {
    const typed = fc
      .tuple(fc.constantFrom('ssh-rsa', 'ssh-dss', 'ecdsa-sha2-nistp256', 'x'), octets)
      .map(([type, bytes]) => Buffer.concat([string(type), bytes]))
    fc.assert(
      fc.property(fc.oneof(octets, typed), (blob) => {
        const key = readHostKey(blob)
        if (key !== undefined) expect(key.type).toMatch(/^[\x21-\x7e]{1,64}$/u)
        expect(key?.bits ?? 1).toBeGreaterThan(0)
      }),
    )
  })

  test('one algorithm for each type of key', () => {
    const offered = [
      'rsa-sha2-512',
      'ssh-ed25519-cert-v01@openssh.com',
      'ssh-rsa',
      'ssh-ed25519',
      'rsa-sha2-256',
    ]
    expect(algorithmOfEachKey(offered)).toEqual(['rsa-sha2-512', 'ssh-ed25519'])
  })

  test.each([
    [['sntrup761x25519-sha512', 'curve25519-sha256'], 'curve25519-sha256'],
    [['diffie-hellman-group-exchange-sha256', 'diffie-hellman-group14-sha1'], 'diffie-hellman-group14-sha1'],
    [['toString', 'constructor', 'diffie-hellman-group-exchange-sha1'], undefined],
  ])('of %j we begin %s', (offered, chosen) => {
    expect(chooseKex(offered)).toBe(chosen)
    for (const name of offered)
      expect(exchangeInitFor(name) === undefined).toBe(chooseKex([name]) === undefined)
  })
})

describe('the table of weak names', () => {
  test('each rule has a part, a reason and a source', () => {
    for (const { part, reason, source } of rules) {
      expect(parts).toContain(part)
      expect(reasons).toContain(reason)
      expect(source).not.toBe('')
    }
    expect(new Set(rules.map(({ reason }) => reason)).size).toBe(reasons.length)
  })

  test.each([
    ['kex', 'diffie-hellman-group14-sha1', 'sha1'],
    ['kex', 'gss-group1-sha1-toWM5Slw5Ew8Mqkay+al2g==', 'group1024'],
    ['kex', 'gss-gex-sha1-toWM5Slw5Ew8Mqkay+al2g==', 'sha1'],
    ['kex', 'diffie-hellman-group14-sha256', undefined],
    ['kex', 'sntrup761x25519-sha512', undefined],
    ['hostKey', 'rsa-sha2-256', undefined],
    ['cipher', 'aes256-cbc', 'cbc'],
    ['cipher', 'rijndael-cbc@lysator.liu.se', 'cbc'],
    ['cipher', 'blowfish-cbc', 'block64'],
    ['cipher', 'des-cbc', 'des'],
    ['cipher', 'aes128-gcm@openssh.com', undefined],
    ['mac', 'hmac-md5-96-etm@openssh.com', 'md5'],
    ['mac', 'hmac-ripemd160@openssh.com', 'ripemd'],
    ['mac', 'hmac-sha2-512', undefined],
  ] as const)('%s %s: %s', (part, name, reason) => {
    expect(weakAmong(part, [name])).toEqual(reason === undefined ? [] : [{ part, name, reason }])
  })
})

const run = promisify(execFile)

describe.skipIf(requires('sshd', 'ssh', 'ssh-keygen', 'ssh-keyscan').skip)('against OpenSSH', () => {
  let workshop: Workshop
  beforeAll(async () => {
    workshop = await sshWorkshop()
  })
  afterAll(() => workshop[Symbol.asyncDispose]())

  /** Lists that `ssh -vv` prints of the server's offer, by its own words for them. */
  const proposalSeenBySsh = async (port: number): Promise<ReadonlyMap<string, readonly string[]>> => {
    const options = ['-vv', '-F', 'none', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes']
    const { stderr } = await run(
      'ssh',
      [...options, '-o', 'UserKnownHostsFile=/dev/null', '-p', String(port), '127.0.0.1'],
      {
        env: environment,
      },
    ).catch((error: unknown) => error as { stderr: string })
    const [, proposal = ''] = stderr.split('peer server KEXINIT proposal')
    return new Map(
      [...proposal.matchAll(/^debug2: ([\w ]+): ?(\S*)\s*$/gmu)]
        .slice(0, 10)
        .map(([, name = '', list = '']) => [name, list.split(',')]),
    )
  }

  const configurations: readonly (readonly [string, readonly string[]])[] = [
    ['as it comes', []],
    [
      'with weak algorithms',
      [
        'KexAlgorithms +diffie-hellman-group1-sha1,diffie-hellman-group14-sha1',
        'HostKeyAlgorithms +ssh-rsa',
        'Ciphers +3des-cbc,aes128-cbc',
        'MACs +hmac-md5,hmac-sha1-96',
      ],
    ],
  ]

  test.each(configurations)('%s: the offer is the one that ssh -vv prints', async (_, directives) => {
    await using server = await workshop.start(...directives)
    const facts = (await look(server.port, { timeoutSeconds: 5 })).facts as unknown as SshFacts
    const seen = await proposalSeenBySsh(server.port)
    const withoutSignals = seen.get('KEX algorithms')!.filter((name) => !name.startsWith('kex-strict-'))
    expect(facts).toMatchObject({
      kexAlgorithms: withoutSignals,
      hostKeyAlgorithms: seen.get('host key algorithms'),
      ciphers: seen.get('ciphers stoc'),
      macs: seen.get('MACs stoc'),
      compression: seen.get('compression stoc'),
    })
    const weakNames = new Set(facts.weak!.map(({ name }) => name))
    for (const directive of directives)
      for (const name of directive.split('+')[1]!.split(',')) expect(weakNames).toContain(name)
  })

  const methods = [
    'curve25519-sha256',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group1-sha1',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
  ]

  test.each(methods)('host keys by %s are those of ssh-keyscan', async (method) => {
    await using server = await workshop.start(`KexAlgorithms ${method}`)
    const { facts } = await look(server.port, { timeoutSeconds: 5, allHostKeys: true })
    const { hostKeys } = facts as unknown as SshFacts
    const script = `ssh-keyscan -p ${server.port} 127.0.0.1 2>/dev/null | ssh-keygen -lf -`
    // ssh-keyscan has no old exchanges of its own: there the keys are those that it saw by another.
    const { stdout } = await run('sh', ['-c', script]).catch(() => ({ stdout: '' }))
    const scanned = [...stdout.matchAll(/^(\d+) (SHA256:\S+)/gmu)].map(
      ([, bits, print]) => `${bits} ${print}`,
    )
    expect(hostKeys.map(({ type, bits }) => `${type} ${bits}`).toSorted()).toEqual([
      'ecdsa-sha2-nistp384 384',
      'ssh-ed25519 256',
      'ssh-rsa 2048',
    ])
    const found = hostKeys.map(({ bits, fingerprint }) => `${bits} ${fingerprint}`).toSorted()
    if (method !== 'diffie-hellman-group1-sha1') expect(found).toEqual(scanned.toSorted())
  })

  test('of a server with group exchange only the offer is seen, and no key', async () => {
    await using server = await workshop.start('KexAlgorithms diffie-hellman-group-exchange-sha256')
    expect(await look(server.port, { timeoutSeconds: 5 })).toMatchObject({
      status: 'up',
      facts: { kexAlgorithms: ['diffie-hellman-group-exchange-sha256'], hostKeys: [] },
    })
  })
})
