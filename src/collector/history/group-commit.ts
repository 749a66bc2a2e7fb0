import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Applied } from './apply.ts'
import type { Correspondence } from './correspondence.ts'
import { type Parcel, parcelOf } from './parcel.ts'
import type { Delivery } from './port.ts'
import { type Outcome, valueOf } from './thread.ts'

/** Deliveries that come within this time of the beginning of a commit share the next one, and its sync of the disk. */
const gatherMs = 20
/** A group of so many rows is full: those that come after it wait no longer than it takes. */
const rowsAGroup = 5000

interface Waiting {
  readonly delivery: Delivery
  readonly parcel: Parcel
  readonly resolve: (applied: Applied) => void
  readonly reject: (error: unknown) => void
}

export interface Committed {
  readonly delivery: Delivery
  readonly applied: Applied
}

export interface GroupCommit {
  /** Resolves after COMMIT, that is after the disk has it. */
  add(delivery: Delivery): Promise<Applied>
  /** Resolves when nothing waits any more. */
  settle(): Promise<void>
}

const takeGroup = (waiting: Waiting[]): readonly Waiting[] => {
  let rows = 0
  const last = waiting.findIndex(({ delivery }) => (rows += delivery.rows.length) >= rowsAGroup)
  return waiting.splice(0, last === -1 ? waiting.length : last + 1)
}

const committedOf = (group: readonly Waiting[], outcomes: readonly Outcome<Applied>[]): Committed[] =>
  group.flatMap(({ delivery }, at) => {
    const outcome = outcomes[at]
    return outcome && 'value' in outcome ? [{ delivery, applied: outcome.value }] : []
  })

const answer = ({ resolve, reject }: Waiting, outcome: Outcome<Applied> | undefined): void => {
  try {
    if (outcome !== undefined) resolve(valueOf(outcome))
  } catch (error) {
    reject(error)
  }
}

/** Many deliveries, one transaction, one group at a time: `committed` is told what is on disk before its senders are. */
export const groupCommit = (
  { write }: Pick<Correspondence, 'write'>,
  committed: (deliveries: readonly Committed[], seconds: number) => void,
): GroupCommit => {
  const waiting: Waiting[] = []
  let lastBegun = -Infinity
  let working: Promise<void> | undefined

  const commit = async (group: readonly Waiting[]): Promise<void> => {
    try {
      const { outcomes, seconds } = await write(group.map(({ parcel }) => parcel))
      const done = committedOf(group, outcomes)
      if (done.length > 0) committed(done, seconds)
      for (const [at, each] of group.entries()) answer(each, outcomes[at])
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }
  const work = async (): Promise<void> => {
    while (waiting.length > 0) {
      const pause = lastBegun + gatherMs - performance.now()
      if (pause > 0) await setTimeout(pause)
      else await setImmediate()
      lastBegun = performance.now()
      await commit(takeGroup(waiting))
    }
    working = undefined
  }
  return {
    add: (delivery) => {
      const { promise, resolve, reject } = Promise.withResolvers<Applied>()
      waiting.push({ delivery, parcel: parcelOf(delivery), resolve, reject })
      working ??= work()
      return promise
    },
    settle: () => working ?? Promise.resolve(),
  }
}
