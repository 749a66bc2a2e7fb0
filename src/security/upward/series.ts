import { type Family, labelString } from '../../metrics/exposition.ts'
import { upward as definitions } from '../../metrics/telling.ts'
import { receiptResults } from './dispatch.ts'
import { gapSeconds } from './gaps.ts'
import { gapReport } from './report.ts'
import type { DestinationState, TallyRow, View } from './view.ts'

const dayMs = 86_400_000

interface Shown {
  readonly now: number
  readonly periodMs: number
  readonly maxMessages: number
}

const perDestination = (
  states: readonly DestinationState[],
  read: (state: DestinationState) => number | undefined,
) =>
  states.flatMap((state) => {
    const value = read(state)
    return value === undefined ? [] : [{ labels: labelString({ destination: state.name }), value }]
  })

/** From zero on, or Prometheus would not see that a counter's first receipt was one more. */
const receiptSamples = (states: readonly DestinationState[], tallies: readonly TallyRow[]) =>
  states.flatMap(({ name, kinds }) =>
    kinds.flatMap((kind) =>
      receiptResults.map((result) => ({
        labels: labelString({ destination: name, kind, result }),
        value:
          tallies.find((row) => row.destination === name && row.kind === kind && row.result === result)
            ?.count ?? 0,
      })),
    ),
  )

/** What the exposition shows of the outbox. Throws `EnvironmentFault` where it cannot be read. */
export const upwardFamilies = (view: View, { now, periodMs, maxMessages }: Shown): readonly Family[] => {
  const states = view.destinations()
  const since = now - dayMs
  return [
    {
      definition: definitions.waiting,
      samples: states.flatMap(({ name, kinds, waiting }) =>
        kinds.map((kind) => ({
          labels: labelString({ destination: name, kind }),
          value: waiting[kind] ?? 0,
        })),
      ),
    },
    {
      definition: definitions.oldestWaiting,
      samples: perDestination(states, ({ oldestWaitingAt }) => oldestWaitingAt && oldestWaitingAt / 1000),
    },
    { definition: definitions.receipts, samples: receiptSamples(states, view.tallies()) },
    {
      definition: definitions.lastReceipt,
      samples: perDestination(states, ({ lastReceiptAt }) => lastReceiptAt && lastReceiptAt / 1000),
    },
    { definition: definitions.statusPeriod, samples: [{ labels: labelString({}), value: periodMs / 1000 }] },
    { definition: definitions.failures, samples: perDestination(states, ({ failures }) => failures) },
    {
      definition: definitions.gap,
      samples: perDestination(states, (state) =>
        gapSeconds(gapReport(view, state, { since, now, periodMs }), since),
      ),
    },
    { definition: definitions.kept, samples: [{ labels: labelString({}), value: view.count() }] },
    { definition: definitions.limit, samples: [{ labels: labelString({}), value: maxMessages }] },
  ]
}
