import { z } from 'zod'
import { common, family } from '../net/spec.ts'
import { tagBytes } from './packet.ts'

interface Timing {
  readonly count: number
  readonly intervalSeconds: number
  readonly packetTimeoutSeconds: number
}

const longestSeconds = ({ count, intervalSeconds, packetTimeoutSeconds }: Timing): number =>
  (count - 1) * intervalSeconds + packetTimeoutSeconds

/** Time for the resolver. */
const marginSeconds = 1
const usualTimeoutSeconds = 5
const mostTimeoutSeconds = 3600

const defaultTimeoutSeconds = (timing: Timing): number =>
  Math.min(mostTimeoutSeconds, Math.max(usualTimeoutSeconds, longestSeconds(timing) + marginSeconds))

/** Options of the `icmp` kind. `packetsPerSecond` and `spreadSeconds` are those of a whole sweep: the strictest job's. */
export const icmpSpec = z
  .strictObject({
    ...common,
    timeoutSeconds: z
      .number()
      .positive()
      .max(mostTimeoutSeconds)
      .optional()
      .describe('deadline of the run, in seconds (default: 5, or what all packets take)'),
    count: z.int().min(1).max(1000).default(3).describe('echo requests to send'),
    intervalSeconds: z
      .number()
      .min(0.001)
      .max(60)
      .default(0.2)
      .describe('time between two requests to the target, in seconds'),
    packetTimeoutSeconds: z
      .number()
      .positive()
      .max(60)
      .default(1)
      .describe('time within which a request must be answered, in seconds'),
    sizeBytes: z.int().min(tagBytes).max(65_000).default(56).describe('payload of a request, in bytes'),
    family,
    packetsPerSecond: z
      .number()
      .positive()
      .max(1_000_000)
      .default(20_000)
      .describe('most requests a second of a sweep'),
    spreadSeconds: z
      .number()
      .min(0)
      .max(3600)
      .default(0)
      .describe('time over which a sweep spreads its targets evenly, in seconds'),
  })
  .transform((spec) => ({ ...spec, timeoutSeconds: spec.timeoutSeconds ?? defaultTimeoutSeconds(spec) }))
  .refine((spec) => longestSeconds(spec) <= spec.timeoutSeconds, {
    path: ['timeoutSeconds'],
    error: ({ input }) => `expected at least ${longestSeconds(input as Timing)} s, what all packets take`,
  })

export type IcmpSpec = z.output<typeof icmpSpec>
