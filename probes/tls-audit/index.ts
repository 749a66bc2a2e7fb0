import { isIP } from 'node:net'
import { z } from 'zod'
import { type Outcome, down, up } from '../../src/core/outcome.ts'
import { defineProbe } from '../../src/core/probe.ts'
import { serverNameOf } from '../net/server-name.ts'
import { common, family, port } from '../net/spec.ts'
import { audit } from './audit.ts'
import { type Account, examinerOf } from './examiner.ts'
import { type TlsAuditFacts, factsOf } from './facts.ts'
import { metrics } from './metrics.ts'

const spec = z.strictObject({
  ...common,
  timeoutSeconds: z.number().positive().max(120).default(60).describe('deadline of the run, in seconds'),
  port: port.default(443).describe('TCP port'),
  family,
  serverName: z
    .string()
    .regex(/^[\x21-\x7e]{1,253}$/u, 'expected a name of ASCII characters')
    .optional()
    .describe('name to ask for (SNI) and to compare with the certificate (default: the address)'),
  maxConnections: z.int().min(8).max(400).default(100).describe('connections that one audit may open'),
  answerTimeoutSeconds: z
    .number()
    .positive()
    .max(30)
    .default(3)
    .describe('how long each connection waits for its answer, in seconds'),
  pauseSeconds: z.number().min(0).max(5).default(0.05).describe('pause between connections, in seconds'),
})

type TlsAuditSpec = z.output<typeof spec>

/** Nothing that was said is TLS: why, by what most likely hides the rest. */
const unexamined = (
  { replies, error, connections }: Account,
  { answerTimeoutSeconds }: TlsAuditSpec,
): Outcome<TlsAuditFacts> => {
  if (replies.foreign !== undefined) return down('protocol', 'expected TLS or TLCP, got something else')
  if (replies.closed !== undefined)
    return down('refused', `expected TLS or TLCP, the server hung up on ${connections} hellos`)
  if (error instanceof Error && error.name !== 'TimeoutError') throw error
  return down('timeout', `no answer within ${answerTimeoutSeconds} s to any of ${connections} hellos`)
}

/**
 * Which versions and weak ciphers of SSL, TLS (RFC 6101 to 8446, 8998) and TLCP (GB/T 38636-2020) a server takes,
 * and its certificates, by hellos of our own. Up: it answered one of them, whatever it takes.
 */
export const tlsAudit = defineProbe({
  kind: 'tls-audit',
  summary:
    'finds out which versions and weak ciphers of SSL, TLS and TLCP a server accepts, and how complete its chain is',
  example: 'www.example.com --port 443',
  spec,
  metrics,
  intervalSeconds: 86_400,
  run: async (options, { signal }) => {
    signal.throwIfAborted()
    const examiner = examinerOf(options, signal)
    const expected = serverNameOf(options.serverName ?? options.address)
    const serverName = isIP(expected) === 0 ? expected : undefined
    const findings = await audit(examiner, { serverName, expected })
    const account = examiner.account()
    return account.replies.answered === undefined
      ? unexamined(account, options)
      : up(factsOf(findings, account, options.address))
  },
})
