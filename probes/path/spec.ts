import { z } from 'zod'
import { common, family } from '../net/spec.ts'

/** Hops asked for at once: a host sends a handful of ICMP errors, and then one a second (Linux: icmp_ratelimit). */
export const hopsAtOnce = 5
const mostTimeoutSeconds = 300
const marginSeconds = 5

interface Timing {
  readonly maxHops: number
  readonly attempts: number
  readonly hopTimeoutSeconds: number
}

/** One silent hop among each five. */
const longestSeconds = ({ maxHops, attempts, hopTimeoutSeconds }: Timing): number =>
  Math.ceil(maxHops / hopsAtOnce) * attempts * hopTimeoutSeconds

/** Options of the `path` kind. */
export const pathSpec = z
  .strictObject({
    ...common,
    timeoutSeconds: z
      .number()
      .positive()
      .max(mostTimeoutSeconds)
      .optional()
      .describe('deadline of the run, in seconds (default: what silent hops take at most)'),
    family,
    maxHops: z.int().min(1).max(30).default(30).describe('routers to ask for at most, the target included'),
    attempts: z.int().min(1).max(3).default(2).describe('datagrams for each hop that does not answer'),
    hopTimeoutSeconds: z
      .number()
      .min(0.01)
      .max(3)
      .default(1)
      .describe('time within which a hop must answer, in seconds'),
    port: z
      .int()
      .min(1)
      .max(65_535 - 30)
      .default(33_434)
      .describe('UDP port of the first hop’s datagram; each further hop has the next one'),
  })
  .transform((spec) => ({
    ...spec,
    timeoutSeconds: spec.timeoutSeconds ?? Math.min(mostTimeoutSeconds, longestSeconds(spec) + marginSeconds),
  }))

export type PathSpec = z.output<typeof pathSpec>
