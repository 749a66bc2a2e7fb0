import { z } from 'zod'
import type { Metric } from '../src/core/metric.ts'
import { down, up } from '../src/core/outcome.ts'
import { defineProbe } from '../src/core/probe.ts'
import { connect } from './net/connect.ts'
import { type TlsFacts as Handshake, secure } from './net/secure.ts'
import { common, family, port } from './net/spec.ts'

export interface TlsFacts extends Handshake {
  readonly remoteAddress: string
  readonly resolveSeconds: number
  readonly connectSeconds: number
  /** The first `validTo` of the chain that will pass: ISO 8601. */
  readonly earliestExpiry?: string
}

const epochSeconds = (iso: string | undefined): number | undefined =>
  iso === undefined ? undefined : Date.parse(iso) / 1000

const earliestExpiry = ({ chain }: Handshake): string | undefined =>
  chain
    .map(({ validTo }) => validTo)
    .filter((validTo) => validTo !== undefined)
    .toSorted((a, b) => Date.parse(a) - Date.parse(b))[0]

const version = (protocol: string | undefined): number | undefined => {
  const digits = /^TLSv(\d(?:\.\d)?)$/u.exec(protocol ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}

const metrics: readonly Metric<TlsFacts>[] = [
  {
    name: 'yiwang_tls_connect_seconds',
    help: 'Time of the TCP handshake before TLS',
    type: 'gauge',
    unit: 'seconds',
    read: (facts) => facts.connectSeconds,
  },
  {
    name: 'yiwang_tls_handshake_seconds',
    help: 'Time of the TLS handshake',
    type: 'gauge',
    unit: 'seconds',
    read: (facts) => facts.handshakeSeconds,
  },
  {
    name: 'yiwang_tls_certificate_not_after_timestamp_seconds',
    help: 'When the server certificate expires',
    type: 'gauge',
    unit: 'seconds',
    read: (facts) => epochSeconds(facts.chain?.[0]?.validTo),
  },
  {
    name: 'yiwang_tls_chain_earliest_not_after_timestamp_seconds',
    help: 'When the first certificate of the chain expires',
    type: 'gauge',
    unit: 'seconds',
    read: (facts) => epochSeconds(facts.earliestExpiry),
  },
  {
    name: 'yiwang_tls_trusted',
    help: 'Whether the certificate is in date, for this name, and issued by an authority that the agent trusts',
    type: 'gauge',
    read: (facts) => (facts.authorized === undefined ? undefined : Number(facts.authorized)),
  },
  {
    name: 'yiwang_tls_version',
    help: 'Version of TLS that was negotiated: 1.2, 1.3',
    type: 'gauge',
    read: (facts) => version(facts.protocol),
  },
]

/** TLS handshake (RFC 8446, RFC 5246 and older): up once it is complete, whatever the certificate. */
export const tls = defineProbe({
  kind: 'tls',
  summary: 'completes a TLS handshake and reports protocol, cipher and certificates',
  example: 'www.example.com --port 443',
  spec: z.strictObject({
    ...common,
    port: port.default(443).describe('TCP port'),
    family,
    serverName: z
      .string()
      .min(1)
      .max(253)
      .optional()
      .describe('name to ask for (SNI) and to compare with the certificate (default: the address)'),
    alpn: z
      .array(z.string().min(1).max(64))
      .max(8)
      .default([])
      .describe('application protocols to offer (ALPN), such as h2'),
    requireTrusted: z
      .boolean()
      .default(false)
      .describe('down where the certificate is not trusted, expired or for another name'),
  }),
  metrics,
  run: async (spec, { signal }) => {
    const { socket: transport, ...connected } = await connect(spec, signal)
    try {
      const { facts: handshake } = await secure(
        transport,
        { serverName: spec.serverName ?? spec.address, alpn: spec.alpn },
        signal,
      )
      const expiry = earliestExpiry(handshake)
      const facts = { ...connected, ...handshake, ...(expiry !== undefined && { earliestExpiry: expiry }) }
      return spec.requireTrusted && !facts.authorized
        ? down<TlsFacts>(
            'assertion',
            `expected a trusted certificate, got ${String(facts.authorizationError)}`,
            facts,
          )
        : up<TlsFacts>(facts)
    } finally {
      transport.destroy()
    }
  },
})
