import { readFile } from 'node:fs/promises'
import type { StatusReport } from '../collector/status.ts'
import { type Config, readTokenFile } from '../config/index.ts'
import { EnvironmentFault } from '../core/fault.ts'
import { openConnection } from '../transport/exchange.ts'
import { checkedCollector } from '../transport/http-client.ts'

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

/** Asks a collector how things stand. Rejects with `EnvironmentFault` where it does not say. */
export const fetchStatus = async (
  config: Config,
  given: URL | undefined,
  signal: AbortSignal,
): Promise<StatusReport> => {
  const collector = checkedCollector(addressOf(config, given))
  const file = authorityFile(config)
  const token = config.collector.metricsTokenFile
  using connection = openConnection({
    collector,
    ca: collector.protocol === 'https:' && file !== undefined ? await readFile(file, 'utf8') : undefined,
  })
  const { status, body } = await connection.exchange(
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
  if (status === 200) return JSON.parse(body.toString()) as StatusReport
  throw new EnvironmentFault(
    'COLLECTOR_REFUSED',
    `${connection.origin} answered ${String(status)}: ${body.toString().slice(0, 300)}`,
  )
}
