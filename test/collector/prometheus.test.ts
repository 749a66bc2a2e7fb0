import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'
import { describe, expect, test } from 'vitest'
import { probes } from '../../probes/index.ts'
import { requires } from '../support/services.ts'
import {
  type Served,
  batchOf,
  down,
  job,
  line,
  node,
  observation,
  planOf,
  serve,
  temporaryFolder,
} from './support.ts'

interface Prometheus extends AsyncDisposable {
  /** Value of the one series that the query gives; undefined while there is none. */
  value(query: string): Promise<number | undefined>
}

interface Answer {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] }
}

const startPrometheus = async (folder: string, target: string): Promise<Prometheus> => {
  const config = path.join(folder, 'prometheus.yml')
  writeFileSync(
    config,
    `global: { scrape_interval: 1s }\nscrape_configs: [{ job_name: yiwang, static_configs: [{ targets: ['${target}'] }] }]\n`,
  )
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${path.join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
      '--log.level=info',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const ended = once(child, 'exit')
  const said: string[] = []
  for await (const text of readline.createInterface({ input: child.stderr })) {
    said.push(text)
    const address = /msg="Listening on" address=(?<address>\S+)/u.exec(text)?.groups?.['address']
    if (address === undefined) continue
    child.stderr.resume()
    return {
      value: async (query) => {
        const url = new URL(`http://${address}/api/v1/query`)
        url.searchParams.set('query', query)
        const { data } = (await (await fetch(url)).json()) as Answer
        const value = data.result[0]?.value[1]
        return value === undefined ? undefined : Number(value)
      },
      [Symbol.asyncDispose]: async () => {
        child.kill('SIGTERM')
        await ended
      },
    }
  }
  throw new Error(`prometheus ended: ${said.slice(-5).join('\n')}`)
}

const facts: Readonly<Record<string, object>> = {
  icmp: {
    ...{ sent: 3, received: 3, lossRatio: 0, jitterSeconds: 0.0001 },
    ...{ rttMinSeconds: 0.001, rttAvgSeconds: 0.002, rttMaxSeconds: 0.003 },
  },
  tcp: { connectSeconds: 0.01 },
  tls: { handshakeSeconds: 0.02, authorized: true, chain: [{ validTo: '2030-01-01T00:00:00Z' }] },
  http: { status: 200, redirects: [], bodyBytes: 5, tls: { validTo: '2030-01-01T00:00:00Z' } },
  dns: { lookupSeconds: 0.01, answerCount: 1, rcode: 'NOERROR' },
  snmp: {
    sysUpTimeSeconds: 5,
    interfaces: [{ index: 1, name: 'eth0 "外网"\\\n', operUp: true, inOctets: 7, outOctets: 8 }],
  },
}

/** One node that answers to every kind, and one that does not. */
const serveEverything = async (): Promise<Served> => {
  const records = {
    node: [node('city', { name: '开封市"节点"\\', level: 'city' }), node('n', { uplinks: line('city') })],
  }
  const jobs = [...probes.map(({ kind }) => job('city', { kind })), job('n')]
  const served = await serve(records, { compile: (inventory) => planOf(inventory, jobs) })
  const seen = jobs.map((each) =>
    observation(each, {
      observedAt: Date.now(),
      facts: { ...facts[each.kind] },
      ...(each.target === 'n' && { ...down, facts: {} }),
    }),
  )
  await served.ask('/v1/batches', { body: batchOf(seen) })
  return served
}

describe.skipIf(requires('promtool').skip)('promtool', () => {
  test('finds nothing wrong with what every probe kind shows', async () => {
    await using served = await serveEverything()
    const input = await (await served.ask('/metrics')).text()
    for (const { metrics } of probes.filter(({ kind }) => kind in facts))
      expect(metrics.some(({ name }) => input.includes(`\n${name}{`))).toBe(true)
    expect(execFileSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })).toBe('')
  })
})

describe.skipIf(requires('prometheus').skip)('a real Prometheus', () => {
  test('scrapes the collector and answers', async () => {
    await using served = await serveEverything()
    using folder = temporaryFolder()
    const { host, port } = served.running.address
    await using prometheus = await startPrometheus(folder.path, `${host}:${String(port)}`)
    const ask = (query: string) => expect.poll(() => prometheus.value(query))
    await ask('up{job="yiwang"}').toBe(1)
    await ask('sum(yiwang_probe_up{target="city"})').toBe(probes.length)
    await ask('yiwang_probe_up{target="n", kind="icmp"}').toBe(0)
    await ask('yiwang_icmp_rtt_seconds{name="开封市\\"节点\\"\\\\", stat="avg"}').toBe(0.002)
    await ask('yiwang_snmp_interface_receive_bytes_total{interface="eth0 \\"外网\\"\\\\\\n"}').toBe(7)
    await ask('yiwang_targets{class="node", state="down", level="township"}').toBe(1)
    await ask('yiwang_outages{class="node"}').toBe(1)
    await ask('process_resident_memory_bytes > bool 0').toBe(1)
  })
})
