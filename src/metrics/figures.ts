import type { Metric, Reading } from '../core/metric.ts'
import { probeFamilies } from './catalogue.ts'

/** The two numbers that history keeps beside status and duration, for the kinds that have them. */
export interface Figures {
  readonly lossRatio?: number
  readonly rttSeconds?: number
}

type Facts = Readonly<Record<string, unknown>>
type Read = Metric<Facts>['read']

const readersNamed = (suffix: string): ReadonlyMap<string, Read> =>
  new Map(
    probeFamilies
      .filter(({ definition }) => definition.name.endsWith(suffix))
      .flatMap(({ readers }) => [...readers].map(([kind, metric]) => [kind, metric.read] as const)),
  )

const lossReaders = readersNamed('_loss_ratio')
const rttReaders = readersNamed('_rtt_seconds')

const isMean = ({ labels = {} }: Reading): boolean =>
  Object.keys(labels).length === 0 ||
  Object.values(labels).some((value) => value === 'avg' || value === 'mean')

const numberIn = (reading: ReturnType<Read>): number | undefined => {
  const value = typeof reading === 'object' ? reading.find(isMean)?.value : reading
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** What a reader makes of facts; undefined for facts of another shape than its kind promises. */
export const readSafely = (read: Read, facts: Facts): ReturnType<Read> => {
  try {
    return read(facts)
  } catch {
    return undefined
  }
}

const figure = (readers: ReadonlyMap<string, Read>, kind: string, facts: Facts): number | undefined => {
  const read = readers.get(kind)
  return read && numberIn(readSafely(read, facts))
}

/** Loss and mean round-trip time among the facts of a run, by the kind's own metrics `…_loss_ratio` and `…_rtt_seconds`. */
export const figuresOf = (kind: string, facts: Facts): Figures => {
  const lossRatio = figure(lossReaders, kind, facts)
  const rttSeconds = figure(rttReaders, kind, facts)
  return { ...(lossRatio !== undefined && { lossRatio }), ...(rttSeconds !== undefined && { rttSeconds }) }
}
