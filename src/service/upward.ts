import path from 'node:path'
import { makeFolder } from '../../inventory/lowdb/durable.ts'
import type { Inventory } from '../../inventory/store.ts'
import type { Collector } from '../collector/collector.ts'
import { every } from '../collector/every.ts'
import type { Intake } from '../collector/routes.ts'
import { type Config, loadCredentials } from '../config/index.ts'
import type { Log } from '../core/log.ts'
import { tryHold } from '../database/hold.ts'
import type { Family } from '../metrics/exposition.ts'
import { type Ledger, openLedger } from '../security/ledger/ledger.ts'
import { type Route, startCourier } from '../security/upward/courier.ts'
import { createFeed } from '../security/upward/feed.ts'
import { openOutbox, type Outbox } from '../security/upward/outbox.ts'
import { upwardFamilies } from '../security/upward/series.ts'
import type { Standing } from '../security/upward/status.ts'
import { paced } from './paced.ts'
import { ledgerFile } from './security.ts'
import { noticeIntake } from './upward-notices.ts'
import { readyDestinations, type ReadyDestination } from './upward-routes.ts'

export const outboxFile = (dataFolder: string): string => path.join(dataFolder, 'collector', 'upward.sqlite')

/** Held by who sends: two at once would break the order. */
export const senderFile = (dataFolder: string): string =>
  path.join(dataFolder, 'collector', 'upward-sender.sqlite')

type Watched = Pick<Collector, 'inventory' | 'status'>

export interface UpwardService extends AsyncDisposable {
  readonly families: () => readonly Family[]
  readonly notices: Intake | undefined
  /** Makes messages of what the collector knows, again and again until it is disposed. */
  readonly watch: (collector: Watched) => void
}

export const routeTo = (
  { name, destination, send }: ReadyDestination,
  { dispatch }: Outbox,
  log: Log,
): Route => ({ destination: name, dispatch, send, batch: destination.batch, clock: Date.now, log })

const retryHoldMs = 1000

/** Delivers as soon as no other process does. */
const startSending = (file: string, routes: readonly Route[], log: Log): AsyncDisposable => {
  const owned = new AsyncDisposableStack()
  let isSending = false
  const begin = (): void => {
    if (isSending) return
    const held = tryHold(file)
    if (held === undefined) return
    isSending = true
    owned.use(held)
    for (const route of routes) owned.use(startCourier(route))
    log('info', 'messages are sent upward', { destinations: routes.map(({ destination }) => destination) })
  }
  begin()
  owned.use(
    every(retryHoldMs, () => {
      begin()
      return Promise.resolve()
    }),
  )
  return owned
}

const standingOf = async (collector: Watched, ledger: Ledger): Promise<Standing> => {
  const { coverage, systems, devices, uplinks, outages, agents, version } = await collector.status()
  return {
    ...{ nodes: coverage.all, systems, devices, uplinks, version },
    outages: outages.count,
    agents: agents.length,
    agentsSilent: agents.filter(({ silent }) => silent).length,
    openFindings: ledger.findings('open').length,
    openIncidents: ledger.incidents('live').length,
  }
}

const pace = { leastPauseMs: 1000, mostPauseMs: 60_000, pausesPerWork: 20 }
const tidyMs = 3_600_000
const dayMs = 86_400_000

/** Messages made and sent, where there are destinations. */
const startOutbox = async (config: Config, ledger: Ledger, log: Log) => {
  const { source, statusSeconds, maxMessages, retentionDays } = config.upward
  await using cleanup = new AsyncDisposableStack()
  const all = await readyDestinations(config, loadCredentials(config.secretsFile, process.env))
  for (const one of all) cleanup.use(one)
  const outbox = cleanup.use(openOutbox(outboxFile(config.dataFolder), maxMessages))
  const { intake, view } = outbox
  intake.configure(
    all.map(({ name, destination: { kinds } }) => ({ name, kinds })),
    Date.now(),
  )
  const routes = all.map((one) => routeTo(one, outbox, log))
  cleanup.use(startSending(senderFile(config.dataFolder), routes, log))
  cleanup.use(
    every(tidyMs, () => {
      intake.prune(Date.now() - retentionDays * dayMs)
      return Promise.resolve()
    }),
  )
  const feed = createFeed({ intake, ledger, source, statusSeconds })
  const owned = cleanup.move()
  return {
    families: () => upwardFamilies(view, { now: Date.now(), periodMs: statusSeconds * 1000, maxMessages }),
    refresh: async (collector: Watched) =>
      feed.refresh({
        now: Date.now(),
        inventory: await collector.inventory(),
        standing: () => standingOf(collector, ledger),
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/**
 * Tells the platforms above what is going on, and takes their notices. Rejects with `UsageFault` or `EnvironmentFault`.
 */
export const upwardService = async (
  config: Config,
  inventory: () => Promise<Inventory>,
  log: Log,
): Promise<UpwardService> => {
  const { destinations, noticeCredential } = config.upward
  const hasDestinations = Object.keys(destinations).length > 0
  if (!hasDestinations && noticeCredential === undefined)
    return {
      families: () => [],
      notices: undefined,
      watch: () => undefined,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  await using cleanup = new AsyncDisposableStack()
  await makeFolder(path.dirname(ledgerFile(config.dataFolder)))
  const ledger = cleanup.use(openLedger(ledgerFile(config.dataFolder)))
  const resolve = loadCredentials(config.secretsFile, process.env)
  const notices = noticeIntake(config, inventory, ledger, resolve)
  const outbox = hasDestinations ? cleanup.use(await startOutbox(config, ledger, log)) : undefined
  const stop = new AbortController()
  let watching: Promise<void> = Promise.resolve()
  cleanup.defer(async () => {
    stop.abort()
    await watching
  })
  const owned = cleanup.move()
  return {
    families: () => outbox?.families() ?? [],
    notices,
    watch: (collector) => {
      if (outbox === undefined) return
      watching = paced(
        {
          pace,
          work: () => outbox.refresh(collector),
          failed: (error) => log('error', 'nothing new is told upward', { error }),
        },
        stop.signal,
      )
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
