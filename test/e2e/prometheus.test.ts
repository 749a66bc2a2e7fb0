import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/cli.ts'
import { requires } from '../support/services.ts'
import { type Child, startChild, until } from './child.ts'
import { makeSite, type Site } from './site.ts'

const token = 'the-token-of-prometheus'

/** A server that answers, and the port of one that has gone. */
const peers = async (stack: AsyncDisposableStack) => {
  const server = http
    .createServer((_request, response) => response.end('这里是政务网'))
    .listen(0, '127.0.0.1')
  await once(server, 'listening')
  stack.defer(async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  const gone = net.createServer().listen(0, '127.0.0.1')
  await once(gone, 'listening')
  const { port: closed } = gone.address() as AddressInfo
  gone.close()
  await once(gone, 'close')
  return { open: (server.address() as AddressInfo).port, closed }
}

/** Asks the collector as Prometheus would if it knew the text format alone. */
const textOnly = async (stack: AsyncDisposableStack, url: string): Promise<number> => {
  const relay = http.createServer((request, response) => {
    const headers = { accept: 'text/plain;version=0.0.4', 'accept-encoding': 'gzip' }
    http.get(new URL(request.url ?? '', url), { headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  stack.defer(async () => {
    relay.close()
    relay.closeAllConnections()
    await once(relay, 'close')
  })
  return (relay.address() as AddressInfo).port
}

interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [time: number, value: string]
}

interface Prometheus {
  readonly query: (expression: string) => Promise<readonly Series[]>
  readonly child: Child
}

const startPrometheus = async (
  stack: AsyncDisposableStack,
  targets: Readonly<Record<string, string>>,
): Promise<Prometheus> => {
  const { path: folder } = stack.use(await temporaryFolder())
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: Object.entries(targets).map(([name, target]) => ({
      job_name: name,
      static_configs: [{ targets: [target] }],
    })),
  }
  await writeFile(path.join(folder, 'prometheus.yml'), JSON.stringify(config))
  const child = stack.use(
    startChild([
      'prometheus',
      `--config.file=${path.join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${path.join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
    ]),
  )
  const address = /address=(\S+)/u.exec(await child.said(/msg="Listening on"/u))?.[1] ?? ''
  return {
    child,
    query: async (expression) => {
      const url = new URL(`http://${address}/api/v1/query`)
      url.searchParams.set('query', expression)
      const answer = (await (await fetch(url)).json()) as { data?: { result: readonly Series[] } }
      return answer.data?.result ?? []
    },
  }
}

const curl = async (...args: readonly string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)('curl', ['--silent', '--show-error', ...args])
  return stdout
}

describe.skipIf(requires('prometheus', 'promtool', 'curl').skip)('a real Prometheus', () => {
  const stack = new AsyncDisposableStack()
  let site: Site
  let prometheus: Prometheus
  let ports: Awaited<ReturnType<typeof peers>>

  beforeAll(async () => {
    ports = await peers(stack)
    const fast = { intervalSeconds: 1, timeoutSeconds: 1 }
    const { path: folder } = stack.use(await temporaryFolder())
    await writeFile(path.join(folder, 'token'), token, { mode: 0o600 })
    site = stack.use(
      await makeSite({
        configuration: {
          probing: { tcp: fast, http: fast },
          collector: { metricsTokenFile: path.join(folder, 'token') },
        },
        endpoints: [
          `http://127.0.0.1:${ports.open}/`,
          `tcp://127.0.0.1:${ports.open}`,
          `tcp://127.0.0.1:${ports.closed}`,
        ],
      }),
    )
    stack.use(await site.startCollector())
    await site.enrol('near')
    stack.use(site.startAgent('near'))
    const collector = new URL(site.url).host
    const relay = await textOnly(stack, site.url)
    prometheus = await startPrometheus(stack, { openmetrics: collector, text: `127.0.0.1:${relay}` })
  })
  afterAll(() => stack.disposeAsync())

  describe.each(['openmetrics', 'text'])('in the format %s', (job) => {
    test('takes what is up and what is down', async () => {
      const up = await until(
        () => prometheus.query(`yiwang_probe_up{job="${job}"}`),
        (series) => series.length === 3,
      )
      const values = up.map(({ metric, value }) => [metric['target'], metric['kind'], value[1]])
      expect(values.toSorted()).toEqual([
        ['s-0', 'http', '1'],
        ['s-1', 'tcp', '1'],
        ['s-2', 'tcp', '0'],
      ])
      expect(up[0]?.metric).toMatchObject({ name: '系统0', region: '410221', class: 'system' })
    })

    test('takes counters, info and the collector’s own process', async () => {
      for (const expression of [
        `rate(yiwang_collector_observations_total{job="${job}"}[10s]) > 0`,
        `yiwang_build_info{job="${job}"} == 1`,
        `yiwang_agent_silent{job="${job}",agent="near"} == 0`,
        `yiwang_agent_spool_depth{job="${job}"}`,
        `process_resident_memory_bytes{job="${job}"}`,
        `process_cpu_seconds_total{job="${job}"}`,
      ])
        expect(
          await until(
            () => prometheus.query(expression),
            (series) => series.length > 0,
          ),
        ).toHaveLength(1)
    })

    test('loses no sample of a scrape', async () => {
      const [scraped] = await prometheus.query(`scrape_samples_scraped{job="${job}"}`)
      const [kept] = await prometheus.query(`scrape_samples_post_metric_relabeling{job="${job}"}`)
      expect(kept?.value[1]).toBe(scraped?.value[1])
      expect(await prometheus.query(`up{job="${job}"} == 0`)).toEqual([])
      expect(await prometheus.query(`min_over_time(up{job="${job}"}[1m]) == 0`)).toEqual([])
    })
  })

  test('says nothing bad of what it scraped', () => {
    expect(prometheus.child.log.filter((line) => /level=(warn|error)/u.test(line))).toEqual([])
  })

  test('names OpenMetrics first, and is answered in it', async () => {
    // As Prometheus 2.42 asks.
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
    const text = await curl('--include', '--header', `accept: ${accept}`, `${site.url}/metrics`)
    expect(text).toMatch(/^content-type: application\/openmetrics-text; version=1\.0\.0/imu)
    expect(text.endsWith('# EOF\n')).toBe(true)
  })

  test('promtool finds nothing wrong', async () => {
    const input = await curl(`${site.url}/metrics`)
    expect(input).toContain('\nyiwang_probe_up{target="s-0"')
    expect(execFileSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })).toBe('')
  })

  test('gzip is smaller, and the same', async () => {
    const size = (...args: readonly string[]): Promise<string> =>
      curl('--output', '/dev/null', '--write-out', '%{size_download}', ...args, `${site.url}/metrics`)
    const [plain, packed] = [await size(), await size('--header', 'accept-encoding: gzip')].map(Number)
    expect(plain).toBeGreaterThan(4000)
    expect(packed).toBeLessThan(plain! / 3)
    expect(await curl('--compressed', `${site.url}/metrics`)).toContain('\nyiwang_probe_up{')
  })

  describe('a request that a proxy forwarded', () => {
    const status = (...args: readonly string[]): Promise<string> =>
      curl(
        ...['--output', '/dev/null', '--write-out', '%{http_code}'],
        ...['--header', 'x-forwarded-for: 198.51.100.7'],
        ...args,
        `${site.url}/metrics`,
      )
    test.each([
      ['no token', [], '401'],
      ['a wrong token', ['--oauth2-bearer', 'wrong'], '401'],
      ['the token and more', ['--oauth2-bearer', `${token}x`], '401'],
      ['the token', ['--oauth2-bearer', token], '200'],
    ])('with %s', async (_, args, code) => {
      expect(await status(...args)).toBe(code)
    })
  })
})
