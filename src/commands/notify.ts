import { existsSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { Flags } from '@oclif/core'
import { loadCredentials } from '../config/index.ts'
import { exitCodes, UsageFault } from '../core/fault.ts'
import { deadlineWithin } from '../core/deadline.ts'
import { attemptSecondsOf } from '../security/notify/courier.ts'
import { testNotice } from '../security/notify/notice.ts'
import { type Delivery, deliveryStates, openDeliveryQueue } from '../security/notify/queue.ts'
import { channelsOf, deliveryFile, type NamedChannel } from '../service/notify.ts'
import { table } from '../terminal/table.ts'
import { untilStopped, YiwangCommand } from './base.ts'
import { timeIn } from './time-flag.ts'

interface Tested {
  readonly channel: string
  readonly kind: string
  readonly ok: boolean
  readonly detail?: string
}

const chosen = (channels: readonly NamedChannel[], name: string | undefined): readonly NamedChannel[] => {
  const found = channels.filter((channel) => name === undefined || channel.name === name)
  if (found.length > 0) return found
  const known = channels.map((channel) => channel.name).join(', ')
  throw new UsageFault([
    name === undefined
      ? {
          where: 'notify.channels',
          message: 'expected at least one channel, got none',
          suggestion: 'see docs/notify.md',
        }
      : { where: '--channel', message: `expected one of ${known || 'none configured'}, got ${name}` },
  ])
}

export class NotifyTest extends YiwangCommand {
  static override readonly summary = 'send a test message to the channels that are configured, now'
  static override readonly description =
    'Neither quiet hours nor digests hold it back; it is not in the delivery log. Exit code 3: a channel did not take it.'
  static override readonly examples = [
    '<%= config.bin %> notify test',
    '<%= config.bin %> notify test --channel duty --json',
  ]
  static override readonly flags = {
    channel: Flags.string({ summary: 'only this one', helpValue: 'NAME' }),
  }

  async run(): Promise<readonly Tested[]> {
    const { flags } = await this.parse(NotifyTest)
    const config = this.configuration(flags)
    const channels = chosen(
      await channelsOf(config, loadCredentials(config.secretsFile, process.env)),
      flags.channel,
    )
    const notice = testNotice(Date.now(), randomUUID())
    const stopped = untilStopped()
    const tested = await Promise.all(
      channels.map(async ({ name, channel, send }): Promise<Tested> => {
        using deadline = deadlineWithin(stopped, attemptSecondsOf(channel))
        const attempt = await send([notice], deadline.signal)
        const detail = attempt.ok ? undefined : attempt.detail
        return { channel: name, kind: channel.kind, ok: attempt.ok, ...(detail !== undefined && { detail }) }
      }),
    )
    this.line(
      table<Tested>(
        [
          { header: 'CHANNEL', read: ({ channel }) => channel },
          { header: 'KIND', read: ({ kind }) => kind },
          { header: 'RESULT', read: ({ ok, detail = '' }) => (ok ? 'taken' : `not taken: ${detail}`) },
        ],
        tested,
      ),
    )
    if (tested.some(({ ok }) => !ok)) process.exitCode = exitCodes.targetFailed
    return tested
  }
}

export class NotifyLog extends YiwangCommand {
  static override readonly summary = 'what was told to whom, what waits, and what was given up (投递记录)'
  static override readonly examples = [
    '<%= config.bin %> notify log',
    '<%= config.bin %> notify log --state waiting --channel duty --json',
  ]
  static override readonly flags = {
    channel: Flags.string({ summary: 'only of this channel', helpValue: 'NAME' }),
    state: Flags.option({ summary: 'only what is so', options: deliveryStates })(),
    limit: Flags.integer({ summary: 'the newest so many', min: 1, max: 100_000, default: 100 }),
  }

  async run(): Promise<readonly Delivery[]> {
    const { flags } = await this.parse(NotifyLog)
    const config = this.configuration(flags)
    const file = deliveryFile(config.dataFolder)
    if (!existsSync(file)) {
      this.line('nothing was told yet')
      return []
    }
    using queue = openDeliveryQueue(file)
    const { channel, state, limit } = flags
    const deliveries = queue.log({ channel, state, limit })
    const time = timeIn(config.timezone)
    this.line(
      table<Delivery>(
        [
          { header: 'QUEUED', read: ({ queuedAt }) => time(queuedAt) },
          { header: 'CHANNEL', read: (delivery) => delivery.channel },
          { header: 'STATE', read: (delivery) => delivery.state },
          { header: 'TRIES', read: ({ attempts }) => String(attempts), align: 'right' },
          { header: 'TITLE', read: ({ title }) => title, least: 20 },
          {
            header: 'DETAIL',
            read: ({ detail, dueAt, ...rest }) =>
              detail ?? (rest.state === 'waiting' ? `due ${time(dueAt)}` : ''),
            least: 12,
          },
        ],
        deliveries,
      ),
    )
    return deliveries
  }
}
