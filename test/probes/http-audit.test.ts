import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import type http from 'node:http'
import path from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allowedIn } from '../../probes/http-audit/examine.ts'
import { httpAudit } from '../../probes/http-audit/index.ts'
import { cspOf, hstsOf, securityHeaders } from '../../probes/http-audit/policies.ts'
import { defaultPageOf, listingOf } from '../../probes/http-audit/signatures.ts'
import { softwareOf } from '../../probes/http-audit/software.ts'
import type { Measurement } from '../../src/core/probe.ts'
import { certificateWorkshop } from '../support/certificates.ts'
import { temporaryFolder } from '../support/cli.ts'
import { probeContext } from '../support/context.ts'
import { closedPort, hostilePeers, peer } from '../support/peers.ts'
import { requires } from '../support/services.ts'
import { heard, patiently } from '../support/patience.ts'
import { html, serve, serveTls, site } from './web-peers.ts'

const look = (options: Readonly<Record<string, unknown>>): Promise<Measurement> =>
  httpAudit.bind({ address: '127.0.0.1', scheme: 'http', ...options })(probeContext())

describe('headers', () => {
  test.each([
    ['max-age=31536000', { maxAgeSeconds: 31_536_000, includeSubDomains: false, preload: false }],
    [
      'MAX-AGE = "600" ; includeSubDomains; preload',
      { maxAgeSeconds: 600, includeSubDomains: true, preload: true },
    ],
    ['max-age=1; max-age=2', { maxAgeSeconds: 1, includeSubDomains: false, preload: false }],
    ['max-age=1, max-age=2; preload', { maxAgeSeconds: 1, includeSubDomains: false, preload: false }],
    ['includeSubDomains', { includeSubDomains: true, preload: false }],
    ['max-age=-1', { includeSubDomains: false, preload: false }],
  ])('Strict-Transport-Security: %s', (header, expected) => {
    expect(hstsOf(header)).toEqual(expected)
  })

  test.each([
    [
      `default-src 'self'; script-src 'self' 'unsafe-inline'; frame-ancestors 'none'`,
      {
        directives: ['default-src', 'script-src', 'frame-ancestors'],
        unsafeInline: true,
        frameAncestors: `'none'`,
      },
    ],
    [`Script-Src 'UNSAFE-EVAL'`, { directives: ['script-src'], unsafeInline: false, unsafeEval: true }],
    ['', { directives: [], unsafeInline: false, unsafeEval: false }],
  ])('Content-Security-Policy: %s', (header, expected) => {
    expect(cspOf(header)).toMatchObject(expected)
  })

  test.each([
    [
      { server: 'Apache/2.4.6 (CentOS) OpenSSL/1.0.2k-fips PHP/5.4.16' },
      [
        { header: 'server', product: 'Apache', version: '2.4.6' },
        { header: 'server', product: 'OpenSSL', version: '1.0.2k-fips' },
        { header: 'server', product: 'PHP', version: '5.4.16' },
      ],
    ],
    [{ server: 'nginx' }, [{ header: 'server', product: 'nginx' }]],
    [
      { 'x-powered-by': 'ASP.NET', 'x-aspnet-version': '4.0.30319' },
      [
        { header: 'x-powered-by', product: 'ASP.NET' },
        { header: 'x-aspnet-version', product: 'ASP.NET', version: '4.0.30319' },
      ],
    ],
  ])('software in %j', (headers, expected) => {
    expect(softwareOf(headers)).toEqual(expected)
  })

  test('any header is read without throwing, into bounded facts', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3000 }),
      fc
        .array(fc.constantFrom(';', ',', '=', '"', '(', ')', '/', ' ', 'max-age', 'a'), { maxLength: 500 })
        .map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(text, (value) => {
        const headers: http.IncomingHttpHeaders = {
          'strict-transport-security': value,
          'content-security-policy': value,
          'x-frame-options': value,
          'referrer-policy': value,
          server: value,
          'x-aspnet-version': value,
        }
        expect(JSON.stringify([securityHeaders(headers), softwareOf(headers)]).length).toBeLessThan(20_000)
        expect(allowedIn(value).length).toBeLessThanOrEqual(20)
      }),
    )
  })
})

describe('signatures', () => {
  const apache = `<html><head><title>Index of /images</title></head><body><h1>Index of /images</h1>
    <table><tr><th><a href="?C=N;O=D">Name</a></th></tr><tr><td><a href="/">Parent Directory</a></td></tr></table>`
  const nginx = `<html><head><title>Index of /a/</title></head><body><h1>Index of /a/</h1><hr><pre><a href="../">../</a>`
  const iis = `<html><head><title>host - /a/</title></head><body><pre><A HREF="/">[To Parent Directory]</A><br>`
  test.each([
    ['apache', apache],
    ['nginx', nginx],
    ['iis', iis],
    ['lighttpd', '<title>Index of /a/</title><div class="foot">lighttpd/1.4</div>'],
    ['python', '<title>Directory listing for /a/</title>'],
    ['tomcat', '<title>Directory Listing For [/a/]</title>'],
    ['other', '<title>Index of /a</title>'],
    [undefined, '<title>Index of terms</title><p>Parent Directory'],
    [undefined, ''],
  ])('the listing of %s', (name, source) => {
    expect(listingOf(source)).toBe(name)
  })

  test.each([
    ['nginx', '<title>Welcome to nginx!</title>'],
    ['apache', '<title>Apache2 Debian Default Page: It works</title>'],
    ['apache', '<html><body><h1>It works!</h1></body></html>'],
    ['iis', '<title>IIS Windows Server</title>'],
    ['iis', '<title>IIS7</title>'],
    ['tomcat', '<title>Apache Tomcat/9.0.31</title>'],
    ['baota', '<title>恭喜，站点创建成功！</title>'],
    [undefined, '<title>IIS 部署指南</title>'],
  ])('the default page of %s', (name, source) => {
    expect(defaultPageOf(source)).toBe(name)
  })

  test('any page is judged without throwing', () => {
    const pages = fc.array(
      fc.constantFrom('<title>', 'Index of /', 'Directory listing for ', '[', '<pre>', 'a'),
      { maxLength: 200 },
    )
    fc.assert(
      fc.property(pages, (parts) => {
        listingOf(parts.join(''))
        defaultPageOf(parts.join(''))
      }),
    )
  })
})

describe('the audit', () => {
  test('asks few questions, one after the other, and reports facts', async () => {
    const seen: string[] = []
    let underWay = 0
    const handler = site(
      {
        '/': html('<title>Welcome to nginx!</title>', {
          'strict-transport-security': 'max-age=600',
          'x-frame-options': 'SAMEORIGIN',
          'permissions-policy': 'camera=()',
          'x-powered-by': 'PHP/5.6.40',
          'set-cookie': ['sid=secret; HttpOnly; Secure; SameSite=Lax', 'lang=zh'],
        }),
        '/upload/': '<title>Index of /upload/</title><hr><pre><a href="../">../</a>',
      },
      seen,
    )
    await using server = await serve((request, response) => {
      expect((underWay += 1)).toBe(1)
      response.on('close', () => (underWay -= 1))
      if (request.method === 'OPTIONS') response.setHeader('allow', 'GET, HEAD, put')
      handler(request, response)
    })
    const { status, facts } = await look({ port: server.port })
    expect(status).toBe('up')
    expect(facts).toMatchObject({
      status: 200,
      headers: { hsts: { maxAgeSeconds: 600 }, xFrameOptions: 'SAMEORIGIN', permissionsPolicy: 'camera=()' },
      software: [{ header: 'x-powered-by', product: 'PHP', version: '5.6.40' }],
      cookies: [
        { name: 'sid', secure: true, httpOnly: true, sameSite: 'lax' },
        { name: 'lang', secure: false, httpOnly: false },
      ],
      defaultPage: 'nginx',
      plainHttp: { status: 200, redirectsToHttps: false },
      folders: [
        { path: '/', status: 200 },
        { path: '/images/', status: 404 },
        { path: '/js/', status: 404 },
        { path: '/upload/', status: 200, listing: 'nginx' },
      ],
      requests: 6,
      skipped: 0,
    })
    expect(JSON.stringify(facts)).not.toContain('secret')
    expect(seen).toEqual(['GET /', 'OPTIONS /', 'TRACE /', 'GET /images/', 'GET /js/', 'GET /upload/'])
    const readings = (name: string): unknown =>
      httpAudit.metrics.find((each) => each.name === `yiwang_http_audit_${name}`)!.read(facts)
    expect(readings('directory_listings')).toBe(1)
    expect(readings('versions_disclosed')).toBe(1)
    expect(readings('header_present')).toContainEqual({ value: 0, labels: { header: 'referrer-policy' } })
    expect(readings('cookies_without_flag')).toContainEqual({ value: 1, labels: { flag: 'samesite' } })
  })

  test('methods: what OPTIONS allows, and TRACE that echoes', async () => {
    await using server = await serve((request, response) => {
      if (request.method === 'OPTIONS') response.writeHead(204, { allow: 'GET, put, TRACE, GET, <x>' }).end()
      else if (request.method === 'TRACE')
        response.writeHead(200, { 'content-type': 'message/http' }).end('TRACE / HTTP/1.1\r\n')
      else response.end()
    })
    const { facts } = await look({ port: server.port, listingPaths: [] })
    expect(facts['methods']).toEqual({
      allowed: ['GET', 'PUT', 'TRACE'],
      optionsStatus: 204,
      traceEnabled: true,
    })
  })

  test.each([
    ['/', 12],
    ['/elsewhere', 4],
  ])('never more than twelve requests, redirects counted: %s', async (location, most) => {
    let requests = 0
    await using server = await serve((request, response) => {
      requests += 1
      const isStart = request.url === '/' && location !== '/'
      if (isStart) response.writeHead(302, { location })
      response.end()
    })
    await look({ port: server.port, listingPaths: ['/1/', '/2/', '/3/', '/4/', '/5/'] })
    expect(requests).toBeLessThanOrEqual(12)
    expect(requests).toBeGreaterThanOrEqual(Math.min(most, 4))
  })

  test('a site that falls silent after its page keeps the facts that were found', async () => {
    await using server = await serve((request, response) => {
      if (request.url === '/' && request.method === 'GET') html('<p>a')(request, response)
    })
    const secondOf = ({ facts }: Measurement) => (facts['folders'] as { failure?: string }[] | undefined)?.[1]
    const measurement = await patiently(
      0.2,
      (seconds) => look({ port: server.port, timeoutSeconds: 4.5 * seconds, requestTimeoutSeconds: seconds }),
      (each) => secondOf(each) === undefined,
    )
    const { status, facts } = measurement
    expect(status).toBe('up')
    expect(facts).toMatchObject({ status: 200, methods: { allowed: [], traceEnabled: false } })
    expect(secondOf(measurement)).toMatchObject({ failure: 'timeout' })
  })

  test.each(hostilePeers)('a peer that $name: $http', async ({ talk, http: expected }) => {
    await using server = await peer(talk)
    const { status, cause } = await heard(0.3, expected, (seconds) =>
      look({ port: server.port, timeoutSeconds: 2 * seconds, requestTimeoutSeconds: seconds }),
    )
    expect(cause ?? status).toBe(expected)
  })

  test('a closed port is down: refused', async () => {
    expect(await look({ port: await closedPort() })).toMatchObject({ status: 'down', cause: 'refused' })
  })
})

describe.skipIf(requires('openssl').skip)('HTTP to HTTPS', () => {
  test.each([
    ['redirects to https', (port: number) => `https://127.0.0.1:${port}/`, true],
    ['redirects elsewhere', () => '/home', false],
  ])('plain HTTP %s', async (_, location, redirectsToHttps) => {
    await using workshop = await certificateWorkshop()
    const pair = await workshop.issue({ commonName: 'a.example', names: 'IP:127.0.0.1' })
    await using secure = await serveTls(pair, html('<p>secure'))
    await using plain = await serve((_request, response) => {
      response.writeHead(301, { location: location(secure.port) }).end()
    })
    const { facts } = await look({ scheme: 'https', port: secure.port, httpPort: plain.port })
    expect(facts['plainHttp']).toEqual({
      port: plain.port,
      status: 301,
      location: location(secure.port),
      redirectsToHttps,
    })
    const closed = await look({ scheme: 'https', port: secure.port, httpPort: await closedPort() })
    expect(closed.facts['plainHttp']).toMatchObject({ redirectsToHttps: false, failure: 'refused' })
  })
})

const nginxConfig = (folder: string, port: number): string => `
daemon off; pid ${folder}/pid; error_log ${folder}/error;
events {}
http {
  access_log off; client_body_temp_path ${folder}/1; proxy_temp_path ${folder}/2; fastcgi_temp_path ${folder}/3;
  uwsgi_temp_path ${folder}/4; scgi_temp_path ${folder}/5;
  server { listen 127.0.0.1:${port}; root ${folder}/www; location /images/ { autoindex on; } }
}`

describe.skipIf(requires('nginx', 'curl').skip)('nginx', () => {
  test('its listing, version and refusal of TRACE are seen, as curl sees them', async () => {
    await using folder = await temporaryFolder()
    // Started by root, its workers are somebody else.
    await chmod(folder.path, 0o755)
    await mkdir(path.join(folder.path, 'www/images'), { recursive: true })
    await writeFile(path.join(folder.path, 'www/images/a.txt'), 'a')
    await writeFile(path.join(folder.path, 'www/index.html'), '<p>home')
    const port = await closedPort()
    await writeFile(path.join(folder.path, 'conf'), nginxConfig(folder.path, port))
    const child = spawn('nginx', [
      '-c',
      path.join(folder.path, 'conf'),
      '-e',
      path.join(folder.path, 'error'),
    ])
    const exited = once(child, 'exit')
    try {
      await expect.poll(async () => (await look({ port })).status).toBe('up')
      const { facts } = await look({ port })
      const curl = await promisify(execFile)('curl', ['-sI', '--noproxy', '*', `http://127.0.0.1:${port}/`])
      const banner = /^server: nginx\/(\S+)/imu.exec(curl.stdout)?.[1]
      expect(facts).toMatchObject({
        software: [{ header: 'server', product: 'nginx', version: banner }],
        folders: [{ path: '/' }, { path: '/images/', listing: 'nginx' }, { path: '/js/', status: 404 }, {}],
        methods: { optionsStatus: 405, traceEnabled: false },
      })
    } finally {
      child.kill()
      await exited
    }
  })
})

describe.skipIf(requires('python3').skip)('Python’s http.server', () => {
  test('its listing is seen', async () => {
    await using folder = await temporaryFolder()
    const port = await closedPort()
    const args = ['-m', 'http.server', String(port), '--bind', '127.0.0.1', '--directory', folder.path]
    const child = spawn('python3', args, { stdio: 'ignore' })
    const exited = once(child, 'exit')
    try {
      await expect.poll(async () => (await look({ port })).status).toBe('up')
      const { facts } = await look({ port })
      expect(facts['folders']).toContainEqual({ path: '/', status: 200, listing: 'python' })
    } finally {
      child.kill()
      await exited
    }
  })
})
