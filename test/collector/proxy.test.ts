import { Agent, request } from 'node:https'
import { text } from 'node:stream/consumers'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nginxServer } from '../probes/tls-audit-peers.ts'
import { type CertificateWorkshop, certificateWorkshop, type KeyPair } from '../support/certificates.ts'
import { requires } from '../support/services.ts'
import { node, serve } from './support.ts'

const token = 'scrape-me'

describe.skipIf(requires('nginx').skip)('nginx on the collector’s machine', () => {
  let workshop: CertificateWorkshop
  let own: KeyPair
  beforeAll(async () => {
    workshop = await certificateWorkshop()
    own = await workshop.issue({ commonName: 'proxy' })
  })
  afterAll(() => workshop[Symbol.asyncDispose]())

  const ask = async (port: number, authorization?: string): Promise<string> => {
    const agent = new Agent({ rejectUnauthorized: false })
    const asked = request({
      ...{ agent, host: '127.0.0.1', port, path: '/metrics' },
      headers: authorization === undefined ? {} : { authorization },
    })
    const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage]
    return `${answer.statusCode ?? 0} ${await text(answer)}`
  }

  test.each([
    ['with nothing set', ''],
    [
      'as the guide has it',
      'proxy_http_version 1.1; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
    ],
    ['that only says Via', 'proxy_http_version 1.1; proxy_set_header Via "1.1 $host";'],
  ])('%s: who comes through it needs the token', async (_, directives) => {
    await using served = await serve({ node: [node('n')] }, { metricsToken: token })
    const upstream = `http://127.0.0.1:${served.running.address.port}`
    await using proxy = await nginxServer(own, `location / { proxy_pass ${upstream}; ${directives} }`)
    await expect.poll(() => ask(proxy.port).catch(() => '')).toMatch(/^401 .*expected a token/u)
    expect(await ask(proxy.port, `Bearer ${token}`)).toContain('yiwang_build_info')
    expect((await served.ask('/metrics', { headers: { authorization: undefined } })).status).toBe(200)
  })
})
