import type { Mention } from '../../inventory/ledger/index.ts'
import type { Assessment } from '../../inventory/mlps/index.ts'
import type { Node, Region, System } from '../../inventory/model.ts'
import type { Inventory } from '../../inventory/store.ts'
import { validUntil } from '../compliance/evidence/validity.ts'
import { addDays, type Day, dayIn, endOfDay, minuteIn } from '../core/day.ts'
import { type Networks, networksOf } from '../core/network.ts'
import { remembered } from '../core/remembered.ts'
import type { TargetId } from '../core/target.ts'
import type { Context } from '../ledger/index.ts'
import { type Place, placesOf } from './endpoints.ts'
import type { Look, VerifyInput } from './types.ts'

/** What rules look things up in: made once, however many claims there are. */
export interface Ground extends VerifyInput {
  readonly now: number
  readonly looksAt: (target: TargetId) => readonly Look[]
  /** Something else answers the agent: silence of this target is not its own line that is cut. */
  readonly isControlled: (agent: string, target: TargetId) => boolean
  readonly nodesOfUnit: ReadonlyMap<string, readonly Node[]>
  readonly nodesOfRegion: ReadonlyMap<string, readonly Node[]>
  /** Systems that have an endpoint there. */
  readonly systemsAt: (place: Place) => ReadonlySet<string>
  readonly systemsOfUnit: ReadonlyMap<string, readonly System[]>
  /** The one finished last first. */
  readonly assessmentsOf: ReadonlyMap<string, readonly Assessment[]>
  readonly regionsBelow: ReadonlyMap<string, readonly Region[]>
  /** By the id of the mention, and by that of its system. */
  readonly mentions: ReadonlyMap<string, Mention>
  /** What is planned as the extranet (外网). */
  readonly extranet: Networks
  /** Those of a cloud, by its id; of all clouds where there is none of that id. */
  readonly cloud: (id: string) => Networks
  /** `2026-11-26 17:05` in the site's zone. */
  readonly words: (at: number) => string
  /** The day before that of the clock. */
  readonly yesterday: Day
  /** Last instant of a day in the site's zone. */
  readonly endOf: (day: Day) => number
}

const rootOf = (target: TargetId): string => target.split('/')[0] ?? target

/** Whether a look counts at a time: its agent is heard, and it is not too old for its kind. */
export const isValid = ({ heard, kind, intervalSeconds, seen }: Look, now: number): boolean =>
  heard && validUntil(kind, seen.observedAt, intervalSeconds) >= now

/** Targets that answer each agent: two are enough to have another one. */
const answeringBy = ({ looks, context: { now } }: VerifyInput): ReadonlyMap<string, ReadonlySet<string>> => {
  const found = new Map<string, Set<string>>()
  for (const [target, all] of looks)
    for (const look of all) {
      // What an agent measures on its own machine says nothing of its line.
      if (look.seen.status !== 'up' || look.kind === 'host' || !isValid(look, now)) continue
      const known = found.get(look.agent) ?? new Set()
      if (known.size < 2) found.set(look.agent, known.add(rootOf(target)))
    }
  return found
}

const keyOf = ({ host, port }: Place): string => `${host} ${port ?? ''}`

const nobody: ReadonlySet<string> = new Set()

const systemsByPlace = ({ inventory }: VerifyInput): Ground['systemsAt'] => {
  const found = new Map<string, Set<string>>()
  for (const system of inventory.system.values())
    for (const place of placesOf(system)) {
      const key = keyOf(place)
      found.set(key, (found.get(key) ?? new Set()).add(system.id))
    }
  return (place) => found.get(keyOf(place)) ?? nobody
}

const extranetOf = ({ network }: Inventory): Networks =>
  networksOf([...network.values()].filter(({ area }) => area !== 'internet').map(({ cidr }) => cidr))

const cloudsOf = ({ cloud }: Inventory): Ground['cloud'] =>
  remembered((id) => {
    const own = cloud.get(id)
    return networksOf((own === undefined ? [...cloud.values()] : [own]).flatMap(({ networks }) => networks))
  })

const none: readonly Look[] = []

type Clock = Pick<Ground, 'words' | 'yesterday' | 'endOf'>

/** Most of what is looked at was seen within the same minute, and all days are the same few. */
const clockOf = ({ now, timeZone }: Context): Clock => {
  const minuteOf = remembered((second: number) => minuteIn(timeZone, second * 1000))
  return {
    words: (at) => minuteOf(Math.floor(at / 1000)),
    yesterday: addDays(dayIn(timeZone, now), -1),
    endOf: remembered((day) => endOfDay(timeZone, day)),
  }
}

export const groundOf = (input: VerifyInput): Ground => {
  const { inventory, looks, context } = input
  const answering = answeringBy(input)
  const nodes = [...inventory.node.values()].filter(({ state }) => state === 'active')
  const mentions = [...inventory.mention.values()]
  return {
    ...input,
    now: context.now,
    looksAt: (target) => looks.get(target) ?? none,
    isControlled: (agent, target) => {
      const others = answering.get(agent) ?? new Set()
      return others.size > (others.has(rootOf(target)) ? 1 : 0)
    },
    nodesOfUnit: Map.groupBy(nodes, ({ unit }) => unit ?? ''),
    nodesOfRegion: Map.groupBy(nodes, ({ region }) => region),
    systemsAt: systemsByPlace(input),
    systemsOfUnit: Map.groupBy(inventory.system.values(), ({ unit }) => unit ?? ''),
    assessmentsOf: Map.groupBy(
      [...inventory.assessment.values()].toSorted((one, other) =>
        (one.finishedOn ?? '') < (other.finishedOn ?? '') ? 1 : -1,
      ),
      ({ system }) => system ?? '',
    ),
    regionsBelow: Map.groupBy(inventory.region.values(), ({ parent }) => parent ?? ''),
    mentions: new Map(
      [...mentions, ...mentions.filter(({ system }) => system !== undefined)].map((each, index) => [
        index < mentions.length ? each.id : (each.system ?? each.id),
        each,
      ]),
    ),
    extranet: extranetOf(inventory),
    cloud: cloudsOf(inventory),
    ...clockOf(context),
  }
}
