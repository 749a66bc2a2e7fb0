import { type MetricObjectWithValues, type MetricValue, Registry, collectDefaultMetrics } from 'prom-client'
import { type Family, type FamilyDefinition, type Sample, labelString } from './exposition.ts'

/** Gauges that end in `_total`, which `promtool check metrics` rightly refuses; each has a twin without. */
const refused = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

/** Those of them that dashboards show. */
export const ownProcess = {
  cpuSeconds: 'process_cpu_seconds_total',
  residentBytes: 'process_resident_memory_bytes',
  eventLoopP99: 'nodejs_eventloop_lag_p99_seconds',
} as const

type Collected = MetricObjectWithValues<MetricValue<string> & { readonly metricName?: string }>

const types: Readonly<Record<string, FamilyDefinition['type']>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
}

const textual = (labels: Readonly<Record<string, string | number | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [name, value === Infinity ? '+Inf' : String(value ?? '')]),
  )

const sampleOf = (family: string, { labels, value, metricName }: Collected['values'][number]): Sample => ({
  labels: labelString(textual(labels)),
  value,
  ...(metricName !== undefined && metricName !== family && { suffix: metricName.slice(family.length) }),
})

const familyOf = (metric: Collected): Family => ({
  definition: {
    name: metric.name,
    help: metric.help,
    // prom-client says the type as a word in JSON, whatever its declaration says.
    type: metric.name.endsWith('_info') ? 'info' : (types[String(metric.type)] ?? 'gauge'),
  },
  samples: metric.values.map((value) => sampleOf(metric.name, value)),
})

/** Metrics of this process (CPU, memory, event loop, garbage collection), in a registry of their own. */
export const processMetrics = (): (() => Promise<readonly Family[]>) => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const name of refused) registry.removeSingleMetric(name)
  return async () => ((await registry.getMetricsAsJSON()) as unknown as Collected[]).map(familyOf)
}
