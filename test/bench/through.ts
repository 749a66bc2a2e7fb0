import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Inventory } from '../../inventory/store.ts'
import type { Observation } from '../../src/core/observation.ts'
import { startCollector } from '../../src/collector/server.ts'
import type { Assignee } from '../../src/plan/assign.ts'
import type { Job } from '../../src/plan/plan.ts'
import {
  batchOf,
  collectorOptions,
  inventoryOf,
  memoryStore,
  node,
  planOf,
  temporaryHistory,
} from '../collector/support.ts'

const execute = promisify(execFile)

/** The rest of the way to `/metrics`: a collector in this process, with its history on disk. */
export interface Through extends AsyncDisposable {
  readonly url: string
  /** Resolves when they are on disk and judged. */
  readonly take: (observations: readonly Observation[]) => Promise<void>
  /** By a process of its own, packed, as Prometheus does. */
  readonly scrape: () => Promise<void>
}

const perBatch = 500

/** Default: an inventory of a node for each job. */
export const startThrough = async (
  jobs: readonly Job[],
  inventory: Inventory = inventoryOf({ node: jobs.map(({ target }) => node(target)) }),
): Promise<Through> => {
  const history = temporaryHistory()
  const running = await startCollector({
    ...collectorOptions({}, history, { compile: () => planOf(inventory, jobs) }),
    inventory: memoryStore(inventory),
    listen: { host: '127.0.0.1', port: 0 },
    batchLimitBytes: 8 * 1024 * 1024,
  })
  const agent: Assignee = { id: 'bench', vantage: 'public', regions: [] }
  running.collector.admit(agent)
  const stream = crypto.randomUUID()
  let firstSequence = 1
  return {
    url: running.url,
    take: async (observations) => {
      for (let at = 0; at < observations.length; at += perBatch) {
        const part = observations.slice(at, at + perBatch)
        await running.collector.ingest(agent, batchOf(part, { stream, firstSequence }))
        firstSequence += part.length
      }
    },
    scrape: async () => {
      const url = `${running.url}/metrics`
      const { stdout } = await execute('curl', [
        '-s',
        '-o',
        '/dev/null',
        '-w',
        '%{http_code} %{size_download}',
        '--compressed',
        url,
      ])
      if (!/^200 \d{5,}$/u.test(stdout)) throw new Error(`expected all metrics, got ${stdout}`)
    },
    [Symbol.asyncDispose]: async () => {
      await running.close()
      await history[Symbol.asyncDispose]()
    },
  }
}
