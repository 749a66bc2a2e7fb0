import { setImmediate as letOthers } from 'node:timers/promises'
import type { Inventory } from '../../../inventory/store.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { type AssetNews, assetNews } from './assets.ts'
import { eventDraft, openDrafts } from './happenings.ts'
import { type Draft, messageOf } from './message.ts'
import type { Intake } from './outbox.ts'
import { periodAt, type Standing, statusDraft } from './status.ts'

export interface FeedOptions {
  readonly intake: Intake
  readonly ledger: Pick<Ledger, 'since' | 'head' | 'findings' | 'incidents'>
  /** Name of this platform above. */
  readonly source: string
  readonly statusSeconds: number
}

export interface FeedScene {
  readonly now: number
  readonly inventory: Inventory
  /** Asked only where a status is due. */
  readonly standing: () => Promise<Standing>
}

/**
 * Makes messages of what happened since the last time, and writes them into the outbox together with how far it has
 * read: after a crash it goes on there. Where the outbox has no room, everything waits where it is.
 */
export interface Feed {
  /** Rejects with `EnvironmentFault`. */
  readonly refresh: (scene: FeedScene) => Promise<void>
}

const eventsAtOnce = 500
const assetsAtOnce = 200

/** All there are, others getting their turn meanwhile: when much happens at once, there are many. */
const takeEvents = async ({ intake, ledger, source }: FeedOptions, now: number): Promise<void> => {
  const message = (draft: Draft) => messageOf(draft, source)
  const [head, known] = [ledger.head(), intake.cursor()]
  // A ledger that is shorter than what was read of it is another one.
  let cursor = known !== undefined && known <= head ? known : undefined
  if (cursor === undefined) {
    const open = openDrafts(ledger.findings('open'), ledger.incidents('live'), now)
    intake.add({ messages: open.map(message), now, cursor: head })
    cursor = head
  }
  while (intake.hasRoom()) {
    const events = ledger.since(cursor, eventsAtOnce)
    const [last] = events.slice(-1)
    if (last === undefined) return
    const drafts = events.map(eventDraft).filter((draft) => draft !== undefined)
    intake.add({ messages: drafts.map(message), now, cursor: last.sequence })
    cursor = last.sequence
    await letOthers()
  }
}

const takeStatus = async (options: FeedOptions, { now, standing }: FeedScene): Promise<void> => {
  const { intake, source, statusSeconds } = options
  const periodMs = statusSeconds * 1000
  const at = periodAt(now, periodMs)
  const last = intake.lastStatusAt() ?? -Infinity
  // One of the future was made while the clock was wrong.
  const isMade = at <= last && last <= now
  if (isMade || !intake.hasRoom()) return
  const message = messageOf(statusDraft(await standing(), at, periodMs), source)
  intake.add({ messages: [{ ...message, periodMs }], now })
}

/** Whether all of them are told. A nation has 41,000: others get their turn meanwhile. */
const takeAssets = async (
  { intake, source }: FeedOptions,
  { now, inventory }: FeedScene,
): Promise<boolean> => {
  const add = (told: readonly AssetNews[]): void =>
    intake.add({ messages: told.map(({ draft }) => messageOf(draft, source)), now, told })
  let news: AssetNews[] = []
  let looks = 0
  for (const each of assetNews(inventory, intake.told(), now)) {
    if (each !== undefined) news.push(each)
    if ((looks += 1) % assetsAtOnce > 0) continue
    if (news.length > 0) {
      if (!intake.hasRoom()) return false
      add(news)
      news = []
    }
    await letOthers()
  }
  if (news.length === 0) return true
  if (!intake.hasRoom()) return false
  add(news)
  return true
}

export const createFeed = (options: FeedOptions): Feed => {
  let toldFor: Inventory | undefined
  return {
    refresh: async (scene) => {
      await takeEvents(options, scene.now)
      await takeStatus(options, scene)
      if (scene.inventory !== toldFor && (await takeAssets(options, scene))) toldFor = scene.inventory
    },
  }
}
