import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { z } from 'zod'
import { UsageFault } from '../core/fault.ts'
import { parsedBody, replyFault } from './answers.ts'
import {
  type CollectorAddress,
  type Connection,
  type Reply,
  type Request,
  openConnection,
} from './exchange.ts'
import { planDocument } from './plan-document.ts'
import type { Uplink } from './uplink.ts'
import {
  type Enrolment,
  acknowledgement,
  enrolment,
  protocol,
  protocolHeader,
  signingKeyRequest,
} from './wire.ts'

export interface HttpUplinkOptions extends CollectorAddress {
  /** Id of the agent. */
  readonly agent: string
  /** Asked before each request, so that a rotated key is used at once. */
  readonly key: () => string
  /** Version of the protocol to speak; default: the newest known. */
  readonly protocolVersion?: number
}

const shortAnswer = { timeoutSeconds: 30, limitBytes: 64 * 1024 } as const
const planAnswer = { timeoutSeconds: 60, limitBytes: 128 * 1024 * 1024 } as const

const gzip = promisify<string, zlib.ZlibOptions, Buffer>(zlib.gzip)
/** The sender's time is dearer than the eighth that the next levels would save. */
const packing = { level: 1 } as const

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/u.test(hostname)

/**
 * The URL of a collector: https, or http where it is on this machine.
 * Throws `UsageFault` otherwise: keys and facts of the network do not travel in clear.
 */
export const checkedCollector = (url: URL): URL => {
  const problem = (message: string): never => {
    throw new UsageFault([{ where: 'collector', message }])
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    problem(`expected https://…, got ${url.protocol}`)
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    problem(`expected https://… for a collector that is not on this machine, got http://${url.host}`)
  if (url.username !== '' || url.password !== '') problem('expected no user or password in the URL')
  return url
}

type Ask = (
  request: Partial<Request> & Pick<Request, 'method' | 'path'>,
  signal: AbortSignal,
) => Promise<Reply>

/** Adds the headers of every request, and turns every answer but 2xx and 304 into its fault. */
const asking =
  (connection: Connection, version: number, authorization?: () => string): Ask =>
  async (request, signal) => {
    const headers = {
      [protocolHeader]: String(version),
      accept: 'application/json',
      ...(authorization && { authorization: authorization() }),
      ...(request.body && { 'content-type': 'application/json' }),
      ...request.headers,
    }
    const reply = await connection.exchange({ ...shortAnswer, ...request, headers }, signal)
    const isFine = (reply.status >= 200 && reply.status < 300) || reply.status === 304
    if (!isFine) throw replyFault(connection.origin, reply, version)
    return reply
  }

/** The HTTP adapter of the agent's side. Throws `UsageFault` for a URL that `checkedCollector` refuses. */
export const httpUplink = (options: HttpUplinkOptions): Uplink => {
  const { agent, key, ca, protocolVersion = protocol.current } = options
  const connection = openConnection({ collector: checkedCollector(options.collector), ca })
  const ask = asking(connection, protocolVersion, () => `Bearer ${agent}.${key()}`)
  return {
    deliver: async (batch, signal) => {
      const body = await gzip(JSON.stringify(batch), packing)
      const headers = { 'content-encoding': 'gzip' }
      const reply = await ask({ method: 'POST', path: 'v1/batches', body, headers }, signal)
      return parsedBody(connection.origin, reply, acknowledgement)
    },
    plan: async (digest, signal) => {
      const headers = {
        'accept-encoding': 'gzip',
        ...(digest !== undefined && { 'if-none-match': `"${digest}"` }),
      }
      const reply = await ask({ ...planAnswer, method: 'GET', path: 'v1/plan', headers }, signal)
      return reply.status === 304 ? undefined : parsedBody(connection.origin, reply, planDocument)
    },
    [Symbol.asyncDispose]: () => {
      connection[Symbol.dispose]()
      return Promise.resolve()
    },
  }
}

export interface EnrolOptions extends CollectorAddress {
  readonly agent: string
  /** Handed over by a person; good for one enrolment. */
  readonly invitation: string
  /** Public half of the key that the agent will sign evidence with. */
  readonly signingKey?: string
}

/** Trades an invitation for the agent's key. Rejects with `CollectorRefusal` where it is wrong, used or too old. */
export const enroll = async (options: EnrolOptions, signal: AbortSignal): Promise<Enrolment> => {
  const { agent, invitation, signingKey, ca } = options
  using connection = openConnection({ collector: checkedCollector(options.collector), ca })
  const body = Buffer.from(JSON.stringify({ agent, invitation, signingKey }))
  const reply = await asking(connection, protocol.current)(
    { method: 'POST', path: 'v1/enroll', body },
    signal,
  )
  return parsedBody(connection.origin, reply, enrolment)
}

const newKey = z.object({ key: z.string().min(1).max(200) })

/** Asks for a new key. The old one is taken until the new one was used: store the new one first. */
export const rotateKey = async (options: HttpUplinkOptions, signal: AbortSignal): Promise<string> => {
  const { agent, key, ca, protocolVersion = protocol.current } = options
  using connection = openConnection({ collector: checkedCollector(options.collector), ca })
  const ask = asking(connection, protocolVersion, () => `Bearer ${agent}.${key()}`)
  const reply = await ask({ method: 'POST', path: 'v1/key', body: Buffer.from('{}') }, signal)
  return parsedBody(connection.origin, reply, newKey).key
}

/**
 * Tells the collector the public half of the agent's signing key; it is taken once, and again if it is the same.
 * Rejects with `CollectorRefusal` where the collector has another, or is too old to know of such keys.
 */
export const sendSigningKey = async (
  options: HttpUplinkOptions,
  signingKey: string,
  signal: AbortSignal,
): Promise<void> => {
  const { agent, key, ca, protocolVersion = protocol.current } = options
  using connection = openConnection({ collector: checkedCollector(options.collector), ca })
  const ask = asking(connection, protocolVersion, () => `Bearer ${agent}.${key()}`)
  const body = Buffer.from(JSON.stringify({ signingKey }))
  const reply = await ask({ method: 'POST', path: 'v1/signing-key', body }, signal)
  parsedBody(connection.origin, reply, signingKeyRequest)
}
