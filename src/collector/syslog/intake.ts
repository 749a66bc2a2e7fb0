import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import { seldom } from '../../core/seldom.ts'
import { every } from '../every.ts'
import type { LogLine, Transport } from './blocks.ts'
import type { Frame } from './framing.ts'
import { decode } from './message.ts'
import type { LogStore } from './store.ts'

export const refusals = ['source-not-allowed', 'too-many-connections', 'tls', 'no-room'] as const
export type LogRefusal = (typeof refusals)[number]

export interface IntakeCounters {
  readonly refused: ReadonlyMap<LogRefusal, number>
  readonly cut: () => number
}

/** Between the sockets and the store: holds for a moment what came, then stores it all at once. */
export interface LogIntake extends Disposable {
  readonly counters: IntakeCounters
  readonly take: (frames: readonly Frame[], source: string, transport: Transport) => void
  readonly refuse: (reason: LogRefusal) => void
  /** As much is held as may be: streams are to wait, datagrams to be refused. */
  readonly isFull: () => boolean
  /** Calls once, when there is room again. */
  readonly whenRoom: (go: () => void) => void
}

export interface IntakeOptions {
  readonly store: LogStore
  readonly clock: Clock
  readonly log: Log
  readonly retentionDays: number
}

const flushMs = 250
const tidyMs = 60_000
const maxHeldBytes = 16 * 1024 * 1024
/** What a line costs beside its text: short ones count too. */
const lineBytes = 256
const dayMs = 86_400_000

/** Work that is tried again at its next turn; told of once when it begins to fail, and once when it works again. */
const guarding = (log: Log) => {
  let isTroubled = false
  return (work: () => void) => (): Promise<void> => {
    try {
      work()
      if (isTroubled) log('info', 'log lines are stored again')
      isTroubled = false
    } catch (error) {
      if (!isTroubled)
        log('error', 'log lines cannot be stored; streams wait, datagrams are refused', { error })
      isTroubled = true
    }
    return Promise.resolve()
  }
}

/** Stores until disposed; what is held then is stored first. */
export const createIntake = ({ store, clock, log, retentionDays }: IntakeOptions): LogIntake => {
  let held: LogLine[] = []
  let heldBytes = 0
  let cut = 0
  const guarded = guarding(log)
  let waiting: (() => void)[] = []
  // From zero on, or Prometheus would not see that the first of its kind was one more.
  const refused = new Map<LogRefusal, number>(refusals.map((reason) => [reason, 0]))

  const tellTooMany = seldom(clock, (count) =>
    log('warn', 'senders of log messages are closed unheard: too many connections are open', { count }),
  )
  const flush = (): void => {
    store.append(held)
    held = []
    heldBytes = 0
    const ready = waiting
    waiting = []
    for (const go of ready) go()
    store.pack(clock())
  }
  const tidy = (): void => {
    const lines = store.prune(clock() - retentionDays * dayMs)
    if (lines > 0) log('info', 'log lines past their retention were forgotten', { lines, retentionDays })
  }
  const tasks = [every(flushMs, guarded(flush)), every(tidyMs, guarded(tidy))]
  return {
    counters: { refused, cut: () => cut },
    take: (frames, source, transport) => {
      const receivedAt = clock()
      for (const { bytes, isCut } of frames) {
        held.push({ receivedAt, source, transport, isCut, line: decode(bytes) })
        heldBytes += bytes.length + lineBytes
        if (isCut) cut += 1
      }
    },
    refuse: (reason) => {
      refused.set(reason, (refused.get(reason) ?? 0) + 1)
      if (reason === 'too-many-connections') tellTooMany()
    },
    isFull: () => heldBytes >= maxHeldBytes,
    whenRoom: (go) => void waiting.push(go),
    [Symbol.dispose]: () => {
      for (const task of tasks) task[Symbol.dispose]()
      try {
        flush()
      } catch (error) {
        log('error', 'log lines were lost: they could not be stored before the end', {
          lines: held.length,
          error,
        })
      }
    },
  }
}
