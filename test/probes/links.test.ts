import { describe, expect, test } from 'vitest'
import { links } from '../../probes/links/index.ts'
import { linksOf } from '../../probes/net/html/links.ts'
import { resourceTypes } from '../../probes/net/html/resources.ts'
import type { Measurement } from '../../src/core/probe.ts'
import { probeContext } from '../support/context.ts'
import { closedPort, hostilePeers, peer } from '../support/peers.ts'
import { heard, patiently } from '../support/patience.ts'
import { html, serve, site } from './web-peers.ts'

const look = (options: Readonly<Record<string, unknown>>): Promise<Measurement> =>
  links.bind({ address: '127.0.0.1', scheme: 'http', gapSeconds: 0, ...options })(probeContext())

describe('the links of a page', () => {
  const hrefs = (source: string, types: readonly (typeof resourceTypes)[number][] = resourceTypes) =>
    linksOf(source, new URL('http://a.example/x/'), { types: new Set(types), limit: 10 }).map(
      ({ type, url }) => `${type} ${url.href}`,
    )

  test.each([
    ['<a href=y>', ['link http://a.example/x/y']],
    ['<a href="y#1"><a href="y#2">', ['link http://a.example/x/y']],
    [
      '<base href=//b.example/z/><img src=1.png>',
      ['base http://b.example/z/', 'image http://b.example/z/1.png'],
    ],
    ['<a href="https://user:secret@b.example/">', ['link https://b.example/']],
    ['<a href="mailto:a@b"><a href="javascript:x"><a href="//[">', []],
    ['<!-- <a href=y> --><script>"<a href=z>"</script>', []],
    [
      '<link rel=stylesheet href=a.css><script src=a.js></script>',
      ['style http://a.example/x/a.css', 'script http://a.example/x/a.js'],
    ],
  ])('%s', (source, expected) => {
    expect(hrefs(source)).toEqual(expected)
  })

  test('are bounded', () => {
    const many = Array.from({ length: 100 }, (_, index) => `<a href=${index}>`).join('')
    expect(hrefs(many)).toHaveLength(10)
  })
})

describe('dead links', () => {
  const source = `<a href=/good>1</a><a href=/gone>2</a><a href=/moved>3</a><a href=/lost>4</a><a href=/get-only>5</a>
    <img src=/broken.png><a href=/good#again>1</a><a href="mailto:a@b.example">6</a>`
  const pages = {
    '/': source,
    '/good': 'good',
    '/moved': html('', { location: '/good' }, 301),
    '/lost': html('', { location: '/gone' }, 302),
    '/broken.png': html('', {}, 500),
    '/get-only': (request, response) => {
      response.writeHead(request.method === 'GET' ? 200 : 405).end()
    },
  } satisfies Parameters<typeof site>[0]

  test('are told by what asking for them gives, in the order of the page', async () => {
    const seen: string[] = []
    await using server = await serve(site(pages, seen))
    const { status, facts } = await look({ port: server.port })
    const at = (path: string): string => `http://127.0.0.1:${server.port}${path}`
    expect(status).toBe('up')
    expect(facts).toMatchObject({
      found: 6,
      foundExternal: 0,
      checked: 6,
      unchecked: 0,
      unknown: 0,
      deadCount: 3,
      dead: [
        { url: at('/gone'), type: 'link', status: 404 },
        { url: at('/lost'), type: 'link', status: 404 },
        { url: at('/broken.png'), type: 'image', status: 500 },
      ],
    })
    expect(seen.filter((line) => line.endsWith(' /get-only'))).toEqual(['HEAD /get-only', 'GET /get-only'])
    expect(seen).not.toContain('GET /good')
  })

  test('on other hosts are asked for where that is wanted', async () => {
    const seen: string[] = []
    await using other = await serve(site({ '/there': 'x' }, seen))
    const closed = await closedPort()
    const home = `<a href="http://127.0.0.1:${other.port}/there">1</a><a href="http://127.0.0.1:${closed}/">2</a>`
    await using server = await serve(site({ '/': home }))
    expect((await look({ port: server.port })).facts).toMatchObject({ found: 0 })
    expect(seen).toEqual([])
    const { facts } = await look({ port: server.port, external: true })
    expect(facts).toMatchObject({
      found: 2,
      foundExternal: 2,
      deadCount: 1,
      dead: [{ url: `http://127.0.0.1:${closed}/`, failure: 'refused' }],
    })
    expect(seen).toEqual(['HEAD /there'])
  })

  test('never more than the limit, never more at once than allowed', async () => {
    const many = Array.from({ length: 40 }, (_, index) => `<a href=/${index}>x</a>`).join('')
    let [underWay, most, asked] = [0, 0, 0]
    await using server = await serve((request, response) => {
      if (request.url === '/') {
        html(many)(request, response)
        return
      }
      asked += 1
      underWay += 1
      most = Math.max(most, underWay)
      setImmediate(() => {
        underWay -= 1
        response.end()
      })
    })
    const { facts } = await look({ port: server.port, maxLinks: 20, concurrency: 3 })
    expect(facts).toMatchObject({ found: 40, checked: 20, unchecked: 20, deadCount: 0, requests: 20 })
    expect(asked).toBe(20)
    expect(most).toBeLessThanOrEqual(3)
  })

  test('a site too slow for the deadline: what was found until then', async () => {
    const many = Array.from({ length: 40 }, (_, index) => `<a href=/${index}>x</a>`).join('')
    await using server = await serve((request, response) => {
      if (request.url === '/') html(many)(request, response)
    })
    const options = { port: server.port, concurrency: 2 }
    const { status, facts } = await patiently(
      1,
      (timeoutSeconds) => look({ ...options, timeoutSeconds, requestTimeoutSeconds: timeoutSeconds / 5 }),
      (each) => !Number(each.facts['checked']),
    )
    expect(status).toBe('up')
    const { checked, unchecked, deadCount } = facts as Record<string, number>
    expect(checked! + unchecked!).toBe(40)
    expect(deadCount).toBe(checked)
    expect(checked).toBeGreaterThan(0)
    expect(unchecked).toBeGreaterThan(0)
  })

  test('a link that redirects for ever is dead: protocol', async () => {
    await using server = await serve(site({ '/': '<a href=/a>', '/a': html('', { location: '/a' }, 302) }))
    const { facts } = await look({ port: server.port })
    expect(facts['dead']).toMatchObject([{ failure: 'protocol' }])
  })

  test('no page, no links: down', async () => {
    await using server = await serve(site({}))
    expect(await look({ port: server.port })).toMatchObject({ cause: 'assertion', facts: { status: 404 } })
  })

  test.each(hostilePeers)('a peer that $name: $http', async ({ talk, http: expected }) => {
    await using server = await peer(talk)
    const { status, cause } = await heard(0.4, expected, (timeoutSeconds) =>
      look({ port: server.port, timeoutSeconds }),
    )
    expect(cause ?? status).toBe(expected)
  })

  // A link is asked for by HEAD: what is wrong with a body is not seen.
  const bodies = new Set(['closes in the middle of the body', 'sends broken gzip'])
  test.each(hostilePeers)('a link to a peer that $name', async ({ name, talk, http: expected }) => {
    await using bad = await peer(talk)
    await using server = await serve(site({ '/': `<a href="http://127.0.0.1:${bad.port}/">x</a>` }))
    const failureOf = ({ facts }: Measurement) =>
      (facts['dead'] as { failure?: string }[] | undefined)?.[0]?.failure
    const asked = bodies.has(name) ? 'up' : expected
    const measurement = await patiently(
      0.3,
      (seconds) =>
        look({
          ...{ port: server.port, external: true },
          ...{ requestTimeoutSeconds: seconds, timeoutSeconds: 10 * seconds },
        }),
      (each) => each.cause === 'timeout' || (failureOf(each) === 'timeout' && asked !== 'timeout'),
    )
    expect(measurement.status).toBe('up')
    expect(failureOf(measurement) ?? 'up').toBe(asked)
  })
})
