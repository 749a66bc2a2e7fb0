import type { Worker } from 'node:worker_threads'
import { icmp } from '../../probes/icmp/index.ts'
import type { Measurement } from '../../src/core/probe.ts'
import { probeContext } from '../support/context.ts'
import { sweepWith } from '../support/sweep.ts'

/** Run as a process of its own: sweeps many targets, prints what it found and how many threads it took, ends. */

export interface BurstOrder {
  /** `count` addresses that begin so: `10.97.` or `fd97:`. */
  readonly targets: readonly { readonly prefix: string; readonly count: number }[]
  readonly options?: object
  /** One after the other. */
  readonly sweeps?: number
  /** What happens after so many results of the sweep with index `disturbed`. */
  readonly disturbed?: number
  readonly endThreadAfter?: number
  readonly cancelAfter?: number
  readonly standStillAfter?: number
  readonly exitAfter?: number
}

export interface BurstResult {
  readonly threads: number
  /** For each sweep: how many targets of each prefix came to each end. */
  readonly ends: readonly Readonly<Record<string, Readonly<Record<string, number>>>>[]
  readonly rttSeconds: { readonly min: number; readonly median: number }
  readonly duplicates: number
}

const order = JSON.parse(process.argv[2] ?? '{}') as BurstOrder

const addressAt = (prefix: string, index: number): string =>
  prefix.includes(':') ? `${prefix}:${(index + 2).toString(16)}` : `${prefix}.${index >> 8}.${index & 255}`

const jobs = order.targets.flatMap(({ prefix, count }) =>
  Array.from({ length: count }, (_, index) => ({
    id: `${prefix} ${index}`,
    spec: { address: addressAt(prefix, index), count: 1, packetsPerSecond: 1_000_000, ...order.options },
  })),
)

const threads: Worker[] = []
process.on('worker', (worker) => {
  threads.push(worker)
})

const controller = new AbortController()
const disturb = (results: number): void => {
  if (results === order.cancelAfter) controller.abort()
  if (results === order.exitAfter) process.exit()
  if (results === order.standStillAfter) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
  if (results === order.endThreadAfter) for (const thread of threads) void thread.terminate()
}

const sweepOnce = async (): Promise<readonly (readonly [string, Measurement])[]> => {
  const results: (readonly [string, Measurement])[] = []
  const isDisturbed = ends.length === (order.disturbed ?? 0)
  const context = probeContext(isDisturbed ? { signal: controller.signal } : {})
  for await (const result of sweepWith(icmp, jobs, context)) {
    results.push(result)
    if (isDisturbed) disturb(results.length)
  }
  return results
}

const endOf = ({ status, cause, detail, facts }: Measurement): string =>
  status === 'up' ? `up ${String(facts['received'])}` : `${status} ${String(cause)} ${String(detail)}`

const tally = (results: readonly (readonly [string, Measurement])[]): BurstResult['ends'][number] => {
  const found: Record<string, Record<string, number>> = {}
  for (const [id, measurement] of new Map(results)) {
    const byEnd = (found[id.split(' ')[0]!] ??= {})
    const end = endOf(measurement)
    byEnd[end] = (byEnd[end] ?? 0) + 1
  }
  return found
}

const ends: BurstResult['ends'][number][] = []
const rtts: number[] = []
let duplicates = 0
while (ends.length < (order.sweeps ?? 1)) {
  const results = await sweepOnce()
  if (results.length !== jobs.length)
    throw new Error(`expected ${jobs.length} results, got ${results.length}`)
  for (const [, { facts }] of results) {
    duplicates += Number(facts['duplicates'] ?? 0)
    if (facts['rttMinSeconds'] !== undefined) rtts.push(facts['rttMinSeconds'] as number)
  }
  ends.push(tally(results))
}
rtts.sort((left, right) => left - right)
const result: BurstResult = {
  threads: threads.length,
  ends,
  rttSeconds: { min: rtts[0]!, median: rtts[rtts.length >> 1]! },
  duplicates,
}
process.stdout.write(JSON.stringify(result))
