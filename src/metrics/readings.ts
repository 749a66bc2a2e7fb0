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

/** Sets of labels that come again, as interfaces do at each run. */
const maxRemembered = 10_000

interface Remembered {
  readonly labels: LabelString
  /** The list that these were last put in, by number, and where. */
  list: number
  at: number
}

const keyOf = (names: readonly string[], labels: Readonly<Record<string, string>>): string => {
  const [first = '', ...rest] = names
  let key = labels[first] ?? ''
  for (const name of rest) key += `\0${labels[name] ?? ''}`
  return key
}

/** Renders the labels that a metric declares; what was rendered before is only looked up. */
const labelling = (names: readonly string[]): ((labels: Readonly<Record<string, string>>) => Remembered) => {
  const known = new Map<string, Remembered>()
  return (labels) => {
    const key = keyOf(names, labels)
    const before = known.get(key)
    if (before !== undefined) return before
    const fresh = { labels: labelsNamed(names, cut(labels)), list: 0, at: 0 }
    if (known.size >= maxRemembered) known.clear()
    known.set(key, fresh)
    return fresh
  }
}

/** Reads a metric from the facts of its kind. */
export type Reader = (facts: Facts) => number | readonly LabelledNumber[]

/**
 * What a metric shows of one run: a number, or numbers with only labels that it declares, each set of labels once,
 * bounded in number and length. Facts of an unforeseen shape show nothing.
 */
export const readerOf = (metric: Metric<Facts>): Reader => {
  const remember = labelling(metric.labels ?? [])
  let lists = 0
  const listed = (readings: readonly unknown[]): readonly LabelledNumber[] => {
    const list: LabelledNumber[] = []
    lists += 1
    for (const reading of readings.slice(0, maxReadings)) {
      if (!isNumbered(reading)) continue
      const known = remember(reading.labels ?? {})
      const at = known.list === lists ? known.at : list.length
      known.list = lists
      known.at = at
      list[at] = { labels: known.labels, value: reading.value }
    }
    return list
  }
  return (facts) => {
    const read = readSafely(metric.read, facts)
    if (typeof read === 'number') return read
    return Array.isArray(read) ? listed(read) : []
  }
}

/** The same as a list, whatever the kind: empty where it does not show this family. */
export const readingsOf = (
  { readers }: ProbeFamily,
  kind: string,
  facts: Facts,
): readonly LabelledNumber[] => {
  const metric = readers.get(kind)
  const shown = metric === undefined ? [] : readerOf(metric)(facts)
  return typeof shown === 'number' ? [{ labels: noLabels, value: shown }] : shown
}
