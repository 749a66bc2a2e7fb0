import type { Channel } from '../../config/notify-settings.ts'
import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import type { IncidentEvent } from '../events.ts'
import { type AlertGroup, noticeOfAlerts } from './alertmanager.ts'
import { type Send, startCourier } from './courier.ts'
import { type Notice, isAsGrave, noticeOf } from './notice.ts'
import { type Policy, dueAt } from './policy.ts'
import type { DeliveryQueue } from './queue.ts'

export interface NotifierOptions {
  readonly queue: DeliveryQueue
  readonly channels: readonly { readonly name: string; readonly channel: Channel; readonly send: Send }[]
  readonly policy: Policy
  readonly clock: Clock
  readonly log: Log
}

/** Takes news from whoever has some, and sees that every channel is told once. */
export interface Notifier extends AsyncDisposable {
  /** For the stream of incident events; by its id an event that is given again is told once. Throws `EnvironmentFault`. */
  readonly onIncident: (event: IncidentEvent) => void
  /** From Alertmanager. False where the same group in the same state was taken before. Throws `EnvironmentFault`. */
  readonly onAlerts: (group: AlertGroup) => boolean
}

export const startNotifier = ({ queue, channels, policy, clock, log }: NotifierOptions): Notifier => {
  const couriers = channels.map(({ name, channel: { perMinute }, send }) =>
    startCourier({ channel: name, queue, send, perMinute, clock, log }),
  )
  const take = (notice: Notice): boolean => {
    const now = clock()
    const due = dueAt(notice.severity, now, policy)
    const wanted = channels.filter(({ channel }) => isAsGrave(notice.severity, channel.severity))
    const isNew = queue.add(
      notice,
      now,
      wanted.map(({ name }) => ({ name, dueAt: due })),
    )
    if (isNew) for (const courier of couriers) courier.wake()
    return isNew
  }
  return {
    onIncident: (event) => {
      const notice = noticeOf(event)
      if (notice !== undefined) take(notice)
    },
    onAlerts: (group) => take(noticeOfAlerts(group, clock())),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(couriers.map((courier) => courier[Symbol.asyncDispose]()))
    },
  }
}
