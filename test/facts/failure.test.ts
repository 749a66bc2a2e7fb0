import http from 'node:http'
import { describe, expect, test } from 'vitest'
import { kinds, probeByKind } from '../../probes/index.ts'
import { agentCauses, type Cause, targetCauses } from '../../src/core/outcome.ts'
import type { Measurement } from '../../src/core/probe.ts'
import { certificateProblem, failureText } from '../../src/facts/failure.ts'
import { probeContext } from '../support/context.ts'
import { latinWords } from '../support/latin.ts'
import { listening } from '../support/peers.ts'

const causes = [...targetCauses, ...agentCauses] as const

/** What each kind may have found beside a cause; nothing, for most. */
const factsOf: Readonly<Record<string, readonly Measurement['facts'][]>> = {
  http: [
    { status: 503 },
    { status: 200, title: '登录' },
    { redirects: [{ status: 302, location: 'http://192.0.2.1/' }] },
    { tls: { authorized: false, authorizationError: 'CERT_HAS_EXPIRED' } },
  ],
  page: [{ status: 404 }],
  links: [{ status: 500 }],
  dns: [
    { rcode: 'NXDOMAIN' },
    { rcode: 'NOERROR', answers: [] },
    { rcode: 'NOERROR', answers: [{ data: '192.0.2.1' }] },
  ],
  tls: [{ authorizationError: 'HOSTNAME_MISMATCH' }, { authorizationError: 'no such words' }],
  ntp: [{ kissCode: 'RATE', stratum: 16 }],
}

const table = kinds.flatMap(({ kind }) =>
  causes.flatMap((cause) =>
    [{}, ...(factsOf[kind] ?? [])].map((facts) => ({ kind, cause, facts, name: JSON.stringify(facts) })),
  ),
)

test.each(table)('$kind, $cause, $name: Chinese', ({ cause, facts }) => {
  const text = failureText({ cause, facts })
  expect(text).toMatch(/\p{Script=Han}|^HTTP \d{3}$/u)
  expect(latinWords(text)).toEqual([])
})

test.each<[Cause, Measurement['facts'], string]>([
  ['timeout', {}, '超时'],
  ['refused', {}, '连接被拒绝或断开'],
  ['refused', { kissCode: 'DENY' }, '时间服务器拒绝服务（DENY）'],
  ['assertion', { status: 503, title: '维护' }, 'HTTP 503'],
  ['assertion', { status: 200, title: '登录' }, 'HTTP 200，标题“登录”，状态码或内容与登记的不符'],
  ['assertion', { rcode: 'NXDOMAIN', answers: [] }, '域名服务器答 NXDOMAIN'],
  ['assertion', { rcode: 'NOERROR', answers: [{ data: '192.0.2.1' }] }, '解析为 192.0.2.1'],
  ['assertion', { authorizationError: 'CERT_HAS_EXPIRED' }, '证书不受信任：已过期'],
  ['assertion', { tls: { authorizationError: 'HOSTNAME_MISMATCH' } }, '证书不受信任：与域名不符'],
  ['assertion', {}, '应答与登记的不符'],
  ['protocol', { redirects: [{ status: 302 }] }, '重定向过多或去向不当'],
])('%s with %j: %s', (cause, facts, text) => {
  expect(failureText({ cause, facts })).toBe(text)
})

test('what OpenSSL says otherwise stands as its code, and never as a sentence', () => {
  expect(certificateProblem({ authorizationError: 'CRL_HAS_EXPIRED' })).toBe('CRL_HAS_EXPIRED')
  expect(certificateProblem({ authorizationError: 'unknown ca' })).toBe('未说明原因')
})

const look = async (kind: string, spec: object): Promise<Measurement> =>
  (await probeByKind.get(kind)?.bind({ address: '127.0.0.1', timeoutSeconds: 2, ...spec })(probeContext()))!

describe('what probes really find', () => {
  test('a page that answers 503, one without the text, a closed port, a peer that speaks no TLS', async () => {
    await using site = await listening(
      http.createServer((request, response) => {
        response.writeHead(request.url === '/busy' ? 503 : 200, {
          'content-type': 'text/html; charset=utf-8',
        })
        response.end('<title>首页</title>')
      }),
    )
    const { port } = site
    expect(failureText(await look('http', { port, scheme: 'http', path: '/busy' }))).toBe('HTTP 503')
    expect(failureText(await look('http', { port, scheme: 'http', expectText: '办事' }))).toBe(
      'HTTP 200，标题“首页”，状态码或内容与登记的不符',
    )
    expect(failureText(await look('page', { port, scheme: 'http', path: '/busy' }))).toBe('HTTP 503')
    expect(failureText(await look('tls', { port }))).toBe('TLS 握手失败')
    expect(failureText(await look('tcp', { port: 1 }))).toBe('连接被拒绝或断开')
  })
})
