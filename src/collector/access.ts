import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { keyHash } from '../../inventory/agents.ts'
import type { Agent } from '../../inventory/model.ts'
import type { Inventory } from '../../inventory/store.ts'
import { protocol, protocolHeader } from '../transport/wire.ts'
import { Refusal } from './http-answer.ts'

const loopback = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+|localhost)$/u

/** Whether an address or `localhost` stays on this machine. */
export const isLoopback = (host: string): boolean => loopback.test(host)

/** Compares hashes of equal length in a time that does not tell where they differ. */
const isHashOf = (secret: string, hash: string): boolean =>
  timingSafeEqual(Buffer.from(keyHash(secret)), Buffer.from(hash))

const bearer = (request: IncomingMessage): string | undefined =>
  /^bearer +(?<token>[\x21-\x7e]{1,500})$/iu.exec(request.headers.authorization ?? '')?.groups?.['token']

/** Stands in for the hash of an agent that does not exist, so that the answer takes as long. */
const nobody = keyHash('')

export interface Authenticated {
  readonly agent: Agent
  /** The key in force, or the one before a rotation. */
  readonly key: 'current' | 'previous'
  readonly hash: string
}

const unauthorized = (message: string): Refusal =>
  new Refusal(401, message, {
    suggestion: 'enrol the agent (yiwang agent enroll), or have it invited again',
    headers: { 'www-authenticate': 'Bearer' },
  })

const whichKey = (agent: Agent | undefined, key: string): Authenticated['key'] | undefined => {
  const isCurrent = isHashOf(key, agent?.keyHash ?? nobody)
  const isPrevious = isHashOf(key, agent?.previousKeyHash ?? nobody)
  if (agent === undefined || agent.state === 'invited') return undefined
  if (isCurrent) return 'current'
  return isPrevious && agent.previousKeyHash !== undefined ? 'previous' : undefined
}

/**
 * Whose request this is, by `Authorization: Bearer <agent>.<key>`.
 * Throws `Refusal`: 401 where it is nobody's, 403 where the agent was revoked.
 */
export const authenticate = (request: IncomingMessage, inventory: Inventory): Authenticated => {
  const token = bearer(request)
  if (token === undefined) throw unauthorized('expected "authorization: Bearer <agent>.<key>"')
  const dot = token.lastIndexOf('.')
  const agent = inventory.agent.get(token.slice(0, Math.max(dot, 0)))
  const key = whichKey(agent, token.slice(dot + 1))
  if (agent === undefined || key === undefined) throw unauthorized('the collector does not know this key')
  if (agent.state === 'revoked')
    throw new Refusal(403, `agent ${agent.id} was revoked`, {
      suggestion: 'have it invited again (yiwang agent invite) if that was a mistake',
    })
  return { agent, key, hash: keyHash(token.slice(dot + 1)) }
}

/** Throws `Refusal` 426 unless the peer speaks our version of the protocol or one beside it. */
export const checkProtocol = (request: IncomingMessage): void => {
  const said = String(request.headers[protocolHeader] ?? '')
  const version = /^\d{1,6}$/u.test(said) ? Number(said) : undefined
  if (version !== undefined && version >= protocol.oldest - 1 && version <= protocol.current + 1) return
  const got = version === undefined ? 'none' : said
  throw new Refusal(
    426,
    `expected ${protocolHeader} ${protocol.current} or one version beside it, got ${got}`,
    { suggestion: 'upgrade the older of agent and collector' },
  )
}

/** Throws `Refusal` 401 unless the request carries this token. */
export const checkBearer = (request: IncomingMessage, token: string): void => {
  const given = bearer(request)
  if (given !== undefined && isHashOf(given, keyHash(token))) return
  throw new Refusal(401, 'expected "authorization: Bearer <token>" with the token configured here', {
    headers: { 'www-authenticate': 'Bearer' },
  })
}

/** What proxies say of whom they speak for: RFC 7239, RFC 9110 §7.6.3, and the usage before. */
const forwarding = /^(?:forwarded|via|x-real-ip|x-forwarded-.*)$/u

/**
 * A proxy on this machine speaks for others. One that adds no header is told by HTTP/1.0 alone, which nginx speaks
 * where nothing is set, and Prometheus and browsers do not.
 */
const isForwarded = ({ headers, httpVersion }: IncomingMessage): boolean =>
  httpVersion === '1.0' || Object.keys(headers).some((name) => forwarding.test(name))

/**
 * Who may read metrics and status: whoever is on this machine, holds the token, or has a client
 * certificate that the configured authority signed. Throws `Refusal` 401 otherwise.
 */
export const checkReader = (request: IncomingMessage, token: string | undefined): void => {
  const { socket } = request
  const isLocal = isLoopback(socket.remoteAddress ?? '') && !isForwarded(request)
  const given = bearer(request)
  const hasToken = token !== undefined && given !== undefined && isHashOf(given, keyHash(token))
  const hasCertificate = socket instanceof TLSSocket && socket.authorized
  if (isLocal || hasToken || hasCertificate) return
  throw new Refusal(401, 'expected a token or a client certificate', {
    suggestion: 'set collector.metricsTokenFile and send "authorization: Bearer <token>"',
    headers: { 'www-authenticate': 'Bearer' },
  })
}
