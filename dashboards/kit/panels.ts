import { BigValueColorMode, BigValueGraphMode } from '@grafana/grafana-foundation-sdk/common'
import {
  DashboardLinkBuilder,
  MappingType,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as SeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'

/** Every panel asks the data source that the reader chose. */
export const datasource = { type: 'prometheus', uid: '${datasource}' } as const

export interface Query {
  readonly expr: string
  /** With labels in double braces; default: every label. */
  readonly legend?: string
  /** How often what it asks for changes, where that is less often than it is scraped: `$__rate_interval` is made of it. */
  readonly minStep?: string
}

export interface Link {
  readonly title: string
  readonly url: string
}

/** What all kinds of panels need; widths are of 24 columns, heights of 30 pixels. */
export interface PanelPlan {
  readonly title: string
  readonly description: string
  /** Of Grafana's units. */
  readonly unit: string
  readonly queries: readonly [Query, ...Query[]]
  readonly width: number
  readonly height: number
  readonly steps?: readonly Threshold[]
  readonly mappings?: readonly ValueMapping[]
  readonly link?: Link
}

export const colours = { good: 'green', warn: 'orange', bad: 'red', none: 'text', off: 'blue' } as const

const from = (
  ...[base, ...steps]: readonly [string, ...(readonly [number, string])[]]
): readonly Threshold[] => [
  { value: null, color: base },
  ...steps.map(([value, color]) => ({ value, color })),
]

/** Green below the first value. */
export const rising = (warn: number, bad: number): readonly Threshold[] =>
  from(colours.good, [warn, colours.warn], [bad, colours.bad])

/** Red below the first value. */
export const falling = (bad: number, warn: number): readonly Threshold[] =>
  from(colours.bad, [bad, colours.warn], [warn, colours.good])

/** Any is too many. */
export const anyIsBad = from(colours.good, [1, colours.bad])
export const plain = from(colours.none)

/** Texts and colours of a metric whose values are words. */
export const words = (
  options: Readonly<Record<string, readonly [text: string, color: string]>>,
): readonly ValueMapping[] => [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      Object.entries(options).map(([value, [text, color]], index) => [value, { text, color, index }]),
    ),
  },
]

/** The same of a list of labels that judges nothing. */
export const labelWords = (labels: Readonly<Record<string, string>>): readonly ValueMapping[] =>
  words(Object.fromEntries(Object.entries(labels).map(([value, text]) => [value, [text, colours.none]])))

const queryOf = ({ expr, legend, minStep }: Query, index: number): DataqueryBuilder => {
  const query = new DataqueryBuilder().refId(String.fromCharCode(65 + index)).expr(expr)
  if (legend !== undefined) query.legendFormat(legend)
  if (minStep !== undefined) query.interval(minStep)
  return query
}

type AnyBuilder = StatBuilder | TableBuilder | SeriesBuilder

const thresholdsOf = (steps: readonly Threshold[]): ThresholdsConfigBuilder =>
  new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...steps])

const dress = <Builder extends AnyBuilder>(builder: Builder, plan: PanelPlan): Builder => {
  builder
    .title(plan.title)
    .description(plan.description)
    .datasource(datasource)
    .span(plan.width)
    .height(plan.height)
    .unit(plan.unit)
    .thresholds(thresholdsOf(plan.steps ?? plain))
  if (plan.mappings) builder.mappings([...plan.mappings])
  if (plan.link) builder.dataLinks([new DashboardLinkBuilder(plan.link.title).url(plan.link.url)])
  return builder
}

/** One number, now. */
export const stat = (plan: PanelPlan): StatBuilder =>
  dress(new StatBuilder(), plan)
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .targets(plan.queries.map((query, index) => queryOf(query, index).instant()))

/** Lines over time. */
export const series = (plan: PanelPlan): SeriesBuilder =>
  dress(new SeriesBuilder(), plan)
    .fillOpacity(10)
    .targets(plan.queries.map((query, index) => queryOf(query, index).range()))

export interface TablePlan extends PanelPlan {
  /** Labels to show, in their order, with their headers; the value comes last. */
  readonly columns: Readonly<Record<string, string>>
  /** Header of the value of each query. */
  readonly values: readonly [string, ...string[]]
}

/** A row for each series, now; queries meet in the rows whose labels agree. */
export const table = (plan: TablePlan): TableBuilder => {
  const labels = Object.keys(plan.columns)
  const valueNames = plan.queries.map((_, index) =>
    plan.queries.length === 1 ? 'Value' : `Value #${String.fromCharCode(65 + index)}`,
  )
  const shown = [...labels, ...valueNames]
  const headers = [...Object.values(plan.columns), ...plan.values]
  return dress(new TableBuilder(), plan)
    .targets(
      plan.queries.map((query, index) => queryOf(query, index).instant().format(PromQueryFormat.Table)),
    )
    .transformations([
      ...(plan.queries.length > 1 ? [{ id: 'merge', options: {} }] : []),
      {
        id: 'organize',
        options: {
          includeByName: Object.fromEntries(shown.map((name) => [name, true])),
          indexByName: Object.fromEntries(shown.map((name, index) => [name, index])),
          renameByName: Object.fromEntries(shown.map((name, index) => [name, headers[index]])),
        },
      },
    ])
}
