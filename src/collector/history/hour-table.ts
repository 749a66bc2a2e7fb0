/** As wide as the numbers ask for. */
export type Counts = Uint8Array | Uint16Array | Uint32Array

/** What jobs came to in hours, all agents together: the hours of a job side by side. */
export interface HourCounts {
  readonly up: Counts
  readonly down: Counts
  readonly unknown: Counts
  /** Of `down`, the failures in which something answered. */
  readonly answered: Counts
}

export type Column = keyof HourCounts

export const columns = ['up', 'down', 'unknown', 'answered'] as const satisfies readonly Column[]

export const columnsOf = (make: (column: Column) => Counts): HourCounts => ({
  up: make('up'),
  down: make('down'),
  unknown: make('unknown'),
  answered: make('answered'),
})

/** What one job came to in a list of hours: the counts from `from` up to `to`, in the order of that list. */
export interface HoursOfJob extends HourCounts {
  readonly from: number
  readonly to: number
}

/** Columns of the roll-ups of one hour, each as a JSON list: all jobs, and those with other looks than up. */
export type Texts = Readonly<Record<Column | 'jobs' | 'others', string>>

const numbersIn = (text: string): readonly number[] => JSON.parse(text) as readonly number[]

/** Counts of jobs whose numbers follow each other, `width` of each job; a column without any is empty. */
export interface Packed {
  readonly first: number
  readonly width: number
  readonly counts: HourCounts
}

/** From which hours of what was packed to which of a table. */
export interface HourPlaces {
  readonly from: readonly number[]
  readonly to: readonly number[]
}

export interface HourTable {
  readonly counts: HourCounts
  fill(texts: Texts, hour: number): void
  /** Takes over what was packed of the jobs in these places. */
  take(packed: Packed, [begin, end]: readonly [begin: number, end: number], hours: HourPlaces): void
  /** By number of the job; undefined without any look. */
  readonly of: (job: number) => HoursOfJob | undefined
}

/** The counts of sorted jobs in a list of so many hours. Millions of them go through here: no iterators, no pairs. */
export const createTable = (jobs: readonly number[], width: number): HourTable => {
  const first = jobs[0] ?? 0
  const places = new Int32Array((jobs.at(-1) ?? 0) - first + 1).fill(-1)
  for (let place = 0; place < jobs.length; place += 1) places[(jobs[place] ?? 0) - first] = place
  const seen = new Uint8Array(jobs.length)
  const blank: Counts = new Uint8Array(jobs.length * width)
  const counts: { [Each in Column]: Counts } = columnsOf(() => blank)
  // Most days have nothing but looks that were up.
  const roomFor = (column: Column): Counts => {
    if (counts[column] === blank) counts[column] = new Uint32Array(jobs.length * width)
    return counts[column]
  }
  const put = (column: Column, hour: number, rows: readonly number[], text: string): void => {
    if (rows.length === 0) return
    const [values, own] = [numbersIn(text), roomFor(column)]
    for (let at = 0; at < rows.length; at += 1) {
      const place = places[(rows[at] ?? 0) - first] ?? -1
      if (place < 0) continue
      own[place * width + hour] = values[at] ?? 0
      seen[place] = 1
    }
  }
  return {
    counts,
    fill: (texts, hour) => {
      put('up', hour, numbersIn(texts.jobs), texts.up)
      const others = numbersIn(texts.others)
      for (const column of ['down', 'unknown', 'answered'] as const) put(column, hour, others, texts[column])
    },
    take: (packed, [begin, end], { from, to }) => {
      for (const column of columns) {
        const values = packed.counts[column]
        if (values.length === 0) continue
        const own = roomFor(column)
        for (let place = begin; place < end; place += 1) {
          const row = ((jobs[place] ?? 0) - packed.first) * packed.width
          for (let at = 0; at < from.length; at += 1) {
            const value = values[row + (from[at] ?? 0)] ?? 0
            if (value === 0) continue
            own[place * width + (to[at] ?? 0)] = value
            seen[place] = 1
          }
        }
      }
    },
    of: (job) => {
      const place = places[job - first] ?? -1
      if (place < 0 || seen[place] === 0) return undefined
      const from = place * width
      const { up, down, unknown, answered } = counts
      return { up, down, unknown, answered, from, to: from + width }
    },
  }
}
