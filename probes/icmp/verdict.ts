import { faultOf } from '../../src/core/fault-table.ts'
import { type Outcome, down, unknown, up } from '../../src/core/outcome.ts'

export interface IcmpFacts {
  /** Own raw socket, own datagram socket, or the system's `ping`. */
  readonly method: 'raw' | 'datagram' | 'ping'
  readonly remoteAddress: string
  /** Echo requests that left. */
  readonly sent: number
  /** Requests answered within the packet timeout; a second answer to one is a duplicate. */
  readonly received: number
  readonly lossRatio: number
  readonly rttMinSeconds: number
  readonly rttAvgSeconds: number
  readonly rttMaxSeconds: number
  /** Mean of the absolute differences of consecutive round-trip times; absent with fewer than two. */
  readonly jitterSeconds?: number
  readonly duplicates: number
}

/** What the judge has to know of a run, whoever sent the packets. */
export interface Evidence {
  readonly method: IcmpFacts['method']
  readonly remoteAddress: string
  readonly packetTimeoutSeconds: number
  readonly sent: number
  /** Of the packets that were answered in time, in the order of sending. */
  readonly rttSeconds: readonly number[]
  readonly duplicates: number
  /** The last ICMP error about one of the packets, in words. */
  readonly refusal: string | undefined
  /** errno of a packet that the kernel would not send. */
  readonly fault: string | undefined
  readonly isOverflowed: boolean
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * Mean of |RTT(i) - RTT(i-1)| over the answered packets: the difference of RFC 3550 §6.4.1 taken of round trips,
 * averaged plainly since a run has few packets. Undefined with fewer than two.
 */
export const jitterOf = (rttSeconds: readonly number[]): number | undefined =>
  rttSeconds.length < 2
    ? undefined
    : mean(rttSeconds.slice(1).map((rtt, index) => Math.abs(rtt - (rttSeconds[index] ?? rtt))))

const lossOf = ({ sent, rttSeconds }: Evidence): number => (sent === 0 ? 1 : 1 - rttSeconds.length / sent)

const countsOf = (evidence: Evidence): Partial<IcmpFacts> => ({
  method: evidence.method,
  remoteAddress: evidence.remoteAddress,
  sent: evidence.sent,
  received: evidence.rttSeconds.length,
  lossRatio: lossOf(evidence),
  duplicates: evidence.duplicates,
})

const factsOf = (evidence: Evidence): IcmpFacts => {
  const { method, remoteAddress, sent, rttSeconds, duplicates } = evidence
  const jitterSeconds = jitterOf(rttSeconds)
  const facts = {
    method,
    remoteAddress,
    sent,
    received: rttSeconds.length,
    lossRatio: lossOf(evidence),
    rttMinSeconds: Math.min(...rttSeconds),
    rttAvgSeconds: mean(rttSeconds),
    rttMaxSeconds: Math.max(...rttSeconds),
    duplicates,
  }
  return jitterSeconds === undefined ? facts : { ...facts, jitterSeconds }
}

const silence = ({ sent, packetTimeoutSeconds }: Evidence): string =>
  `no reply to ${sent} ${sent === 1 ? 'packet' : 'packets'} within ${packetTimeoutSeconds} s each`

const neverAborted = new AbortController().signal

/** The kernel would not send: the fault table knows whether that is the target's or ours. */
const judgeFault = (code: string, evidence: Evidence): Outcome<IcmpFacts> => {
  const message = `the kernel refused to send: ${code}`
  const fault = faultOf<IcmpFacts>(Object.assign(new Error(message), { code }), neverAborted)
  if (fault === undefined) return unknown('resource', message)
  return fault.status === 'down' ? { ...fault, facts: countsOf(evidence) } : fault
}

/** One answer makes a target up; without any, what stood in the way decides. */
export const judge = (evidence: Evidence): Outcome<IcmpFacts> => {
  if (evidence.rttSeconds.length > 0) return up(factsOf(evidence))
  if (evidence.refusal !== undefined) return down('unreachable', evidence.refusal, countsOf(evidence))
  if (evidence.fault !== undefined) return judgeFault(evidence.fault, evidence)
  if (evidence.isOverflowed) return unknown('resource', 'our receive buffer overflowed, answers may be lost')
  return down('timeout', silence(evidence), countsOf(evidence))
}
