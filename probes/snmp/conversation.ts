import { clearTimeout, setTimeout } from 'node:timers'
import { SnmpFault } from './fault.ts'
import type { Incoming } from './message/incoming.ts'
import type { Listener, Peer, Wire } from './wire.ts'
import { type Ticket, createWindow } from './window.ts'

/** What a message that carries the request’s id is to the one who asked. */
export type Reading<Answer> =
  | { readonly answer: Answer }
  /** Not what was asked for; a better one may come, and else this says what is wrong. */
  | { readonly objection: string }
  | { readonly fault: Error }

export interface Question<Answer> {
  readonly id: number
  readonly version: Incoming['version']
  readonly datagram: Buffer
  readonly read: (message: Incoming) => Reading<Answer>
}

export interface Patience {
  /** Times a request is sent. */
  readonly tries: number
  /** Of all requests together, from when the first was sent. */
  readonly deadlineMs: number
}

/** One look’s requests to its peer, one after the other. */
export interface Conversation {
  readonly newId: () => number
  /** Rejects with `SnmpFault` (silence is cause `timeout`), a system error, or what `fail` was given. */
  readonly ask: <Answer>(question: Question<Answer>) => Promise<Answer>
  /** Ends what is outstanding and whatever is asked later. */
  readonly fail: (reason: unknown) => void
  /** Whether the peer has said anything yet. */
  readonly wasHeard: () => boolean
  /** Since the first request was sent. */
  readonly seconds: () => number
}

/** Answers of this many requests fit into the socket’s buffer even where the system gives 200 kB. */
const window = createWindow({ total: 128, perPeer: 8 })

/** A request that is not answered by then is not about to be answered in a burst with others. */
const lateMs = 50

/** Datagrams of the peer that are not the answer, a request: more is a peer that keeps us busy. */
const mostStrays = 64

interface State {
  readonly wire: Wire
  readonly peer: Peer
  readonly patience: Patience
  /** Of `performance.now()`; undefined before the first request is sent. */
  startedAt: number | undefined
  wasHeard: boolean
  failure: { readonly reason: unknown } | undefined
  pending: Pending | undefined
}

/** A reading whose answer needs only to be handed over. */
type Heard = Exclude<Reading<never>, { readonly answer: never }> | { readonly handOver: () => void }

interface Pending {
  readonly question: Omit<Question<unknown>, 'read'>
  readonly listener: Listener
  readonly read: (message: Incoming) => Heard
  readonly reject: (reason: unknown) => void
  ticket: Ticket | undefined
  timer: NodeJS.Timeout | undefined
  triesLeft: number
  strays: number
  objection: string | undefined
}

const settle = (state: State, pending: Pending): void => {
  if (state.pending !== pending) return
  state.pending = undefined
  state.wire.remove(pending.listener)
  clearTimeout(pending.timer)
  pending.ticket?.leave()
}

const reject = (state: State, pending: Pending, reason: unknown): void => {
  settle(state, pending)
  pending.reject(reason)
}

const silence = ({ wasHeard }: State): SnmpFault => {
  const detail = wasHeard ? 'the agent fell silent after its first answers' : 'no answer'
  return new SnmpFault(detail, { targetCause: 'timeout' })
}

const giveUp = (state: State, pending: Pending): void => {
  const { objection } = pending
  reject(state, pending, objection === undefined ? silence(state) : new SnmpFault(objection))
}

const deadlineAt = ({ startedAt = 0, patience }: State): number => startedAt + patience.deadlineMs

/** Sends, and again where no answer comes, until the tries or the look’s time are used up. */
const attempt = (state: State, pending: Pending): void => {
  const now = performance.now()
  const left = deadlineAt(state) - now
  if (pending.triesLeft === 0 || left <= 0) {
    giveUp(state, pending)
    return
  }
  pending.triesLeft -= 1
  const tryMs = Math.min(state.patience.deadlineMs / state.patience.tries, left)
  pending.timer = setTimeout(
    () => {
      pending.ticket?.giveWay()
      // Near the deadline a try is shorter than that.
      const restMs = Math.max(0, Math.ceil(tryMs - lateMs))
      pending.timer = setTimeout(() => attempt(state, pending), restMs)
    },
    Math.min(lateMs, Math.ceil(tryMs)),
  )
  state.wire.send(pending.listener, pending.question.datagram)
}

const begin = (state: State, pending: Pending): void => {
  state.startedAt ??= performance.now()
  state.wire.add(pending.listener)
  attempt(state, pending)
}

const count = (state: State, pending: Pending): void => {
  state.wasHeard = true
  pending.strays += 1
  if (pending.strays > mostStrays) reject(state, pending, new SnmpFault('the agent answers without end'))
}

const hear = (state: State, pending: Pending, message: Incoming): void => {
  state.wasHeard = true
  const reading = pending.read(message)
  if ('handOver' in reading) {
    settle(state, pending)
    reading.handOver()
  } else if ('fault' in reading) reject(state, pending, reading.fault)
  else {
    pending.objection = reading.objection
    count(state, pending)
  }
}

const stray = (state: State, pending: Pending, message: Incoming | undefined): void => {
  const { version } = pending.question
  if (message === undefined)
    pending.objection = 'expected an SNMP message, got other bytes or a malformed one'
  else if (message.version !== version) pending.objection = `expected SNMP ${version}, got ${message.version}`
  count(state, pending)
}

const ask = <Answer>(state: State, question: Question<Answer>): Promise<Answer> => {
  const { promise, resolve, reject: refuse } = Promise.withResolvers<Answer>()
  if (state.failure !== undefined) {
    refuse(state.failure.reason)
    return promise
  }
  const pending: Pending = {
    question,
    listener: {
      peer: state.peer,
      id: question.id,
      hear: (message) => hear(state, pending, message),
      stray: (message) => stray(state, pending, message),
      lost: (error) => reject(state, pending, error),
    },
    read: (message) => {
      const reading = question.read(message)
      return 'answer' in reading ? { handOver: () => resolve(reading.answer) } : reading
    },
    reject: refuse,
    ticket: undefined,
    timer: undefined,
    triesLeft: state.patience.tries,
    strays: 0,
    objection: undefined,
  }
  state.pending = pending
  pending.ticket = window.enter(state.peer.key, state.startedAt !== undefined, () => begin(state, pending))
  return promise
}

export const converse = (wire: Wire, peer: Peer, patience: Patience): Conversation => {
  const state: State = {
    wire,
    peer,
    patience,
    startedAt: undefined,
    wasHeard: false,
    failure: undefined,
    pending: undefined,
  }
  return {
    newId: () => wire.newId(),
    ask: (question) => ask(state, question),
    fail: (reason) => {
      state.failure ??= { reason }
      if (state.pending !== undefined) reject(state, state.pending, reason)
    },
    wasHeard: () => state.wasHeard,
    seconds: () => (state.startedAt === undefined ? 0 : (performance.now() - state.startedAt) / 1000),
  }
}
