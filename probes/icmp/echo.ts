import type { Outcome } from '../../src/core/outcome.ts'
import type { Address } from './address.ts'
import { cancel, launch } from './engine.ts'
import { type Report, mostSlackMs } from './exchange.ts'
import { describeRefusal } from './refusals.ts'
import type { Refused } from './socket.ts'
import type { IcmpSpec } from './spec.ts'
import { type IcmpFacts, judge } from './verdict.ts'

/** What a report says of the target. */
export const judgeReport = (spec: IcmpSpec, address: Address, report: Report): Outcome<IcmpFacts> =>
  judge({
    ...report,
    remoteAddress: address.text,
    packetTimeoutSeconds: spec.packetTimeoutSeconds,
    refusal: report.refusal && describeRefusal(report.refusal),
  })

/** Pings one address now. Rejects with the signal's reason; undefined or an errno where there is no socket. */
export const echo = async (
  spec: IcmpSpec,
  address: Address,
  signal: AbortSignal,
): Promise<Outcome<IcmpFacts> | Refused> => {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<Outcome<IcmpFacts>>()
  const pace = { gapMs: 0, slotAt: -Infinity, slackMs: mostSlackMs }
  const launched = launch({
    address,
    order: spec,
    pace,
    startAt: performance.now(),
    onSettled: (report) => resolve(judgeReport(spec, address, report)),
  })
  if ('code' in launched) return launched
  const abort = (): void => {
    cancel(launched)
    reject(signal.reason as Error)
  }
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
