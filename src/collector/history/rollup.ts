import { type Rollup, type SequencedObservation, histogramEdgesSeconds } from './port.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

/** What some observations add to one hour of one job. */
export type Tally = Omit<Rollup, 'job' | 'hour' | 'target' | 'kind' | 'vantage' | 'histogram'> & {
  readonly histogram: readonly number[]
}

const emptyHistogram: readonly number[] = new Array<number>(histogramEdgesSeconds.length + 1).fill(0)

export const emptyTally: Tally = {
  up: 0,
  down: 0,
  unknown: 0,
  secondsSum: 0,
  lossSum: 0,
  lossCount: 0,
  histogram: emptyHistogram,
}

const bucketOf = (seconds: number): number => {
  const at = histogramEdgesSeconds.findIndex((edge) => seconds <= edge)
  return at === -1 ? histogramEdgesSeconds.length : at
}

const countIn = (histogram: readonly number[], seconds: number): readonly number[] =>
  histogram.with(bucketOf(seconds), (histogram[bucketOf(seconds)] ?? 0) + 1)

/** The tally with one more observation; times count only where the target answered. */
export const tally = (sum: Tally, row: SequencedObservation): Tally => {
  const { status, seconds } = row.observation
  const isUp = status === 'up'
  return {
    up: sum.up + Number(isUp),
    down: sum.down + Number(status === 'down'),
    unknown: sum.unknown + Number(status === 'unknown'),
    secondsSum: sum.secondsSum + (isUp ? seconds : 0),
    lossSum: sum.lossSum + (row.lossRatio ?? 0),
    lossCount: sum.lossCount + Number(row.lossRatio !== undefined),
    histogram: isUp ? countIn(sum.histogram, row.rttSeconds ?? seconds) : sum.histogram,
  }
}

/** Start of the hour of an instant, milliseconds since the epoch. */
export const hourOf = (at: number): number => Math.floor(at / hourMs) * hourMs

/** Day number since the epoch, UTC. */
export const dayOf = (at: number): number => Math.floor(at / dayMs)
