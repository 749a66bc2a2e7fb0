import type { Check, Standing } from './seen.ts'

/** Kinds that show whether a service is there at all, rather than how it is set up. */
const basic: ReadonlySet<string> = new Set(['icmp', 'tcp', 'http', 'tls', 'dns', 'snmp', 'ntp', 'ssh'])

/** Looks that say whether a target does its service. */
export const basicLooks = ({ checks }: Standing): readonly Check[] =>
  checks.filter(
    ({ job, status }) => job.expect === 'reachable' && basic.has(job.kind) && status !== 'unknown',
  )
