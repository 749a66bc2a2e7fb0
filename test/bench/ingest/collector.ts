import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { agentKey, batchOf, job, observation } from '../../collector/support.ts'
import { type Speaker, start } from '../process.ts'
import type { Push } from './load.ts'

export const nodes = 41_000

/** How an agent packs its batches; default: as `httpUplink` does. */
export type Packing = { readonly gzipLevel: number } | 'none'
const usual: Packing = { gzipLevel: 1 }

export interface Peer extends AsyncDisposable {
  readonly pid: number
  readonly url: string
}

/** A collector process with 41,000 nodes, each with a job. */
export const startCollector = async (folder: string): Promise<Peer> => {
  const script = path.join(import.meta.dirname, '../../collector/child.ts')
  const child: Speaker = await start(process.execPath, [
    script,
    path.join(folder, 'history.sqlite'),
    String(nodes),
  ])
  return { pid: child.pid, url: child.firstLine, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() }
}

/** What an ICMP look with three packets says; no two alike, as is so of real ones. */
const factsOf = (at: number) => ({
  ...{ method: 'raw', sent: 3, received: 3, lossRatio: 0 },
  rttMinSeconds: 0.001 + (at % 997) / 1e6,
  rttAvgSeconds: 0.002 + (at % 991) / 1e6,
  rttMaxSeconds: 0.003 + (at % 983) / 1e6,
  jitterSeconds: 0.0004 + (at % 977) / 1e7,
})

export interface Batches {
  /** The next ones of the stream: the nodes in turn, a minute later each time round. */
  readonly take: (count: number, packing?: Packing) => readonly Push[]
  /** Milliseconds of CPU that packing a batch took the sender. */
  readonly packingMilliseconds: () => number
}

const packed = (text: string, packing: Packing): Buffer =>
  packing === 'none' ? Buffer.from(text) : gzipSync(text, { level: packing.gzipLevel })

/** One agent's stream of batches of so many observations; what is older than its interval is stored, and shown no more. */
export const batchesTo = (url: string, perBatch: number, begun = Date.now() - 6 * 3_600_000): Batches => {
  const stream = randomUUID()
  let given = 0
  let spent = { milliseconds: 0, batches: 0 }
  const observationAt = (at: number) =>
    observation(job(`n${String(at % nodes)}`), {
      observedAt: begun + Math.floor(at / nodes) * 60_000 + (at % 60_000),
      seconds: 0.003 + (at % 983) / 1e6,
      facts: factsOf(at),
    })
  const next = (packing: Packing): Push => {
    const first = given
    given += perBatch
    const observations = Array.from({ length: perBatch }, (_, at) => observationAt(first + at))
    const text = JSON.stringify(batchOf(observations, { stream, firstSequence: first + 1 }))
    const startedAt = performance.now()
    const body = packed(text, packing)
    spent = { milliseconds: spent.milliseconds + performance.now() - startedAt, batches: spent.batches + 1 }
    const encoding = packing === 'none' ? {} : { 'content-encoding': 'gzip' }
    const headers = { authorization: `Bearer a.${agentKey}`, 'yiwang-protocol': '1', ...encoding }
    return { method: 'POST', url: new URL('/v1/batches', url), headers, body }
  }
  return {
    take: (count, packing = usual) => Array.from({ length: count }, () => next(packing)),
    packingMilliseconds: () => spent.milliseconds / spent.batches,
  }
}

/** What a scrape shows. */
export const scrape = async (url: string): Promise<string> => (await fetch(new URL('/metrics', url))).text()

/** How many series `/metrics` has of one ICMP look: those of its probe, and none of its target's. */
export const seriesOf = (exposition: string, target: string): number =>
  exposition.split('\n').filter((line) => line.includes(`target="${target}"`) && line.includes('kind="icmp"'))
    .length
