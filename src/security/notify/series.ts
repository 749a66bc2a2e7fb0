import { type Family, labelString } from '../../metrics/exposition.ts'
import { notify as definitions } from '../../metrics/telling.ts'
import { type DeliveryQueue, deliveryStates } from './queue.ts'

/**
 * What the exposition shows of the delivery log, of each of these channels from its first day: of a series that begins
 * with 1 nobody can tell that it grew. Throws `EnvironmentFault` where it cannot be read.
 */
export const notifyFamilies = (queue: DeliveryQueue, channels: readonly string[]): readonly Family[] => {
  const figures = queue.figures()
  const countOf = (channel: string, state: string): number =>
    figures.find((each) => each.channel === channel && each.state === state)?.count ?? 0
  const failingOf = (channel: string): number =>
    figures.reduce((sum, each) => sum + (each.channel === channel ? each.failing : 0), 0)
  return [
    {
      definition: definitions.deliveries,
      samples: channels.flatMap((channel) =>
        deliveryStates.map((state) => ({
          labels: labelString({ channel, state }),
          value: countOf(channel, state),
        })),
      ),
    },
    {
      definition: definitions.failing,
      samples: channels.map((channel) => ({ labels: labelString({ channel }), value: failingOf(channel) })),
    },
    {
      definition: definitions.oldestWaiting,
      samples: figures
        .filter(({ state }) => state === 'waiting')
        .map(({ channel, oldestAt }) => ({ labels: labelString({ channel }), value: oldestAt / 1000 })),
    },
  ]
}
