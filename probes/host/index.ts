import { z } from 'zod'
import { type Outcome, unknown, up } from '../../src/core/outcome.ts'
import { defineProbe } from '../../src/core/probe.ts'
import type { HostFacts } from './facts.ts'
import { gather, partCount } from './gather.ts'
import { metrics } from './metrics.ts'

export type { HostFacts } from './facts.ts'

const spec = z.strictObject({
  address: z
    .enum(['localhost', '127.0.0.1', '::1'])
    .describe('localhost: the agent looks at no machine but its own'),
  timeoutSeconds: z
    .number()
    .positive()
    .max(120)
    .default(15)
    .describe('deadline of the run, in seconds; what has not come by then is left out'),
})

/** At the deadline what was read counts; when the caller ends the run nothing does. */
const judge = (facts: HostFacts, signal: AbortSignal): Outcome<HostFacts> => {
  if (signal.aborted && (signal.reason as Error).name !== 'TimeoutError') throw signal.reason as Error
  const [first] = facts.unread
  return facts.unread.length === partCount && first !== undefined
    ? unknown('resource', `nothing of this machine could be read: ${first.reason}`)
    : up(facts)
}

/** What an agent sees of its own machine. What is wrong with it is judged elsewhere. */
export const host = defineProbe({
  kind: 'host',
  summary:
    'looks at the agent’s own machine: load, memory, disks, interfaces, listening sockets, users, clock',
  example: 'localhost',
  spec,
  metrics,
  run: async (_, { signal }) => judge(await gather(signal), signal),
})
