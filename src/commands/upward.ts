import { randomUUID } from 'node:crypto'
import { Args, Flags } from '@oclif/core'
import { loadCredentials } from '../config/index.ts'
import { readYaml } from '../config/yaml-source.ts'
import { expectation, shown, valueAt } from '../core/expectation.ts'
import { EnvironmentFault, exitCodes, type Problem, UsageFault } from '../core/fault.ts'
import { tryHold } from '../database/hold.ts'
import type { Incident } from '../security/events.ts'
import type { NoticeResult } from '../security/notices.ts'
import { drain } from '../security/upward/courier.ts'
import { messageOf } from '../security/upward/message.ts'
import { type NoticeDocument, noticeDocument } from '../security/upward/notice.ts'
import { testDraft } from '../security/upward/status.ts'
import { routeTo, senderFile } from '../service/upward.ts'
import { acceptNotice } from '../service/upward-notices.ts'
import { readyDestinations } from '../service/upward-routes.ts'
import { version } from '../service/version.ts'
import { table } from '../terminal/table.ts'
import { serviceLog, untilStopped, writeFlags, YiwangCommand } from './base.ts'
import { withLedger } from './security-ledger.ts'
import { readTime } from './time-flag.ts'
import { chosen, destinationFlag, kindFlag, waitingOf, withOutbox } from './upward-base.ts'

const { actor } = writeFlags

interface Tested {
  readonly destination: string
  readonly kind: string
  readonly ok: boolean
  readonly detail?: string
}

export class UpwardTest extends YiwangCommand {
  static override readonly summary =
    'send a test message (运行状态, marked as a test) to the platforms above, now'
  static override readonly description =
    'It is not in the outbox. --show prints what would be sent instead, in the form of each destination. Exit code 3: one did not take it.'
  static override readonly examples = [
    '<%= config.bin %> upward test',
    '<%= config.bin %> upward test --destination province --show',
  ]
  static override readonly flags = {
    ...destinationFlag,
    show: Flags.boolean({ summary: 'print it, send nothing' }),
  }

  async run(): Promise<readonly Tested[] | Readonly<Record<string, string>>> {
    const { flags } = await this.parse(UpwardTest)
    const config = this.configuration(flags)
    const all = await readyDestinations(config, loadCredentials(config.secretsFile, process.env))
    using owned = new DisposableStack()
    for (const each of all) owned.use(each)
    const destinations = chosen(all, flags.destination)
    const message = messageOf(testDraft(Date.now(), randomUUID(), version), config.upward.source)
    if (flags.show) {
      for (const { name, write } of destinations) this.line(`${name}:\n${write(message)}`)
      return Object.fromEntries(destinations.map(({ name, write }) => [name, write(message)]))
    }
    const stopped = untilStopped()
    const tested = await Promise.all(
      destinations.map(async ({ name, destination: { kind }, send }): Promise<Tested> => {
        const attempt = await send([{ ...message, sequence: 0 }], stopped)
        const shownAs = { destination: name, kind }
        if (!attempt.ok) return { ...shownAs, ok: false, detail: attempt.detail }
        const receipt = attempt.receipts.find(({ id }) => id === message.id)
        const detail = receipt?.receipt ?? receipt?.detail
        return {
          ...shownAs,
          ok: receipt?.result === 'accepted',
          ...(receipt === undefined ? { detail: 'no receipt' } : detail !== undefined && { detail }),
        }
      }),
    )
    this.line(
      table<Tested>(
        [
          { header: 'DESTINATION', read: ({ destination }) => destination },
          { header: 'KIND', read: ({ kind }) => kind },
          {
            header: 'RESULT',
            read: ({ ok, detail }) =>
              (ok ? 'taken' : 'not taken') + (detail === undefined ? '' : `: ${detail}`),
            least: 20,
          },
        ],
        tested,
      ),
    )
    if (tested.some(({ ok }) => !ok)) process.exitCode = exitCodes.targetFailed
    return tested
  }
}

interface Sent {
  /** Who delivers: this command, or a collector that was told to try now. */
  readonly by: 'command' | 'collector'
  readonly waiting: Readonly<Record<string, number>>
}

export class UpwardSend extends YiwangCommand {
  static override readonly summary = 'send what waits now, without waiting for the next attempt'
  static override readonly description =
    'Where a collector runs on this data folder, it is told to try at once; else this command sends, until nothing waits or an attempt fails. Exit code 3: something still waits and nobody else sends.'
  static override readonly aliases = ['upward:flush']
  static override readonly examples = ['<%= config.bin %> upward send']
  static override readonly flags = { ...destinationFlag, actor }

  async run(): Promise<Sent> {
    const { flags } = await this.parse(UpwardSend)
    const config = this.configuration(flags)
    const all = await readyDestinations(config, loadCredentials(config.secretsFile, process.env))
    using owned = new DisposableStack()
    for (const each of all) owned.use(each)
    const destinations = chosen(all, flags.destination)
    return await withOutbox(config, async (outbox) => {
      outbox.dispatch.retryNow(flags.actor, Date.now())
      using held = tryHold(senderFile(config.dataFolder))
      if (held !== undefined) {
        const stopped = untilStopped()
        await Promise.all(destinations.map((each) => drain(routeTo(each, outbox, serviceLog), stopped)))
        stopped.throwIfAborted()
      }
      const states = outbox.view
        .destinations()
        .filter(({ name }) => destinations.some((each) => each.name === name))
      const waiting = Object.fromEntries(states.map((state) => [state.name, waitingOf(state)]))
      for (const [name, count] of Object.entries(waiting)) this.line(`${name}: ${count} wait`)
      if (held === undefined) this.note('a collector sends; it was told to try at once')
      else if (Object.values(waiting).some((count) => count > 0)) process.exitCode = exitCodes.targetFailed
      return { by: held === undefined ? 'collector' : 'command', waiting }
    })
  }
}

interface Replayed {
  readonly destination: string
  readonly messages: number
}

export class UpwardReplay extends YiwangCommand {
  static override readonly summary = 'have messages that were sent sent once more, with the same ids (补报)'
  static override readonly description =
    'What never got through is sent by itself, in order, when the line is back: this is for what the platform above lost, or refused and now takes. They go before what waits. Who asked is kept: upward status --json.'
  static override readonly examples = [
    '<%= config.bin %> upward replay --destination province --since 2026-11-26T00:00+08:00 --until 2026-11-27T00:00+08:00',
    '<%= config.bin %> upward replay --destination province --since 7d --refused',
  ]
  static override readonly flags = {
    destination: Flags.string({ summary: 'to this one', helpValue: 'NAME', required: true }),
    since: Flags.string({ summary: 'of this time or later; 12h, 7d: so long ago', required: true }),
    until: Flags.string({ summary: 'of before this time (default: now)' }),
    refused: Flags.boolean({ summary: 'only what was refused' }),
    ...kindFlag,
    actor,
  }

  async run(): Promise<Replayed> {
    const { flags } = await this.parse(UpwardReplay)
    const config = this.configuration(flags)
    const now = Date.now()
    const since = readTime('--since', flags.since, now)
    const until = flags.until === undefined ? now : readTime('--until', flags.until, now)
    const result = flags.refused ? 'refused' : undefined
    return withOutbox(config, ({ view, dispatch }) => {
      const [state] = chosen(view.destinations(), flags.destination)
      const destination = state?.name ?? flags.destination
      const selection = { destination, since, until, kind: flags.kind, result } as const
      const messages = dispatch.sendAgain(selection, flags.actor, now)
      this.line(`${messages} messages are sent to ${destination} once more`)
      return { destination, messages }
    })
  }
}

const readNotice = (file: string): NoticeDocument => {
  const source = readYaml(file)
  if (source === undefined) throw new EnvironmentFault('FILE_UNREADABLE', `there is no notice ${file}`)
  const { success, data, error } = noticeDocument.safeParse(source.value)
  if (success) return data
  throw new UsageFault(
    error.issues.map((issue) => ({
      where: `${source.placeOf(issue.path)} ${issue.path.map(String).join('.')}`.trimEnd(),
      message: `${expectation(issue)}, got ${shown(valueAt(source.value, issue.path))}`,
      suggestion: 'docs/upward.md shows what a notice holds',
    })),
  )
}

const takenLabels = { taken: '已登记', known: '已登记过', outdated: '已有更新的版本，不再登记' } as const

/** Why a notice was not taken. */
const refusalOf = (
  file: string,
  document: NoticeDocument,
  taken: Extract<NoticeResult, { readonly result: 'conflict' | 'unknown' }> | undefined,
): Problem => {
  const { id, issuer, revision } = document
  switch (taken?.result) {
    case undefined:
      return {
        where: `${file} unit`,
        message: `expected a unit of the inventory, by id or name, got ${shown('unit' in document ? document.unit : undefined)}`,
        suggestion: 'name one: --unit UNIT (yiwang unit list)',
      }
    case 'conflict':
      return {
        where: `${file} revision`,
        message: `expected a greater revision, revision ${revision} of ${id} stands for another text`,
        suggestion: `yiwang incident show ${taken.incident.id}`,
      }
    case 'unknown':
      return {
        where: `${file} id`,
        message: `expected a notice of ${issuer} that was registered here, ${id} was not`,
        suggestion:
          'import the notice that this lifts first (yiwang incident list --all shows what there is)',
      }
  }
}

export class UpwardNoticeImport extends YiwangCommand {
  static override readonly summary =
    'make a task with a deadline of a notice from above (通报预警), change it, or close it'
  static override readonly description =
    'JSON or YAML, as the platform above posts it to /v1/upward/notices. The same revision of a notice is not taken twice; a later one changes the task and its deadline, and "action": "lift" (解除) closes the task.'
  static override readonly examples = ['<%= config.bin %> upward notice import notice.json']
  static override readonly args = { file: Args.string({ required: true, description: 'file of the notice' }) }
  static override readonly flags = {
    actor,
    unit: Flags.string({
      summary: 'unit that answers where the notice names none that is known (default: upward.noticeUnit)',
      helpValue: 'UNIT',
    }),
  }

  async run(): Promise<Incident> {
    const { args, flags } = await this.parse(UpwardNoticeImport)
    const config = this.configuration(flags)
    const document = readNotice(args.file)
    await using store = await this.openInventory(config)
    const inventory = await store.read()
    const fallbackUnit = flags.unit ?? config.upward.noticeUnit
    const taken = withLedger(config, (ledger) =>
      acceptNotice(document, {
        ...{ ledger, inventory, fallbackUnit, timezone: config.timezone },
        ...{ by: flags.actor, now: Date.now() },
      }),
    )
    if (taken === undefined || taken.result === 'conflict' || taken.result === 'unknown')
      throw new UsageFault([refusalOf(args.file, document, taken)])
    const { result, incident } = taken
    this.line(`${incident.id} ${incident.title}：${takenLabels[result]}（第 ${document.revision} 版）`)
    return incident
  }
}
