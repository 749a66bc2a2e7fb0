import { existsSync } from 'node:fs'
import { Flags } from '@oclif/core'
import { type LogArchive, openLogArchive } from '../collector/syslog/archive.ts'
import { severities, type SyslogSeverity } from '../collector/syslog/message.ts'
import { type LogEntry, searchLog } from '../collector/syslog/search.ts'
import type { Config } from '../config/index.ts'
import { EnvironmentFault, exitCodes } from '../core/fault.ts'
import { type LogSourcesReport, logSources, type NamedSource } from '../service/log-sources.ts'
import { logFile } from '../service/syslog.ts'
import { table } from '../terminal/table.ts'
import { YiwangCommand } from './base.ts'
import { readTime, timeIn } from './time-flag.ts'

const openLog = ({ dataFolder }: Config): LogArchive => {
  const file = logFile(dataFolder)
  if (existsSync(file)) return openLogArchive(file)
  throw new EnvironmentFault('STORE_MISSING', `${file}: no log messages were ever taken here`, {
    suggestion: 'configure collector.syslog (docs/logs.md), or name the right folder with --data',
  })
}

const shownLength = 500

/** RFC 3164 has the program in the text; RFC 5424 has it apart. */
const shownMessage = ({ format, app, text, isCut }: LogEntry): string => {
  const whole = format === 'rfc5424' && app !== undefined ? `${app}: ${text}` : text
  return isCut ? `${whole.slice(0, shownLength)}… (cut)` : whole
}

const entryTable = (entries: readonly LogEntry[], time: (at: number) => string): string =>
  table<LogEntry>(
    [
      { header: 'RECEIVED', read: ({ receivedAt }) => time(receivedAt) },
      { header: 'SOURCE', read: ({ source, transport }) => `${source} ${transport}` },
      { header: 'SEVERITY', read: ({ severity }) => severity },
      { header: 'HOST', read: ({ host = '' }) => host, least: 8 },
      { header: 'MESSAGE', read: shownMessage, least: 30 },
    ],
    entries,
  )

export class LogSearch extends YiwangCommand {
  static override readonly summary = 'search the log messages that devices sent (日志)'
  static override readonly description =
    'Reads what the collector on this machine took by collector.syslog; it may run meanwhile. The oldest comes first. Times are those at which messages arrived.'
  static override readonly examples = [
    '<%= config.bin %> log search --text "login failed" --since 7d',
    '<%= config.bin %> log search --source 10.1.2.1 --severity warning --json',
  ]
  static override readonly flags = {
    text: Flags.string({ summary: 'anywhere in the message, whatever its case' }),
    source: Flags.string({ summary: 'only from this address', helpValue: 'ADDRESS' }),
    severity: Flags.option({ summary: 'this grave or graver', options: severities })(),
    since: Flags.string({
      summary: 'received at this time or later; 30m, 12h, 7d: so long ago',
      default: '1d',
    }),
    until: Flags.string({ summary: 'received before this time' }),
    limit: Flags.integer({ summary: 'the newest so many', min: 1, max: 100_000, default: 200 }),
  }

  async run(): Promise<readonly LogEntry[]> {
    const { flags } = await this.parse(LogSearch)
    const config = this.configuration(flags)
    const { text, source, severity, limit } = flags
    const now = Date.now()
    const since = readTime('--since', flags.since, now)
    const until = flags.until === undefined ? Infinity : readTime('--until', flags.until, now)
    using log = openLog(config)
    const entries = searchLog(log.lines({ since, until, ...(source !== undefined && { source }) }), {
      ...(text !== undefined && { text }),
      ...(severity !== undefined && { severity: severity satisfies SyslogSeverity }),
      limit,
      timezone: config.timezone,
    })
    this.line(entries.length === 0 ? 'nothing found' : entryTable(entries, timeIn(config.timezone)))
    if (entries.length === limit) this.note(`the newest ${limit}; more with --limit`)
    return entries
  }
}

const sourceTable = (sources: readonly NamedSource[], time: (at: number) => string): string =>
  table<NamedSource>(
    [
      { header: 'SOURCE', read: ({ source }) => source },
      { header: 'STATE', read: ({ state }) => state },
      { header: 'MESSAGES', read: ({ messages }) => String(messages), align: 'right' },
      { header: 'LAST', read: ({ lastAt }) => (lastAt === undefined ? '' : time(lastAt)) },
      { header: 'DEVICE', read: ({ device = '', name = '' }) => `${device} ${name}`.trim(), least: 12 },
    ],
    sources,
  )

export class LogSources extends YiwangCommand {
  static override readonly summary = 'who logs, how much, and who stopped; how long messages are kept'
  static override readonly description =
    'A device of the inventory whose address collector.syslog.allow holds ought to log. Exit code 3: one stopped, or never did. Others that stopped are former: nothing is amiss.'
  static override readonly examples = [
    '<%= config.bin %> log sources',
    '<%= config.bin %> log sources --json',
  ]

  async run(): Promise<LogSourcesReport> {
    const { flags } = await this.parse(LogSources)
    const config = this.configuration(flags)
    const time = timeIn(config.timezone)
    using log = openLog(config)
    await using inventory = await this.openInventory(config)
    const report = logSources(log, await inventory.read(), config, Date.now())
    this.line(sourceTable(report.sources, time))
    const { retentionDays, oldestAt, bytes } = report
    const oldest = oldestAt === undefined ? 'nothing is stored yet' : `the oldest is of ${time(oldestAt)}`
    this.line(`kept for ${retentionDays} days (留存), ${oldest}, ${Math.ceil(bytes / 1024)} KiB`)
    if (report.sources.some(({ state }) => state === 'silent' || state === 'never'))
      process.exitCode = exitCodes.targetFailed
    return report
  }
}
