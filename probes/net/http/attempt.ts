import { deadlineWithin } from '../../../src/core/deadline.ts'
import { endedBy, faultOf } from '../../../src/core/fault-table.ts'
import type { Cause } from '../../../src/core/outcome.ts'
import { bounded } from '../text.ts'

/** A request among several that failed: the fault table's cause and one line. */
export interface Failure {
  readonly cause: Cause
  readonly detail: string
}

export type Attempt<Value> = { readonly value: Value } | { readonly failure: Failure }

/**
 * One request of a run that makes several, under its own deadline: what the network did is a value.
 * Rejects where `signal`, the run's own, was aborted, and for errors that the fault table does not know.
 */
export const attempt = async <Value>(
  request: (signal: AbortSignal) => Promise<Value>,
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<Attempt<Value>> => {
  using deadline = deadlineWithin(signal, timeoutSeconds)
  try {
    return { value: await request(deadline.signal) }
  } catch (error) {
    signal.throwIfAborted()
    const fault = faultOf<never>(endedBy(error, deadline), signal)
    if (fault === undefined) throw error
    const detail =
      fault.cause === 'timeout' ? `no answer within ${timeoutSeconds.toFixed(1)} s` : bounded(fault.detail)
    return { failure: { cause: fault.cause, detail } }
  }
}
