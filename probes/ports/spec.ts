import { z } from 'zod'
import { common, family, port } from '../net/spec.ts'

export const mostPorts = 4096
export const mostAtOnce = 16
const mostTimeoutSeconds = 3600
/** Time for the resolver, and for a machine that is busy. */
const marginSeconds = 5

const rangeForm = /^(\d{1,5})-(\d{1,5})$/u

const boundsOf = (range: string): readonly [first: number, last: number] | undefined => {
  const [, first, last] = (rangeForm.exec(range) ?? []).map(Number)
  if (first === undefined || last === undefined) return undefined
  return first >= 1 && first <= last && last <= 65_535 ? [first, last] : undefined
}

const range = z
  .string()
  .refine((text) => boundsOf(text) !== undefined, 'expected a range of ports, as 8000-8100')

const expand = (item: number | string): readonly number[] => {
  if (typeof item === 'number') return [item]
  const [first, last] = boundsOf(item) ?? [1, 0]
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

/** Of a range from its bounds: what is refused is not expanded first. */
const sizeOf = (items: readonly (number | string)[]): number =>
  items.reduce<number>((sum, item) => {
    const [first, last] = typeof item === 'number' ? [item, item] : (boundsOf(item) ?? [1, 0])
    return sum + last - first + 1
  }, 0)

const portsOf = (items: readonly (number | string)[]): readonly number[] =>
  [...new Set(items.flatMap(expand))].toSorted((left, right) => left - right)

interface Pace {
  readonly tried: readonly number[]
  readonly portsPerSecond: number
  readonly portTimeoutSeconds: number
}

/** All ports silent, in rows of sixteen, or all at their pace: whichever is longer. */
const longestSeconds = ({ tried, portsPerSecond, portTimeoutSeconds }: Pace): number =>
  Math.ceil(
    Math.max(tried.length / portsPerSecond, Math.ceil(tried.length / mostAtOnce) * portTimeoutSeconds) +
      portTimeoutSeconds,
  )

const options = z.strictObject({
  ...common,
  timeoutSeconds: z
    .number()
    .positive()
    .max(mostTimeoutSeconds)
    .optional()
    .describe('deadline of the run, in seconds (default: what the ports take at most)'),
  family,
  ports: z
    .array(z.union([port, range]))
    .min(1)
    .max(mostPorts)
    .refine((items) => sizeOf(items) <= mostPorts, `expected at most ${mostPorts} ports, ranges counted out`)
    .describe('TCP ports to try: numbers and ranges, as 22,80,8000-8100; 4096 ports at most'),
  expectedOpen: z
    .array(port)
    .max(mostPorts)
    .default([])
    .describe('the declared baseline: ports that are to be open; they are tried too'),
  authorisedBy: z
    .array(z.union([z.cidrv4(), z.cidrv6()]))
    .max(10_000)
    .default([])
    .describe(
      'networks (CIDR) whose owner allows port scans, by hand; else those of the inventory with scan=true. Nothing is sent to an address outside',
    ),
  portsPerSecond: z.number().min(0.1).max(1000).default(50).describe('most connections begun a second'),
  portTimeoutSeconds: z
    .number()
    .min(0.01)
    .max(10)
    .default(2)
    .describe('time within which a port must answer, in seconds; over 1, so that one packet may get lost'),
})

/** Options of the `ports` kind, with `tried`: each port once, in order. */
export const portsSpec = options
  .transform((spec) => ({ ...spec, tried: portsOf([...spec.ports, ...spec.expectedOpen]) }))
  .refine(({ tried }) => tried.length <= mostPorts, {
    path: ['ports'],
    error: ({ input }) =>
      `expected at most ${mostPorts} ports, ${(input as Pace).tried.length} with the ranges`,
  })
  .transform((spec) => ({
    ...spec,
    timeoutSeconds: spec.timeoutSeconds ?? Math.min(mostTimeoutSeconds, longestSeconds(spec) + marginSeconds),
  }))
  .refine((spec) => longestSeconds(spec) <= spec.timeoutSeconds, {
    path: ['timeoutSeconds'],
    error: ({ input }) =>
      `expected at least ${longestSeconds(input as Pace)} s, what all ports take if they are silent`,
  })

export type PortsSpec = z.output<typeof portsSpec>
