import type {
  Bounded,
  SegmentationReport,
  StateCounts,
  StatusItem,
  StatusReport,
} from '../collector/status.ts'
import { age } from './age.ts'
import { printable } from './printable.ts'
import { type Column, table } from './table.ts'

const count = (header: string, read: (row: StateCounts) => number): Column<StateCounts> => ({
  header,
  align: 'right',
  read: (row) => String(read(row)),
})

const share = ({ total, up, unprobed }: StateCounts): string =>
  total === unprobed ? '–' : `${((up / (total - unprobed)) * 100).toFixed(1)} %`

const stateColumns: readonly Column<StateCounts>[] = [
  count('TOTAL', ({ total }) => total),
  count('UP', ({ up }) => up),
  count('DOWN', ({ down }) => down),
  count('UNREACHABLE', ({ unreachable }) => unreachable),
  count('UNKNOWN', ({ unknown }) => unknown),
  count('UNPROBED', ({ unprobed }) => unprobed),
  { header: 'UP/PROBED', align: 'right', read: share },
]

const countsTable = <Row extends StateCounts>(
  header: string,
  name: (row: Row) => string,
  rows: readonly Row[],
): readonly string[] =>
  rows.length === 0 ? [] : [table<Row>([{ header, read: name, least: 12 }, ...stateColumns], rows)]

const clock = (iso: string | undefined): string => iso?.replace(/\.\d+Z$/u, 'Z') ?? ''

const why = ({ kind, reason }: StatusItem): string =>
  [kind, reason].filter((part) => part !== undefined).join(': ')

const target: Column<StatusItem> = { header: 'TARGET', read: (item) => item.target }
const name: Column<StatusItem> = { header: 'NAME', read: (item) => item.name, least: 16 }

const sinceAt =
  (at: string) =>
  ({ since }: Pick<StatusItem, 'since'>): string =>
    since === undefined ? '' : age((Date.parse(at) - Date.parse(since)) / 1000)

const sinceColumn = (at: string): Column<StatusItem> => ({
  header: 'SINCE',
  align: 'right',
  read: sinceAt(at),
})

const itemColumns = ({ at }: StatusReport): readonly Column<StatusItem>[] => [
  target,
  name,
  { header: 'WHY', read: why },
  sinceColumn(at),
  { header: 'DETAIL', read: ({ detail }) => detail ?? '', least: 12, optional: true },
]

/** What is down, and how many cannot be reached for it. */
const downColumns = (report: StatusReport): readonly Column<StatusItem>[] => {
  const behind = new Map(report.outages.items.map((outage) => [outage.target, outage.behind.count]))
  const columns = itemColumns(report)
  if (behind.values().every((each) => each === 0)) return columns
  return columns.toSpliced(-1, 0, {
    header: 'BEHIND',
    align: 'right',
    read: (item) => String(behind.get(item.target) || ''),
  })
}

const shownItems = 20

const listed = <Item>(
  title: (total: number) => string,
  { count: total, items }: Bounded<Item>,
  columns: readonly Column<Item>[],
): readonly string[] => {
  if (total === 0) return []
  const shown = items.slice(0, shownItems)
  const rest = total - shown.length
  return [
    title(total),
    table(columns, shown) + (rest > 0 ? `\n… and ${String(rest)} more: --json has them` : ''),
  ]
}

/** An assertion about its vantage is violated by an answer only. */
const whyNotSegmented = ({ vantage, reason }: SegmentationReport): string =>
  reason === 'assertion' ? `answers from ${vantage ?? ''}` : `${vantage ?? ''}: ${reason ?? ''}`

const segmentationColumns = (at: string): readonly Column<SegmentationReport>[] => [
  { header: 'TARGET', read: (item) => item.target },
  { header: 'NAME', read: (item) => item.name, least: 16 },
  { header: 'AT', read: ({ kind, endpoint }) => `${kind} ${endpoint}` },
  { header: 'RESULT', read: ({ result }) => (result === 'violated' ? 'VIOLATED' : result) },
  { header: 'WHY', read: whyNotSegmented },
  { header: 'SINCE', align: 'right', read: sinceAt(at) },
  { header: 'DETAIL', read: ({ detail }) => detail ?? '', least: 12, optional: true },
]

const segmentationTable = ({ at, segmentations }: StatusReport): readonly string[] => {
  const { total, holds, violated, unknown } = segmentations
  if (total === 0) return []
  const title = `segmentation: ${String(holds)} of ${String(total)} hold, ${String(violated.count)} violated, ${String(unknown.count)} unknown`
  const failing = {
    count: violated.count + unknown.count,
    items: [...violated.items, ...unknown.items],
  }
  return failing.count === 0 ? [title] : listed(() => title, failing, segmentationColumns(at))
}

const agentsTable = (agents: StatusReport['agents']): readonly string[] =>
  agents.length === 0
    ? ['no agent is known: `yiwang agent invite ID`']
    : [
        'agents',
        table(
          [
            { header: 'AGENT', read: ({ agent }) => agent },
            { header: 'VANTAGE', read: ({ vantage }) => vantage },
            {
              header: 'STATE',
              read: ({ state, silent }) => (state === 'active' && silent ? 'SILENT' : state),
            },
            {
              header: 'HEARD',
              align: 'right',
              read: ({ heartbeatAgeSeconds: heard }) => (heard === undefined ? '' : age(heard)),
            },
            { header: 'CLOCK', align: 'right', read: ({ clockSkewSeconds: skew }) => seconds(skew) },
            { header: 'SPOOLED', align: 'right', read: ({ spoolDepth }) => String(spoolDepth ?? '') },
          ],
          agents,
        ),
      ]

/** Never `-0.0 s`. */
const seconds = (value: number | undefined): string =>
  value === undefined ? '' : `${(Math.round(value * 10) / 10 || 0).toFixed(1)} s`

/** What a trouble of the collector does to what is shown. */
const consequences: Readonly<Record<string, string>> = {
  history: 'nothing new is kept, and agents hold what they see: what follows may be old',
  inventory: 'what was read last stays in force',
  plan: 'the plan before stays in force',
}

const troubleText = ({ with: what, message }: StatusReport['problems'][number]): string =>
  [
    `! the collector has trouble with its ${what}: ${printable(message)}`,
    ...(what in consequences ? [`  ${consequences[what] ?? ''}`] : []),
  ].join('\n')

const headline = ({ version, at, inventoryRevision, jobs }: StatusReport): string =>
  `yiwang ${version} at ${clock(at)}, inventory revision ${String(inventoryRevision)}, ${String(jobs)} jobs`

/** How things stand, for a person at a terminal: coverage first, then what is wrong and why. */
export const standingText = (report: StatusReport): string => {
  const { coverage, systems, devices, uplinks, outages, down, unknown, redundancyLost } = report
  const classes = [
    { name: 'systems', ...systems },
    { name: 'devices', ...devices },
    { name: 'uplinks', ...uplinks },
  ].filter(({ total }) => total > 0)
  return [
    headline(report),
    ...report.problems.map(troubleText),
    ...countsTable('LEVEL', ({ level }) => level, coverage.byLevel),
    ...countsTable('COUNTY', ({ county, name }) => `${county} ${name}`, coverage.byCounty),
    ...countsTable('OTHER', ({ name }) => name, classes),
    ...segmentationTable(report),
    ...listed((total) => `redundancy lost: ${String(total)}`, redundancyLost, [
      target,
      name,
      { header: 'DEAD UPLINKS', read: ({ deadUplinks }) => deadUplinks.join(', '), least: 16 },
    ]),
    ...listed(
      (total) => `down: ${String(total)}, outages: ${String(outages.count)}`,
      down,
      downColumns(report),
    ),
    ...listed((total) => `unknown: ${String(total)}`, unknown, itemColumns(report)),
  ].join('\n\n')
}

/** The same, with the agents that it comes from. */
export const statusText = (report: StatusReport): string =>
  [standingText(report), ...agentsTable(report.agents)].join('\n\n')
