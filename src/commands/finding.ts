import { Flags } from '@oclif/core'
import { exitCodes } from '../core/fault.ts'
import { categoryLabels, type Finding, type Severity, severityLabels } from '../security/events.ts'
import { findingsOf } from '../service/security-records.ts'
import { rules } from '../security/rules/index.ts'
import type { Rule } from '../security/rule.ts'
import { isOpenAt } from '../security/standing.ts'
import { csv } from '../terminal/csv.ts'
import { type Column, table } from '../terminal/table.ts'
import { asOfFlag, instantOf } from './as-of.ts'
import { YiwangCommand } from './base.ts'
import { timeIn, withLedger } from './security-ledger.ts'
import { takingWords } from './word-flag.ts'

const severities = Object.keys(severityLabels) as readonly Severity[]

const columnsIn = (zone: string): readonly Column<Finding>[] => [
  { header: '级别', read: ({ severity }) => severityLabels[severity] },
  { header: '规则', read: ({ rule }) => rule },
  { header: '对象', read: ({ target }) => target, least: 16 },
  { header: '名称', read: ({ targetName }) => targetName, least: 8, optional: true },
  { header: '发现', read: ({ title, saw }) => `${title}：${saw}`, least: 14 },
  { header: '起', read: ({ firstSeenAt }) => timeIn(zone, firstSeenAt) },
  {
    header: '止',
    read: ({ closedAt, flapping }) =>
      closedAt === undefined ? (flapping ? '反复' : '') : timeIn(zone, closedAt),
    optional: true,
  },
  { header: '事件', read: ({ incident }) => incident ?? '', optional: true },
]

const rankOf = ({ severity }: Finding): number => severities.indexOf(severity)

export class FindingList extends YiwangCommand {
  static override readonly summary = 'what is wrong now, by rule, the gravest first (发现)'
  static override readonly description =
    'The collector brings findings up to date while it runs. Exit code 3 where one is open that is critical or high.'
  static override readonly examples = [
    '<%= config.bin %> finding list --severity high',
    '<%= config.bin %> finding list --all --rule tls.expired --json',
    '<%= config.bin %> finding list --as-of 2026-11-22',
  ]
  static override readonly flags = {
    all: Flags.boolean({ summary: 'those that are closed as well' }),
    severity: takingWords(
      severityLabels,
      Flags.option({ summary: 'this severity and graver ones', options: severities })(),
    ),
    rule: Flags.string({ summary: 'only of this rule', helpValue: 'ID' }),
    target: Flags.string({ summary: 'only of this target', helpValue: 'ID' }),
    ...asOfFlag,
    csv: Flags.boolean({ summary: 'print CSV', exclusive: ['json'] }),
  }

  async run(): Promise<readonly Finding[]> {
    const { flags } = await this.parse(FindingList)
    const config = this.configuration(flags)
    const least = severities.indexOf(flags.severity ?? 'low')
    const at = instantOf(flags['as-of'], config.timezone, Date.now())
    const isOpen = isOpenAt(at)
    const found = withLedger(config, (ledger) => findingsOf(ledger, at))
      .filter((finding) => flags.all || isOpen(finding))
      .filter((finding) => rankOf(finding) <= least)
      .filter(({ rule }) => flags.rule === undefined || rule === flags.rule)
      .filter(({ target }) => flags.target === undefined || target === flags.target)
      .toSorted((one, other) => rankOf(one) - rankOf(other) || one.firstSeenAt - other.firstSeenAt)
    if (!this.jsonEnabled()) this.line((flags.csv ? csv : table)(columnsIn(config.timezone), found))
    if (found.some((finding) => isOpen(finding) && rankOf(finding) <= 1))
      process.exitCode = exitCodes.targetFailed
    return found
  }
}

type RuleRow = Omit<Rule, 'judge'>

const ruleColumns: readonly Column<RuleRow>[] = [
  { header: '规则', read: ({ id }) => id },
  { header: '名称', read: ({ title }) => title, least: 12 },
  { header: '级别', read: ({ severity }) => severityLabels[severity] },
  { header: '类别', read: ({ category }) => categoryLabels[category] },
  { header: '开', read: ({ policy: { open } }) => open.join('/') },
  { header: '关', read: ({ policy: { close } }) => String(close), align: 'right' },
  { header: '等保', read: ({ clauses }) => clauses.join(' '), least: 10, optional: true },
  { header: '处置', read: ({ remedy }) => remedy, least: 12, optional: true },
  { header: '影响', read: ({ why }) => why, least: 12, optional: true },
]

/** A rule as data. */
const rowOf = (rule: Rule): RuleRow => {
  const row: Partial<Rule> = { ...rule }
  Reflect.deleteProperty(row, 'judge')
  return row as RuleRow
}

export class RuleList extends YiwangCommand {
  static override readonly summary =
    'rules of security monitoring: what they find, why it matters, what to do'
  static override readonly description =
    'Open: found in so many of the last looks. Close: clear in so many looks in a row. Thresholds are settings (security.thresholds).'
  static override readonly examples = ['<%= config.bin %> rule list --json']

  async run(): Promise<readonly RuleRow[]> {
    await this.parse(RuleList)
    const rows = rules.map(rowOf)
    this.line(table(ruleColumns, rows))
    return rows
  }
}
