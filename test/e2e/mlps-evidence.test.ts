import { writeFile } from 'node:fs/promises'
import http from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listening, type Peer } from '../support/peers.ts'
import { startYiwang, until } from './child.ts'
import { copyOf, type DataFolder, expectRefusal, expectUntouched, kaifeng } from './data-folder.ts'

const configuration = `
probing: { http: { intervalSeconds: 2, timeoutSeconds: 1 }, icmp: { intervalSeconds: 2, count: 1 } }
collector: { listen: '127.0.0.1:0', heartbeatSeconds: 1, silentAfterSeconds: 60 }
`

interface Compared {
  readonly counts: Readonly<Record<string, number>>
  readonly claims: readonly {
    readonly item: string
    readonly asset: string
    readonly claimed: string
    readonly check: string
    readonly deciding?: {
      readonly rule: string
      readonly saw: string
      readonly observedAt: string
      readonly standing: string
      readonly ageSeconds: number
      readonly source: object
    }
  }[]
}

/** A login page over plain HTTP, for as long as it is not mended. */
let isMended = false
let website: Peer
let city: DataFolder
beforeAll(async () => {
  website = await listening(
    http.createServer((_, response) => {
      response.writeHead(isMended ? 403 : 200, { 'content-type': 'text/html; charset=utf-8' })
      response.end('<title>统一身份认证登录</title>')
    }),
  )
  city = await kaifeng()
  await writeFile(city.file('yiwang.yaml'), configuration)
  const endpoint = `endpoints=http://127.0.0.1:${website.port}/login`
  await city.ok('system', 'add', 's-oa', 'name=办公系统', 'region=410200', 'kind=application', endpoint)
  const assets = ['--asset', 'oa.app=业务应用:办公应用:s-oa', '--asset', 'oa.rules=management:制度']
  await city.ok('mlps', 'assess', 'oa', '--object', 'system', '--system', 's-oa', ...assets)
  await city.ok('mlps', 'set', 'oa', 'L3-CES1-27', '符合', '--asset', 'oa.app')
  await city.ok('mlps', 'set', 'oa', 'L3-CES1-21', '符合', '--asset', 'oa.app')
})
afterAll(async () => {
  await city[Symbol.asyncDispose]()
  await website[Symbol.asyncDispose]()
})

const compared = async (...args: readonly string[]): Promise<Compared> =>
  (await city.json('mlps', 'contradictions', ...args)) as Compared

describe('a system that claims to encrypt and does not', () => {
  test('is listed as 矛盾 within one interval, with the evidence, and no longer once it is mended', async () => {
    expect(await compared()).toMatchObject({ counts: { contradicted: 0, unverifiable: 2 }, claims: [] })

    await using service = startYiwang(['run', '--data', city.path])
    const url = /http:\/\/[\d.]+:\d+/u.exec(await service.said(/^collector listens on/u))?.[0] ?? ''
    const { claims } = await until(
      () => compared(),
      ({ counts }) => counts['contradicted'] === 1,
    )
    expect(claims).toMatchObject([
      {
        asset: 'oa.app',
        item: 'L3-CES1-27',
        claimed: 'conforms',
        check: 'contradicted',
        deciding: {
          rule: 'http.plain-login',
          standing: 'valid',
          source: { from: 'probe', target: 's-oa', kind: 'http', vantage: 'public', agent: 'local' },
        },
      },
    ])
    expect(claims[0]?.deciding?.saw).toContain('标题为“统一身份认证登录”，经明文 HTTP')
    expect(claims[0]?.deciding?.source).toHaveProperty('hash', expect.stringMatching(/^[0-9a-f]{64}$/u))

    const text = await city.run('mlps', 'contradictions', 'oa')
    expect(text.code).toBe(3)
    expect(text.stdout).toMatch(/办公应用 +L3-CES1-27 .*符合 +矛盾/u)
    expect(text.stderr).toContain('矛盾 1')
    expect(await city.ok('mlps', 'show', 'oa', '--result', '符合')).toContain('办公应用 符合 矛盾')
    expect(await city.ok('mlps', 'conclude', 'oa')).toContain('其中 1 项与证据矛盾')
    expect((await city.run('mlps', 'gaps', 'oa')).stderr).toContain('1 项记录的结果与证据矛盾')

    const proposals = await city.json('mlps', 'evidence', '--asset', 'oa.app', '--says', '支持不符合')
    expect(proposals).toMatchObject({
      evidence: expect.arrayContaining([
        expect.objectContaining({ item: 'L3-CNS1-07', rule: 'http.plain', says: 'contradicts' }),
        expect.objectContaining({ item: 'L3-CES1-03', rule: 'http.plain-login' }),
      ]) as unknown,
    })
    const metrics = await until(
      async () => (await fetch(`${url}/metrics`)).text(),
      (exposition) => exposition.includes('yiwang_mlps_claims{assessment="oa",check="contradicted"} 1'),
      150,
    )
    expect(metrics).toContain('yiwang_mlps_items{assessment="oa",category="CES",result="conforms"} 2')
    expect(metrics).toMatch(/yiwang_mlps_evidence\{assessment="oa",source="probe",standing="valid"\} \d/u)

    const soon = new Date(Date.now() + 10 * 60_000).toISOString()
    expect(await compared('--as-of', soon)).toMatchObject({ counts: { contradicted: 0, unverifiable: 2 } })
    const later = await compared('--as-of', '2099-01-01', '--check', '证据过期')
    expect(later).toMatchObject({ claims: [{ item: 'L3-CES1-27', check: 'stale' }] })

    isMended = true
    await until(
      () => compared(),
      ({ counts }) => counts['contradicted'] === 0,
    )
    service.send('SIGTERM')
    expect(await service.ended).toEqual([0, null])
  }, 300_000)

  test('an inventory that cannot be planned keeps nobody from reading the checklist', async () => {
    await using copy = await copyOf(city)
    await copy.ok('system', 'set', 's-oa', 'probes.1.kind=nonsense')
    const shown = await copy.run('mlps', 'conclude', 'oa')
    expect(shown).toMatchObject({ code: 0 })
    expect(shown.stderr).toContain('results are not compared with evidence')
    expect(shown.stdout).toContain('未与自动取证核对')
    expectRefusal(await copy.run('mlps', 'contradictions'), 2, /expected a probe kind/u)
  })
})

const refusals: readonly (readonly [readonly string[], RegExp])[] = [
  [['evidence', '--says', 'maybe'], /expected one of supports \(支持符合\)/u],
  [['evidence', '--item', 'L3-PES1-01'], /expected an item that can be shown automatically, got L3-PES1-01/u],
  [['evidence', '--asset', 'x'], /expected the id of an asset of an assessment, got x/u],
  [['evidence', 'ob'], /did you mean oa\?/u],
  [['evidence', '--as-of', 'yesterday'], /--as-of: expected a day \(2018-06-30\) or a time/u],
  [['contradictions', 'ob'], /did you mean oa\?/u],
  [['contradictions', '--check', '好'], /expected one of consistent \(相符\)/u],
]

test('what is wrong is refused', async () => {
  await expectUntouched(city, async () => {
    for (const [args, words] of refusals) expectRefusal(await city.run('mlps', ...args), 2, words)
  })
})
