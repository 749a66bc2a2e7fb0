import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import nodeTls from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TlsAuditFacts } from '../../probes/tls-audit/facts.ts'
import { tlsAudit } from '../../probes/tls-audit/index.ts'
import { suiteNames } from '../../probes/tls-audit/suite-names.ts'
import { type CertificateWorkshop, type KeyPair, certificateWorkshop } from '../support/certificates.ts'
import { probeContext } from '../support/context.ts'
import { type Peer, closedPort, hostilePeers, listening, peer } from '../support/peers.ts'
import { requires } from '../support/services.ts'
import { heard } from '../support/patience.ts'
import {
  alertRecord,
  certificateRecord,
  jdkServer,
  nginxServer,
  opensslServer,
  serverHelloRecord,
  sm2Certificates,
  smServer,
  tlcpServer,
} from './tls-audit-peers.ts'

const look = (options: Readonly<Record<string, unknown>>) =>
  tlsAudit.bind({ address: '127.0.0.1', pauseSeconds: 0, answerTimeoutSeconds: 5, ...options })(
    probeContext(),
  )

const examine = async (options: Readonly<Record<string, unknown>>): Promise<TlsAuditFacts> => {
  const { status, facts } = await look(options)
  expect(status).toBe('up')
  return facts as unknown as TlsAuditFacts
}

const acceptance = ({ versions }: TlsAuditFacts) =>
  Object.fromEntries(versions.map(({ version, accepted }) => [version, accepted]))

const ciphersOf = ({ versions }: TlsAuditFacts, name: string): readonly string[] =>
  versions.find(({ version }) => version === name)?.ciphers ?? []

const metric = (name: string, facts: object) =>
  tlsAudit.metrics.find((each) => each.name === `yiwang_tls_audit_${name}`)!.read(facts)

const serve = (options: nodeTls.TlsOptions): Promise<Peer> =>
  listening(
    nodeTls
      .createServer(options, (socket) => socket.on('error', () => undefined))
      .on('tlsClientError', () => undefined),
  )

test('a closed port is down: refused', async () => {
  expect(await look({ port: await closedPort() })).toMatchObject({ status: 'down', cause: 'refused' })
})

test.each(hostilePeers)('a peer that $name is down', async ({ talk, tls }) => {
  await using server = await peer(talk)
  const cause = tls === 'tls' ? 'protocol' : tls
  const measurement = await heard(0.5, cause, (timeoutSeconds) => look({ port: server.port, timeoutSeconds }))
  expect(measurement).toMatchObject({ status: 'down', cause })
})

describe('peers that speak TLS, and abuse it', () => {
  const hello = serverHelloRecord(0x0303, 0x002f)
  const pouring =
    (...first: readonly Buffer[]) =>
    (chunk: Buffer) =>
      peer((socket) => {
        socket.write(Buffer.concat(first))
        const more = (): void => {
          while (!socket.destroyed && socket.write(chunk));
        }
        socket.on('drain', more)
        more()
      })

  test('empty records without end: cut off', async () => {
    await using server = await pouring()(Buffer.from('1603030000'.repeat(1000), 'hex'))
    expect(await look({ port: server.port, maxConnections: 8 })).toMatchObject({
      status: 'down',
      cause: 'refused',
    })
  })

  test('warnings without end: cut off, and what they say is kept', async () => {
    await using server = await pouring()(Buffer.from('15030300020170'.repeat(1000), 'hex'))
    const facts = await examine({ port: server.port, maxConnections: 8 })
    expect(facts.versions[0]).toEqual({
      version: 'TLSv1.2',
      accepted: false,
      ciphers: [],
      alert: 'unrecognized_name',
    })
  })

  test.each([
    ['of 16 MB', Buffer.from('16030340000bffffff', 'hex')],
    [
      'of thousands of certificates',
      certificateRecord(
        0x0303,
        Array.from({ length: 3000 }, () => Buffer.of(1)),
      ),
    ],
  ])('a chain %s: the version is seen, no chain is kept', async (_, start) => {
    await using server = await pouring(hello, start)(Buffer.alloc(65_536, 0))
    const facts = await examine({ port: server.port, maxConnections: 8 })
    expect(acceptance(facts)['TLSv1.2']).toBe(true)
    expect(facts.chain ?? []).toEqual([])
    expect(facts.complete).toBe(false)
  })

  test('a server that takes whatever is offered ends at the limit of connections', async () => {
    let connections = 0
    await using server = await peer((socket) => {
      connections += 1
      socket.once('data', (bytes) => {
        const suite = bytes.readUInt16BE(46 + bytes.readUInt8(43))
        socket.end(serverHelloRecord(bytes.readUInt16BE(9), suite))
      })
    })
    const facts = await examine({ port: server.port, maxConnections: 30 })
    expect({ complete: facts.complete, asked: facts.connections, connections }).toEqual({
      ...{ complete: false, asked: 30, connections: 30 },
    })
    expect(metric('complete', facts)).toBe(0)
  })

  test('a suite that was not offered, and a version that was not, count as refused', async () => {
    await using server = await peer((socket) =>
      socket.once('data', () => socket.end(serverHelloRecord(0x0302, 0x00fd))),
    )
    const facts = await examine({ port: server.port })
    expect(new Set(Object.values(acceptance(facts)))).toEqual(new Set([false]))
    expect(facts.weakCiphers).toEqual([])
  })

  test('what was found until the deadline is kept; the rest is said to be missing', async () => {
    const { status, facts } = await heard(0.5, 'up', async (timeoutSeconds) => {
      let connections = 0
      await using server = await peer((socket) => {
        connections += 1
        if (connections === 1) socket.once('data', () => socket.end(hello))
      })
      return await look({ port: server.port, timeoutSeconds })
    })
    expect({ status, complete: facts['complete'] }).toEqual({ status: 'up', complete: false })
    const [first, ...others] = (facts as unknown as TlsAuditFacts).versions
    expect(first).toMatchObject({ version: 'TLSv1.2', accepted: true })
    expect(others.every(({ accepted }) => accepted === undefined)).toBe(true)
    expect(metric('version_accepted', facts)).toEqual([{ value: 1, labels: { version: 'TLSv1.2' } }])
    expect(facts).not.toHaveProperty('tlcpOffered')
  })

  test('a run that is cancelled half way is unknown', async () => {
    const shutdown = new AbortController()
    await using server = await peer((socket) => socket.once('data', () => shutdown.abort()))
    const run = tlsAudit.bind({ address: '127.0.0.1', port: server.port })
    expect(await run(probeContext({ signal: shutdown.signal }))).toMatchObject({
      status: 'unknown',
      cause: 'cancelled',
    })
  })

  test('a server that answers nothing but alerts is up, and takes nothing', async () => {
    await using server = await peer((socket) =>
      socket.once('data', () => socket.end(alertRecord(0x0303, 70))),
    )
    const facts = await examine({ port: server.port })
    expect(facts).toMatchObject({
      complete: true,
      weakCiphers: [],
      forwardSecrecy: false,
      cbcOnly: false,
      tlcpOffered: false,
    })
    expect(
      facts.versions.every(({ accepted, alert }) => accepted === false && alert === 'protocol_version'),
    ).toBe(true)
    expect(metric('weak_ciphers', facts)).toBe(0)
  })
})

describe.skipIf(requires('openssl').skip)('with certificates', () => {
  let workshop: CertificateWorkshop
  let root: KeyPair
  let intermediate: KeyPair
  let rsa: KeyPair
  let ec: KeyPair
  const names = 'DNS:localhost,DNS:www.example.test,IP:127.0.0.1'

  beforeAll(async () => {
    workshop = await certificateWorkshop()
    root = await workshop.issue({ commonName: 'Test Root', isAuthority: true })
    intermediate = await workshop.issue({ commonName: 'Test Intermediate', isAuthority: true }, root)
    ;[rsa, ec] = await Promise.all([
      workshop.issue({ commonName: 'rsa leaf', names, key: 'rsa' }, intermediate),
      workshop.issue({ commonName: 'ec leaf', names }, intermediate),
    ])
  })
  afterAll(() => workshop[Symbol.asyncDispose]())

  const chained = ({ cert, key }: KeyPair, ...more: readonly KeyPair[]): KeyPair => ({
    key,
    cert: [cert, ...more.map((each) => each.cert)].join(''),
  })

  describe('the chain', () => {
    const audit = async (
      pair: KeyPair,
      options: Readonly<Record<string, unknown>> = {},
    ): Promise<TlsAuditFacts> => {
      await using server = await serve(pair)
      return await examine({ port: server.port, ...options })
    }
    const ofChain = ({
      chainComplete,
      chainEnd,
      missingIssuer,
      chainInOrder,
      chain = [],
    }: TlsAuditFacts) => ({
      ...{ chainComplete, chainEnd, missingIssuer, chainInOrder },
      subjects: chain.map(({ subject }) => subject),
    })

    test('that lacks its intermediate is incomplete, and who is missing is named', async () => {
      const facts = await audit(ec)
      expect(ofChain(facts)).toEqual({
        ...{ chainComplete: false, chainEnd: 'missing-issuer', missingIssuer: 'CN=Test Intermediate' },
        ...{ chainInOrder: true, subjects: ['CN=ec leaf'] },
      })
      expect(metric('chain_complete', facts)).toBe(0)
    })

    test('that lacks its root is incomplete while the root is not known, and complete with it', async () => {
      expect(ofChain(await audit(chained(ec, intermediate)))).toMatchObject({
        ...{ chainComplete: false, missingIssuer: 'CN=Test Root' },
      })
      const facts = await audit(chained(ec, intermediate, root))
      expect(ofChain(facts)).toEqual({
        ...{ chainComplete: true, chainEnd: 'self-signed', missingIssuer: undefined, chainInOrder: true },
        subjects: ['CN=ec leaf', 'CN=Test Intermediate', 'CN=Test Root'],
      })
      expect(metric('chain_complete', facts)).toBe(1)
    })

    test('that is out of order is complete all the same, and said to be out of order', async () => {
      expect(ofChain(await audit(chained(ec, root, intermediate)))).toMatchObject({
        ...{ chainComplete: true, chainInOrder: false },
      })
    })

    test('with an issuer of the right name and the wrong key is not complete', async () => {
      const impostor = await workshop.issue({ commonName: 'Test Intermediate', isAuthority: true })
      expect(ofChain(await audit(chained(ec, impostor)))).toMatchObject({
        chainComplete: false,
        chainInOrder: false,
      })
    })

    test('is described: key, signature, names; and compared with the name asked for', async () => {
      const facts = await audit(chained(rsa, intermediate), { serverName: 'www.example.test' })
      expect(facts.nameMatches).toBe(true)
      expect(facts.chain?.[0]).toMatchObject({
        ...{ keyType: 'rsa', keyBits: 2048, signatureAlgorithm: 'ecdsa-with-SHA256', selfSigned: false },
        validTo: new X509Certificate(rsa.cert).validToDate.toISOString(),
      })
      expect((await audit(rsa, { serverName: 'other.example.test' })).nameMatches).toBe(false)
      expect((await audit(rsa)).nameMatches).toBe(true)
    })
  })

  describe('stapling', () => {
    test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: whether an OCSP response came', async (version) => {
      const audit = async (response: Buffer | null) => {
        const server = nodeTls.createServer({
          ...chained(ec, intermediate),
          minVersion: version,
          maxVersion: version,
        })
        server.on('tlsClientError', () => undefined)
        server.on(
          'OCSPRequest',
          (_certificate, _issuer, done: (error: null, response: Buffer | null) => void) => {
            done(null, response)
          },
        )
        await using listens = await listening(server)
        return await examine({ port: listens.port })
      }
      const stapled = await audit(Buffer.from('30030a0100', 'hex'))
      expect({ stapled: stapled.ocspStapled, metric: metric('ocsp_stapled', stapled) }).toEqual({
        stapled: true,
        metric: 1,
      })
      const bare = await audit(null)
      expect({ stapled: bare.ocspStapled, metric: metric('ocsp_stapled', bare) }).toEqual({
        stapled: false,
        metric: 0,
      })
      expect(bare.chain).toHaveLength(2)
    })
  })

  describe('versions', () => {
    test.each([
      ['TLSv1', 'TLSv1.0'],
      ['TLSv1.1', 'TLSv1.1'],
      ['TLSv1.2', 'TLSv1.2'],
      ['TLSv1.3', 'TLSv1.3'],
    ] as const)('a server of %s only', async (version, accepted) => {
      const only = { minVersion: version, maxVersion: version }
      await using server = await serve({
        ...chained(rsa, intermediate),
        ...only,
        ciphers: 'DEFAULT@SECLEVEL=0',
      })
      const facts = await examine({ port: server.port })
      expect(acceptance(facts)).toEqual({
        ...{ 'TLSv1.0': false, 'TLSv1.1': false, 'TLSv1.2': false, 'TLSv1.3': false, SSLv3: false },
        [accepted]: true,
      })
      expect(facts).toMatchObject({
        complete: true,
        tlcpOffered: false,
        tls13SmOffered: false,
        weakCiphers: [],
      })
      expect(facts.chain?.map(({ subject }) => subject)).toEqual(['CN=rsa leaf', 'CN=Test Intermediate'])
      expect(facts.cbcOnly).toBe(version === 'TLSv1' || version === 'TLSv1.1')
    })

    test.each(
      ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'].flatMap((cipher) =>
        ['X25519', 'P-256', 'P-384', 'P-521'].map((curve) => [cipher, curve] as const),
      ),
    )('the certificates of TLS 1.3 are decrypted: %s, %s', async (ciphers, ecdhCurve) => {
      await using server = await serve({
        ...chained(ec, intermediate),
        ciphers,
        ecdhCurve,
        minVersion: 'TLSv1.3',
      })
      const facts = await examine({ port: server.port })
      expect(facts.chain?.map(({ subject }) => subject)).toEqual(['CN=ec leaf', 'CN=Test Intermediate'])
      expect(ciphersOf(facts, 'TLSv1.3')).toEqual([ciphers])
    })
  })

  const runs = promisify(execFile)
  const sClient = async (port: number, ...args: readonly string[]): Promise<boolean> => {
    const running = runs('openssl', ['s_client', '-connect', `127.0.0.1:${String(port)}`, ...args])
    // It may have failed, and gone, before it reads.
    running.child.stdin?.on('error', () => undefined).end('Q\n')
    return running.then(
      ({ stdout }) => !stdout.includes('Cipher is (NONE)'),
      () => false,
    )
  }

  describe('openssl', () => {
    const legacy =
      'NULL-SHA:AECDH-AES128-SHA:ADH-AES256-SHA256:AES128-SHA:AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA'

    test('s_client says the same of each suite of s_server', async () => {
      await using server = await opensslServer(chained(rsa, intermediate), '-cipher', `${legacy}@SECLEVEL=0`)
      const facts = await examine({ port: server.port, maxConnections: 300 })
      const asked = [
        'NULL-SHA',
        'NULL-SHA256',
        'AECDH-AES128-SHA',
        'AECDH-NULL-SHA',
        'ADH-AES256-SHA256',
        'ADH-AES128-SHA',
      ]
      const suites = [...asked, 'AES128-SHA', 'AES256-SHA', 'AES256-GCM-SHA384', 'CAMELLIA128-SHA']
      const { stdout } = await runs('openssl', ['ciphers', '-stdname', `${suites.join(':')}:@SECLEVEL=0`])
      const standard = new Map(
        stdout
          .split('\n')
          .map((line) => line.split(/\s+/u))
          .map(([name, , own]) => [own, name]),
      )
      for (const suite of suites) {
        const theirs = await sClient(server.port, '-tls1_2', '-cipher', `${suite}:@SECLEVEL=0`)
        expect({ suite, taken: ciphersOf(facts, 'TLSv1.2').includes(standard.get(suite)!) }).toEqual({
          suite,
          taken: theirs,
        })
      }
      expect(facts.weakCiphers.map(({ cipher }) => cipher).toSorted()).toEqual([
        'TLS_DH_anon_WITH_AES_256_CBC_SHA256',
        'TLS_ECDH_anon_WITH_AES_128_CBC_SHA',
        'TLS_RSA_WITH_NULL_SHA',
      ])
      expect(metric('weak_ciphers', facts)).toBe(3)
      expect(facts.complete).toBe(true)
    })

    test.each(['-tls1', '-tls1_1', '-tls1_2', '-tls1_3'])(
      's_client says the same of s_server %s',
      async (flag) => {
        await using server = await opensslServer(
          chained(rsa, intermediate),
          flag,
          '-cipher',
          'ALL:@SECLEVEL=0',
        )
        const facts = await examine({ port: server.port, maxConnections: 30 })
        const flags = { 'TLSv1.0': '-tls1', 'TLSv1.1': '-tls1_1', 'TLSv1.2': '-tls1_2', 'TLSv1.3': '-tls1_3' }
        for (const [version, theirs] of Object.entries(flags))
          expect({ version, accepted: acceptance(facts)[version] }).toEqual({
            version,
            accepted: await sClient(server.port, theirs, '-cipher', 'ALL:@SECLEVEL=0'),
          })
      },
    )

    test('an SM2 certificate in TLS 1.2 is read', async () => {
      const [der] = await sm2Certificates('sm2.example.test')
      await using server = await peer((socket) =>
        socket.once('data', () =>
          socket.write(Buffer.concat([serverHelloRecord(0x0303, 0x002f), certificateRecord(0x0303, [der!])])),
        ),
      )
      const { facts } = await look({ port: server.port, answerTimeoutSeconds: 0.2, maxConnections: 8 })
      expect(facts['chain']).toMatchObject([
        { keyType: 'sm2', keyBits: 256, signatureAlgorithm: 'SM2-with-SM3' },
      ])
    })
  })

  test.skipIf(requires('nginx').skip)('nginx with all that Debian’s OpenSSL has', async () => {
    const directives = 'ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:!aNULL:@SECLEVEL=0;'
    await using server = await nginxServer(chained(rsa, intermediate), directives)
    await expect.poll(async () => (await look({ port: server.port, maxConnections: 8 })).status).toBe('up')
    const facts = await examine({ port: server.port })
    expect(acceptance(facts)).toEqual({
      ...{ 'TLSv1.0': true, 'TLSv1.1': true, 'TLSv1.2': true, 'TLSv1.3': false, SSLv3: false },
    })
    expect(facts).toMatchObject({ complete: true, weakCiphers: [], forwardSecrecy: true, cbcOnly: false })
    expect(facts.noForwardSecrecy).toContain('TLS_RSA_WITH_AES_128_CBC_SHA')
  })

  describe.skipIf(requires('java', 'javac').skip)('OpenJDK', () => {
    // Of each weakness one, as OpenJDK names them.
    const jdkNames = [
      ...['SSL_RSA_WITH_NULL_MD5', 'SSL_RSA_EXPORT_WITH_RC4_40_MD5', 'SSL_RSA_EXPORT_WITH_DES40_CBC_SHA'],
      ...['SSL_RSA_WITH_RC4_128_SHA', 'SSL_RSA_WITH_DES_CBC_SHA', 'SSL_DHE_RSA_WITH_3DES_EDE_CBC_SHA'],
      ...[
        'SSL_DH_anon_WITH_RC4_128_MD5',
        'TLS_RSA_WITH_AES_128_CBC_SHA',
        'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
      ],
    ]
    const standard = jdkNames.map((name) => name.replace(/^SSL_/u, 'TLS_'))

    test('SSL 3.0 and every kind of weak suite are seen', async () => {
      await using server = await jdkServer(chained(rsa, intermediate, root), ['SSLv3', 'TLSv1'], jdkNames)
      const facts = await examine({ port: server.port })
      expect(acceptance(facts)).toMatchObject({ SSLv3: true, 'TLSv1.0': true, 'TLSv1.2': false })
      for (const version of ['SSLv3', 'TLSv1.0'])
        expect(ciphersOf(facts, version).toSorted()).toEqual(standard.toSorted())
      expect(facts.weakCiphers.map(({ cipher }) => cipher).toSorted()).toEqual(
        standard.filter((name) => !name.includes('AES')).toSorted(),
      )
      expect(facts).toMatchObject({
        complete: true,
        cbcOnly: true,
        forwardSecrecy: true,
        chainComplete: true,
      })
    })
  })

  describe('TLCP, by a stub written from the standard’s tables', () => {
    let certificates: readonly Buffer[]
    beforeAll(async () => {
      certificates = await sm2Certificates('签名 www.example.test', '加密 www.example.test')
    })

    test('the handshake is seen: suites, signing and encryption certificate', async () => {
      await using server = await tlcpServer({ suites: [0xe013, 0xe053], certificates })
      const facts = await examine({ port: server.port, serverName: 'www.example.test' })
      expect(facts).toMatchObject({
        ...{ tlcpOffered: true, tlcpCiphers: ['ECC_SM4_CBC_SM3', 'ECC_SM4_GCM_SM3'], complete: true },
      })
      expect(facts.tlcpCertificates?.map(({ subject, keyType }) => ({ subject, keyType }))).toEqual([
        { subject: 'C=CN, CN=签名 www.example.test', keyType: 'sm2' },
        { subject: 'C=CN, CN=加密 www.example.test', keyType: 'sm2' },
      ])
      expect(facts.tlcpCertificates?.[0]?.validTo).toBe(
        new X509Certificate(certificates[0]!).validToDate.toISOString(),
      )
      expect(new Set(Object.values(acceptance(facts)))).toEqual(new Set([false]))
      expect(metric('tlcp_offered', facts)).toBe(1)
    })

    test('a server that knows no extensions is asked again without a name', async () => {
      await using server = await tlcpServer({ suites: [0xe011], certificates, refusesExtensions: true })
      const facts = await examine({ port: server.port, serverName: 'www.example.test' })
      expect(facts).toMatchObject({ tlcpOffered: true, tlcpCiphers: ['ECDHE_SM4_CBC_SM3'] })
    })

    test('a server that takes other suites only has refused', async () => {
      await using server = await tlcpServer({ suites: [0xe019], certificates })
      const facts = await examine({ port: server.port })
      expect(facts.tlcpOffered).toBe(false)
      expect(metric('tlcp_offered', facts)).toBe(0)
    })
  })

  test('TLS 1.3 with SM4 and SM3 only: seen by its retry for curveSM2 (RFC 8998)', async () => {
    await using server = await smServer([0x00c6])
    const facts = await examine({ port: server.port })
    expect(facts).toMatchObject({
      tls13SmOffered: true,
      tls13SmCiphers: ['TLS_SM4_GCM_SM3'],
      tls13CurveSm2: true,
    })
    expect(facts).not.toHaveProperty('tls13Sm2Signature')
    expect(acceptance(facts)).toMatchObject({ 'TLSv1.3': true, 'TLSv1.2': false })
  })
})

describe.skipIf(requires('openssl').skip)('numbers of suites', () => {
  test('openssl ciphers has the same', async () => {
    const { stdout } = await promisify(execFile)('openssl', [
      'ciphers',
      '-V',
      '-stdname',
      'ALL:COMPLEMENTOFALL:@SECLEVEL=0',
    ])
    const theirs = stdout
      .split('\n')
      .map((line) => /0x(\w\w),0x(\w\w) - (\S+)/u.exec(line) ?? [])
      .filter(([, , , name]) => name !== undefined && !/PSK|SRP/u.test(name))
      .map(([, high, low, name]) => [Number(`0x${high!}${low!}`), name] as const)
    expect(theirs.length).toBeGreaterThan(50)
    for (const [suite, name] of theirs) expect(suiteNames.get(suite)).toBe(name)
  })
})
