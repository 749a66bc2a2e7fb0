import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import path from 'node:path'
import readline from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { agentKey, batchOf, job, observation, temporaryFolder } from '../collector/support.ts'
import { parseExposition } from '../metrics/parse.ts'

/**
 * Prints how a collector process with 41,000 nodes takes batches of 100 observations at growing rates:
 * latency from sending to acknowledged (on disk), its CPU, and how long its event loop stood still.
 */

const nodes = 41_000
const perBatch = 100
const secondsARate = 5
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })

const request = async (
  url: URL,
  method: string,
  headers: Record<string, string>,
  body?: Buffer,
): Promise<string> => {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
  http.request(url, { method, headers, agent }, resolve).on('error', reject).end(body)
  const response = await promise
  const chunks = (await response.toArray()) as Buffer[]
  const text = Buffer.concat(chunks).toString('utf8')
  if (response.statusCode !== 200) throw new Error(`${String(response.statusCode)} ${text.slice(0, 200)}`)
  return text
}

const zip = promisify<Buffer, Buffer>(gzip)

const batchAt = (stream: string, sequence: number): Promise<Buffer> =>
  zip(
    Buffer.from(
      JSON.stringify(
        batchOf(
          Array.from({ length: perBatch }, (_, at) =>
            observation(job(`n${String((sequence + at) % nodes)}`), {
              observedAt: Date.now(),
              facts: {
                ...{ method: 'raw', sent: 3, received: 3, lossRatio: 0 },
                ...{
                  rttMinSeconds: 0.001,
                  rttAvgSeconds: 0.002,
                  rttMaxSeconds: 0.003,
                  jitterSeconds: 0.0004,
                },
              },
            }),
          ),
          { stream, firstSequence: sequence },
        ),
      ),
    ),
  )

const processFigures = async (url: string): Promise<(name: string, labels?: string) => number> => {
  const samples = parseExposition(await request(new URL('/metrics', url), 'GET', {}), 'text').flatMap(
    (family) => family.samples,
  )
  return (name) => samples.find((sample) => sample.name === name)?.value ?? NaN
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN

const measure = async (url: string, batchesPerSecond: number): Promise<void> => {
  const stream = randomUUID()
  const headers = {
    authorization: `Bearer a.${agentKey}`,
    'yiwang-protocol': '1',
    'content-encoding': 'gzip',
  }
  const before = await processFigures(url)
  const latencies: number[] = []
  const sent: Promise<void>[] = []
  const startedAt = performance.now()
  const total = batchesPerSecond * secondsARate
  for (let at = 0; at < total; at += 1) {
    const body = await batchAt(stream, at * perBatch + 1)
    const wait = startedAt + (at * 1000) / batchesPerSecond - performance.now()
    if (wait > 1) await setTimeout(wait)
    const sentAt = performance.now()
    sent.push(
      request(new URL('/v1/batches', url), 'POST', headers, body).then(
        () => void latencies.push(performance.now() - sentAt),
      ),
    )
  }
  await Promise.all(sent)
  const seconds = (performance.now() - startedAt) / 1000
  const after = await processFigures(url)
  const grown = (name: string): number => after(name) - before(name)
  const sorted = latencies.toSorted((a, b) => a - b)
  const stored = grown('yiwang_collector_observations_total')
  console.log(
    [
      `${String(batchesPerSecond)} batches/s wanted, ${(total / seconds).toFixed(0)} had, ${stored.toFixed(0)} stored:`,
      `p50 ${quantile(sorted, 0.5).toFixed(1)} ms, p99 ${quantile(sorted, 0.99).toFixed(1)} ms,`,
      `max ${quantile(sorted, 1).toFixed(1)} ms;`,
      `CPU ${((grown('process_cpu_seconds_total') / seconds) * 100).toFixed(0)} %,`,
      `${(grown('yiwang_collector_commits_total') / seconds).toFixed(0)} commits/s`,
      `of ${((grown('yiwang_collector_commit_seconds_total') / grown('yiwang_collector_commits_total')) * 1000).toFixed(1)} ms,`,
      `event loop p99 ${(after('nodejs_eventloop_lag_p99_seconds') * 1000).toFixed(0)} ms,`,
      `${(after('process_resident_memory_bytes') / 1e6).toFixed(0)} MB`,
    ].join(' '),
  )
}

using folder = temporaryFolder()
const script = path.join(import.meta.dirname, '../collector/child.ts')
const child = spawn(process.execPath, [script, path.join(folder.path, 'history.sqlite'), String(nodes)], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const [url] = (await once(readline.createInterface({ input: child.stdout }), 'line')) as [string]
await processFigures(url)
for (const rate of [7, 20, 50, 100]) await measure(url, rate)
child.kill('SIGTERM')
await once(child, 'exit')
agent.destroy()
