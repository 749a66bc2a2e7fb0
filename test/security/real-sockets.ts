import { execFile } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import path from 'node:path'
import { readFile } from 'node:fs/promises'
import tls, { type SecureVersion } from 'node:tls'
import { promisify } from 'node:util'
import { dnsServer } from '../../src/simulator/servers/dns.ts'
import { answerTo } from '../probes/ntp-peers.ts'
import { sshWorkshop } from '../probes/ssh-peers.ts'
import { smServer } from '../probes/tls-audit-peers.ts'
import { html, serve, serveTls, site } from '../probes/web-peers.ts'
import { type CertificateRequest, certificateWorkshop, type KeyPair } from '../support/certificates.ts'
import { closedPort, listening, peer, udpPeer } from '../support/peers.ts'
import { devicePlants } from './real-devices.ts'
import type { LookPlant } from './scene.ts'
import { local, lookAt, type SocketPlant, type Stack, type Stand } from './stand.ts'

/** Servers with a fault and without, on loopback. */

const handler: http.RequestListener = html('<title>首页</title>')

/** A web server with a certificate as asked; by default one that an authority issued, sent with its chain. */
const certified = async (
  stack: Stack,
  request: Partial<CertificateRequest>,
  { isSelfSigned = false, isChainSent = true } = {},
): Promise<Stand> => {
  await using workshop = await certificateWorkshop()
  const authority = await workshop.issue({ commonName: '机构', isAuthority: true })
  const own = await workshop.issue(
    { commonName: 'a.example', names: 'IP:127.0.0.1', ...request },
    isSelfSigned ? undefined : authority,
  )
  const cert = isSelfSigned || !isChainSent ? own.cert : `${own.cert}${authority.cert}`
  const { port } = stack.use(await serveTls({ ...own, cert }, handler))
  return { kind: 'tls', options: { ...local, port } }
}

const certificate =
  (bad: Partial<CertificateRequest>, means = {}): SocketPlant['stand'] =>
  (isBad, stack) =>
    isBad ? certified(stack, bad, means) : certified(stack, { toDays: 200 })

const run = promisify(execFile)

/** RSA of 1024 bits, which no one makes by accident. */
const weakPair = async (): Promise<KeyPair> => {
  await using workshop = await certificateWorkshop()
  const [cert, key] = ['cert', 'key'].map((name) => path.join(workshop.folder, `weak.${name}`))
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:1024', '-nodes', '-days', '200', '-subj', '/CN=weak'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key ?? '', '-out', cert ?? ''],
  ])
  return { cert: await readFile(cert ?? '', 'utf8'), key: await readFile(key ?? '', 'utf8') }
}

const audited = async (
  stack: Stack,
  versions: {
    readonly minVersion: SecureVersion
    readonly maxVersion?: SecureVersion
    readonly ciphers?: string
  },
): Promise<Stand> => {
  await using workshop = await certificateWorkshop()
  const pair = await workshop.issue({ commonName: 'a.example', names: 'IP:127.0.0.1', key: 'rsa' })
  const { port } = stack.use(await listening(tls.createServer({ ...pair, ...versions })))
  return { kind: 'tls-audit', options: { ...local, port, pauseSeconds: 0 } }
}

const web =
  (
    kind: string,
    bad: http.RequestListener,
    good: http.RequestListener,
    options: object = {},
  ): SocketPlant['stand'] =>
  async (isBad, stack) => {
    const { port } = stack.use(await serve(isBad ? bad : good))
    return { kind, options: { ...local, scheme: 'http', port, ...options } }
  }

const careful = {
  'strict-transport-security': 'max-age=31536000',
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
}

const redirecting: SocketPlant['stand'] = async (isBad, stack) => {
  await using workshop = await certificateWorkshop()
  const secure = stack.use(
    await listening(
      https.createServer(await workshop.issue({ commonName: 'a', names: 'IP:127.0.0.1' }), handler),
    ),
  )
  const url = `https://127.0.0.1:${secure.port}/`
  const plain = stack.use(
    await serve(isBad ? handler : (_, response) => void response.writeHead(301, { location: url }).end()),
  )
  return { kind: 'http-audit', options: { ...local, port: secure.port, httpPort: plain.port } }
}

const page = (body: string): http.RequestListener => html(`<html><body><p>${body}</p></body></html>`)

const baseline: SocketPlant['stand'] = async (isBad, stack) => {
  const server = stack.use(
    await serve((request, response) => page(isBad && turn > 0 ? '改' : '原')(request, response)),
  )
  let turn = 0
  const options = { ...local, scheme: 'http', port: server.port }
  const { facts } = await lookAt({ kind: 'page', options: { ...options, capture: true } })
  turn = 1
  const sha256 = (facts as { readonly fingerprint?: string }).fingerprint
  return { kind: 'page', options: { ...options, baseline: { sha256 } } }
}

const port = async (isOpen: boolean, stack: Stack): Promise<number> =>
  isOpen ? stack.use(await peer(() => undefined)).port : closedPort()

const reached =
  (look: Partial<LookPlant>, expect?: 'unreachable'): SocketPlant['stand'] =>
  async (isBad, stack) => ({
    ...{ kind: 'tcp', options: { ...local, port: await port(isBad, stack), timeoutSeconds: 2 }, look },
    ...(expect && { expect }),
  })

/** Options by which two servers are asked the same, that answer differently. */
const resolvers = async (stack: Stack) => {
  const servers = await Promise.all(
    ['192.0.2.1', '192.0.2.2'].map((address) => dnsServer({ 'a.example': address }, { ...local, port: 0 })),
  )
  return servers.map((server) => ({ ...local, port: stack.use(server).port, name: 'a.example' }))
}

const resolving: SocketPlant['stand'] = async (isBad, stack) => {
  const [first, second] = await resolvers(stack)
  const options = { ...first }
  return {
    kind: 'dns',
    options,
    before: (turn) => {
      if (isBad && turn > 0) Object.assign(options, second)
    },
  }
}

const split: SocketPlant['stand'] = async (isBad, stack) => {
  const [first = {}, second = {}] = await resolvers(stack)
  return { kind: 'dns', options: first, others: [isBad ? second : first] }
}

const highRisk: SocketPlant['stand'] = async (isBad, stack) => {
  const address = '127.77.0.1'
  const server = http.createServer()
  server.listen(isBad ? 3389 : 13_389, address)
  await once(server, 'listening')
  stack.defer(() => void server.close())
  return { kind: 'ports', options: { address, ports: [3389, 13_389], authorisedBy: ['127.77.0.0/16'] } }
}

const scanned: SocketPlant['stand'] = async (isBad, stack) => {
  const open = await port(true, stack)
  const ports = { ports: [open], expectedOpen: isBad ? [] : [open] }
  return { kind: 'ports', options: { ...local, ...ports, authorisedBy: ['127.0.0.0/8'] } }
}

const clock: SocketPlant['stand'] = async (isBad, stack) => {
  const server = stack.use(await udpPeer((request) => [answerTo(request, { aheadMs: isBad ? 5000 : 0 })]))
  return { kind: 'ntp', options: { ...local, port: server.port } }
}

const shell: SocketPlant['stand'] = async (isBad, stack) => {
  const workshop = stack.use(await sshWorkshop())
  const ciphers = isBad ? '3des-cbc,aes256-ctr' : 'aes256-gcm@openssh.com'
  const strong = ['KexAlgorithms curve25519-sha256', 'MACs hmac-sha2-256-etm@openssh.com']
  const daemon = stack.use(
    await workshop.start(`Ciphers ${ciphers}`, ...strong, 'HostKeyAlgorithms ssh-ed25519'),
  )
  return { kind: 'ssh', options: { ...local, port: daemon.port } }
}

export const socketPlants: readonly SocketPlant[] = [
  { rule: 'tls.expired', stand: certificate({ fromDays: -10, toDays: -1 }) },
  { rule: 'tls.expiring', stand: certificate({ toDays: 10 }) },
  { rule: 'tls.wrong-name', stand: certificate({ names: 'DNS:b.example' }) },
  { rule: 'tls.self-signed', stand: certificate({ toDays: 200 }, { isSelfSigned: true }) },
  { rule: 'tls.incomplete-chain', stand: certificate({ toDays: 200 }, { isChainSent: false }) },
  {
    rule: 'tls.weak-certificate',
    stand: async (isBad, stack) => {
      if (!isBad) return certified(stack, { toDays: 200 })
      const server = https.createServer({ ...(await weakPair()), ciphers: 'DEFAULT:@SECLEVEL=0' }, handler)
      return { kind: 'tls', options: { ...local, port: stack.use(await listening(server)).port } }
    },
  },
  {
    rule: 'tls.old-version',
    stand: (isBad, stack) =>
      audited(
        stack,
        isBad
          ? { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }
          : { minVersion: 'TLSv1.2' },
      ),
  },
  {
    rule: 'tls.weak-cipher',
    stand: (isBad, stack) =>
      audited(stack, {
        minVersion: 'TLSv1.2',
        ...(isBad && { maxVersion: 'TLSv1.2', ciphers: 'NULL-SHA256:AES128-GCM-SHA256:@SECLEVEL=0' }),
      }),
  },
  {
    rule: 'tls.no-national',
    stand: async (isBad, stack) => {
      if (isBad) return audited(stack, { minVersion: 'TLSv1.2' })
      const { port: own } = stack.use(await smServer([0x00_c6]))
      return { kind: 'tls-audit', options: { ...local, port: own, pauseSeconds: 0 } }
    },
  },
  { rule: 'web.plain-login', stand: web('http', html('<title>用户登录</title>'), handler) },
  { rule: 'web.no-redirect', stand: redirecting },
  { rule: 'web.missing-headers', stand: web('http-audit', handler, html('<title>首页</title>', careful)) },
  {
    rule: 'web.listing',
    stand: web(
      'http-audit',
      site({ '/': 'a', '/js/': '<title>Index of /js/</title><a href="../">Parent</a>' }),
      site({ '/': 'a' }),
    ),
  },
  { rule: 'web.page-changed', stand: baseline },
  {
    rule: 'web.hidden-words',
    stand: web('page', html('<p>首页</p><div style="display:none">博彩</div>'), html('<p>首页</p>'), {
      keywords: ['博彩'],
    }),
  },
  {
    rule: 'web.dead-links',
    stand: web(
      'links',
      site({ '/': '<a href="/gone">去</a>' }),
      site({ '/': '<a href="/here">去</a>', '/here': 'b' }),
    ),
  },
  { rule: 'ntp.offset', stand: clock },
  { rule: 'ssh.weak', stand: shell },
  { rule: 'dns.changed', stand: resolving },
  { rule: 'dns.split', stand: split },
  ...devicePlants,
  { rule: 'ports.unexpected', stand: scanned },
  { rule: 'ports.high-risk', stand: highRisk },
  { rule: 'boundary.internal-from-internet', stand: reached({ vantage: 'internet' }) },
  { rule: 'boundary.crossed', stand: reached({ vantage: 'private' }, 'unreachable') },
  { rule: 'migration.old-address', stand: reached({ target: 's-2/old' }, 'unreachable') },
]
