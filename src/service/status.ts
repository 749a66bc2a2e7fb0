import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { StatusReport } from '../collector/status.ts'
import { type Config, readTokenFile } from '../config/index.ts'
import { EnvironmentFault } from '../core/fault.ts'
import { parsedBody, replyFault } from '../transport/answers.ts'
import { type Reply, openConnection } from '../transport/exchange.ts'
import { checkedCollector } from '../transport/http-client.ts'
import { protocol } from '../transport/wire.ts'

const anyHost: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

const ownAddress = ({ collector: { listen, tls } }: Config): URL => {
  const host = anyHost[listen.host] ?? listen.host
  return new URL(
    `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${String(listen.port)}`,
  )
}

const authorityFile = ({ agent, collector }: Config): string | undefined =>
  agent.ca ?? collector.tls?.certificate

const addressOf = (config: Config, given: URL | undefined): URL => {
  if (given !== undefined) return given
  return config.agent.collector === undefined ? ownAddress(config) : new URL(config.agent.collector)
}

/** Nobody answers: most often because no collector runs there. */
const withNextStep = (error: unknown, collector: URL): unknown => {
  if (!(error instanceof EnvironmentFault) || error.code !== 'COLLECTOR_UNREACHABLE') return error
  if (error.suggestion !== undefined) return error
  const suggestion = `is \`yiwang collector run\` or \`yiwang run\` up at ${collector.host}? --collector names another`
  return new EnvironmentFault(error.code, error.message, { cause: error, suggestion })
}

const authorityOf = async (config: Config, { protocol }: URL): Promise<string | undefined> => {
  const file = authorityFile(config)
  if (protocol !== 'https:' || file === undefined) return undefined
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new EnvironmentFault('FILE_UNREADABLE', `${file}: cannot be read`, { cause })
  }
}

const ask = async (config: Config, collector: URL, signal: AbortSignal): Promise<Reply> => {
  const token = config.collector.metricsTokenFile
  using connection = openConnection({ collector, ca: await authorityOf(config, collector) })
  try {
    return await connection.exchange(
      {
        method: 'GET',
        path: 'v1/status',
        headers: {
          'accept-encoding': 'gzip',
          ...(token !== undefined && { authorization: `Bearer ${readTokenFile(token)}` }),
        },
        timeoutSeconds: 30,
        limitBytes: 64 * 1024 * 1024,
      },
      signal,
    )
  } catch (error) {
    throw withNextStep(error, collector)
  }
}

/** As far as it must be so that we can print it; the rest is the collector's promise. */
const statusDocument = z.looseObject({
  version: z.string(),
  coverage: z.looseObject({ all: z.looseObject({}), byLevel: z.array(z.looseObject({})) }),
  problems: z.array(z.looseObject({})),
})

/** Asks a collector how things stand. Rejects with `EnvironmentFault` where it does not say. */
export const fetchStatus = async (
  config: Config,
  given: URL | undefined,
  signal: AbortSignal,
): Promise<StatusReport> => {
  const collector = checkedCollector(addressOf(config, given))
  const reply = await ask(config, collector, signal)
  if (reply.status !== 200) throw replyFault(collector.origin, reply, protocol.current)
  return parsedBody(collector.origin, reply, statusDocument) as unknown as StatusReport
}
