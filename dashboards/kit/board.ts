import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import { datasource } from './panels.ts'

/** A choice of the reader's, from what the metrics have. */
export interface Variable {
  readonly name: string
  readonly label: string
  /** PromQL; its result is read by `regex` as Grafana prints it. */
  readonly query: string
  /** With the named groups `text` and `value`. */
  readonly regex: string
  /** Several at once, or all. */
  readonly multi?: boolean
}

export interface BoardPlan {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly variables?: readonly Variable[]
  readonly rows: readonly Row[]
}

export interface Row {
  readonly title: string
  readonly panels: readonly Builder<Panel>[]
}

export const boardTag = 'yiwang'

const variableOf = ({ name, label, query, regex, multi = false }: Variable): QueryVariableBuilder =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query({ query: `query_result(${query})`, refId: `variable-${name}` })
    .definition(`query_result(${query})`)
    .regex(regex)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(multi)
    .includeAll(multi)

/** Values are those of a label, shown by their names. */
export const byName = (value: string): string => `/name="(?<text>[^"]+)"|${value}="(?<value>[^"]+)"/g`

/** The address of a board; `variables` as the query string has them. */
export const boardUrl = (uid: string, variables = ''): string =>
  `/d/${uid}?\${datasource:queryparam}&\${__url_time_range}${variables && `&${variables}`}`

const siblings = (): DashboardLinkBuilder =>
  new DashboardLinkBuilder('一网')
    .type(DashboardLinkType.Dashboards)
    .tags([boardTag])
    .asDropdown(true)
    .keepTime(true)
    .includeVars(false)

/** Grafana's classic model, which every version since 8 reads; the SDK prefers one that needs version 13. */
// eslint-disable-next-line @typescript-eslint/no-deprecated -- see decision 62
const startBoard = (title: string): DashboardBuilder => new DashboardBuilder(title)

/** The board as Grafana's JSON. */
export const buildBoard = ({ uid, title, description, variables = [], rows }: BoardPlan): string => {
  const builder = startBoard(title)
    .uid(uid)
    .description(description)
    .tags([boardTag])
    .timezone('browser')
    .time({ from: 'now-6h', to: 'now' })
    .refresh('1m')
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .link(siblings())
    .withVariable(new DatasourceVariableBuilder('datasource').label('数据源').type('prometheus'))
  for (const variable of variables) builder.withVariable(variableOf(variable))
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title))
    for (const panel of row.panels) builder.withPanel(panel)
  }
  return `${JSON.stringify(builder.build(), undefined, 2)}\n`
}
