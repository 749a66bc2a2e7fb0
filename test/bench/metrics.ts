import { spawn } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import path from 'node:path'
import readline from 'node:readline'
import { parseArgs } from 'node:util'
import type { Usage } from './metrics-orders.ts'
import { load, median } from './process.ts'

/**
 * Scrapes over HTTP, each server a process of its own: a collector of a nation's townships, of a city, and of as many
 * targets as make 410,000 series, that in turn with prom-client which holds the very same series. Between two scrapes a
 * quarter of the targets is observed anew (`all`: every one), as at 15 s to an interval of 60 s. CPU is the server's,
 * all threads; ratios are prom-client : ours. `--json` prints one JSON document,
 * `--only` runs `city`, `nation` or `prom-client`.
 */
const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '6' },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(flags.rounds)

interface Server extends AsyncDisposable {
  readonly url: string
  readonly order: (words: string) => Promise<unknown>
}

const startServer = async (script: string, ...args: readonly (string | number)[]): Promise<Server> => {
  const file = path.join(import.meta.dirname, script)
  const child = spawn(process.execPath, [file, ...args.map(String)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<string> => ((await lines.next()) as { value: string }).value
  return {
    url: await next(),
    order: async (words) => {
      child.stdin.write(`${words}\n`)
      return JSON.parse(await next()) as unknown
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

interface Scrape extends Usage {
  readonly wallMs: number
  readonly bytes: number
}

const get = async (url: string, headers: http.OutgoingHttpHeaders): Promise<number> => {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
  http.get(`${url}/metrics`, { headers, agent: false }, resolve).on('error', reject)
  let bytes = 0
  for await (const chunk of (await promise) as AsyncIterable<Buffer>) bytes += chunk.length
  return bytes
}

const scrape = async (server: Server, headers: http.OutgoingHttpHeaders = {}): Promise<Scrape> => {
  await server.order('start')
  const startedAt = performance.now()
  const bytes = await get(server.url, headers)
  const wallMs = performance.now() - startedAt
  return { ...((await server.order('stop')) as Usage), wallMs, bytes }
}

/** Milliseconds of CPU that the longest turn of the server's event loop took while it was scraped. */
const longestTurn = async (server: Server, headers: http.OutgoingHttpHeaders = {}): Promise<number> => {
  await server.order('turn')
  await get(server.url, headers)
  return (await server.order('longest')) as number
}

const packed = { 'accept-encoding': 'gzip' }
const rounded = (value: number): number => Number(value.toPrecision(3))

interface Row {
  readonly name: string
  readonly [column: string]: string | number
}

const rowOf = (name: string, scrapes: readonly Scrape[]): Row => {
  const of = (key: keyof Scrape): readonly number[] => scrapes.map((each) => each[key])
  return {
    name,
    'wall ms': rounded(median(of('wallMs'))),
    'cpu ms': rounded(median(of('cpuSeconds')) * 1000),
    'loop delay max ms': rounded(Math.max(...of('delayMaxMs'))),
    'loop delay p99 ms': rounded(median(of('delay99Ms'))),
    MB: rounded(scrapes.at(-1)?.residentMegabytes ?? NaN),
    'peak MB': rounded(scrapes.at(-1)?.peakMegabytes ?? NaN),
    'sent MB': rounded((scrapes.at(-1)?.bytes ?? NaN) / 1e6),
  }
}

/** Scrapes after a part of the targets was observed anew. */
const repeated = async (
  name: string,
  server: Server,
  parts: number,
  headers: http.OutgoingHttpHeaders = {},
): Promise<Row> => {
  const [scrapes, turns]: [Scrape[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    await server.order(`observe ${round % parts} ${parts}`)
    scrapes.push(await scrape(server, headers))
    await server.order(`observe ${round % parts} ${parts}`)
    turns.push(await longestTurn(server, headers))
  }
  return { ...rowOf(name, scrapes), 'longest turn cpu ms': rounded(Math.max(...turns)) }
}

const place = async (name: string, ...size: readonly number[]): Promise<readonly Row[]> => {
  await using server = await startServer('metrics-collector.ts', ...size)
  const targets = (await server.order('observe 0 1')) as number
  const first = rowOf(`${name}, the first time`, [await scrape(server)])
  const quarter = await repeated(`${name}, a quarter new`, server, 4)
  const quarterPacked = await repeated(`${name}, a quarter new, gzip`, server, 4, packed)
  const all = await repeated(`${name}, all new`, server, 1)
  const allPacked = await repeated(`${name}, all new, gzip`, server, 1, packed)
  const perProbe = rounded((Number(all['cpu ms']) * 1000) / targets)
  return [first, quarter, quarterPacked, { ...all, 'cpu µs a probe': perProbe }, allPacked]
}

const besidePromClient = async (nodes: number): Promise<readonly Row[]> => {
  await using server = await startServer('metrics-collector.ts', nodes)
  await server.order('observe 0 1')
  await using theirs = await startServer('metrics-prom-client.ts', `${server.url}/metrics`)
  const series = Number(await theirs.order('series')).toLocaleString('en')
  const [ours, others]: [Scrape[], Scrape[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    await server.order(`observe ${round % 4} 4`)
    ours.push(await scrape(server))
    others.push(await scrape(theirs))
  }
  const [own, other] = [
    rowOf(`${series} series, a quarter new`, ours),
    rowOf(`${series} series, prom-client`, others),
  ]
  const ratio = (column: string): number => rounded(Number(other[column]) / Number(own[column]))
  return [{ ...own, 'wall ratio': ratio('wall ms'), 'cpu ratio': ratio('cpu ms') }, other]
}

const parts: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  city: () => place('city', 1700, 300, 150),
  nation: () => place('nation', 41_000),
  'prom-client': () => besidePromClient(29_300),
}
const rows: Row[] = []
for (const [name, run] of Object.entries(parts))
  if (['', name].includes(flags.only)) rows.push(...(await run()))
console.log(
  flags.json
    ? JSON.stringify(rows)
    : `load ${load()}, ${rounds} rounds\n${rows.map((row) => JSON.stringify(row)).join('\n')}`,
)
