import path from 'node:path'
import type { Inventory } from '../../inventory/store.ts'
import type { LogAccount } from '../collector/syslog/blocks.ts'
import { createIntake } from '../collector/syslog/intake.ts'
import {
  type Receiver,
  type ReceiverOptions,
  receiveDatagrams,
  receiveStreams,
  receiveTls,
} from '../collector/syslog/receivers.ts'
import { syslogFamilies } from '../collector/syslog/series.ts'
import { openLogStore } from '../collector/syslog/store.ts'
import type { Config, Listen } from '../config/index.ts'
import { UsageFault } from '../core/fault.ts'
import type { Log } from '../core/log.ts'
import type { Family } from '../metrics/exposition.ts'
import { type NamedSource, logSources } from './log-sources.ts'
import { listenFault } from './listen-fault.ts'
import { readTls } from './tls-files.ts'

export const logFile = (dataFolder: string): string => path.join(dataFolder, 'collector', 'log.sqlite')

export interface SyslogService extends AsyncDisposable {
  /** What came, by sender; absent where no listener is configured. */
  readonly account?: LogAccount
  readonly families: (inventory: Inventory) => readonly Family[]
  /** Who logs and who ought to; undefined where no messages are taken, or what came cannot be read. */
  readonly sources: (inventory: Inventory) => readonly NamedSource[] | undefined
}

type Settings = Config['collector']['syslog']
type Open = (options: ReceiverOptions) => Promise<Receiver>

interface Listener {
  readonly transport: 'TCP' | 'UDP'
  readonly setting: string
  readonly listen: Listen
  readonly open: Open
}

const secure = async (files: NonNullable<Settings['tls']>): Promise<Open> => {
  const material = await readTls(files)
  return async (options) => {
    try {
      return await receiveTls(options, material)
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && String(cause.code).startsWith('ERR_OSSL'))
        throw new UsageFault(
          [
            {
              where: 'collector.syslog.tls',
              message: 'expected a certificate and its private key in PEM, got what TLS cannot use',
            },
          ],
          { cause },
        )
      throw cause
    }
  }
}

const listenersOf = async ({ udp, tcp, tls }: Settings): Promise<readonly Listener[]> => [
  ...(udp === undefined
    ? []
    : [{ transport: 'UDP' as const, setting: 'collector.syslog.udp', listen: udp, open: receiveDatagrams }]),
  ...(tcp === undefined
    ? []
    : [{ transport: 'TCP' as const, setting: 'collector.syslog.tcp', listen: tcp, open: receiveStreams }]),
  ...(tls === undefined
    ? []
    : [
        {
          transport: 'TCP' as const,
          setting: 'collector.syslog.tls.listen',
          listen: tls.listen,
          open: await secure(tls),
        },
      ]),
]

/** Where no messages are taken. */
const silent: SyslogService = {
  families: () => [],
  sources: () => undefined,
  [Symbol.asyncDispose]: () => Promise.resolve(),
}

/** Takes what devices log, where the configuration says so. Rejects with `UsageFault` or `EnvironmentFault`. */
export const syslogService = async (config: Config, log: Log): Promise<SyslogService> => {
  const settings = config.collector.syslog
  const { allow, retentionDays } = settings
  const listeners = await listenersOf(settings)
  await using cleanup = new AsyncDisposableStack()
  if (listeners.length === 0) return silent
  const store = cleanup.use(openLogStore(logFile(config.dataFolder)))
  const intake = cleanup.use(createIntake({ store, clock: Date.now, log, retentionDays }))
  for (const { transport, setting, listen, open } of listeners) {
    const { host, port } = listen
    try {
      const receiver = cleanup.use(await open({ host, port, intake, allow }))
      log('info', 'log messages are taken', { setting, host, port: receiver.port })
    } catch (error) {
      throw listenFault({ setting, host, port, transport }, error)
    }
  }
  const owned = cleanup.move()
  const report = (inventory: Inventory) => logSources(store, inventory, config, Date.now())
  let isUnreadable = false
  return {
    account: store,
    families: (inventory) => syslogFamilies({ ...report(inventory), counters: intake.counters }),
    sources: (inventory) => {
      try {
        const { sources } = report(inventory)
        isUnreadable = false
        return sources
      } catch (error) {
        // Asked each second: told once.
        if (!isUnreadable) log('error', 'who logs cannot be read', { error: String(error) })
        isUnreadable = true
        return undefined
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
