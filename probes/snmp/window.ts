/**
 * How many requests may be on their way: in all, so that their answers find room in the socket’s buffer, and to one
 * peer, so that none is flooded. A request that is late holds no place in all any more: a dead device delays nobody.
 */
export interface Window {
  /** Asks for a place; `start` is called when there is one, at once if there is one now. */
  readonly enter: (peer: string, isBegun: boolean, start: () => void) => Ticket
}

export interface Ticket {
  /** The answer will hardly come any more: others may go. */
  readonly giveWay: () => void
  /** Answered or given up, whether it had started or not. */
  readonly leave: () => void
}

export interface WindowLimits {
  readonly total: number
  readonly perPeer: number
}

type State = 'behind' | 'queued' | 'started' | 'late' | 'gone'

interface Entry {
  readonly peer: string
  /** Of a look that has begun: it is ended before another is begun. */
  readonly isBegun: boolean
  readonly start: () => void
  state: State
}

interface Lane {
  busy: number
  readonly behind: Set<Entry>
}

interface Floor {
  readonly limits: WindowLimits
  readonly lanes: Map<string, Lane>
  readonly begun: Set<Entry>
  readonly fresh: Set<Entry>
  started: number
}

const first = <Value>(values: ReadonlySet<Value>): Value | undefined => {
  for (const value of values) return value
  return undefined
}

const queueOf = (floor: Floor, { isBegun }: Entry): Set<Entry> => (isBegun ? floor.begun : floor.fresh)

const startWaiting = (floor: Floor): void => {
  while (floor.started < floor.limits.total) {
    const entry = first(floor.begun) ?? first(floor.fresh)
    if (entry === undefined) return
    queueOf(floor, entry).delete(entry)
    entry.state = 'started'
    floor.started += 1
    entry.start()
  }
}

const admit = (floor: Floor, lane: Lane, entry: Entry): void => {
  lane.busy += 1
  entry.state = 'queued'
  queueOf(floor, entry).add(entry)
  startWaiting(floor)
}

const laneOf = (floor: Floor, peer: string): Lane => {
  const lane = floor.lanes.get(peer) ?? { busy: 0, behind: new Set() }
  floor.lanes.set(peer, lane)
  return lane
}

const freeLane = (floor: Floor, peer: string): void => {
  const lane = laneOf(floor, peer)
  lane.busy -= 1
  const next = first(lane.behind)
  if (next !== undefined) {
    lane.behind.delete(next)
    admit(floor, lane, next)
  } else if (lane.busy === 0) floor.lanes.delete(peer)
}

const leave = (floor: Floor, entry: Entry): void => {
  const { state } = entry
  entry.state = 'gone'
  if (state === 'gone') return
  if (state === 'behind') {
    laneOf(floor, entry.peer).behind.delete(entry)
    return
  }
  if (state === 'queued') queueOf(floor, entry).delete(entry)
  if (state === 'started') floor.started -= 1
  freeLane(floor, entry.peer)
  startWaiting(floor)
}

const giveWay = (floor: Floor, entry: Entry): void => {
  if (entry.state !== 'started') return
  entry.state = 'late'
  floor.started -= 1
  startWaiting(floor)
}

export const createWindow = (limits: WindowLimits): Window => {
  const floor: Floor = { limits, lanes: new Map(), begun: new Set(), fresh: new Set(), started: 0 }
  return {
    enter: (peer, isBegun, start) => {
      const entry: Entry = { peer, isBegun, start, state: 'behind' }
      const lane = laneOf(floor, peer)
      if (lane.busy < limits.perPeer) admit(floor, lane, entry)
      else lane.behind.add(entry)
      return { giveWay: () => giveWay(floor, entry), leave: () => leave(floor, entry) }
    },
  }
}
