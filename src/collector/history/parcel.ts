import type { Cause, Status } from '../../core/outcome.ts'
import type { Delivery } from './port.ts'

/** Rows as columns: a thread is handed copies, and columns are copied several times as fast as objects. */
export interface Columns {
  readonly sequence: readonly number[]
  readonly job: readonly string[]
  readonly observedAt: readonly number[]
  readonly status: readonly Status[]
  readonly cause: readonly (Cause | null)[]
  readonly seconds: readonly number[]
  readonly lossRatio: readonly (number | null)[]
  readonly rttSeconds: readonly (number | null)[]
  /** The observation whole, in JSON. */
  readonly text: readonly string[]
}

/** A delivery as it is handed to the thread that writes. */
export interface Parcel extends Omit<Delivery, 'rows'> {
  readonly rows: Columns
}

export const parcelOf = ({ rows, ...rest }: Delivery): Parcel => ({
  ...rest,
  rows: {
    sequence: rows.map(({ sequence }) => sequence),
    job: rows.map(({ observation }) => observation.job),
    observedAt: rows.map(({ observation }) => observation.observedAt),
    status: rows.map(({ observation }) => observation.status),
    cause: rows.map(({ observation }) => observation.cause ?? null),
    seconds: rows.map(({ observation }) => observation.seconds),
    lossRatio: rows.map(({ lossRatio }) => lossRatio ?? null),
    rttSeconds: rows.map(({ rttSeconds }) => rttSeconds ?? null),
    text: rows.map(({ observation }) => JSON.stringify(observation)),
  },
})

/** One row of a parcel. */
export interface Row {
  readonly sequence: number
  readonly job: string
  readonly observedAt: number
  readonly status: Status
  readonly cause: Cause | null
  readonly seconds: number
  readonly lossRatio: number | null
  readonly rttSeconds: number | null
  readonly text: string
}

/** The rows of a parcel, in its order. */
export const rowsOf = ({ rows }: Parcel): readonly Row[] =>
  rows.text.map((text, at) => ({
    sequence: rows.sequence[at] as number,
    job: rows.job[at] as string,
    observedAt: rows.observedAt[at] as number,
    status: rows.status[at] as Status,
    cause: rows.cause[at] as Cause | null,
    seconds: rows.seconds[at] as number,
    lossRatio: rows.lossRatio[at] as number | null,
    rttSeconds: rows.rttSeconds[at] as number | null,
    text,
  }))
