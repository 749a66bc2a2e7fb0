import { writeFile } from 'node:fs/promises'
import { Args, Flags } from '@oclif/core'
import type { Config } from '../config/index.ts'
import { EnvironmentFault, exitCodes } from '../core/fault.ts'
import {
  categoryLabels,
  type Finding,
  gradeLabels,
  type Incident,
  incidentChangeLabels,
  type IncidentEvent,
  incidentStateLabels,
  type SecurityEvent,
  severityLabels,
} from '../security/events.ts'
import { incidentsOf } from '../service/security-records.ts'
import type { Case } from '../security/incident.ts'
import { incidentOf } from '../security/incidents.ts'
import type { ChainVerdict, Retained } from '../security/ledger/ledger.ts'
import { isLive } from '../security/standing.ts'
import { printable } from '../terminal/printable.ts'
import { type Column, table } from '../terminal/table.ts'
import { asOfFlag, instantOf } from './as-of.ts'
import { YiwangCommand } from './base.ts'
import { timeIn, withLedger } from './security-ledger.ts'

export const incidentArgument = Args.string({ required: true, description: 'id of the incident' })

const columnsIn = (zone: string): readonly Column<Incident>[] => [
  { header: '编号', read: ({ id }) => id },
  {
    header: '状态',
    read: ({ state, resolvedAt }) =>
      `${incidentStateLabels[state]}${state === 'handling' && resolvedAt !== undefined ? '（已处置）' : ''}`,
  },
  { header: '级别', read: ({ severity }) => severityLabels[severity] },
  { header: '标题', read: ({ title }) => title, least: 12 },
  { header: '起', read: ({ startedAt }) => timeIn(zone, startedAt) },
  {
    header: '恢复',
    read: ({ recoveredAt }) => (recoveredAt === undefined ? '' : timeIn(zone, recoveredAt)),
    optional: true,
  },
  { header: '影响', read: ({ targets, behind }) => String(targets.length + behind), align: 'right' },
  { header: '处置人', read: ({ assignee }) => assignee ?? '', optional: true },
  { header: '定级', read: (incident) => gradeOf(incident), optional: true },
  {
    header: '报告期限',
    read: ({ reportClocks, reportedAt }) =>
      reportedAt === undefined ? reportClocks.map(({ dueAt }) => timeIn(zone, dueAt)).join(' ') : '已报告',
    optional: true,
  },
]

const gradeOf = ({ grade, suggestedGrade }: Incident): string => {
  if (grade !== undefined) return gradeLabels[grade]
  return suggestedGrade === undefined ? '' : `建议${gradeLabels[suggestedGrade]}`
}

interface ListReport {
  readonly incidents: readonly Incident[]
  /** What is kept, and since when. */
  readonly retained: Retained & { readonly retentionDays: number }
}

export class IncidentList extends YiwangCommand {
  static override readonly summary = 'incidents that are not archived (事件)'
  static override readonly description = 'Exit code 3 where one waits for somebody.'
  static override readonly examples = [
    '<%= config.bin %> incident list',
    '<%= config.bin %> incident list --all --json',
  ]
  static override readonly flags = {
    all: Flags.boolean({ summary: 'those that are archived, or merged into another, as well' }),
    ...asOfFlag,
  }

  async run(): Promise<ListReport> {
    const { flags } = await this.parse(IncidentList)
    const config = this.configuration(flags)
    const { retentionDays } = config.security
    const asOf = flags['as-of']
    const report = withLedger(config, (ledger) => ({
      incidents: (asOf === undefined
        ? ledger.incidents('all')
        : incidentsOf(ledger, instantOf(asOf, config.timezone, Date.now()))
      ).filter((incident) => flags.all || isLive(incident)),
      retained: { ...ledger.retained(), retentionDays },
    }))
    this.line(table(columnsIn(config.timezone), report.incidents))
    const { oldestAt, events } = report.retained
    this.note(
      `${events} events kept${oldestAt === undefined ? '' : ` since ${new Date(oldestAt).toISOString()}`}, each for ${retentionDays} days at least`,
    )
    if (report.incidents.some(({ state }) => state === 'warned')) process.exitCode = exitCodes.targetFailed
    return report
  }
}

interface Shown {
  readonly incident: Case
  /** Its findings that are open now. */
  readonly open: readonly Finding[]
  readonly events: readonly SecurityEvent[]
}

const readOne = (config: Config, id: string): Shown =>
  withLedger(config, (ledger) => {
    const incident = incidentOf(ledger, id)
    const own = new Set(incident.openFindings)
    const open = ledger.findings('open').filter((finding) => own.has(finding.id))
    return { incident, open, events: ledger.eventsOf(id) }
  })

const isOfIncident = (event: SecurityEvent): event is IncidentEvent => event.type === 'incident'

const eventColumns = (zone: string): readonly Column<IncidentEvent>[] => [
  { header: '时间', read: ({ at }) => timeIn(zone, at) },
  { header: '谁', read: ({ by }) => by },
  { header: '做了什么', read: ({ change }) => incidentChangeLabels[change] },
  { header: '状态', read: ({ incident }) => incidentStateLabels[incident.state] },
  { header: '说明', read: ({ note }) => note ?? '', least: 16 },
  { header: '通知', read: ({ notify }) => notify.join(' '), optional: true },
]

/** What is still wrong, why it matters, and what to do; the same advice once. */
const findingLines = (open: readonly Finding[]): readonly string[] => [
  ...open.map(({ title, targetName, saw, rule }) => `未消除 ${targetName}：${title}：${saw}（${rule}）`),
  ...new Set(open.flatMap(({ why, remedy }) => [`影响 ${why}`, `处置 ${remedy}`])),
]

const detailsOf = ({ incident, open }: Shown, zone: string): readonly string[] => [
  `${incident.id}  ${incident.title}`,
  `状态 ${incidentStateLabels[incident.state]}，级别 ${severityLabels[incident.severity]}，类别 ${categoryLabels[incident.category]}，原因 ${incident.cause}`,
  `对象 ${incident.targets.join(' ')}${incident.behind > 0 ? `，其下 ${incident.behind} 个不可达` : ''}`,
  ...(incident.supersededBy === undefined || incident.mergedInto !== undefined
    ? []
    : [`现状 上级 ${incident.supersededBy.join(' ')} 中断，无法探测`]),
  ...(gradeOf(incident) === '' ? [] : [`定级 ${gradeOf(incident)}`]),
  ...incident.reportClocks.map(
    ({ label, dueAt, source }) => `报告期限（建议，由人确认） ${timeIn(zone, dueAt)} ${label}（${source}）`,
  ),
  ...findingLines(open),
  ...incident.tasks.map(
    ({ id, unit, what, dueAt, doneAt }) =>
      `任务 ${id} ${unit}：${what}，${timeIn(zone, dueAt)} 前${doneAt === undefined ? '' : '，已完成'}`,
  ),
  ...(incident.postmortem === undefined
    ? []
    : [
        `原因：${incident.postmortem.cause}`,
        `措施：${incident.postmortem.measures}`,
        `教训：${incident.postmortem.lessons}`,
      ]),
]

export class IncidentShow extends YiwangCommand {
  static override readonly summary = 'an incident, and who did what when'
  static override readonly examples = ['<%= config.bin %> incident show INC-20261126-0001']
  static override readonly args = { incident: incidentArgument }

  async run(): Promise<Shown> {
    const { args, flags } = await this.parse(IncidentShow)
    const config = this.configuration(flags)
    const shown = readOne(config, args.incident)
    this.line(detailsOf(shown, config.timezone).map(printable).join('\n'))
    this.line(`\n${table(eventColumns(config.timezone), shown.events.filter(isOfIncident))}`)
    return shown
  }
}

interface Exported extends Shown {
  /** Whether the log that it is taken from is as it was written. */
  readonly chain: ChainVerdict
}

export class IncidentExport extends YiwangCommand {
  static override readonly summary = 'write an incident with all that happened to it to a JSON file'
  static override readonly description =
    'The file also says whether the log of events is as it was written (a chain of SHA-256). Exit code 3 where it is not.'
  static override readonly examples = [
    '<%= config.bin %> incident export INC-20261126-0001 --out incident.json',
  ]
  static override readonly args = { incident: incidentArgument }
  static override readonly flags = {
    out: Flags.string({ summary: 'file to write', helpValue: 'FILE', required: true }),
  }

  async run(): Promise<Exported> {
    const { args, flags } = await this.parse(IncidentExport)
    const config = this.configuration(flags)
    const chain = withLedger(config, (ledger) => ledger.verify())
    const exported = { ...readOne(config, args.incident), chain }
    try {
      await writeFile(flags.out, `${JSON.stringify(exported, undefined, 2)}\n`, { mode: 0o600 })
    } catch (cause) {
      throw new EnvironmentFault('FILE_UNREADABLE', `${flags.out}: cannot be written`, {
        cause,
        suggestion: 'name a file in a folder that you may write to',
      })
    }
    this.note(
      `${flags.out}: ${exported.events.length} events, the log is ${chain.intact ? 'intact' : 'ALTERED'}`,
    )
    if (!chain.intact) process.exitCode = exitCodes.targetFailed
    return exported
  }
}
