import { type Rejection, rejections } from './intake.ts'

/** Counts since the start of the process, by reason or status. */
export interface Counters {
  reject(reason: Rejection, count: number): void
  refuse(status: number): void
  /** A connection beyond those that are held at a time. */
  dropConnection(): void
  readonly droppedConnections: () => number
  readonly rejected: ReadonlyMap<Rejection, number>
  readonly refused: ReadonlyMap<number, number>
}

const addTo = <Key>(counts: Map<Key, number>, key: Key, count: number): void =>
  void counts.set(key, (counts.get(key) ?? 0) + count)

export const createCounters = (): Counters => {
  // From zero on, or Prometheus would not see that the first of its kind was one more.
  const rejected = new Map<Rejection, number>(rejections.map((reason) => [reason, 0]))
  const refused = new Map<number, number>()
  let dropped = 0
  return {
    dropConnection: () => void (dropped += 1),
    droppedConnections: () => dropped,
    rejected,
    refused,
    reject: (reason, count) => addTo(rejected, reason, count),
    refuse: (status) => addTo(refused, status, 1),
  }
}
