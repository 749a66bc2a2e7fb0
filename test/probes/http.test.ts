import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import nodeHttp from 'node:http'
import nodeHttps from 'node:https'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keptHeaders } from '../../probes/http/headers.ts'
import { http } from '../../probes/http/index.ts'
import { matches } from '../../probes/http/judge.ts'
import { cookiesOf } from '../../probes/net/http/cookies.ts'
import { textOf, titleOf } from '../../probes/net/http/page.ts'
import { isLocal, recorded, redirected } from '../../probes/net/http/redirect.ts'
import { httpSpecOf } from '../../probes/net/http/url.ts'
import { UsageFault } from '../../src/core/fault.ts'
import type { Measurement } from '../../src/core/probe.ts'
import { certificateWorkshop } from '../support/certificates.ts'
import { probeContext } from '../support/context.ts'
import { type Peer, closedPort, hostilePeers, listening, peer } from '../support/peers.ts'
import { requires } from '../support/services.ts'
import { heard } from '../support/patience.ts'

const look = (options: Readonly<Record<string, unknown>>): Promise<Measurement> =>
  http.bind({ address: '127.0.0.1', scheme: 'http', ...options })(probeContext())

const serve = (handler: nodeHttp.RequestListener, address?: string): Promise<Peer> =>
  listening(nodeHttp.createServer(handler), address)

const answer =
  (
    body: string | Buffer,
    headers: nodeHttp.OutgoingHttpHeaders = {},
    status = 200,
  ): nodeHttp.RequestListener =>
  (_, response) => {
    response.writeHead(status, headers).end(body)
  }

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex')

describe('hostile peers', () => {
  test.each(hostilePeers)('a peer that $name: $http', async ({ talk, http: expected }) => {
    await using server = await peer(talk)
    const { status, cause, facts } = await heard(0.4, expected, (timeoutSeconds) =>
      look({ port: server.port, timeoutSeconds }),
    )
    expect(cause ?? status).toBe(expected)
    if (status === 'up') expect(facts).toMatchObject({ bodyBytes: 1024 * 1024, truncated: true })
  })

  test.each(hostilePeers)('over https, a peer that $name: $tls', async ({ talk, tls: cause }) => {
    await using server = await peer(talk)
    const measurement = await heard(0.4, cause, (timeoutSeconds) =>
      look({ scheme: 'https', port: server.port, timeoutSeconds }),
    )
    expect(measurement).toMatchObject({ status: 'down', cause })
  })

  test('a closed port is down: refused', async () => {
    expect(await look({ port: await closedPort() })).toMatchObject({ status: 'down', cause: 'refused' })
  })

  test('a redirect loop names the redirects that were followed', async () => {
    await using server = await serve(answer('', { location: '/again' }, 302))
    const { detail, facts } = await look({ port: server.port, followRedirects: 3 })
    expect(detail).toBe('more than 3 redirects')
    expect(facts['redirects']).toEqual(Array.from({ length: 4 }, () => ({ status: 302, location: '/again' })))
  })
})

describe('the exchange', () => {
  test.each(['127.0.0.1', '::1'])('a page on %s is up with its facts', async (address) => {
    const page = '<html><head><title> Hello &amp;\n world </title></head></html>'
    await using server = await serve(
      answer(page, {
        'content-type': 'text/html; charset=utf-8',
        'content-length': page.length,
        server: 'test/1.0',
        'x-frame-options': 'DENY',
        'x-private': 'not kept',
        'set-cookie': ['session=secret; Path=/; HttpOnly; Secure', 'lang=zh; SameSite=Lax'],
      }),
      address,
    )
    const measurement = await look({ address, port: server.port })
    expect(measurement.status).toBe('up')
    expect(measurement.facts).toMatchObject({
      url: `http://${address === '::1' ? '[::1]' : address}:${server.port}/`,
      remoteAddress: address,
      status: 200,
      httpVersion: '1.1',
      redirects: [],
      headers: {
        server: 'test/1.0',
        'content-type': 'text/html; charset=utf-8',
        'content-length': String(page.length),
        'x-frame-options': 'DENY',
      },
      cookies: [
        { name: 'session', flags: ['path', 'httponly', 'secure'] },
        { name: 'lang', flags: ['samesite=lax'] },
      ],
      bodyBytes: page.length,
      bodySha256: sha256(page),
      truncated: false,
      title: 'Hello & world',
    })
    expect(JSON.stringify(measurement)).not.toContain('secret')
    expect(measurement.facts['headers']).not.toHaveProperty('x-private')
  })

  test('what is sent: method, path, host, headers', async () => {
    const seen: nodeHttp.IncomingMessage[] = []
    await using server = await serve((request, response) => {
      seen.push(request)
      response.end()
    })
    await look({
      port: server.port,
      host: 'www.example.test',
      path: '/a b/政务?q=1',
      method: 'HEAD',
      headers: { 'X-Asked-By': 'test', 'User-Agent': 'other' },
    })
    expect(seen[0]).toMatchObject({ method: 'HEAD', url: '/a%20b/%E6%94%BF%E5%8A%A1?q=1' })
    expect(seen[0]!.headers).toMatchObject({
      host: `www.example.test:${server.port}`,
      'x-asked-by': 'test',
      'user-agent': 'other',
      connection: 'close',
    })
  })

  test.each([
    ['gzip', zlib.gzipSync],
    ['deflate', zlib.deflateSync],
    ['deflate', zlib.deflateRawSync],
    ['br', zlib.brotliCompressSync],
  ] as const)('%s is decompressed before it is hashed', async (coding, compress) => {
    const page = '<title>compressed</title>'.repeat(1000)
    await using server = await serve(answer(compress(page), { 'content-encoding': coding }))
    const { facts } = await look({ port: server.port })
    expect(facts).toMatchObject({ bodySha256: sha256(page), bodyBytes: page.length, truncated: false })
  })

  test('the body ends at the limit, compressed or not', async () => {
    const page = 'a'.repeat(10_000)
    await using plain = await serve(answer(page))
    await using gzip = await serve(answer(zlib.gzipSync(page), { 'content-encoding': 'gzip' }))
    const expected = { bodyBytes: 100, truncated: true, bodySha256: sha256('a'.repeat(100)) }
    for (const { port } of [plain, gzip])
      expect((await look({ port, bodyLimitBytes: 100 })).facts).toMatchObject(expected)
    const exact = await look({ port: plain.port, bodyLimitBytes: 10_000 })
    expect(exact.facts).toMatchObject({ bodyBytes: 10_000, truncated: false })
  })

  test('phases add up to no more than the total', async () => {
    await using server = await serve(answer('x'))
    const { facts, seconds } = await look({ port: server.port })
    const phases = http.metrics.find(({ name }) => name === 'yiwang_http_phase_seconds')!.read(facts)
    const readings = phases as readonly { value: number; labels: { phase: string } }[]
    expect(readings.map(({ labels }) => labels.phase)).toEqual([
      'resolve',
      'connect',
      'tls',
      'first_byte',
      'transfer',
    ])
    const total = facts['totalSeconds'] as number
    expect(readings.reduce((sum, { value }) => sum + value, 0)).toBeLessThanOrEqual(total)
    expect(total).toBeLessThanOrEqual(seconds)
  })
})

describe('judging', () => {
  test.each([
    { options: {}, status: 404, expected: 'assertion' },
    { options: { expectStatus: [404] }, status: 404, expected: 'up' },
    { options: { expectStatus: ['400-499', 200] }, status: 404, expected: 'up' },
    { options: { expectStatus: [204] }, status: 200, expected: 'assertion' },
    { options: { expectText: '开封' }, status: 200, expected: 'up' },
    { options: { expectText: '郑州' }, status: 200, expected: 'assertion' },
    { options: { expectBody: '^<p>.{2}市' }, status: 200, expected: 'up' },
    { options: { expectBody: '^市' }, status: 200, expected: 'assertion' },
  ])('$options on a $status: $expected', async ({ options, status, expected }) => {
    await using server = await serve(answer('<p>开封市人民政府</p>', {}, status))
    const measurement = await look({ port: server.port, ...options })
    expect(measurement.cause ?? measurement.status).toBe(expected)
    expect(measurement.facts).toMatchObject({ status })
  })

  test('a pattern that backtracks for ever is our fault, not the target’s', async () => {
    await using server = await serve(answer(`${'a'.repeat(50_000)}!`))
    const measurement = await look({ port: server.port, expectBody: '^(a+)+$' })
    expect(measurement).toMatchObject({ status: 'unknown', cause: 'resource' })
    expect(matches('^a', 'a')).toBe(true)
  })

  test.each([
    [{ headers: { Cookie: 'a=b' } }, /credential/u],
    [{ headers: { authorization: 'x' } }, /credential/u],
    [{ headers: { 'x-a': 'a\r\nb: c' } }, /printable/u],
    [{ expectBody: '(' }, /regular expression/u],
    [{ expectStatus: ['2xx'] }, /expectStatus/u],
    [{ path: 'no-slash' }, /path/u],
    [{ host: 'a b' }, /host/u],
    [{ url: 'http://x' }, /url/u],
  ])('%j is refused', (options, message) => {
    const bind = (): unknown => http.bind({ address: '127.0.0.1', ...options })
    expect(bind).toThrow(UsageFault)
    expect(bind).toThrow(message)
  })
})

describe('redirects', () => {
  const site = async (routes: Readonly<Record<string, readonly [number, string]>>): Promise<Peer> =>
    serve((request, response) => {
      const route = routes[request.url ?? '']
      if (route === undefined) response.end(`here: ${String(request.headers.host)}`)
      else response.writeHead(route[0], { location: route[1] }).end()
    })

  test('are followed, relative and absolute, and recorded', async () => {
    await using other = await site({})
    await using server = await site({
      '/': [301, 'two?x=1'],
      '/two?x=1': [302, '//user:password@127.0.0.1:0/'.replace(':0/', `:${other.port}/end#part`)],
    })
    const measurement = await look({ port: server.port })
    expect(measurement.facts).toMatchObject({
      status: 200,
      url: `http://127.0.0.1:${other.port}/end#part`,
      redirects: [
        { status: 301, location: 'two?x=1' },
        { status: 302, location: `//127.0.0.1:${other.port}/end#part` },
      ],
    })
    expect(JSON.stringify(measurement)).not.toContain('password')
  })

  test('with none allowed the redirect is the answer', async () => {
    await using server = await site({ '/': [302, '/next'] })
    const { status, facts } = await look({ port: server.port, followRedirects: 0 })
    expect({ status, code: facts['status'] }).toEqual({ status: 'up', code: 302 })
  })

  test('to the same host name stay at the address that was given', async () => {
    await using server = await site({ '/': [302, 'http://www.example.test:1/'] })
    await using there = await site({ '/': [302, `http://www.example.test:${server.port}/end`] })
    const measurement = await look({ port: there.port, host: 'www.example.test' })
    expect(measurement.facts).toMatchObject({
      status: 200,
      url: `http://www.example.test:${server.port}/end`,
    })
  })

  test.each(['ftp://127.0.0.1/', 'http://', 'javascript:1'])('to %s are down: protocol', async (location) => {
    await using server = await site({ '/': [302, location] })
    expect(await look({ port: server.port })).toMatchObject({ status: 'down', cause: 'protocol' })
  })

  test('a bearer token goes to the first origin only, and nowhere into the result', async () => {
    const seen = new Map<string, string | undefined>()
    const note = (name: string, location?: string) =>
      serve((request, response) => {
        seen.set(`${name}${String(request.url)}`, request.headers.authorization)
        const isStart = request.url === '/'
        const to = isStart ? '/second' : location
        if (to === undefined) response.end()
        else response.writeHead(302, { location: to }).end()
      })
    await using other = await serve((request, response) => {
      seen.set('other', request.headers.authorization)
      response.end()
    })
    await using server = await note('first', `http://127.0.0.1:${other.port}/`)
    const run = http.bind({ address: '127.0.0.1', scheme: 'http', port: server.port, credential: 'site' })
    const credential = (name: string) =>
      name === 'site' ? ({ kind: 'bearer', token: 'top-secret' } as const) : undefined
    const measurement = await run(probeContext({ credential }))
    expect(measurement.status).toBe('up')
    expect(Object.fromEntries(seen)).toEqual({
      'first/': 'Bearer top-secret',
      'first/second': 'Bearer top-secret',
      other: undefined,
    })
    expect(JSON.stringify(measurement)).not.toContain('top-secret')
  })

  test.each([
    ['is not there', undefined],
    ['is of another kind', { kind: 'snmp-community', community: 'x' }],
    ['cannot be sent', { kind: 'bearer', token: 'a\r\nb' }],
  ] as const)('a credential that %s is unknown: credential', async (_, found) => {
    const run = http.bind({ address: '127.0.0.1', scheme: 'http', port: 1, credential: 'site' })
    const measurement = await run(probeContext({ credential: () => found }))
    expect(measurement).toMatchObject({ status: 'unknown', cause: 'credential' })
  })

  test.each([
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '169.254.169.254',
    'fe80::1%eth0',
    '::ffff:127.0.0.1',
    '0.0.0.0',
  ])('%s is local to the prober', (address) => {
    expect(isLocal(address)).toBe(true)
  })
  test.each(['10.0.0.1', '192.0.2.1', '2001:db8::1', '::ffff:10.0.0.1'])('%s is not', (address) => {
    expect(isLocal(address)).toBe(false)
  })

  test('any location is judged without throwing', () => {
    const first = {
      url: new URL('https://a.example/x'),
      address: '192.0.2.1',
      family: undefined,
      method: 'GET',
      headers: { authorization: 'Bearer t', 'x-a': '1' },
    } as const
    const location = fc.oneof(fc.webUrl(), fc.string({ unit: 'binary' }))
    fc.assert(
      fc.property(location, (text) => {
        const next = redirected(first, first.url, text)
        expect(recorded(text).length).toBeLessThanOrEqual(500)
        if (next !== undefined && next.url.origin !== first.url.origin)
          expect(next.headers).not.toHaveProperty('authorization')
      }),
    )
  })
})

describe('URL → spec', () => {
  test.each([
    ['http://a.example', { address: 'a.example', scheme: 'http', port: 80, path: '/' }],
    [
      'https://A.example:8443/x/?y=z#f',
      { address: 'a.example', scheme: 'https', port: 8443, path: '/x/?y=z' },
    ],
    ['https://[2001:db8::1]/', { address: '2001:db8::1', scheme: 'https', port: 443, path: '/' }],
    ['http://政务.example/', { address: 'xn--zfr164b.example', scheme: 'http', port: 80, path: '/' }],
  ])('%s', (url, expected) => {
    expect(httpSpecOf(url)).toEqual(expected)
    expect(() => http.bind(expected)).not.toThrow()
  })

  test.each(['ftp://a/', 'a.example', 'https://u:p@a.example/', ''])('%j is refused', (url) => {
    expect(() => httpSpecOf(url)).toThrow(UsageFault)
  })

  test('any URL that the web knows gives a spec that binds', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true }), (url) => {
        expect(() => http.bind(httpSpecOf(url))).not.toThrow()
      }),
    )
  })
})

describe('pages', () => {
  const gbk = Buffer.from('<title>\xbf\xaa\xb7\xe2\xca\xd0</title>', 'latin1')
  test.each([
    ['the header', gbk, 'text/html; charset=GBK'],
    ['a meta element', Buffer.concat([Buffer.from('<meta charset="gb18030">'), gbk]), 'text/html'],
    [
      'an old meta element',
      Buffer.concat([Buffer.from('<meta http-equiv=x content="text/html; charset=gb2312">'), gbk]),
      '',
    ],
    ['nothing (UTF-8)', Buffer.from('<title>开封市</title>'), undefined],
    ['a byte order mark', Buffer.from('\ufeff<title>开封市</title>', 'utf16le'), 'text/html; charset=gbk'],
    ['a charset that nobody knows', Buffer.from('<title>开封市</title>'), 'text/html; charset=klingon'],
  ])('the charset is that of %s', (_, bytes, contentType) => {
    expect(titleOf(textOf(bytes, contentType))).toBe('开封市')
  })

  test.each([
    ['<TITLE lang="zh">a</TITLE>', 'a'],
    ['<title>a &#24320;&#x5c01; &lt;b&gt; &unknown; &#x110000;</title>', 'a 开封 <b> &unknown; \ufffd'],
    ['<title>  </title>', undefined],
    ['<titles>no</titles>', undefined],
    [`<title>${'x'.repeat(5000)}`, 'x'.repeat(200)],
    ['<title>\u202eevil\u0007</title>', 'evil'],
  ])('%j → %j', (text, title) => {
    expect(titleOf(text)).toBe(title)
  })

  test('any bytes, any content type: text and title never throw and stay bounded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.string({ unit: 'binary' }), (bytes, contentType) => {
        const title = titleOf(textOf(Buffer.from(bytes), contentType))
        expect(title?.length ?? 0).toBeLessThanOrEqual(200)
      }),
    )
  })

  test('any headers: kept ones and cookies never throw and stay bounded', () => {
    const text = fc.string({ unit: 'binary', maxLength: 1000 })
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 40 }), (server, cookies) => {
        const headers = { server, 'set-cookie': cookies }
        expect(keptHeaders(headers)['server']?.length).toBeLessThanOrEqual(500)
        const facts = cookiesOf(headers)
        expect(facts.length).toBeLessThanOrEqual(20)
        expect(facts.every(({ name, flags }) => name.length <= 100 && flags.length <= 8)).toBe(true)
      }),
    )
  })

  test('a hostile page costs no more than reading it', () => {
    const page = '<title'.repeat(11_000)
    expect(titleOf(page)).toBeUndefined()
    expect(textOf(Buffer.from('charset'.repeat(9_000)))).toHaveLength(63_000)
  })
})

describe.skipIf(requires('openssl', 'curl').skip)('curl and https', () => {
  const curl = async (...options: readonly string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)('curl', ['-sS', '--noproxy', '*', ...options], {
      encoding: 'latin1',
    })
    return stdout
  }
  const format = '%{http_code} %{num_redirects} %{url_effective} %{http_version}'

  test('https: the certificate is a fact, and an assertion where asked for', async () => {
    await using workshop = await certificateWorkshop()
    const { cert, key } = await workshop.issue({ commonName: 'site', names: 'IP:127.0.0.1' })
    let requests = 0
    const server = nodeHttps.createServer({ cert, key }, (_, response) => {
      requests += 1
      response.end('hello')
    })
    await using site = await listening(server)
    const measurement = await look({ scheme: 'https', port: site.port })
    expect(measurement).toMatchObject({
      status: 'up',
      facts: {
        tls: { protocol: 'TLSv1.3', authorized: false, authorizationError: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
      },
    })
    const expiry = http.metrics.find(({ name }) => name.endsWith('not_after_timestamp_seconds'))
    expect(expiry?.read(measurement.facts)).toBeGreaterThan(Date.now() / 1000)
    const strict = await look({ scheme: 'https', port: site.port, requireTrusted: true })
    expect(strict).toMatchObject({ status: 'down', cause: 'assertion' })
    expect(requests).toBe(1)
    const url = `https://127.0.0.1:${site.port}/`
    expect(await curl('-k', url)).toBe('hello')
    expect(sha256('hello')).toBe(measurement.facts['bodySha256'])
  })

  test.each(['/', '/moved', '/missing', '/empty', '/gzip', '/gbk', '/loop'])(
    'curl says the same of %s',
    async (path) => {
      const pages: Readonly<Record<string, nodeHttp.RequestListener>> = {
        '/': answer('<title>home</title>'.repeat(100)),
        '/moved': answer('', { location: '/gbk' }, 301),
        '/missing': answer('no', {}, 404),
        '/empty': answer('', {}, 204),
        '/gzip': answer(zlib.gzipSync('z'.repeat(3000)), { 'content-encoding': 'gzip' }),
        '/gbk': answer(Buffer.from([0xbf, 0xaa, 0xb7, 0xe2]), { 'content-type': 'text/html; charset=gbk' }),
        '/loop': answer('', { location: '/loop' }, 302),
      }
      await using server = await serve((request, response) => pages[request.url ?? '/']!(request, response))
      const url = `http://127.0.0.1:${server.port}${path}`
      const { status, facts, cause } = await look({ port: server.port, path })
      if (path === '/loop') {
        await expect(curl('-L', '--max-redirs', '5', url)).rejects.toMatchObject({ code: 47 })
        expect(cause).toBe('protocol')
        return
      }
      const output = await curl('-L', '--compressed', '-w', `\n${format}`, url)
      const cut = output.lastIndexOf('\n')
      expect(sha256(Buffer.from(output.slice(0, cut), 'latin1'))).toBe(facts['bodySha256'])
      expect(output.slice(cut + 1)).toBe(
        [facts['status'], (facts['redirects'] as []).length, facts['url'], facts['httpVersion']].join(' '),
      )
      expect(status).toBe(path === '/missing' ? 'down' : 'up')
    },
  )

  test.each([
    ['ends lines by LF', '200 OK\ncontent-length: 2\n\nok'],
    ['gives no reason', '200\r\ncontent-length: 2\r\n\r\nok'],
    ['folds a header', '200 OK\r\nx-a: a\r\n b\r\ncontent-length: 2\r\n\r\nok'],
    ['has controls in a header', '200 OK\r\nserver: \u001b[31ma\r\ncontent-length: 2\r\n\r\nok'],
    [
      'has a length beside chunks',
      '200 OK\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    ],
    ['has spaces after a chunk’s size', '200 OK\r\ntransfer-encoding: chunked\r\n\r\n2 \r\nok\r\n0\r\n\r\n'],
    ['says more than it announced', '200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok and more'],
    ['hints first', '103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'],
    ['sends trailers', '200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-sum: 1\r\n\r\n'],
  ])('curl says the same of a server that %s', async (_, said) => {
    await using server = await peer((socket) => socket.once('data', () => socket.end(`HTTP/1.1 ${said}`)))
    expect(await curl(`http://127.0.0.1:${server.port}/`)).toBe('ok')
    const { status, facts } = await look({ port: server.port })
    expect({ status, sum: facts['bodySha256'] }).toEqual({ status: 'up', sum: sha256('ok') })
    expect(JSON.stringify(facts)).not.toContain(String.raw`\u001b`)
  })
})
