import path from 'node:path'
import type { Inventory } from '../../../inventory/store.ts'
import { type Ledger, openLedger } from '../../../src/security/ledger/ledger.ts'
import { drain, type Send } from '../../../src/security/upward/courier.ts'
import { createFeed, type Feed } from '../../../src/security/upward/feed.ts'
import { openOutbox, type Outbox } from '../../../src/security/upward/outbox.ts'
import type { Standing } from '../../../src/security/upward/status.ts'
import { temporaryFolder } from '../../support/cli.ts'
import { siteWith, start } from '../scene.ts'

export const periodSeconds = 300
export const periodMs = periodSeconds * 1000
const counts = { total: 3, up: 2, down: 1, unreachable: 0, unknown: 0 }
export const standing: Standing = {
  ...{ nodes: counts, systems: counts, devices: counts, uplinks: counts, outages: 1 },
  ...{ agents: 1, agentsSilent: 0, openFindings: 0, openIncidents: 0, version: '0.1.0' },
}

export interface Bench extends AsyncDisposable {
  readonly folder: string
  readonly ledger: Ledger
  readonly outbox: Outbox
  readonly feed: Feed
  /** Milliseconds since the epoch, moved by hand. */
  now: number
  /** Makes messages of what there is now. */
  readonly make: (inventory?: Inventory) => Promise<void>
  /** Sends until nothing waits or an attempt fails. */
  readonly deliver: (send: Send, destination?: string, batch?: number) => Promise<'nothing' | 'failed'>
  /** Ids of all messages, in their order. */
  readonly ids: () => readonly string[]
  /** Closes outbox and ledger and opens them again. */
  readonly again: () => Promise<Bench>
}

interface BenchOptions {
  readonly folder: string
  readonly now: number
  readonly maxMessages?: number
}

const open = ({ folder, now: begin, maxMessages = 100_000 }: BenchOptions): Bench => {
  const ledger = openLedger(path.join(folder, 'ledger.sqlite'))
  const outbox = openOutbox(path.join(folder, 'upward.sqlite'), maxMessages)
  const { intake, dispatch, view } = outbox
  intake.configure([{ name: 'province', kinds: ['asset', 'status', 'risk', 'alert', 'incident'] }], begin)
  const feed = createFeed({ intake, ledger, source: '410200', statusSeconds: periodSeconds })
  let isClosed = false
  const close = () => {
    if (isClosed) return
    isClosed = true
    outbox[Symbol.dispose]()
    ledger[Symbol.dispose]()
  }
  const bench: Bench = {
    ...{ folder, ledger, outbox, feed, now: begin },
    make: (inventory = siteWith()) =>
      feed.refresh({ now: bench.now, inventory, standing: () => Promise.resolve(standing) }),
    deliver: (send, destination = 'province', batch = 20) =>
      drain(
        { destination, dispatch, send, batch, clock: () => bench.now, log: () => undefined },
        new AbortController().signal,
      ),
    ids: () =>
      view
        .messages({ limit: 100_000, destination: 'province' })
        .map(({ id }) => id)
        .toReversed(),
    again: () => {
      close()
      return Promise.resolve(open({ folder, now: bench.now, maxMessages }))
    },
    [Symbol.asyncDispose]: () => {
      close()
      return Promise.resolve()
    },
  }
  return bench
}

export const upwardBench = async (
  work: (bench: Bench) => Promise<void>,
  options: Partial<BenchOptions> = {},
): Promise<void> => {
  await using folder = await temporaryFolder()
  await using bench = open({ folder: folder.path, now: start, ...options })
  await work(bench)
}
