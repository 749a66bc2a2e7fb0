import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { openInventory } from '../../inventory/lowdb/index.ts'
import type { Operation } from '../../inventory/store.ts'
import {
  type Ports,
  type Size,
  cityOperations,
  community,
  country,
  countryOperations,
  credentialName,
  kaifeng,
} from './city/design.ts'
import {
  type Speaker,
  cpuSeconds,
  load,
  mainThreadMilliseconds,
  percentile,
  residentMegabytes,
  start,
} from './process.ts'

/**
 * A city in one process (`yiwang run`), scraped every 15 s: what it costs; with `--size country`, the country's
 * townships each minute. What it looks at is served by processes of their own. `--json` prints figures only;
 * `--node-options` reaches yiwang (`--cpu-prof --cpu-prof-dir=…`).
 */
const { values: flags } = parseArgs({
  options: {
    size: { type: 'string', default: 'city' },
    seconds: { type: 'string', default: '150' },
    'warm-up': { type: 'string', default: '75' },
    json: { type: 'boolean', default: false },
    'node-options': { type: 'string', default: '' },
    launcher: { type: 'string', default: path.resolve(import.meta.dirname, '../../bin/yiwang') },
  },
})
const scrapeSeconds = 15

interface Scale {
  readonly size: Size
  readonly operations: (size: Size, ports: Ports) => readonly Operation[]
  /** Of `yiwang.yaml`. */
  readonly probing: string
  /** Looks that the plan asks for in a minute. */
  readonly perMinute: number
  /** CPU in per cent of one core. */
  readonly targets: {
    readonly cpuPercent: number
    readonly residentMegabytes: number
    readonly metricsMilliseconds?: number
    readonly loopDelayP99Milliseconds?: number
  }
}

const scales: Readonly<Record<string, Scale>> = {
  city: {
    size: kaifeng,
    operations: cityOperations,
    probing: '',
    perMinute: (kaifeng.nodes + kaifeng.devices) * 2 + kaifeng.systems * 2 + kaifeng.devices,
    targets: { cpuPercent: 8, residentMegabytes: 200, metricsMilliseconds: 30 },
  },
  country: {
    size: country,
    operations: countryOperations,
    probing: 'probing: { icmp: { intervalSeconds: 60 } }\n',
    perMinute: country.nodes + country.devices + country.systems,
    // A fifth of two cores.
    targets: { cpuPercent: 40, residentMegabytes: 1000, loopDelayP99Milliseconds: 50 },
  },
}
const scale = scales[flags.size]
if (scale === undefined) throw new Error(`expected --size ${Object.keys(scales).join(' or ')}`)
const { size, targets } = scale

const serve = (script: string, ...args: readonly number[]): Promise<Speaker> =>
  start(process.execPath, [path.join(import.meta.dirname, 'city', script), ...args.map(String)])

const portOf = ({ firstLine }: Speaker): number => (JSON.parse(firstLine) as { port: number }).port

const makeData = async (folder: string, ports: Ports): Promise<void> => {
  await using store = await openInventory(path.join(folder, 'inventory'), { clock: Date.now, create: true })
  await store.change({ actor: 'bench', reason: flags.size, operations: () => scale.operations(size, ports) })
  await writeFile(path.join(folder, 'yiwang.yaml'), `collector: { listen: 127.0.0.1:0 }\n${scale.probing}`)
  const secrets = `${credentialName}: { kind: snmp-community, community: ${community} }\n`
  await writeFile(path.join(folder, 'secrets.yaml'), secrets, { mode: 0o600 })
}

interface Scrape {
  readonly milliseconds: number
  readonly text: string
}

/** As Prometheus scrapes: packed, over a connection that stays. */
const scraper = (url: string): (() => Promise<Scrape>) => {
  const agent = new http.Agent({ keepAlive: true })
  return async () => {
    const startedAt = performance.now()
    const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
    http.get(`${url}/metrics`, { agent, headers: { 'accept-encoding': 'gzip' } }, resolve).on('error', reject)
    const packed = await buffer(await promise)
    return { milliseconds: performance.now() - startedAt, text: gunzipSync(packed).toString() }
  }
}

const valueOf = (text: string, series: string): number =>
  Number(new RegExp(`^${series} (\\S+)$`, 'mu').exec(text)?.[1])

const isSample = (line: string): boolean => line !== '' && !line.startsWith('#')

interface Sample extends Scrape {
  readonly at: number
  /** Of the main thread, while it was scraped. */
  readonly busyMilliseconds: number
  readonly cpuSeconds: number
  readonly residentMegabytes: number
  /** Lines of standard error so far. */
  readonly complaints: number
}

const watch = async (yiwang: Speaker, url: string): Promise<readonly Sample[]> => {
  const scrape = scraper(url)
  const samples: Sample[] = []
  const startedAt = performance.now()
  for (let round = 0; round * scrapeSeconds <= Number(flags.seconds); round += 1) {
    await sleep(Math.max(0, startedAt + round * scrapeSeconds * 1000 - performance.now()))
    const before = mainThreadMilliseconds(yiwang.pid)
    const seen = await scrape()
    samples.push({
      ...seen,
      busyMilliseconds: mainThreadMilliseconds(yiwang.pid) - before,
      at: (performance.now() - startedAt) / 1000,
      cpuSeconds: cpuSeconds(yiwang.pid),
      residentMegabytes: residentMegabytes(yiwang.pid).now,
      complaints: yiwang.complaints.length,
    })
  }
  return samples
}

const rounded = (value: number, digits = 1): number => Number(value.toFixed(digits))

/** What the agent itself says that it left out, in the last of its warnings. */
/** What the agent last said that it left out, since it started. */
const lossesIn = (complaints: readonly string[]): unknown => {
  const told = complaints.findLast((line) => line.includes('"counted since the agent started"'))
  return told === undefined ? 'none' : JSON.parse(told)
}

const summarise = (samples: readonly Sample[], yiwang: Speaker) => {
  const [first, ...rest] = samples.filter(({ at }) => at >= Number(flags['warm-up']))
  const last = rest.at(-1)
  if (first === undefined || last === undefined) throw new Error('expected more --seconds than --warm-up')
  const seconds = last.at - first.at
  const observations = 'yiwang_collector_observations_total'
  const scrapes = rest.map(({ milliseconds }) => milliseconds)
  const busy = rest.map(({ busyMilliseconds }) => busyMilliseconds)
  return {
    seconds: rounded(seconds),
    cpuPercent: rounded(((last.cpuSeconds - first.cpuSeconds) / seconds) * 100, 2),
    residentMegabytes: rounded(Math.max(...rest.map((sample) => sample.residentMegabytes))),
    peakMegabytes: rounded(residentMegabytes(yiwang.pid).peak),
    metricsMilliseconds: {
      p50: rounded(percentile(scrapes, 50)),
      p99: rounded(percentile(scrapes, 99)),
      max: rounded(Math.max(...scrapes)),
      busyP50: rounded(percentile(busy, 50)),
      busyMax: rounded(Math.max(...busy)),
    },
    series: last.text.split('\n').filter(isSample).length,
    observationsPerMinute: rounded(
      ((valueOf(last.text, observations) - valueOf(first.text, observations)) / seconds) * 60,
    ),
    expectedPerMinute: scale.perMinute,
    notUp: last.text.split('\n').filter((line) => /^yiwang_probe_up\{.*\} 0$/u.test(line)).length,
    unknown: last.text.split('\n').filter((line) => /^yiwang_probe_unknown\{.*\} 1$/u.test(line)).length,
    losses: lossesIn(yiwang.complaints.slice(first.complaints)),
    lossesWarmingUp: lossesIn(yiwang.complaints.slice(0, first.complaints)),
    eventLoopDelayMilliseconds: {
      p50: rounded(valueOf(last.text, 'nodejs_eventloop_lag_p50_seconds') * 1000),
      p99: rounded(valueOf(last.text, 'nodejs_eventloop_lag_p99_seconds') * 1000),
      max: rounded(valueOf(last.text, 'nodejs_eventloop_lag_max_seconds') * 1000),
    },
    load: load(),
    overTime: samples.map((sample) => ({
      at: rounded(sample.at, 0),
      metricsMilliseconds: rounded(sample.milliseconds),
      busyMilliseconds: rounded(sample.busyMilliseconds),
      residentMegabytes: rounded(sample.residentMegabytes),
    })),
  }
}

const verdict = (value: number, limit?: number): string =>
  limit === undefined
    ? String(value)
    : `${String(value)} (target < ${String(limit)}: ${value < limit ? 'met' : 'MISSED'})`

const table = (figures: ReturnType<typeof summarise>): string =>
  [
    ['CPU, % of one core', verdict(figures.cpuPercent, targets.cpuPercent)],
    ['resident, MB', verdict(figures.residentMegabytes, targets.residentMegabytes)],
    ['/metrics p50, ms', verdict(figures.metricsMilliseconds.p50, targets.metricsMilliseconds)],
    ['/metrics max, ms', String(figures.metricsMilliseconds.max)],
    [
      '  of it on the CPU, ms',
      `${String(figures.metricsMilliseconds.busyP50)} (max ${String(figures.metricsMilliseconds.busyMax)})`,
    ],
    [
      'event loop delay p99, ms',
      verdict(figures.eventLoopDelayMilliseconds.p99, targets.loopDelayP99Milliseconds),
    ],
    ['event loop delay max, ms', String(figures.eventLoopDelayMilliseconds.max)],
    ['left out by the agent', JSON.stringify(figures.losses)],
    ['  while it warmed up', JSON.stringify(figures.lossesWarmingUp)],
    ['series', String(figures.series)],
    [
      'observations a minute',
      `${String(figures.observationsPerMinute)} (planned ${String(figures.expectedPerMinute)})`,
    ],
    ['down, unknown', `${String(figures.notUp)}, ${String(figures.unknown)}`],
    ['load of the machine', figures.load],
  ]
    .map(([name = '', value = '']) => `  ${name.padEnd(26)}${value}`)
    .join('\n')

const folder = await mkdtemp(path.join(os.tmpdir(), 'yiwang-bench-'))
await using cleanup = new AsyncDisposableStack()
cleanup.defer(() => rm(folder, { recursive: true, force: true }))
const web = cleanup.use(await serve('web-servers.ts', size.systems))
const snmp = cleanup.use(await serve('snmp-devices.ts', size.devices, size.interfaces))
await makeData(folder, { https: portOf(web), snmp: portOf(snmp) })
const env = flags['node-options'] === '' ? {} : { NODE_OPTIONS: flags['node-options'] }
const yiwang = cleanup.use(await start(flags.launcher, ['run', '--data', folder], env))
const url = /http:\S+\d/u.exec(yiwang.firstLine)?.[0] ?? ''
const figures = summarise(await watch(yiwang, url), yiwang)
console.log(JSON.stringify(figures))
if (!flags.json) console.log(table(figures))
