import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { outlineOf } from '../../probes/net/html/outline.ts'
import { placeOf } from '../../probes/net/html/place.ts'
import { linksOf } from '../../probes/net/html/links.ts'
import { readTags } from '../../probes/net/html/tags.ts'
import { resourceTypes } from '../../probes/net/html/resources.ts'
import { ask } from '../../probes/net/http/fetch.ts'
import { diffLines, differenceOf } from '../../probes/page/difference.ts'
import { cutBetween } from '../../probes/page/ignore.ts'
import { page } from '../../probes/page/index.ts'
import { fingerprintOf, normalForm, readLine, written } from '../../probes/page/normal.ts'
import { countKeywords } from '../../probes/page/spam.ts'
import type { PageFacts } from '../../probes/page/facts.ts'
import { type PageSpec, pageSpec } from '../../probes/page/spec.ts'
import { UsageFault } from '../../src/core/fault.ts'
import type { Measurement } from '../../src/core/probe.ts'
import { probeContext } from '../support/context.ts'
import { hostilePeers, peer } from '../support/peers.ts'
import { heard } from '../support/patience.ts'
import { html, serve } from './web-peers.ts'

const look = (options: Readonly<Record<string, unknown>>, previous?: unknown): Promise<Measurement> =>
  page.bind({ address: '127.0.0.1', scheme: 'http', ...options })(probeContext({ previous }))

const factsFrom = async (
  source: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<PageFacts> => {
  await using server = await serve(html(source))
  const { status, facts } = await look({ port: server.port, host: 'www.example.test', ...options })
  expect(status).toBe('up')
  return facts as unknown as PageFacts
}

const url = new URL('http://www.example.test/news/')
const form = (source: string, options: Partial<PageSpec> = {}) => {
  const spec = { ...pageSpec.parse({ address: 'a.example' }), ...options }
  const headers = { 'content-type': 'text/html; charset=utf-8' }
  const body = { bytes: Buffer.from(source), truncated: false }
  return normalForm({ url, headers, body, status: 200, remoteAddress: '', seconds: 0 }, spec)
}
const linesFrom = (source: string, options: Partial<PageSpec> = {}): readonly string[] =>
  form(source, options).lines.map(written)
const fingerprint = (source: string, options: Partial<PageSpec> = {}): string =>
  fingerprintOf(form(source, options).lines)

const home = `<!doctype html><html><head><title>开封市人民政府</title>
<link rel=stylesheet href="/style.css"><script src="/js/site.js?v=3"></script></head>
<body onload="start()"><h1>政务公开</h1><ul><li><a href="/a">通知</a><li><a href="b?jsessionid=1">公告</a></ul>
<p>办事<b>指南</b>&nbsp;第&#19968;章</p><div id="count">访问 12345</div><!-- built 10:00 -->
<iframe src="https://map.example.org/"></iframe><script>var built = 1</script></body></html>`

describe('the normal form', () => {
  test('title, text by blocks, and what the page loads, runs and links to', () => {
    expect(linesFrom(home)).toEqual([
      'title 开封市人民政府',
      'style /style.css',
      'script /js/site.js?v=3',
      expect.stringMatching(/^handler sha256:[0-9a-f]{32}$/u),
      'text 政务公开',
      'link /a',
      'text 通知',
      'link /news/b?jsessionid=1',
      'text 公告',
      'text 办事指南 第一章',
      'text 访问 12345',
      'frame //map.example.org/',
      expect.stringMatching(/^script sha256:[0-9a-f]{32}$/u),
    ])
  })

  test.each([
    ['spaces and line ends', '<p>a  b\n c</p>', '<p>\ta b c </p>'],
    ['comments', '<p>a<!-- 1 -->b</p>', '<p>ab<!-- two --></p>'],
    ['entities', '<p>&lt;&#24320;&#x5c01;&gt;</p>', '<p>&lt;开封&gt;</p>'],
    ['case and quotes of tags', '<P><A HREF=/x>a</A></P>', `<p><a href='/x'>a</a></p>`],
    ['characters that nobody sees', '<p>a\u200bb\u00adc</p>', '<p>abc</p>'],
    ['forms of one character', '<p>\u00e9</p>', '<p>e\u0301</p>'],
    ['fragments of URLs', '<a href="/x#top">a</a>', '<a href="/x">a</a>'],
    ['relative and absolute URLs', '<img src=a.png>', '<img src="http://www.example.test/news/a.png">'],
    ['styles of elements', '<p style="color:red">a</p>', '<p>a</p>'],
  ])('is the same for other %s', (_, one, other) => {
    expect(linesFrom(one)).toEqual(linesFrom(other))
  })

  test.each([
    ['a word', '<p>市长</p>', '<p>市场</p>'],
    ['the title', '<title>a</title>', '<title>b</title>'],
    ['a script', '<p>a', '<p>a<script src=//evil.example/x.js></script>'],
    ['an inline script', '<script>a()</script>', '<script>b()</script>'],
    ['a handler', '<img src=/a onerror="a()">', '<img src=/a onerror="b()">'],
    ['a link', '<a href=/a>a</a>', '<a href=/b>a</a>'],
    ['a frame', '<p>a', '<p>a<iframe src=/b></iframe>'],
    ['an image', '<img src=/a.png>', '<img src=/b.png>'],
    ['where a form goes', '<form action=/a>', '<form action=//evil.example/a>'],
    ['a refresh', '<p>a', '<p>a<meta http-equiv=refresh content="0; url=//evil.example/">'],
    ['a base', '<a href=a>a</a>', '<base href=//evil.example/><a href=a>a</a>'],
    ['text past every bound of a line', `<p>${'字'.repeat(5000)}甲`, `<p>${'字'.repeat(5000)}乙`],
    [
      'a title past its bound',
      `<title>${'字'.repeat(5000)}甲</title>`,
      `<title>${'字'.repeat(5000)}乙</title>`,
    ],
    ['a URL past its bound', `<a href="/${'a'.repeat(5000)}1">`, `<a href="/${'a'.repeat(5000)}2">`],
    ['a data URL', '<script src="data:,a()"></script>', '<script src="data:,b()"></script>'],
  ])('changes with %s', (_, one, other) => {
    expect(fingerprint(one)).not.toBe(fingerprint(other))
  })

  test('a file that is no page is known by its bytes', async () => {
    const pdf = (last: string) => html(`%PDF-1.4 ${last}`, { 'content-type': 'application/pdf' })
    await using one = await serve(pdf('1'))
    await using two = await serve(pdf('2'))
    const [a, b, again] = await Promise.all([one, two, one].map(({ port }) => look({ port, capture: true })))
    expect(a!.facts['lines']).toEqual([expect.stringMatching(/^text content sha256:/u)])
    expect(a!.facts['fingerprint']).toBe(again!.facts['fingerprint'])
    expect(a!.facts['fingerprint']).not.toBe(b!.facts['fingerprint'])
  })
})

describe('fragments that are ignored', () => {
  test.each([
    ['an id', { id: 'count' }],
    ['a class', { class: 'live' }],
    ['an attribute', { attribute: 'data-live' }],
    ['an attribute and its value', { attribute: 'data-live', value: 'visits' }],
    ['markers', { start: '<div id="count"', end: '</div>' }],
  ])('by %s may change', (_, rule) => {
    const at = (count: number) =>
      `<p>a</p><div id="count" class="box live" data-live="visits">${count} <b>visits</b></div><p>b</p>`
    expect(fingerprint(at(1))).not.toBe(fingerprint(at(2)))
    expect(fingerprint(at(1), { ignore: [rule] })).toBe(fingerprint(at(2), { ignore: [rule] }))
    expect(linesFrom(at(1), { ignore: [rule] })).toEqual(['text a', 'text b'])
  })

  test('end where their element ends, stated or implied', () => {
    const ignore = [{ class: 'x' }]
    expect(linesFrom('<ul><li class=x>1<li>2</ul><p class=x>3<div>4</div>', { ignore })).toEqual([
      'text 2',
      'text 4',
    ])
    expect(linesFrom('<div class=x><div>1</div>2</div>3<br class=x>4', { ignore })).toEqual([
      'text 3',
      'text 4',
    ])
  })

  test.each([
    ['element', { id: 'n' }, (inner: string) => `<div id=n>${inner}</div>`],
    ['marked text', { start: '<!--n-->', end: '<!--/n-->' }, (inner: string) => `<!--n-->${inner}<!--/n-->`],
  ])('an ignored %s shows what it loads, and its spam, all the same', (_, rule, wrap) => {
    const quiet = form(wrap('<a href=/1>1</a><img src=/1.png><script>a=1</script>'), { ignore: [rule] })
    expect(quiet.lines).toEqual([])
    const loud = form(wrap('六合彩<script src="//evil.example/x.js"></script><iframe src=/y></iframe>'), {
      ignore: [rule],
    })
    expect(loud.lines.map(written)).toEqual(['script //evil.example/x.js', 'frame /y'])
    expect(loud.keywords).toEqual([{ keyword: '六合彩', shown: 1, hidden: 0 }])
    expect(loud).toMatchObject({ ignored: [{ rule: 0, fragments: 1 }], ignoredCharacters: 3 })
  })

  test('a start without an end hides nothing', () => {
    expect(cutBetween('a[b', { start: '[', end: ']' })).toEqual({ source: 'a[b', pieces: [] })
    expect(cutBetween('a[b]c[d]e[', { start: '[', end: ']' })).toEqual({
      source: 'a c e[',
      pieces: ['[b]', '[d]'],
    })
  })

  test('parameters that are left out', () => {
    const ignoreParameters = ['JSESSIONID', 't']
    expect(linesFrom('<a href="/a;jsessionid=1?t=2&b=3">a</a>', { ignoreParameters })).toEqual([
      'link /a?b=3',
      'text a',
    ])
  })

  test('whatever stands in them, the fingerprint stays; whatever text stands beside them, it changes', () => {
    const words = fc.stringMatching(/^[a-z0-9 \u4e00-\u4eff]{0,40}$/u)
    const ignore = [{ id: 'n' }, { start: '<!--n-->', end: '<!--/n-->' }]
    const source = (text: string, inElement: string, inMarks: string): string =>
      `<p>${text}</p><div id="n"><p>${inElement}</p></div><!--n-->${inMarks}<!--/n-->`
    fc.assert(
      fc.property(fc.tuple(words, words, words, words, words), ([text, a, b, c, d]) => {
        expect(fingerprint(source(text, a, b), { ignore })).toBe(fingerprint(source(text, c, d), { ignore }))
        const other = `${text} 另`
        expect(fingerprint(source(other, a, b), { ignore })).not.toBe(
          fingerprint(source(text, a, b), { ignore }),
        )
      }),
    )
  })
})

describe('any text', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '<',
      '</',
      '>',
      '"',
      "'",
      '=',
      '/',
      '<!--',
      '-->',
      '&',
      '&#',
      ';',
      '<![CDATA[',
      ']]>',
      '<?',
    ),
    fc.constantFrom(
      'div',
      'script',
      'style',
      'title',
      'a',
      'p',
      'li',
      'svg',
      'plaintext',
      'textarea',
      'table',
    ),
    fc.constantFrom(
      ' href=',
      ' src=',
      ' id=n',
      ' onload=',
      ' style="display:none"',
      ' hidden',
      ' __proto__=',
    ),
    fc.string({ unit: 'binary', maxLength: 5 }),
  )
  const soup = fc.array(piece, { maxLength: 80 }).map((pieces) => pieces.join(''))
  const options = { page: url, ignoreParameters: new Set(['t']), isIgnored: () => false }

  test('is read without throwing, into bounded lines that the record can carry', () => {
    fc.assert(
      fc.property(soup, (source) => {
        const outline = outlineOf(source, options)
        for (const each of outline.lines) {
          expect(each.value.length).toBeLessThanOrEqual(700)
          expect(each.value).not.toMatch(/[\p{Cc}\u202e]/u)
          expect(each.value.isWellFormed()).toBe(true)
          expect(readLine(written(each))).toEqual(each)
        }
        expect(fingerprintOf(outline.lines)).toBe(fingerprintOf(outlineOf(source, options).lines))
        const wanted = { types: new Set(resourceTypes), limit: 5 }
        expect(linksOf(source, url, wanted).length).toBeLessThanOrEqual(5)
      }),
      { numRuns: 500 },
    )
  })

  test('as an address is put into one form without throwing, twice the same', () => {
    const frame = { page: url, base: url, ignoreParameters: new Set(['t']) }
    fc.assert(
      fc.property(
        fc.oneof(fc.webUrl({ withQueryParameters: true }), fc.string({ unit: 'binary' })),
        (text) => {
          const place = placeOf(text, frame)
          expect(place.length).toBeLessThanOrEqual(600)
          if (/^\/[^/]/u.test(place) && !place.includes('…')) expect(placeOf(place, frame)).toBe(place)
        },
      ),
    )
  })

  test('its diff leads from one to the other', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 })
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const { removed, added } = diffLines(before, after)
        expect(before.length - removed.length).toBe(after.length - added.length)
        const count = (list: readonly string[], line: string) => list.filter((each) => each === line).length
        for (const line of 'abcd')
          expect(count(before, line) - count(removed, line)).toBe(count(after, line) - count(added, line))
        expect(removed.length + added.length === 0).toBe(before.join('') === after.join(''))
      }),
    )
  })

  const mega = 1024 * 1024
  const repeated = (text: string): string => text.repeat(Math.floor(mega / text.length))
  const hostilePages: readonly (readonly [string, string])[] = [
    ['elements without end', repeated('<b>')],
    ['end tags that match nothing', '<b>'.repeat(mega / 8) + '</i>'.repeat(mega / 8)],
    ['paragraphs that were never opened', '<b>'.repeat(mega / 8) + '</p>'.repeat(mega / 8)],
    ['svg in svg', '<svg>'.repeat(mega / 10) + '</x>'.repeat(mega / 10)],
    ['attributes without end', `<a ${repeated('x=1 ')}>`],
    ['one long value', `<a href="${repeated('/;a=1')}">`],
    ['comments that begin', repeated('<!--')],
    ['entities that begin', repeated('&#1')],
    ['handlers', repeated('<b onclick=a()>')],
    ['list items', repeated('<li>')],
    ['spaces', repeated(' \u200b')],
  ]
  test.each(hostilePages)('%s take time linear in their length', (_, source) => {
    // By work, not by the clock: the handlers are called at most once a character.
    let calls = 0
    const note = (): void => void (calls += 1)
    readTags(source, { open: note, close: note, text: note })
    expect(calls).toBeLessThanOrEqual(source.length)
    expect(outlineOf(source, options).lines.length).toBeLessThanOrEqual(source.length)
  })
})

describe('keywords', () => {
  test('are counted where readers see them and where they do not', async () => {
    const facts = await factsFrom(
      `<title>棋牌</title><meta name=keywords content="博彩,博彩"><p>正常 CASINO</p>
      <div style="position:absolute; LEFT: -9999px">&#21338;&#24425;</div><p hidden>六合彩</p><script>'私服'</script>`,
    )
    expect(facts.keywords).toEqual([
      { keyword: '博彩', shown: 0, hidden: 3 },
      { keyword: '六合彩', shown: 0, hidden: 1 },
      { keyword: '棋牌', shown: 1, hidden: 0 },
      { keyword: 'casino', shown: 1, hidden: 0 },
    ])
  })

  test('overlaps count once, whatever the text', () => {
    expect(countKeywords(['aa'], { shownText: 'aaaaa', hiddenText: '' })).toEqual([
      { keyword: 'aa', shown: 2, hidden: 0 },
    ])
  })
})

describe('a page against its baseline', () => {
  const tampered = home
    .replace('政务公开', '政务公开 hacked by x')
    .replace('<title>开封市人民政府', '<title>澳门新葡京')
    .replace(
      '</body>',
      '<script src="//evil.example/x.js"></script><a href="http://casino.example/">o</a></body>',
    )
    .replace('<iframe src="https://map.example.org/"></iframe>', '')

  test('approved by its captured lines, it matches until it is altered; then the difference says how', async () => {
    const { lines, fingerprint: sha256 } = await factsFrom(home, { capture: true })
    const same = await factsFrom(home, { baseline: { lines } })
    expect(same).toMatchObject({ matchesBaseline: true, difference: { resources: {} } })
    expect(same.difference).not.toHaveProperty('text')
    expect(await factsFrom(home, { baseline: { sha256 } })).toMatchObject({ matchesBaseline: true })

    const altered = await factsFrom(tampered, { baseline: { lines } })
    expect(altered).toMatchObject({
      matchesBaseline: false,
      difference: {
        title: { from: '开封市人民政府', to: '澳门新葡京' },
        text: { added: ['政务公开 hacked by x', 'o'], removed: ['政务公开'], addedCount: 2, removedCount: 1 },
        hosts: { added: ['casino.example', 'evil.example'], removed: ['map.example.org'] },
        resources: {
          script: { added: ['//evil.example/x.js'], removed: [] },
          frame: { added: [], removed: ['//map.example.org/'] },
          link: { added: ['//casino.example/'], removed: [] },
        },
      },
    })
    const bare = await factsFrom(tampered, { baseline: { sha256 } })
    expect(bare.matchesBaseline).toBe(false)
    expect(bare).not.toHaveProperty('difference')
  })

  test('its metrics have fixed labels only', async () => {
    const { lines } = await factsFrom(home, { capture: true })
    const facts = (await factsFrom(tampered, { baseline: { lines } })) as unknown as Record<string, unknown>
    const readings = (name: string): unknown => page.metrics.find((each) => each.name === name)!.read(facts)
    expect(readings('yiwang_page_matches_baseline')).toBe(0)
    expect(readings('yiwang_page_external_host_changes')).toEqual([
      { value: 2, labels: { change: 'added' } },
      { value: 1, labels: { change: 'removed' } },
    ])
    expect(readings('yiwang_page_resource_changes')).toContainEqual({
      value: 1,
      labels: { type: 'script', change: 'added' },
    })
    expect(readings('yiwang_page_spam_keywords')).toEqual([
      { value: 2, labels: { visibility: 'shown' } },
      { value: 0, labels: { visibility: 'hidden' } },
    ])
  })

  test('a page that was rewritten whole is told within bounds', () => {
    const lines = (prefix: string) =>
      Array.from({ length: 4000 }, (_, index) => ({ type: 'text' as const, value: `${prefix}${index}` }))
    const { text } = differenceOf(lines('a'), lines('b'))
    expect(text).toMatchObject({ addedCount: 4000, removedCount: 4000 })
    expect(text!.added).toHaveLength(30)
  })

  test('without one, it is compared with the last run', async () => {
    await using server = await serve(html('<p>a'))
    const first = await look({ port: server.port })
    expect(first.facts).not.toHaveProperty('changedSinceLastRun')
    const second = await look({ port: server.port }, first.facts)
    expect(second.facts).toMatchObject({ changedSinceLastRun: false })
    const third = await look({ port: server.port }, { fingerprint: 'another' })
    expect(third.facts).toMatchObject({ changedSinceLastRun: true })
  })

  test.each([
    { baseline: {} },
    { baseline: { sha256: 'xyz' } },
    { baseline: { lines: ['nonsense'] } },
    { ignore: [{ id: 'a', class: 'b' }] },
    { ignore: [{ start: 'a', end: 'b' }] },
    { userAgent: 'a\r\nb' },
    { keywords: [''] },
  ])('%j is refused', (options) => {
    expect(() => page.bind({ address: '127.0.0.1', ...options })).toThrow(UsageFault)
  })
})

describe('the request', () => {
  test.each(hostilePeers)('a peer that $name: $http', async ({ talk, http: expected }) => {
    await using server = await peer(talk)
    const { status, cause, facts } = await heard(0.4, expected, (timeoutSeconds) =>
      look({ port: server.port, timeoutSeconds }),
    )
    expect(cause ?? status).toBe(expected)
    if (status === 'up') expect(facts).toMatchObject({ bodyBytes: 1024 * 1024, truncated: true })
  })

  test.each([404, 500, 503])('a page that answers %i is down: assertion', async (status) => {
    await using server = await serve(html('oops', {}, status))
    expect(await look({ port: server.port })).toMatchObject({ cause: 'assertion', facts: { status } })
  })

  test('asks as whom it is told, over IPv6 too, and follows redirects', async () => {
    const agents: (string | undefined)[] = []
    await using server = await serve((request, response) => {
      agents.push(request.headers['user-agent'])
      if (request.url === '/') response.writeHead(302, { location: '/home' }).end()
      else html('<p>a')(request, response)
    }, '::1')
    const { facts } = await look({ address: '::1', port: server.port, userAgent: 'Baiduspider/2.0' })
    expect(facts).toMatchObject({ redirects: [{ status: 302, location: '/home' }], remoteAddress: '::1' })
    expect(agents).toEqual(['Baiduspider/2.0', 'Baiduspider/2.0'])
  })

  test('nothing is sent to our own addresses because a peer elsewhere said so', async () => {
    let requests = 0
    await using server = await serve((_, response) => {
      requests += 1
      response.end()
    })
    const exchange = {
      url: new URL(`http://127.0.0.1:${server.port}/`),
      address: '127.0.0.1',
      family: undefined,
      method: 'GET' as const,
      headers: {},
    }
    const led = ask(exchange, { bodyLimitBytes: 10, ledBy: '192.0.2.1' }, AbortSignal.timeout(2000))
    await expect(led).rejects.toMatchObject({ code: 'EBADMSG' })
    expect(requests).toBe(0)
    await ask(exchange, { bodyLimitBytes: 10, ledBy: '127.0.0.2' }, AbortSignal.timeout(2000))
    expect(requests).toBe(1)
  })
})
