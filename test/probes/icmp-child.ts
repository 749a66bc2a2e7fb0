import { icmp, icmpMethod } from '../../probes/icmp/index.ts'
import type { Measurement } from '../../src/core/probe.ts'
import { probeContext } from '../support/context.ts'
import { sweepWith } from '../support/sweep.ts'

/** Run as a process of its own in a network namespace: pings what it is told, prints what it found, ends. */

export interface ChildResult {
  readonly method: string
  /** By address, in the order of the sweep's results. */
  readonly measurements: Readonly<Record<string, Measurement>>
}

const specs = JSON.parse(process.argv[2] ?? '[]') as readonly { readonly address: string }[]
const jobs = specs.map((spec) => ({ id: spec.address, spec }))
const results = await Array.fromAsync(sweepWith(icmp, jobs, probeContext()))
const result: ChildResult = { method: icmpMethod(), measurements: Object.fromEntries(results) }
process.stdout.write(JSON.stringify(result))
