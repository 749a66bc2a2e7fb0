import type { SnmpUser } from '../../src/core/credential.ts'
import type { Conversation, Reading } from './conversation.ts'
import { type Engine, clockNow, engineAfter, engines, keysOf } from './engines.ts'
import { SnmpFault, faultOfReport, usmCounters, usmStats } from './fault.ts'
import type { EngineClock, Incoming, UserMessage } from './message/incoming.ts'
import type { UserKeys } from './message/keys.ts'
import { type Pdu, type Request, type Varbind, pduTags } from './message/pdu.ts'
import { nextSalt } from './message/salt.ts'
import {
  decodeScoped,
  decrypt,
  encodeDiscovery,
  encodeUserRequest,
  flags,
  isAuthentic,
} from './message/usm.ts'
import { readResponse } from './response.ts'
import type { Peer } from './wire.ts'

/** What an engine says instead of an answer (RFC 3414 §3.2). */
interface Report {
  /** One of `usmCounters`, or another. */
  readonly counter: number | undefined
  readonly clock: EngineClock
}

type Answer = { readonly varbinds: readonly Varbind[]; readonly engine: Engine } | { readonly report: Report }

const inClear = 'expected an authenticated and encrypted answer, got one in clear'

const counterOf = ({ varbinds: [varbind] }: Pdu): number | undefined =>
  varbind?.oid.startsWith(usmStats) ? Number.parseInt(varbind.oid.slice(usmStats.length), 10) : undefined

const reportIn = (pdu: Pdu | undefined, clock: EngineClock): Report | undefined =>
  pdu?.type === pduTags.report ? { counter: counterOf(pdu), clock } : undefined

/** A Report may come in clear: an engine that does not know us has no other way. Nothing else may. */
const readClear = (message: UserMessage): Reading<Answer> => {
  const report = message.isEncrypted ? undefined : reportIn(decodeScoped(message.data), message.clock)
  return report === undefined ? { objection: inClear } : { answer: { report } }
}

interface Asked {
  readonly id: number
  readonly engine: Engine
  readonly keys: UserKeys
  readonly user: Buffer
}

const objectionTo = (message: UserMessage, { engine, user, keys }: Asked): string | undefined => {
  if (!message.clock.engineId.equals(engine.engineId))
    return 'expected an answer of the same engine, got another’s'
  if (!message.user.equals(user)) return 'expected an answer to our user, got one to another'
  return isAuthentic(message, keys)
    ? undefined
    : 'expected an answer with our key’s authentication, got another'
}

const readEncrypted = (message: UserMessage, { id, keys, engine }: Asked): Reading<Answer> => {
  const now = performance.now()
  const after = engineAfter(engine, message.clock, now)
  if (after === undefined) return { objection: 'expected an answer of this time, got an old one' }
  const pdu = decrypt(message, keys)
  if (pdu === undefined) return { fault: new SnmpFault('the answer does not decrypt to an SNMP message') }
  const report = reportIn(pdu, message.clock)
  if (report !== undefined) return { answer: { report } }
  const reading = readResponse(pdu, id)
  return 'answer' in reading ? { answer: { varbinds: reading.answer, engine: after } } : reading
}

/** RFC 3412 §7.2, RFC 3414 §3.2: who said it, whether it is fresh, and then what it says. */
const readAnswer = (message: Incoming, asked: Asked): Reading<Answer> => {
  if (message.version !== 'v3') return { objection: `expected SNMP v3, got ${message.version}` }
  if ((message.flags & flags.authenticated) === 0) return readClear(message)
  const objection = objectionTo(message, asked)
  if (objection !== undefined) return { objection }
  const isEncrypted = (message.flags & flags.encrypted) !== 0 && message.isEncrypted
  return isEncrypted ? readEncrypted(message, asked) : readClear(message)
}

const hintOf = ({ clock }: Report): Engine | undefined =>
  clock.engineId.length === 0 ? undefined : { ...clock, heardAt: performance.now(), isTrusted: false }

const readDiscovery = (message: Incoming): Reading<Engine> => {
  if (message.version !== 'v3') return { objection: `expected SNMP v3, got ${message.version}` }
  const report = message.isEncrypted ? undefined : reportIn(decodeScoped(message.data), message.clock)
  const engine = report && hintOf(report)
  return engine
    ? { answer: engine }
    : { objection: 'expected a Report with an engine id, got another message' }
}

const discover = (conversation: Conversation): Promise<Engine> => {
  const id = conversation.newId()
  return conversation.ask({ id, version: 'v3', datagram: encodeDiscovery(id), read: readDiscovery })
}

/** What a Report tells us to try next; undefined where it is a refusal. */
const adviceIn = (report: Report): Engine | undefined =>
  report.counter === usmCounters.unknownEngineIds || report.counter === usmCounters.notInTimeWindows
    ? hintOf(report)
    : undefined

/** One for an engine that is another than it was, one for its clock. A hostile one gets no more of us. */
const mostReports = 2

const askWith = (
  conversation: Conversation,
  engine: Engine,
  user: SnmpUser,
  request: Omit<Request, 'id'>,
): Promise<Answer> => {
  const id = conversation.newId()
  const keys = keysOf(user, engine.engineId)
  const datagram = encodeUserRequest({
    user: user.user,
    keys,
    clock: clockNow(engine, performance.now()),
    salt: nextSalt(),
    request: { ...request, id },
  })
  const asked: Asked = { id, engine, keys, user: Buffer.from(user.user) }
  return conversation.ask({ id, version: 'v3', datagram, read: (message) => readAnswer(message, asked) })
}

/**
 * Requests of a user. Who the engine is and what its clock shows is kept from look to look: only the first has to ask.
 */
export const userAsker = (conversation: Conversation, peer: Peer, user: SnmpUser) => {
  let engine = engines.get(peer.key)
  let isAnswered = false

  const explain = (error: unknown): unknown => {
    const isSilence = error instanceof SnmpFault && error.targetCause === 'timeout'
    if (!isSilence || isAnswered || engine === undefined || !conversation.wasHeard()) return error
    const detail =
      'the agent answers the discovery, but not the encrypted request: is the privacy password right?'
    return new SnmpFault(detail, { targetCause: 'timeout' })
  }

  const askUntilAnswered = async (
    request: Omit<Request, 'id'>,
    reportsLeft: number,
  ): Promise<readonly Varbind[]> => {
    engine ??= await discover(conversation)
    const answer = await askWith(conversation, engine, user, request)
    if ('varbinds' in answer) {
      engine = answer.engine
      engines.set(peer.key, engine)
      isAnswered = true
      return answer.varbinds
    }
    const next = reportsLeft > 0 ? adviceIn(answer.report) : undefined
    if (next === undefined) throw faultOfReport(answer.report.counter)
    engine = next
    return askUntilAnswered(request, reportsLeft - 1)
  }

  return async (request: Omit<Request, 'id'>): Promise<readonly Varbind[]> => {
    try {
      return await askUntilAnswered(request, mostReports)
    } catch (error) {
      // What refused us or fell silent may be another engine by now: the next look asks who it is.
      if (error instanceof SnmpFault && error.status === undefined) engines.delete(peer.key)
      throw explain(error)
    }
  }
}
