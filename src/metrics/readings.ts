import type { Metric, Reading } from '../core/metric.ts'
import type { ProbeFamily } from './catalogue.ts'
import { type LabelString, labelsNamed, noLabels } from './exposition.ts'
import { readSafely } from './figures.ts'

/** One number of a run and the labels that it has beside its target's. */
export interface LabelledNumber {
  readonly labels: LabelString
  readonly value: number
}

/** A device may show any number of interfaces; a scrape does not. */
const maxReadings = 512
const maxLabelLength = 128

type Facts = Readonly<Record<string, unknown>>

const isShort = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= maxLabelLength

const cut = (labels: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.values(labels).every(isShort)
    ? (labels as Readonly<Record<string, string>>)
    : Object.fromEntries(
        Object.entries(labels).map(([name, value]) => [name, String(value).slice(0, maxLabelLength)]),
      )

const isNumbered = (reading: unknown): reading is Reading =>
  typeof reading === 'object' && reading !== null && 'value' in reading && typeof reading.value === 'number'

const listed = (metric: Metric<Facts>, readings: readonly Reading[]): readonly LabelledNumber[] => {
  const byLabels = new Map(
    readings
      .slice(0, maxReadings)
      .filter(isNumbered)
      .map(({ value, labels }) => [labels ? labelsNamed(metric.labels ?? [], cut(labels)) : noLabels, value]),
  )
  return [...byLabels].map(([labels, value]) => ({ labels, value }))
}

/**
 * What a metric shows of one run: a number, or numbers with only labels that it declares, each set of labels once,
 * bounded in number and length. Facts of an unforeseen shape show nothing.
 */
export const shownOf = (metric: Metric<Facts>, facts: Facts): number | readonly LabelledNumber[] => {
  const read = readSafely(metric.read, facts)
  if (typeof read === 'number') return read
  return Array.isArray(read) ? listed(metric, read as readonly Reading[]) : []
}

/** The same as a list, whatever the kind: empty where it does not show this family. */
export const readingsOf = (
  { readers }: ProbeFamily,
  kind: string,
  facts: Facts,
): readonly LabelledNumber[] => {
  const metric = readers.get(kind)
  const shown = metric === undefined ? [] : shownOf(metric, facts)
  return typeof shown === 'number' ? [{ labels: noLabels, value: shown }] : shown
}
