import type { Channel, NotifySettings } from '../../config/notify-settings.ts'
import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import type { Incident, IncidentEvent } from '../events.ts'
import { type AlertGroup, noticeOfAlerts } from './alertmanager.ts'
import { type Send, attemptSecondsOf, startCourier } from './courier.ts'
import { type Notice, isAsGrave, noticeOf } from './notice.ts'
import { type Policy, dueAt, notInQuiet } from './policy.ts'
import type { DeliveryQueue } from './queue.ts'
import { type Subject, subjectOf, tellingOf } from './related.ts'

export interface NotifierOptions {
  readonly queue: DeliveryQueue
  readonly channels: readonly { readonly name: string; readonly channel: Channel; readonly send: Send }[]
  readonly policy: Policy & Pick<NotifySettings, 'alertGraceSeconds'>
  /** Incidents that are not archived, and those archived since. Throws `EnvironmentFault`. */
  readonly incidents: (archivedSince: number) => readonly Incident[]
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

/** An incident that is archived still tells what an alert says so much later. */
const stillToldMs = 24 * 3_600_000

/** What of alerts is left to tell beside incidents, and what is not. */
const createRelating = ({ queue, incidents }: Pick<NotifierOptions, 'queue' | 'incidents'>) => {
  const telling = (now: number) => {
    const recent = incidents(now - stillToldMs)
    return (subject: Subject | undefined): Incident | undefined => subject && tellingOf(subject, recent)
  }
  return {
    telling,
    /** Alerts that wait, and turned out to be what an incident tells. */
    cover: (now: number): void => {
      const waiting = queue.waitingAlerts()
      if (waiting.length === 0) return
      const tellingNow = telling(now)
      for (const { id, about = [] } of waiting) {
        const told = about.map(tellingNow)
        const [first] = told
        if (first !== undefined && !told.includes(undefined)) queue.markCovered(id, first.id)
      }
    },
  }
}

export const startNotifier = (options: NotifierOptions): Notifier => {
  const { queue, channels, policy, clock, log } = options
  const couriers = channels.map(({ name, channel, send }) =>
    startCourier({
      ...{ channel: name, queue, send, clock, log },
      ...{ perMinute: channel.perMinute, seconds: attemptSecondsOf(channel) },
      notBefore: (severity, at) => notInQuiet(severity, at, policy),
    }),
  )
  const { telling, cover } = createRelating(options)
  const take = (notice: Notice, now: number, notBefore = now): boolean => {
    const due = Math.max(notBefore, dueAt(notice.severity, now, policy))
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
      const now = clock()
      cover(now)
      const notice = noticeOf(event)
      if (notice !== undefined) take(notice, now)
    },
    onAlerts: (group) => {
      const now = clock()
      const tellingNow = telling(now)
      const untold = group.alerts.filter((alert) => tellingNow(subjectOf(alert)) === undefined)
      const notice = noticeOfAlerts(group, untold, now)
      // Looks must be made before an incident opens: until then nobody knows whether one will tell the same.
      const graceMs = notice.about === undefined ? 0 : policy.alertGraceSeconds * 1000
      const isNew = take(notice, now, now + graceMs)
      cover(now)
      return isNew
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(couriers.map((courier) => courier[Symbol.asyncDispose]()))
    },
  }
}
