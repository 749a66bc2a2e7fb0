import type { NtpReply } from './packet.ts'
import { ntpTime, secondsBetween } from './time.ts'

/** One answer, and when by our clock its request left and it came (ms since the epoch, fractions kept). */
export interface Exchange {
  readonly reply: NtpReply
  readonly sentAt: number
  readonly arrivedAt: number
}

export interface Sample {
  readonly offsetSeconds: number
  readonly delaySeconds: number
}

/** RFC 5905 §8: what the server's clock is ahead of ours, and the time on the way; undefined without its times. */
export const sampleOf = ({ reply, sentAt, arrivedAt }: Exchange): Sample | undefined => {
  if (reply.received === 0n || reply.transmitted === 0n) return undefined
  const there = secondsBetween(ntpTime(sentAt), reply.received)
  const back = secondsBetween(reply.transmitted, ntpTime(arrivedAt))
  const held = secondsBetween(reply.received, reply.transmitted)
  // A server whose clock is set while it holds the request makes the delay negative.
  const delaySeconds = Math.max(0, (arrivedAt - sentAt) / 1000 - held)
  return { offsetSeconds: (there - back) / 2, delaySeconds }
}

const delayOf = (exchange: Exchange): number => sampleOf(exchange)?.delaySeconds ?? Infinity

/** The answer that was least delayed is the least wrong (RFC 5905 §10); undefined for none. */
export const best = (exchanges: readonly Exchange[]): Exchange | undefined =>
  exchanges.toSorted((left, right) => delayOf(left) - delayOf(right))[0]
