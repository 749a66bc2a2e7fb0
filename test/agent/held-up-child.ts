import { newCounters } from '../../src/agent/counters.ts'
import { createProber } from '../../src/agent/prober.ts'
import { probeByKind } from '../../probes/index.ts'
import { job } from './stub-probes.ts'

/** Looks at what it is told, and prints what an agent would record. It may be stopped meanwhile. */
const [url = ''] = process.argv.slice(2)
const { hostname: address, port } = new URL(url)
const spec = { address, port: Number(port), scheme: 'http', timeoutSeconds: 1 }
const one = { ...job('http', 's-1'), spec }
const seen = Promise.withResolvers<unknown>()
const prober = createProber({
  registry: probeByKind,
  credential: () => undefined,
  clock: Date.now,
  concurrency: 4,
  record: seen.resolve,
  counters: newCounters(),
  log: () => undefined,
})
prober.start({ revision: 1, digest: 'd'.repeat(64), jobs: [one] }, [one])
process.stdout.write(`${JSON.stringify(await seen.promise)}\n`)
await prober.settle(1000)
