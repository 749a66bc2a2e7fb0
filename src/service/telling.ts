import type { Work } from '../collector/slices.ts'
import type { IncidentEvent } from '../security/events.ts'
import type { Ledger } from '../security/ledger/ledger.ts'

/** After a start, what happened this long ago is still told. */
const stillNewsMs = 3_600_000
const eventsAtOnce = 100

/**
 * Tells what people or the collector did since the last time, oldest first; the first time: since an hour ago. What
 * cannot be told (`onIncident` throws) is told the next time.
 */
export const createTelling = (
  ledger: Pick<Ledger, 'lastBefore' | 'since'>,
  startedAt: number,
): ((onIncident: (event: IncidentEvent) => void) => Work<void>) => {
  let told = ledger.lastBefore(startedAt - stillNewsMs)
  return function* (onIncident) {
    for (;;) {
      const events = ledger.since(told, eventsAtOnce)
      for (const event of events) {
        if (event.type === 'incident') onIncident(event)
        told = event.sequence
        yield
      }
      if (events.length < eventsAtOnce) return
    }
  }
}
