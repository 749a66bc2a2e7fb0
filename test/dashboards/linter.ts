import * as units from '@grafana/grafana-foundation-sdk/units'
import { type Dashboard, type Panel, panelsOf, type Variable } from './board.ts'

/**
 * The rules of Grafana's dashboard-linter, written anew from their descriptions. Not taken over: a job and an instance
 * template (one collector tells of a whole city: what is chosen are counties, nodes, systems).
 */

const known: ReadonlySet<string> = new Set<unknown>(Object.values(units)) as ReadonlySet<string>

/** Panels of Grafana 11 and later that show queries; `graph`, `singlestat`, `table-old`, … are gone. */
const current = new Set([
  'barchart',
  'bargauge',
  'gauge',
  'heatmap',
  'histogram',
  'piechart',
  'stat',
  'state-timeline',
  'table',
  'timeseries',
])

const templated = '${datasource}'

const panelFaults = ({ type, title, description, datasource, fieldConfig, targets = [] }: Panel) => {
  const { unit } = fieldConfig.defaults
  return [
    ...(title === '' ? ['no title'] : []),
    ...((description ?? '') === '' ? ['no description'] : []),
    ...(current.has(type) ? [] : [`${type} is deprecated or unknown`]),
    ...(unit !== undefined && known.has(unit) ? [] : [`unit ${String(unit)} is none of Grafana’s`]),
    ...(datasource?.uid === templated
      ? []
      : [`expected the data source ${templated}, got ${String(datasource?.uid)}`]),
    ...(targets.length === 0 ? ['no query'] : []),
    ...targets.flatMap(({ expr, interval }) => [
      ...(/\b(?:rate|irate|increase)\([^[]*\[(?!\$__rate_interval\])/u.test(expr)
        ? [`expected [$__rate_interval], got ${expr}`]
        : []),
      ...(/instance\s*=/u.test(expr) ? [`names an instance: ${expr}`] : []),
      ...(isBesideZero(expr) ? [`shows a zero beside what there is: ${expr}`] : []),
      ...(/\brate\([^[]*snmp_/u.test(expr) && !isSlow(interval)
        ? [`expected a step of a minute, as counters of devices are read: ${expr}`]
        : []),
    ]),
  ].map((fault) => `${title}: ${fault}`)
}

/** `or` adds what the left side has no labels of: beside series with labels the zero is one more of them, always. */
const isBesideZero = (expr: string): boolean =>
  / or vector\(0\)/u.test(expr) && (/\bby \(/u.test(expr) || !/\b(?:sum|count|max|min|avg)\(/u.test(expr))

/** `$__rate_interval` is four of these: with those of the scrape a counter that is read each minute would be a saw. */
const isSlow = (interval: string | undefined): boolean => interval === '1m'

const variableFaults = ({ name, type, label, datasource }: Variable): readonly string[] => [
  ...((label ?? '') === '' ? [`$${name}: no label`] : []),
  ...(type === 'datasource' || datasource?.uid === templated ? [] : [`$${name}: not of ${templated}`]),
]

const usedNames = (board: Dashboard): ReadonlySet<string> => {
  const text = JSON.stringify([board.panels, board.templating.list.map(({ query }) => query)])
  return new Set(
    [...text.matchAll(/\$(?:\{(\w+)[^}]*\}|(\w+))/gu)].map(([, long, short]) => long ?? short ?? ''),
  )
}

/** What is wrong with a board, in words. */
export const faultsOf = (board: Dashboard): readonly string[] => {
  const { list } = board.templating
  const names = list.map(({ name }) => name)
  const used = usedNames(board)
  return [
    ...(list[0]?.type === 'datasource' && list[0].name === 'datasource' ? [] : ['no data source to choose']),
    ...list.flatMap(variableFaults),
    ...names.filter((name) => !used.has(name)).map((name) => `$${name}: not used`),
    ...[...used]
      .filter((name) => !name.startsWith('__') && !names.includes(name))
      .map((name) => `$${name}: not there`),
    ...panelsOf(board).flatMap(panelFaults),
  ]
}
