import type { Metric } from '../../src/core/metric.ts'
import { isWithin } from '../../src/core/network.ts'
import { type Outcome, down, unknown, up } from '../../src/core/outcome.ts'
import { defineProbe } from '../../src/core/probe.ts'
import { resolve } from '../net/resolve.ts'
import { type PortState, scanPorts } from './scan.ts'
import { type PortsSpec, portsSpec } from './spec.ts'

export interface PortsFacts {
  readonly remoteAddress: string
  /** How many ports were tried. */
  readonly tried: number
  readonly open: readonly number[]
  /** Open, and not in the baseline. */
  readonly unexpectedOpen: readonly number[]
  /** In the baseline, and not open: closed or filtered. */
  readonly expectedClosed: readonly number[]
  /** How many answered that nobody listens. */
  readonly closed: number
  /** How many did not answer, or were refused on the way. */
  readonly filtered: number
}

const count = (name: string, help: string, read: Metric<PortsFacts>['read']): Metric<PortsFacts> => ({
  name: `yiwang_ports_${name}`,
  help,
  type: 'gauge',
  read,
})

const metrics: readonly Metric<PortsFacts>[] = [
  count('open', 'TCP ports that are open, of those tried', (facts) => facts.open?.length),
  count(
    'unexpected_open',
    'Ports that are open and not in the baseline',
    (facts) => facts.unexpectedOpen?.length,
  ),
  count(
    'expected_closed',
    'Ports of the baseline that are not open',
    (facts) => facts.expectedClosed?.length,
  ),
  count('filtered', 'Ports that did not answer, or were refused on the way', (facts) => facts.filtered),
]

const factsOf = (
  remoteAddress: string,
  { tried, expectedOpen }: PortsSpec,
  states: ReadonlyMap<number, PortState>,
): PortsFacts => {
  const open = tried.filter((port) => states.get(port) === 'open')
  const baseline = new Set(expectedOpen)
  const closed = tried.filter((port) => states.get(port) === 'closed').length
  return {
    remoteAddress,
    tried: tried.length,
    open,
    unexpectedOpen: open.filter((port) => !baseline.has(port)),
    expectedClosed: tried.filter((port) => baseline.has(port) && states.get(port) !== 'open'),
    closed,
    filtered: tried.length - open.length - closed,
  }
}

/** A host that answers on no port shows nothing of its ports; a deviation from the baseline is a fact, no outage. */
const judge = (facts: PortsFacts, states: ReadonlyMap<number, PortState>): Outcome<PortsFacts> => {
  if (facts.filtered < facts.tried) return up(facts)
  return states.values().some((state) => state === 'unreachable')
    ? down('unreachable', `${facts.remoteAddress} cannot be reached on any of ${facts.tried} ports`, facts)
    : down('timeout', `no answer from any of ${facts.tried} ports`, facts)
}

/** Why nothing was sent, and what to do about it. */
const refusalOf = (address: string): string =>
  `${address} is in no network that was authorised for scans; whoever may declares it in the inventory: yiwang network add ID name=… cidr=… scan=true (by hand, --authorised-by says it for one run)`

/** Which TCP ports of a host are open, against the declared baseline. Refuses addresses that nobody authorised. */
export const ports = defineProbe({
  kind: 'ports',
  summary: 'tries TCP ports of an authorised host and compares those open with the declared baseline',
  example: '192.0.2.1 --ports 22,80,8000-8100 --expected-open 22 --authorised-by 192.0.2.0/24',
  spec: portsSpec,
  metrics,
  intervalSeconds: 3600,
  run: async (spec, { signal }) => {
    const { address } = await resolve(spec.address, spec.family, signal)
    if (!isWithin(address, spec.authorisedBy)) return unknown('permission', refusalOf(address))
    const states = await scanPorts({ ...spec, address }, signal)
    return judge(factsOf(address, spec, states), states)
  },
})
