import { Flags } from '@oclif/core'
import { exitCodes } from '../core/fault.ts'
import { type Gap, gapLabels } from '../security/upward/gaps.ts'
import { kindLabels } from '../security/upward/message.ts'
import { gapReport } from '../security/upward/report.ts'
import {
  type DestinationState,
  type MessageRow,
  messageStates,
  type RequestRow,
  type TallyRow,
} from '../security/upward/view.ts'
import { table } from '../terminal/table.ts'
import { YiwangCommand } from './base.ts'
import { readTime, timeIn } from './time-flag.ts'
import { chosen, destinationFlag, kindFlag, waitingOf, withOutbox } from './upward-base.ts'

interface StatusReport {
  readonly destinations: readonly DestinationState[]
  readonly receipts: readonly TallyRow[]
  readonly messages: { readonly kept: number; readonly limit: number }
  /** What people asked for by command, the newest first. */
  readonly requests: readonly RequestRow[]
}

const receiptsOf = ({ receipts }: StatusReport, name: string, result: TallyRow['result']): string =>
  String(
    receipts
      .filter((row) => row.destination === name && row.result === result)
      .reduce((sum, { count }) => sum + count, 0),
  )

const statusTable = (report: StatusReport, time: (at: number) => string): string =>
  table<DestinationState>(
    [
      { header: 'DESTINATION', read: ({ name }) => name },
      { header: 'WAITING', read: (state) => String(waitingOf(state)), align: 'right' },
      {
        header: 'OLDEST',
        read: ({ oldestWaitingAt }) => (oldestWaitingAt === undefined ? '' : time(oldestWaitingAt)),
      },
      { header: 'ACCEPTED', read: ({ name }) => receiptsOf(report, name, 'accepted'), align: 'right' },
      { header: 'REFUSED', read: ({ name }) => receiptsOf(report, name, 'refused'), align: 'right' },
      {
        header: 'STATE',
        read: ({ failures, detail = '', retryAt }) =>
          failures === 0
            ? 'reached'
            : `failed ${failures} times: ${detail}${retryAt === undefined ? '' : `, again at ${time(retryAt)}`}`,
        least: 20,
      },
    ],
    report.destinations,
  )

export class UpwardStatus extends YiwangCommand {
  static override readonly summary =
    'what waits for the platforms above, and whether they can be reached (上报状态)'
  static override readonly description = 'Exit code 3: the last attempt at one of them failed.'
  static override readonly examples = [
    '<%= config.bin %> upward status',
    '<%= config.bin %> upward status --json',
  ]

  async run(): Promise<StatusReport> {
    const { flags } = await this.parse(UpwardStatus)
    const config = this.configuration(flags)
    const report = await withOutbox(config, ({ view }) => ({
      destinations: view.destinations(),
      receipts: view.tallies(),
      messages: { kept: view.count(), limit: config.upward.maxMessages },
      requests: view.requests(20),
    }))
    const { destinations, messages } = report
    this.line(statusTable(report, timeIn(config.timezone)))
    this.line(
      `${messages.kept} messages kept, of ${messages.limit} at most, for ${config.upward.retentionDays} days`,
    )
    if (destinations.some(({ failures }) => failures > 0)) process.exitCode = exitCodes.targetFailed
    return report
  }
}

interface DestinationGaps {
  readonly destination: string
  readonly gaps: readonly Gap[]
}

interface GapLine extends Gap {
  readonly destination: string
}

const gapTable = (all: readonly DestinationGaps[], time: (at: number) => string): string =>
  table<GapLine>(
    [
      { header: '上级', read: ({ destination }) => destination },
      { header: '缺报自', read: ({ from }) => time(from) },
      { header: '至', read: ({ until }) => time(until) },
      { header: '原因', read: ({ reason }) => gapLabels[reason] },
      { header: '应报', read: ({ due }) => String(due), align: 'right' },
      { header: '已补报', read: ({ madeUp }) => String(madeUp), align: 'right' },
      { header: '补报于', read: ({ madeUpAt }) => (madeUpAt === undefined ? '' : time(madeUpAt)) },
      { header: '说明', read: ({ detail = '' }) => detail, least: 12 },
    ],
    all.flatMap(({ destination, gaps }) => gaps.map((gap) => ({ ...gap, destination }))),
  )

export class UpwardGaps extends YiwangCommand {
  static override readonly summary = 'spans in which status messages were due and not acknowledged (缺报时段)'
  static override readonly description =
    'A status is due every upward.statusSeconds and in time while its period lasts. One that was made up for since stays a gap and says so. Exit code 3: there are gaps.'
  static override readonly examples = [
    '<%= config.bin %> upward gaps',
    '<%= config.bin %> upward gaps --since 30d --destination province --json',
  ]
  static override readonly flags = {
    ...destinationFlag,
    since: Flags.string({ summary: 'from this time on; 12h, 7d: so long ago', default: '7d' }),
  }

  async run(): Promise<readonly DestinationGaps[]> {
    const { flags } = await this.parse(UpwardGaps)
    const config = this.configuration(flags)
    const now = Date.now()
    const since = readTime('--since', flags.since, now)
    const span = { since, now, periodMs: config.upward.statusSeconds * 1000 }
    const all = await withOutbox(config, ({ view }) =>
      chosen(view.destinations(), flags.destination).map((state) => ({
        destination: state.name,
        gaps: gapReport(view, state, span),
      })),
    )
    const hasGaps = all.some(({ gaps }) => gaps.length > 0)
    this.line(hasGaps ? gapTable(all, timeIn(config.timezone)) : '无缺报 (no gaps)')
    if (hasGaps) process.exitCode = exitCodes.targetFailed
    return all
  }
}

export class UpwardOutboxList extends YiwangCommand {
  static override readonly summary = 'messages to the platforms above: what waits, and the receipts (回执)'
  static override readonly examples = [
    '<%= config.bin %> upward outbox list --state refused',
    '<%= config.bin %> upward outbox list --kind incident --json',
  ]
  static override readonly flags = {
    ...destinationFlag,
    ...kindFlag,
    state: Flags.option({ summary: 'only what is so', options: messageStates })(),
    limit: Flags.integer({ summary: 'the newest so many', min: 1, max: 100_000, default: 100 }),
  }

  async run(): Promise<readonly MessageRow[]> {
    const { flags } = await this.parse(UpwardOutboxList)
    const config = this.configuration(flags)
    const { destination, kind, state, limit } = flags
    const time = timeIn(config.timezone)
    const rows = await withOutbox(config, ({ view }) => {
      chosen(view.destinations(), destination)
      return view.messages({ destination, kind, state, limit })
    })
    this.line(
      table<MessageRow>(
        [
          { header: 'SEQUENCE', read: ({ sequence }) => String(sequence), align: 'right' },
          { header: 'TIME', read: ({ at }) => time(at) },
          { header: 'KIND', read: (row) => kindLabels[row.kind] },
          { header: 'DESTINATION', read: (row) => row.destination },
          { header: 'STATE', read: (row) => row.state },
          { header: 'RECEIPT', read: ({ receipt, detail }) => receipt ?? detail ?? '', least: 10 },
          { header: 'ID', read: ({ id }) => id },
        ],
        rows,
      ),
    )
    return rows
  }
}
