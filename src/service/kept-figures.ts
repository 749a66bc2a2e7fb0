import type { Collector } from '../collector/collector.ts'
import type { Family } from '../metrics/exposition.ts'
import { type Paced, paced } from './paced.ts'

/** What figures are made of, beside what each keeps by itself. */
export type Watched = Pick<Collector, 'inventory' | 'judged' | 'agents'>

/** Figures made ready apart from any scrape. */
export interface KeptFigures extends Disposable {
  readonly families: () => readonly Family[]
  /** Makes the figures of now. Rejects as what they are made of does when it is read. */
  readonly refresh: (collector: Watched) => Promise<void>
  /** Refreshes them again and again until it is disposed. */
  readonly watch: (collector: Watched) => void
}

interface Making extends Omit<Paced, 'work'> {
  readonly make: (collector: Watched) => Promise<readonly Family[]>
}

/** Keeps what was made last. */
export const keepFigures = ({ make, ...when }: Making): KeptFigures => {
  const stop = new AbortController()
  let families: readonly Family[] = []
  const refresh = async (collector: Watched): Promise<void> => {
    families = await make(collector)
  }
  return {
    families: () => families,
    refresh,
    watch: (collector) => void paced({ ...when, work: () => refresh(collector) }, stop.signal),
    [Symbol.dispose]: () => stop.abort(),
  }
}
