import path from 'node:path'
import { setInterval } from 'node:timers/promises'
import type { InventoryStore } from '../../inventory/store.ts'
import { probeByKind } from '../../probes/index.ts'
import { openSpool } from '../agent/file-spool.ts'
import { openFactFile } from '../agent/fact-file.ts'
import { type Counters, newCounters } from '../agent/counters.ts'
import { agentFiles, ensureSigningKey, loadIdentity, loadKey } from '../agent/identity.ts'
import { memorySpool } from '../agent/memory-spool.ts'
import { filePlanCache, noPlanCache } from '../agent/plan-cache.ts'
import { type AgentOptions, runAgent } from '../agent/run.ts'
import type { Source } from '../agent/source.ts'
import { localUplink } from '../collector/local-uplink.ts'
import type { Collector } from '../collector/collector.ts'
import { registerLocalAgent } from '../collector/keys.ts'
import type { Log } from '../core/log.ts'
import { publicHalf } from '../core/signing-key.ts'
import { type Config, loadCredentials } from '../config/index.ts'
import { httpUplink, sendSigningKey } from '../transport/http-client.ts'
import { announceSigningKey, hostCheckSources } from './host-checks.ts'
import { trapService } from './traps.ts'

export const agentFolder = ({ dataFolder }: Config): string => path.join(dataFolder, 'agent')

const mebibyte = 1024 * 1024
/** Beside its own collector a spool holds seconds, not days. */
const localSpoolBytes = 32 * mebibyte

const bounds = (maxBytes: number, counters: Counters) => ({
  maxBytes,
  onDropped: (count: number) => {
    counters.droppedObservations += count
  },
})

const common = (config: Config, log: Log, signal: AbortSignal) =>
  ({
    registry: probeByKind,
    credential: loadCredentials(config.secretsFile, process.env),
    clock: Date.now,
    concurrency: config.probing.concurrency,
    random: Math.random,
    log,
    signal,
  }) satisfies Partial<AgentOptions>

const keyPollMs = 10_000

/** The agent's key, read again now and then: a rotated one is used without a restart. */
const followKey = async (folder: string, log: Log, signal: AbortSignal): Promise<() => string> => {
  let key = await loadKey(folder)
  const ticks = setInterval(keyPollMs, undefined, { signal, ref: false })
  const follow = async (): Promise<void> => {
    // Not `for await`: the tick itself says nothing.
    for (let tick = await ticks.next(); tick.done !== true; tick = await ticks.next())
      key = await loadKey(folder)
  }
  follow().catch((error: unknown) => {
    if (!signal.aborted) log('error', 'the key cannot be read again: the one in memory stays', { error })
  })
  return () => key
}

/** The agent that was enrolled in the data folder, until the signal aborts. */
export const agentService = async (config: Config, log: Log, signal: AbortSignal): Promise<void> => {
  const folder = agentFolder(config)
  const counters = newCounters()
  const identity = await loadIdentity(folder)
  const key = await followKey(folder, log, signal)
  const reach = { collector: new URL(identity.collector), agent: identity.id, key, ca: identity.ca }
  await using uplink = httpUplink(reach)
  await using spool = openSpool({
    file: path.join(folder, agentFiles.spool),
    log,
    ...bounds(config.agent.spoolMaxMegabytes * mebibyte, counters),
  })
  using lastFacts = openFactFile(path.join(folder, agentFiles.facts), log)
  const shared = common(config, log, signal)
  await using traps = await trapService(config.agent.traps.listen, { ...shared, folder, counters })
  const signingKey = await ensureSigningKey(folder)
  const checks = hostCheckSources(config.agent.hostChecks, { ...shared, agent: identity, signingKey })
  const sources = [...traps.sources, ...checks]
  await Promise.all([
    announceSigningKey((stop) => sendSigningKey(reach, publicHalf(signingKey), stop), shared),
    runAgent({ ...shared, uplink, spool, counters, sources, lastFacts, cache: filePlanCache(folder, log) }),
  ])
}

interface LocalSite {
  readonly collector: Collector
  readonly inventory: InventoryStore
}

/** An agent inside its collector's process: no key to it, no spool file, the same promises. */
export const localAgentService = async (
  config: Config,
  { collector, inventory }: LocalSite,
  log: Log,
  signal: AbortSignal,
): Promise<void> => {
  const counters = newCounters()
  const assignee = { id: config.agent.id ?? 'local', vantage: config.agent.vantage, regions: [] }
  await using uplink = localUplink(collector, assignee)
  await using spool = memorySpool(bounds(localSpoolBytes, counters))
  const shared = common(config, log, signal)
  const folder = agentFolder(config)
  using lastFacts = openFactFile(path.join(folder, agentFiles.facts), log)
  await using traps = await trapService(config.agent.traps.listen, { ...shared, folder, counters })
  const running = (sources: readonly Source[]): Promise<void> =>
    runAgent({
      ...shared,
      uplink,
      spool,
      counters,
      lastFacts,
      sources: [...traps.sources, ...sources],
      cache: noPlanCache,
    })
  if (!config.agent.hostChecks.enabled) {
    await running([])
    return
  }
  const signingKey = await ensureSigningKey(folder)
  const register = () => registerLocalAgent(inventory, assignee, publicHalf(signingKey))
  const checks = hostCheckSources(config.agent.hostChecks, { ...shared, agent: assignee, signingKey })
  await Promise.all([announceSigningKey(register, shared), running(checks)])
}
