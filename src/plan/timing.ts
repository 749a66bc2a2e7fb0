import type { Job } from './plan.ts'

const maxJitterMilliseconds = 1000

/** FNV-1a with the finalizer of MurmurHash3: even for ids that differ in one digit. */
const hash32 = (text: string): number => {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return mix(hash)
}

const mix = (value: number): number => {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

const fraction = (hash: number): number => hash / 0x1_0000_0000

/**
 * When a job is due, whatever the process does. Its intervals are counted from its own phase after the epoch,
 * so that all jobs together make a flat line; each has one round, late in it by the jitter.
 */
export interface Timing {
  readonly seed: number
  readonly intervalMs: number
  readonly phaseMs: number
  readonly jitterMs: number
}

/** A number in [0, 1) that is the job's own. */
export const fractionOf = ({ seed }: Pick<Timing, 'seed'>): number => fraction(seed)

export const timingOf = ({ id, intervalSeconds }: Pick<Job, 'id' | 'intervalSeconds'>): Timing => {
  const seed = hash32(id)
  const intervalMs = intervalSeconds * 1000
  const jitterMs = Math.min(maxJitterMilliseconds, intervalMs / 20)
  return { seed, intervalMs, jitterMs, phaseMs: fraction(seed) * intervalMs }
}

/** Milliseconds since the epoch. */
export const dueAt = ({ seed, intervalMs, phaseMs, jitterMs }: Timing, round: number): number =>
  round * intervalMs + phaseMs + fraction(mix(seed ^ round)) * jitterMs

/** The round that an instant lies in. */
export const roundAt = ({ phaseMs, intervalMs }: Timing, instant: number): number =>
  Math.floor((instant - phaseMs) / intervalMs)

/** The first due time after an instant. */
export const nextDue = (timing: Timing, after: number): number => {
  const round = roundAt(timing, after)
  const due = dueAt(timing, round)
  return due > after ? due : dueAt(timing, round + 1)
}
