import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import nodeTls from 'node:tls'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CertificateFacts } from '../../probes/net/certificate.ts'
import { alternativeNames } from '../../probes/net/certificate.ts'
import { tls } from '../../probes/tls.ts'
import { type CertificateWorkshop, type KeyPair, certificateWorkshop } from '../support/certificates.ts'
import { probeContext } from '../support/context.ts'
import { type Peer, closedPort, hostilePeers, listening, peer } from '../support/peers.ts'
import { requires } from '../support/services.ts'
import { heard } from '../support/patience.ts'

const look = (options: Readonly<Record<string, unknown>>) =>
  tls.bind({ address: '127.0.0.1', ...options })(probeContext())

const chainOf = (facts: Readonly<Record<string, unknown>>) => facts['chain'] as readonly CertificateFacts[]

const serve = (options: nodeTls.TlsOptions, address?: string): Promise<Peer> =>
  listening(
    nodeTls.createServer(options, (socket) => socket.on('error', () => undefined)),
    address,
  )

test('a closed port is down: refused', async () => {
  expect(await look({ port: await closedPort() })).toMatchObject({ status: 'down', cause: 'refused' })
})

test('the text form of alternative names is split at its commas', () => {
  expect(alternativeNames('DNS:a.example, DNS:*.b.example, IP Address:192.0.2.1, URI:x:y')).toEqual([
    'a.example',
    '*.b.example',
    '192.0.2.1',
    'URI:x:y',
  ])
  expect(alternativeNames('DNS:"a, DNS:b", DNS:c')).toEqual(['"a, DNS:b"', 'c'])
})

test('alternative names of any text are bounded and never throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
      const names = alternativeNames(text)
      expect(names.length).toBeLessThanOrEqual(50)
      expect(names.every((name) => name.length <= 253)).toBe(true)
    }),
  )
})

describe.skipIf(requires('openssl').skip)('certificates issued by openssl', () => {
  let workshop: CertificateWorkshop
  let root: KeyPair
  let intermediate: KeyPair
  let rootFile: string
  const leaves = new Map<string, KeyPair>()
  const leaf = (name: string): KeyPair => leaves.get(name)!
  const names = 'DNS:localhost,DNS:www.example.test,IP:127.0.0.1,IP:::1'

  beforeAll(async () => {
    workshop = await certificateWorkshop()
    root = await workshop.issue({ commonName: 'Test Root', isAuthority: true, toDays: 3000 })
    intermediate = await workshop.issue(
      { commonName: 'Test Intermediate', isAuthority: true, toDays: 2000 },
      root,
    )
    const requests = {
      good: { names },
      rsa: { names, key: 'rsa' },
      expiring: { names, toDays: 7 },
      expired: { names, fromDays: -40, toDays: -10 },
      other: { names: 'DNS:other.example.test' },
      named: { names: 'DNS:xn--zfr164b.example.test,DNS:www.example.test' },
    } as const
    await Promise.all(
      Object.entries(requests).map(async ([name, request]) => {
        leaves.set(name, await workshop.issue({ commonName: `${name} leaf`, ...request }, intermediate))
      }),
    )
    leaves.set('selfSigned', await workshop.issue({ commonName: 'self', names }))
    rootFile = path.join(workshop.folder, 'root.pem')
    await writeFile(rootFile, root.cert)
    // Before the first handshake of this file, whatever comes of it: the shared context reads anchors once.
    nodeTls.setDefaultCACertificates([...nodeTls.getCACertificates('default'), root.cert])
  })
  afterAll(() => workshop[Symbol.asyncDispose]())

  const withChain = (name: string): nodeTls.TlsOptions => {
    const pair = leaf(name)
    return { key: pair.key, cert: name === 'selfSigned' ? pair.cert : pair.cert + intermediate.cert }
  }

  test.each([
    { name: 'good', authorized: true, error: undefined, nameMatches: true },
    { name: 'rsa', authorized: true, error: undefined, nameMatches: true },
    { name: 'expiring', authorized: true, error: undefined, nameMatches: true },
    { name: 'expired', authorized: false, error: 'CERT_HAS_EXPIRED', nameMatches: true },
    { name: 'other', authorized: false, error: 'HOSTNAME_MISMATCH', nameMatches: false },
    { name: 'selfSigned', authorized: false, error: 'DEPTH_ZERO_SELF_SIGNED_CERT', nameMatches: true },
  ])('$name: up, and what its certificate is worth is a fact', async ({ name, ...expected }) => {
    await using server = await serve(withChain(name))
    const trusting = await look({ port: server.port })
    expect(trusting).toMatchObject({
      status: 'up',
      facts: {
        remoteAddress: '127.0.0.1',
        protocol: 'TLSv1.3',
        cipher: expect.stringMatching(/^TLS_/u) as string,
        authorized: expected.authorized,
        nameMatches: expected.nameMatches,
      },
    })
    expect(trusting.facts['authorizationError']).toBe(expected.error)
    const strict = await look({ port: server.port, requireTrusted: true })
    expect(strict.status).toBe(expected.authorized ? 'up' : 'down')
    if (!expected.authorized)
      expect(strict).toMatchObject({
        cause: 'assertion',
        detail: expect.stringContaining(expected.error!) as string,
      })
  })

  test.each([
    ['政务.example.test', 'xn--zfr164b.example.test'],
    ['www.example.test.', 'www.example.test'],
  ])('%s is asked for and compared as %s', async (serverName, sent) => {
    const asked: unknown[] = []
    const SNICallback: nodeTls.TlsOptions['SNICallback'] = (name, answer) => {
      asked.push(name)
      answer(null)
    }
    await using server = await serve({ ...withChain('named'), SNICallback })
    expect(await look({ port: server.port, serverName })).toMatchObject({ facts: { nameMatches: true } })
    expect(asked).toEqual([sent])
  })

  test.each(['good', 'rsa', 'selfSigned'])(
    'the chain of %s is described from the certificates',
    async (name) => {
      await using server = await serve(withChain(name))
      const { facts } = await look({ port: server.port })
      const [first] = chainOf(facts)
      const certificate = new X509Certificate(leaf(name).cert)
      expect(first).toEqual({
        subject: certificate.subject,
        issuer: certificate.issuer,
        names: ['localhost', 'www.example.test', '127.0.0.1', '0:0:0:0:0:0:0:1'],
        validFrom: certificate.validFromDate.toISOString(),
        validTo: certificate.validToDate.toISOString(),
        serialNumber: certificate.serialNumber,
        fingerprintSha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
        selfSigned: name === 'selfSigned',
        keyType: name === 'rsa' ? 'rsa' : 'ec',
        keyBits: name === 'rsa' ? 2048 : 256,
        signatureAlgorithm: 'ecdsa-with-SHA256',
      })
      expect(facts['earliestExpiry']).toBe(first!.validTo)
    },
  )

  test('the chain is what was sent, in that order, without anchors of our own', async () => {
    const { key, cert } = leaf('good')
    let asked = 0
    const subjects = async (certs: string): Promise<readonly string[]> => {
      await using server = await serve({ key, cert: certs })
      // One leaf in several chains: another name makes sure that each is read anew.
      const serverName = `${++asked}.example.test`
      return chainOf((await look({ port: server.port, serverName })).facts).map(({ subject }) => subject)
    }
    expect(await subjects(cert)).toEqual(['CN=good leaf'])
    expect(await subjects(cert + intermediate.cert)).toEqual(['CN=good leaf', 'CN=Test Intermediate'])
    expect(await subjects(cert + intermediate.cert + root.cert)).toHaveLength(3)
    expect(await subjects(cert + root.cert + intermediate.cert)).toEqual([
      'CN=good leaf',
      'CN=Test Root',
      'CN=Test Intermediate',
    ])
    expect(await subjects(cert + intermediate.cert.repeat(20))).toHaveLength(10)
  })

  test.each([
    ['TLSv1', 1],
    ['TLSv1.1', 1.1],
    ['TLSv1.2', 1.2],
    ['TLSv1.3', 1.3],
  ] as const)('a server that speaks only %s is seen', async (version, number) => {
    await using server = await serve({
      ...withChain('rsa'),
      minVersion: version,
      maxVersion: version,
      ciphers: 'TLS_AES_128_GCM_SHA256:DEFAULT@SECLEVEL=0',
    })
    const { status, facts } = await look({ port: server.port })
    expect({ status, protocol: facts['protocol'] }).toEqual({ status: 'up', protocol: version })
    expect(tls.metrics.find(({ name }) => name === 'yiwang_tls_version')?.read(facts)).toBe(number)
  })

  test('the server name is asked for, the answer compared with it, and the offer chosen from', async () => {
    const asked: string[] = []
    const context = nodeTls.createSecureContext(withChain('good'))
    await using server = await serve({
      ...withChain('other'),
      ALPNProtocols: ['h2'],
      SNICallback: (name, done) => {
        asked.push(name)
        done(null, context)
      },
    })
    const named = await look({ port: server.port, serverName: 'www.example.test', alpn: ['h2', 'http/1.1'] })
    expect(named.facts).toMatchObject({ authorized: true, alpn: 'h2' })
    const bare = await look({ port: server.port })
    expect(bare.facts).toMatchObject({ authorized: false, nameMatches: false })
    expect(asked).toEqual(['www.example.test'])
  })

  test('IPv6, and a name that resolves', async () => {
    await using server = await serve(withChain('good'), '::1')
    const literal = await look({ address: '::1', port: server.port })
    expect(literal).toMatchObject({ status: 'up', facts: { remoteAddress: '::1', authorized: true } })
    await using four = await serve(withChain('good'))
    const named = await look({ address: 'localhost', port: four.port, family: 4 })
    expect(named).toMatchObject({ status: 'up', facts: { remoteAddress: '127.0.0.1', authorized: true } })
  })

  test.each([
    ['TLSv1.2', 'tls'],
    ['TLSv1.3', 'up'],
  ] as const)('%s with a client certificate demanded: %s', async (version, expected) => {
    const demand = { requestCert: true, rejectUnauthorized: true, ca: [root.cert] }
    await using server = await serve({ ...withChain('good'), ...demand, maxVersion: version })
    const { status, cause } = await look({ port: server.port })
    expect(cause ?? status).toBe(expected)
  })

  test('a server with nothing in common is down: tls, with its reason', async () => {
    await using server = await serve({ ...withChain('good'), maxVersion: 'TLSv1.2', ciphers: 'PSK' })
    expect(await look({ port: server.port })).toMatchObject({
      status: 'down',
      cause: 'tls',
      detail: expect.stringMatching(/^TLS handshake: .*handshake failure/u) as string,
    })
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'a chain of %s that is larger than any is down: tls',
    async (version) => {
      const { cert, key } = leaf('good')
      const endless = cert + intermediate.cert.repeat(300)
      await using server = await serve({ cert: endless, key, minVersion: version, maxVersion: version })
      expect(await look({ port: server.port })).toMatchObject({ status: 'down', cause: 'tls' })
    },
  )

  test('what a known leaf is sent with is seen anew when it changes', async () => {
    const { cert, key } = leaf('good')
    const lengths: number[] = []
    for (const sent of [cert, cert + intermediate.cert, cert]) {
      await using server = await serve({ cert: sent, key })
      lengths.push(chainOf((await look({ port: server.port })).facts).length)
    }
    expect(lengths).toEqual([1, 2, 1])
  })

  const sClient = async (port: number, ...more: readonly string[]): Promise<string> => {
    const child = promisify(execFile)('openssl', [
      ...['s_client', '-connect', `127.0.0.1:${String(port)}`, '-showcerts'],
      ...['-CAfile', rootFile, '-verify_ip', '127.0.0.1', ...more],
    ])
    child.child.stdin?.end('Q\n')
    const { stdout } = await child
    return stdout
  }

  test.each(['good', 'rsa', 'expiring', 'expired', 'other', 'selfSigned'])(
    'openssl s_client says the same of %s',
    async (name) => {
      await using server = await serve(withChain(name))
      const output = await sClient(server.port)
      const { facts } = await look({ port: server.port })
      const sent = output.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu) ?? []
      const theirs = new Map(sent.map((pem) => [pem, new X509Certificate(pem)]))
      expect(
        chainOf(facts).map(({ fingerprintSha256, validTo }) => ({ fingerprintSha256, validTo })),
      ).toEqual(
        [...theirs.values()].map((certificate) => ({
          fingerprintSha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
          validTo: certificate.validToDate.toISOString(),
        })),
      )
      const [, protocol, cipher] = /^New, (\S+), Cipher is (\S+)$/mu.exec(output) ?? []
      expect({ protocol: facts['protocol'] }).toEqual({ protocol })
      // Both prefer differently; that theirs is one of the three suites of TLS 1.3 is all to compare.
      expect(cipher).toMatch(/^TLS_/u)
      expect(/Verify return code: (\d+)/u.exec(output)?.[1] === '0').toBe(facts['authorized'])
    },
  )

  test.each(['-tls1_2', '-tls1_3'])('openssl s_client %s negotiates the same cipher', async (flag) => {
    const version = flag === '-tls1_2' ? 'TLSv1.2' : 'TLSv1.3'
    await using server = await serve({
      ...withChain('rsa'),
      maxVersion: version,
      ciphers: 'TLS_AES_256_GCM_SHA384:ECDHE-RSA-AES256-GCM-SHA384',
    })
    const output = await sClient(server.port, flag)
    const { facts } = await look({ port: server.port })
    const name = { 'TLSv1.2': 'ECDHE-RSA-AES256-GCM-SHA384', 'TLSv1.3': 'TLS_AES_256_GCM_SHA384' }[version]
    expect(output).toContain(`Cipher is ${name}`)
    expect(facts['cipher']).toBe(
      version === 'TLSv1.2' ? 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384' : 'TLS_AES_256_GCM_SHA384',
    )
  })
})

test.each(hostilePeers)('a peer that $name is down: $tls', async ({ talk, tls: cause }) => {
  await using server = await peer(talk)
  const measurement = await heard(0.4, cause, (timeoutSeconds) => look({ port: server.port, timeoutSeconds }))
  expect(measurement).toMatchObject({ status: 'down', cause })
})
