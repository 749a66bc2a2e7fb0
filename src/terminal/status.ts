import type { Bounded, StateCounts, StatusItem, StatusReport } from '../collector/status.ts'
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
  { header: 'UP OF PROBED', align: 'right', read: share },
]

const countsTable = <Row extends StateCounts>(
  header: string,
  name: (row: Row) => string,
  rows: readonly Row[],
): string => table<Row>([{ header, read: name }, ...stateColumns], rows)

const clock = (iso: string | undefined): string => iso?.replace(/\.\d+Z$/u, 'Z') ?? ''

const itemColumns: readonly Column<StatusItem>[] = [
  { header: 'TARGET', read: ({ target }) => target },
  { header: 'NAME', read: ({ name }) => name },
  { header: 'BY', read: ({ kind }) => kind ?? '' },
  { header: 'WHY', read: ({ reason }) => reason ?? '' },
  { header: 'SINCE', read: ({ since }) => clock(since) },
  { header: 'DETAIL', read: ({ detail }) => detail?.slice(0, 80) ?? '' },
]

/** What is down, and how many cannot be reached for it. */
const downColumns = (outages: StatusReport['outages']): readonly Column<StatusItem>[] => {
  const behind = new Map(outages.items.map((outage) => [outage.target, outage.behind.count]))
  return itemColumns.toSpliced(-1, 0, {
    header: 'BEHIND',
    align: 'right',
    read: ({ target }) => String(behind.get(target) ?? ''),
  })
}

const shownItems = 20

const listed = <Item>(
  title: string,
  { count: total, items }: Bounded<Item>,
  columns: readonly Column<Item>[],
): readonly string[] => {
  if (total === 0) return []
  const shown = items.slice(0, shownItems)
  const rest = total - shown.length
  return [
    `${title} (${String(total)})`,
    table(columns, shown) + (rest > 0 ? `\n… and ${String(rest)} more: --json has them` : ''),
  ]
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
            { header: 'HEARD', align: 'right', read: ({ heartbeatAgeSeconds: age }) => seconds(age) },
            { header: 'CLOCK', align: 'right', read: ({ clockSkewSeconds: skew }) => seconds(skew) },
            { header: 'SPOOLED', align: 'right', read: ({ spoolDepth }) => String(spoolDepth ?? '') },
          ],
          agents,
        ),
      ]

const seconds = (value: number | undefined): string => (value === undefined ? '' : `${value.toFixed(1)} s`)

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
    countsTable('LEVEL', ({ level }) => level, coverage.byLevel),
    countsTable('COUNTY', ({ county, name }) => `${county} ${name}`, coverage.byCounty),
    ...(classes.length > 0 ? [countsTable('OTHER', ({ name }) => name, classes)] : []),
    ...listed('redundancy lost', redundancyLost, [
      ...itemColumns.slice(0, 2),
      { header: 'DEAD UPLINKS', read: ({ deadUplinks }) => deadUplinks.join(', ') },
    ]),
    ...listed(`down, ${String(outages.count)} outages`, down, downColumns(outages)),
    ...listed('unknown', unknown, itemColumns),
  ].join('\n\n')
}

/** The same, with the agents that it comes from. */
export const statusText = (report: StatusReport): string =>
  [standingText(report), ...agentsTable(report.agents)].join('\n\n')
