import { z } from 'zod'
import type { Metric } from '../../src/core/metric.ts'
import { type Outcome, down, up } from '../../src/core/outcome.ts'
import { defineProbe } from '../../src/core/probe.ts'
import { resolve } from '../net/resolve.ts'
import { common, family, port } from '../net/spec.ts'
import { type Patience, type Server, askTcp, askUdp } from './ask.ts'
import {
  type DnsAnswer,
  type Query,
  type Reply,
  isEncodable,
  queryFor,
  rcodeName,
  rcodeNumber,
  rcodes,
  types,
} from './message.ts'
import { comparable } from './presentation.ts'

export interface DnsFacts {
  readonly remoteAddress: string
  /** Over which the answer came. */
  readonly transport: 'udp' | 'tcp'
  /** `NOERROR`, `NXDOMAIN` … */
  readonly rcode: string
  /** At most fifty. */
  readonly answers: readonly DnsAnswer[]
  readonly answerCount: number
  readonly authoritative: boolean
  readonly authenticatedData: boolean
  /** The answer over UDP was cut, and asked for again over TCP. */
  readonly truncated: boolean
  readonly lookupSeconds: number
}

const maxAnswers = 50

const spec = z.strictObject({
  ...common,
  port: port.default(53).describe('UDP or TCP port of the server'),
  family,
  name: z
    .string()
    .regex(
      /^(?:\.|(?:[^\s.\\"]{1,63}\.){0,126}[^\s.\\"]{1,63}\.?)$/u,
      'expected a name of labels of at most 63 characters',
    )
    .max(253)
    .refine(isEncodable, 'expected a name that DNS can carry')
    .describe('name to ask for'),
  type: z.enum(types).default('A').describe('type of record to ask for'),
  transport: z.enum(['udp', 'tcp']).default('udp').describe('udp (TCP where the answer is cut), or tcp'),
  recursion: z.boolean().default(true).describe('whether to ask the server to ask others'),
  expect: z
    .array(z.string().min(1).max(500))
    .max(50)
    .default([])
    .describe('answers that must be among those of the asked type, as dig prints them'),
  expectRcode: z.enum(rcodes).default('NOERROR').describe('response code that counts as up'),
})
type DnsSpec = z.output<typeof spec>

const metrics: readonly Metric<DnsFacts>[] = [
  {
    name: 'yiwang_dns_lookup_seconds',
    help: 'Time from the query to its answer',
    type: 'gauge',
    unit: 'seconds',
    read: (facts) => facts.lookupSeconds,
  },
  {
    name: 'yiwang_dns_answers',
    help: 'Records in the answer',
    type: 'gauge',
    read: (facts) => facts.answerCount,
  },
  {
    name: 'yiwang_dns_rcode',
    help: 'Response code: 0 NOERROR, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED',
    type: 'gauge',
    read: ({ rcode }) => (rcode === undefined ? undefined : rcodeNumber(rcode)),
  },
]

interface Lookup {
  readonly reply: Reply
  readonly transport: 'udp' | 'tcp'
  readonly truncated: boolean
}

const look = async (
  transport: 'udp' | 'tcp',
  server: Server,
  query: Query,
  patience: Patience,
): Promise<Lookup | undefined> => {
  if (transport === 'udp') {
    const reply = await askUdp(server, query, patience)
    if (reply === undefined) return undefined
    if (!reply.truncated) return { reply, transport, truncated: false }
  }
  const reply = await askTcp(server, query, patience.signal)
  return { reply, transport: 'tcp', truncated: transport === 'udp' }
}

const factsOf = (
  { reply, transport, truncated }: Lookup,
  remoteAddress: string,
): Omit<DnsFacts, 'lookupSeconds'> => ({
  remoteAddress,
  transport,
  rcode: rcodeName(reply.rcode),
  answers: reply.answers.slice(0, maxAnswers),
  answerCount: reply.answers.length,
  authoritative: reply.authoritative,
  authenticatedData: reply.authenticatedData,
  truncated,
})

const judge = (
  { type, expect, expectRcode }: DnsSpec,
  { answers }: Reply,
  facts: DnsFacts,
): Outcome<DnsFacts> => {
  if (facts.rcode !== expectRcode)
    return down('assertion', `expected ${expectRcode}, got ${facts.rcode}`, facts)
  const got = answers.filter((answer) => answer.type === type).map(({ data }) => data)
  const known = new Set(got.map(comparable))
  const missing = expect.filter((data) => !known.has(comparable(data)))
  return missing.length === 0
    ? up(facts)
    : down('assertion', `expected ${missing.join(', ')}, got ${got.slice(0, 5).join(', ') || 'none'}`, facts)
}

/** One DNS query (RFC 1035) to one server: its code and answers judged. */
export const dns = defineProbe({
  kind: 'dns',
  summary: 'asks a DNS server for a name and judges the answer',
  example: '192.0.2.53 --name www.example.com --type A',
  spec,
  metrics,
  run: async (options, { signal }) => {
    const server = { ...(await resolve(options.address, options.family, signal)), port: options.port }
    const query = queryFor(options)
    const startedAt = performance.now()
    const again = AbortSignal.timeout(Math.ceil(options.timeoutSeconds * 500))
    const lookup = await look(options.transport, server, query, { signal, again })
    if (lookup === undefined)
      return down<DnsFacts>('protocol', 'expected an answer to the query, got only something else')
    const lookupSeconds = (performance.now() - startedAt) / 1000
    return judge(options, lookup.reply, { ...factsOf(lookup, server.address), lookupSeconds })
  },
})
