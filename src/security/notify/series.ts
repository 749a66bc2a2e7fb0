import { type Family, labelString } from '../../metrics/exposition.ts'
import { notify as definitions } from '../../metrics/telling.ts'
import type { DeliveryQueue } from './queue.ts'

/** What the exposition shows of the delivery log. Throws `EnvironmentFault` where it cannot be read. */
export const notifyFamilies = (queue: DeliveryQueue): readonly Family[] => {
  const figures = queue.figures()
  return [
    {
      definition: definitions.deliveries,
      samples: figures.map(({ channel, state, count }) => ({
        labels: labelString({ channel, state }),
        value: count,
      })),
    },
    {
      definition: definitions.failing,
      samples: [...Map.groupBy(figures, ({ channel }) => channel)].map(([channel, states]) => ({
        labels: labelString({ channel }),
        value: states.reduce((sum, { failing }) => sum + failing, 0),
      })),
    },
    {
      definition: definitions.oldestWaiting,
      samples: figures
        .filter(({ state }) => state === 'waiting')
        .map(({ channel, oldestAt }) => ({ labels: labelString({ channel }), value: oldestAt / 1000 })),
    },
  ]
}
