import { z } from 'zod'
import type { Metric } from '../../src/core/metric.ts'
import { type Outcome, down, up } from '../../src/core/outcome.ts'
import { defineProbe } from '../../src/core/probe.ts'
import { resolve } from '../net/resolve.ts'
import { common, family, port } from '../net/spec.ts'
import { type Asked, ask, refusalOf } from './ask.ts'
import { type Leap, codeOf, referenceOf } from './packet.ts'
import { type Exchange, best, sampleOf } from './sample.ts'
import { unixMsOf } from './time.ts'

export interface NtpFacts {
  readonly remoteAddress: string
  readonly version: number
  /** Warning of a leap second at the end of the day; `unsynchronised` is the server's word about itself. */
  readonly leap: Leap
  /** 1 to 15; 16 for a server that has no time to give (sent as 0). */
  readonly stratum: number
  /** Stratum 1 to 15, and no alarm in `leap`. */
  readonly synchronised: boolean
  /** `GPS`, or the address of the server's own server. */
  readonly referenceId: string
  /** What a server of stratum 0 says of itself: `INIT`, `STEP`, `RATE`, `DENY` … (RFC 5905 §7.4). */
  readonly kissCode?: string
  /** When the server's clock was last set or corrected. */
  readonly referenceTime?: string
  readonly precisionSeconds: number
  readonly rootDelaySeconds: number
  readonly rootDispersionSeconds: number
  /** The server's clock minus the agent's, of the answer that was least delayed. Good to about a millisecond. */
  readonly offsetSeconds?: number
  /** Round trip without the time that the server held the request. */
  readonly delaySeconds?: number
  readonly requests: number
  readonly answers: number
}

const spec = z.strictObject({
  ...common,
  port: port.default(123).describe('UDP port'),
  family,
  samples: z.int().min(1).max(4).default(1).describe('answers to wait for; the least delayed one counts'),
})

const metrics: readonly Metric<NtpFacts>[] = [
  {
    name: 'yiwang_ntp_offset_seconds',
    help: 'Clock of the server minus that of the agent',
    type: 'gauge',
    unit: 'seconds',
    read: (facts) => facts.offsetSeconds,
  },
  {
    name: 'yiwang_ntp_delay_seconds',
    help: 'Round trip of the answer whose offset is shown',
    type: 'gauge',
    unit: 'seconds',
    read: (facts) => facts.delaySeconds,
  },
  {
    name: 'yiwang_ntp_stratum',
    help: 'Stratum of the server, 16 where it is not synchronised',
    type: 'gauge',
    read: (facts) => facts.stratum,
  },
  {
    name: 'yiwang_ntp_root_dispersion_seconds',
    help: 'Largest error that the server allows itself against its reference clock',
    type: 'gauge',
    unit: 'seconds',
    read: (facts) => facts.rootDispersionSeconds,
  },
  {
    name: 'yiwang_ntp_synchronised',
    help: '1 where the server says that its time is synchronised',
    type: 'gauge',
    read: ({ synchronised }) => (synchronised === undefined ? undefined : Number(synchronised)),
  },
]

const unsynchronisedStratum = 16

const timesOf = (exchange: Exchange): Pick<NtpFacts, 'offsetSeconds' | 'delaySeconds' | 'referenceTime'> => {
  const { reply, arrivedAt } = exchange
  return {
    ...sampleOf(exchange),
    ...(reply.reference !== 0n && {
      referenceTime: new Date(unixMsOf(reply.reference, arrivedAt)).toISOString(),
    }),
  }
}

const factsOf = (remoteAddress: string, exchange: Exchange, { sent, exchanges }: Asked): NtpFacts => {
  const { reply } = exchange
  const { version, leap, precisionSeconds, rootDelaySeconds, rootDispersionSeconds } = reply
  const stratum = reply.stratum === 0 ? unsynchronisedStratum : Math.min(reply.stratum, unsynchronisedStratum)
  const kissCode = reply.stratum === 0 ? codeOf(reply.referenceId) : undefined
  return {
    remoteAddress,
    version,
    leap,
    stratum,
    synchronised: leap !== 'unsynchronised' && stratum < unsynchronisedStratum,
    referenceId: referenceOf(reply),
    ...(kissCode !== undefined && { kissCode }),
    ...timesOf(exchange),
    precisionSeconds,
    rootDelaySeconds,
    rootDispersionSeconds,
    requests: sent,
    answers: exchanges.length,
  }
}

const judge = (remoteAddress: string, asked: Asked): Outcome<NtpFacts> => {
  const served = best(asked.exchanges.filter((exchange) => refusalOf(exchange) === undefined))
  if (served !== undefined) return up(factsOf(remoteAddress, served, asked))
  const [refusal] = asked.exchanges
  if (refusal === undefined)
    return down('protocol', 'expected an NTP answer to our request, got only something else')
  // No time comes with a refusal: what else the packet says is not meant.
  const kissCode = refusalOf(refusal) ?? ''
  const facts = { remoteAddress, kissCode, requests: asked.sent, answers: asked.exchanges.length }
  return down('refused', `the server refuses to serve us: kiss-o'-death ${kissCode}`, facts)
}

/** SNTP client (RFC 5905 §14): what time the server has, and what it says about itself. */
export const ntp = defineProbe({
  kind: 'ntp',
  summary: 'asks an NTP server for the time and compares it with the agent’s clock',
  example: '192.0.2.123 --samples 4',
  spec,
  metrics,
  intervalSeconds: 300,
  run: async (options, { signal, now }) => {
    const server = { ...(await resolve(options.address, options.family, signal)), port: options.port }
    const patience = { signal, againSeconds: options.timeoutSeconds / (options.samples + 1) }
    return judge(server.address, await ask(server, options.samples, patience, now))
  },
})
