import path from 'node:path'
import { makeFolder } from '../../inventory/lowdb/durable.ts'
import type { Inventory, InventoryStore } from '../../inventory/store.ts'
import { openHistory } from '../collector/history.ts'
import type { Log } from '../core/log.ts'
import { type RunningCollector, startCollector } from '../collector/server.ts'
import { type Config, readTokenFile } from '../config/index.ts'
import { compilePlan } from '../plan/compile.ts'
import { planSettings } from '../plan/settings.ts'
import { familiesBeside } from './beside.ts'
import { createCompliance } from './compliance.ts'
import { historyFile, readHostEvidence } from './host-evidence.ts'
import { createLedgerFigures } from './ledger-figures.ts'
import { logReader } from './log-sources.ts'
import { notifyService } from './notify.ts'
import { createSecurity, ledgerFile, type Security } from './security.ts'
import { syslogService } from './syslog.ts'
import { readTls } from './tls-files.ts'
import { trimMemory } from './trim-memory.ts'
import { upwardService } from './upward.ts'
import { version } from './version.ts'

const listening = async ({ collector }: Config) => {
  const { listen, tls, metricsTokenFile, batchLimitMegabytes } = collector
  return {
    listen,
    ...(tls && { tls: await readTls(tls) }),
    ...(metricsTokenFile !== undefined && { metricsToken: readTokenFile(metricsTokenFile) }),
    batchLimitBytes: batchLimitMegabytes * 1024 * 1024,
  }
}

/** The collector that the configuration describes, listening. Disposing it drains it and closes its history. */
export const collectorService = async (
  config: Config,
  inventory: InventoryStore,
  log: Log,
): Promise<RunningCollector> => {
  const { heartbeatSeconds, silentAfterSeconds, history: retention } = config.collector
  const file = historyFile(config.dataFolder)
  await makeFolder(path.dirname(file))
  await using cleanup = new AsyncDisposableStack()
  const history = cleanup.use(openHistory(file))
  cleanup.use(trimMemory())
  const beside = {
    history,
    readHostEvidence: async (records: Inventory) =>
      (await readHostEvidence(config.dataFolder, records, Date.now())).kept,
    timezone: config.timezone,
    clock: Date.now,
    log,
  }
  const ledger = cleanup.use(createLedgerFigures({ ...beside, config }))
  const syslog = cleanup.use(await syslogService(config, log))
  const compliance = cleanup.use(createCompliance({ ...beside, readLogs: logReader(syslog.account, config) }))
  const notify = cleanup.use(await notifyService(config, log, (since) => security.incidents(since)))
  await makeFolder(path.dirname(ledgerFile(config.dataFolder)))
  const security: Security = cleanup.use(
    createSecurity({ ...beside, config, logSources: syslog.sources, onIncident: notify.onIncident }),
  )
  const upward = cleanup.use(await upwardService(config, () => inventory.read(), log))
  const running = cleanup.use(
    await startCollector({
      ...(await listening(config)),
      inventory,
      history,
      compile: (records) => compilePlan(records, planSettings(config.probing)),
      version,
      heartbeatSeconds,
      silentAfterSeconds,
      retention,
      clock: Date.now,
      log,
      onSeen: () => security.wake(),
      beside: familiesBeside({ compliance, ledger, security, syslog, notify, upward }, log),
      intakes: { alerts: notify.alerts, notices: upward.notices },
    }),
  )
  for (const { watch } of [compliance, ledger, security, upward]) watch(running.collector)
  const owned = cleanup.move()
  return { ...running, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
