import https from 'node:https'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CertificateWorkshop, type KeyPair, certificateWorkshop } from '../support/certificates.ts'
import { requires } from '../support/services.ts'
import { node, serve } from './support.ts'

const records = { node: [node('n')] }

describe.skipIf(requires('openssl').skip)('over TLS', () => {
  let workshop: CertificateWorkshop
  let authority: KeyPair
  let server: KeyPair
  const clients = new Map<string, KeyPair>()
  beforeAll(async () => {
    workshop = await certificateWorkshop()
    const authorityOf = (commonName: string) => workshop.issue({ commonName, isAuthority: true })
    const [own, others] = await Promise.all([authorityOf('own'), authorityOf('others')])
    authority = own
    server = await workshop.issue({ commonName: 'collector', names: 'IP:127.0.0.1' }, own)
    clients.set('own', await workshop.issue({ commonName: 'prometheus' }, own))
    clients.set('others', await workshop.issue({ commonName: 'prometheus' }, others))
  })
  afterAll(() => workshop[Symbol.asyncDispose]())

  const tls = () => ({ certificate: server.cert, key: server.key, clientCa: authority.cert })
  const get = async (port: number, options: https.RequestOptions): Promise<number> => {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const where = { host: '127.0.0.1', port, path: '/metrics', ca: authority.cert, agent: false } as const
    https
      .get({ ...where, ...options }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      .on('error', reject)
    return promise
  }

  // What a proxy forwards counts as coming from elsewhere.
  const forwarded = { 'x-forwarded-for': '192.0.2.1' }
  test.each([
    ['nothing', undefined, {}, 401],
    ['a certificate of the authority', 'own', {}, 200],
    ['a certificate of another authority', 'others', {}, 401],
    ['the token', undefined, { authorization: 'Bearer scrape-me' }, 200],
  ])('who comes from elsewhere with %s gets its due', async (_name, client, headers, status) => {
    await using served = await serve(records, { tls: tls(), metricsToken: 'scrape-me' })
    expect(served.running.url).toMatch(/^https:/u)
    const identity = clients.get(client ?? '')
    expect(
      await get(served.running.address.port, { ...identity, headers: { ...forwarded, ...headers } }),
    ).toBe(status)
  })
  test('TLS 1.1 and plain HTTP are turned away', async () => {
    await using served = await serve(records, { tls: tls() })
    const { port } = served.running.address
    await expect(get(port, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })).rejects.toThrow()
    await expect(fetch(`http://127.0.0.1:${String(port)}/healthz`)).rejects.toThrow()
    expect(await get(port, {})).toBe(200)
  })
  test('any address may be listened on', async () => {
    await using served = await serve(records, { tls: tls(), listen: { host: '0.0.0.0', port: 0 } })
    expect(await get(served.running.address.port, {})).toBe(200)
  })
})
