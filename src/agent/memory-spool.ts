import { randomUUID } from 'node:crypto'
import type { Observation } from '../core/observation.ts'
import { type PeekLimit, type Spool, type SpoolBounds, rowOverheadBytes } from './spool.ts'

interface Row {
  readonly observation: Observation
  readonly bytes: number
}

/** How many of the oldest rows must go so that the rest takes no more than `maxBytes`. */
const excess = (rows: readonly Row[], bytes: number, maxBytes: number): number => {
  let left = bytes
  let count = 0
  for (; left > maxBytes && count < rows.length; count += 1) left -= rows[count]?.bytes ?? 0
  return count
}

const within = (rows: readonly Row[], { observations, bytes }: PeekLimit): readonly Row[] => {
  let sum = 0
  const taken = rows.slice(0, observations)
  const end = taken.findIndex((row, index) => (sum += row.bytes) > bytes && index > 0)
  return end < 0 ? taken : taken.slice(0, end)
}

/** A spool that lives as long as its process. */
export const memorySpool = ({ maxBytes, onDropped }: SpoolBounds): Spool => {
  let stream = randomUUID()
  const rows: Row[] = []
  let firstSequence = 1
  let bytes = 0
  const forget = (count: number): void => {
    for (const row of rows.splice(0, count)) bytes -= row.bytes
    firstSequence += count
  }
  return {
    append: (observations) => {
      for (const observation of observations) {
        const size = JSON.stringify(observation).length + rowOverheadBytes
        rows.push({ observation, bytes: size })
        bytes += size
      }
      const dropped = excess(rows, bytes, maxBytes)
      forget(dropped)
      if (dropped > 0) onDropped(dropped)
      return Promise.resolve()
    },
    peek: (limit) =>
      Promise.resolve({
        stream,
        firstSequence,
        observations: within(rows, limit).map(({ observation }) => observation),
      }),
    acknowledge: (sequence) => {
      forget(Math.min(rows.length, Math.max(0, sequence - firstSequence + 1)))
      return Promise.resolve()
    },
    beginStream: () => {
      stream = randomUUID()
      return Promise.resolve()
    },
    depth: () => rows.length,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
