import path from 'node:path'
import type { Inventory } from '../../inventory/store.ts'
import { every } from '../collector/every.ts'
import { json } from '../collector/http-answer.ts'
import type { Intake } from '../collector/routes.ts'
import { type Config, type CredentialResolver, loadCredentials } from '../config/index.ts'
import type { Channel } from '../config/notify-settings.ts'
import { timeIn } from '../core/day.ts'
import { UsageFault } from '../core/fault.ts'
import type { Log } from '../core/log.ts'
import type { Family } from '../metrics/exposition.ts'
import type { IncidentEvent } from '../security/events.ts'
import { alertGroup } from '../security/notify/alertmanager.ts'
import type { Send } from '../security/notify/courier.ts'
import { sendEmail } from '../security/notify/email.ts'
import { composeMessage, composeSms } from '../security/notify/messengers.ts'
import { type NotifierOptions, startNotifier } from '../security/notify/notifier.ts'
import { post } from '../security/notify/post.ts'
import { openDeliveryQueue } from '../security/notify/queue.ts'
import { notifyFamilies } from '../security/notify/series.ts'
import type { Bundle } from '../security/notify/text.ts'
import { credentialFinder, type FindCredential, tokenNamed } from './credentials.ts'
import { readPem } from './tls-files.ts'
import { withNames } from './with-names.ts'

export interface NotifyService extends AsyncDisposable {
  /**
   * For the stream of incident events; people and units are named as in the inventory. Throws `EnvironmentFault` where
   * the delivery log cannot be written.
   */
  readonly onIncident: (event: IncidentEvent, inventory: Inventory) => void
  readonly alerts: Intake | undefined
  readonly families: () => readonly Family[]
}

export interface NamedChannel {
  readonly name: string
  readonly channel: Channel
  readonly send: Send
}

export const deliveryFile = (dataFolder: string): string =>
  path.join(dataFolder, 'collector', 'notify.sqlite')

const guide = 'docs/notify.md'

type Tell = (bundle: Bundle, signal: AbortSignal) => ReturnType<Send>

const tellBy = async (channel: Channel, where: string, find: FindCredential): Promise<Tell | undefined> => {
  const at = `${where}.credential`
  if (channel.kind === 'email') {
    const { credential, ca } = channel
    const user = credential === undefined ? undefined : find(at, credential, 'smtp')
    const means = { user, ca: ca === undefined ? undefined : await readPem(ca) }
    return (bundle, signal) => sendEmail(channel, means, bundle, signal)
  }
  if (channel.kind === 'sms') {
    const { credential } = channel
    const token = credential === undefined ? '' : (find(at, credential, 'bearer')?.token ?? '')
    return (bundle, signal) => post(composeSms(channel, bundle, token), signal)
  }
  const endpoint = find(at, channel.credential, 'endpoint')
  return endpoint && ((bundle, signal) => post(composeMessage(channel, endpoint, bundle, Date.now()), signal))
}

/** The channels of the configuration, ready to send. Rejects with `UsageFault` with every credential that is missing. */
export const channelsOf = async (
  config: Config,
  resolve: CredentialResolver,
): Promise<readonly NamedChannel[]> => {
  const { problems, find } = credentialFinder(resolve, guide)
  const { link, channels } = config.notify
  const ready = await Promise.all(
    Object.entries(channels).map(async ([name, channel]) => {
      const tell = await tellBy(channel, `notify.channels.${name}`, find)
      const send: Send | undefined =
        tell &&
        ((notices, signal) => tell({ notices, link, time: (at) => timeIn(config.timezone, at) }, signal))
      return send === undefined ? [] : [{ name, channel, send }]
    }),
  )
  if (problems.length > 0) throw new UsageFault(problems)
  return ready.flat()
}

/** Where nobody is to be told and nothing is taken. */
const silent: NotifyService = {
  onIncident: () => undefined,
  alerts: undefined,
  families: () => [],
  [Symbol.asyncDispose]: () => Promise.resolve(),
}

const tidyMs = 3_600_000
const dayMs = 86_400_000

/** Tells people by the channels that are configured. Rejects with `UsageFault` or `EnvironmentFault`. */
export const notifyService = async (
  config: Config,
  log: Log,
  incidents: NotifierOptions['incidents'],
): Promise<NotifyService> => {
  const resolve = loadCredentials(config.secretsFile, process.env)
  const { alertmanagerCredential, quiet, digest, alertGraceSeconds, retentionDays } = config.notify
  const channels = await channelsOf(config, resolve)
  const token = tokenNamed('notify.alertmanagerCredential', alertmanagerCredential, resolve, guide)
  if (channels.length === 0 && token === undefined) return silent
  await using cleanup = new AsyncDisposableStack()
  const queue = cleanup.use(openDeliveryQueue(deliveryFile(config.dataFolder)))
  const names = channels.map(({ name }) => name)
  queue.keepOnly(names)
  const policy = { quiet, digest, alertGraceSeconds, timezone: config.timezone }
  const notifier = cleanup.use(startNotifier({ queue, channels, policy, incidents, clock: Date.now, log }))
  cleanup.use(
    every(tidyMs, () => {
      queue.prune(Date.now() - retentionDays * dayMs)
      return Promise.resolve()
    }),
  )
  const owned = cleanup.move()
  return {
    onIncident: (event, inventory) => notifier.onIncident(withNames(event, inventory)),
    alerts:
      token === undefined
        ? undefined
        : {
            token,
            parser: alertGroup.transform((group) => () => json(200, { taken: notifier.onAlerts(group) })),
          },
    families: () => notifyFamilies(queue, names),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
