import type { Metric } from '../../src/core/metric.ts'
import type { Phases } from '../net/http/exchange.ts'
import type { HttpFacts } from './facts.ts'

/** Phase as the label of `yiwang_http_phase_seconds` says it. */
const phases = {
  resolve: 'resolveSeconds',
  connect: 'connectSeconds',
  tls: 'tlsSeconds',
  first_byte: 'firstByteSeconds',
  transfer: 'transferSeconds',
} as const satisfies Readonly<Record<string, keyof Phases>>

/** What the kind `http` shows in Prometheus. */
export const httpMetrics: readonly Metric<HttpFacts>[] = [
  {
    name: 'yiwang_http_status_code',
    help: 'Status code of the last response',
    type: 'gauge',
    read: (facts) => facts.status,
  },
  {
    name: 'yiwang_http_phase_seconds',
    help: 'Time by phase, summed over the redirects that were followed',
    type: 'gauge',
    unit: 'seconds',
    labels: ['phase'],
    read: (facts) =>
      Object.entries(phases).flatMap(([phase, key]) => {
        const value = facts[key]
        return value === undefined ? [] : [{ value, labels: { phase } }]
      }),
  },
  {
    name: 'yiwang_http_body_bytes',
    help: 'Size of the body after decompression, up to the limit of the probe',
    type: 'gauge',
    unit: 'bytes',
    read: (facts) => facts.bodyBytes,
  },
  {
    name: 'yiwang_http_redirects',
    help: 'Redirects that were given on the way',
    type: 'gauge',
    read: (facts) => facts.redirects?.length,
  },
  {
    name: 'yiwang_http_certificate_not_after_timestamp_seconds',
    help: 'When the certificate of the last server expires',
    type: 'gauge',
    unit: 'seconds',
    read: ({ tls }) => (tls?.validTo === undefined ? undefined : Date.parse(tls.validTo) / 1000),
  },
]
