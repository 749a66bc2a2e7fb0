import type { Incoming, UserMessage } from '../message/incoming.ts'
import { flags } from '../message/usm.ts'
import { usmCounters } from '../fault.ts'
import { askEngine } from './ask-engine.ts'
import type { RunningEngine } from './own-engine.ts'
import {
  type CredentialOf,
  type Judged,
  type Suspect,
  judgeCommunity,
  judgeInform,
  judgeTrap,
  knownEngines,
  suspectsOf,
} from './security.ts'
import type { Source } from './senders.ts'

export interface Bench {
  readonly engine: RunningEngine
  readonly credential: CredentialOf
  readonly signal: AbortSignal
}

/** Datagrams of one address that wait while its device is asked who it is. */
const mostWaiting = 8

/** Of an engine that is not known: the device is asked. */
const judgeUnknown = async (
  message: UserMessage,
  suspects: readonly Suspect[],
  source: Source,
  signal: AbortSignal,
): Promise<Judged> => {
  if (suspects.length === 0) return { drop: 'user' }
  if (source.waiting >= mostWaiting) return { drop: 'engine' }
  source.waiting += 1
  try {
    await Promise.all(suspects.map(({ sender, user }) => askEngine(sender, user, signal)))
  } finally {
    source.waiting -= 1
  }
  const known = knownEngines(message, suspects)
  return known.length === 0 ? { drop: 'engine' } : judgeTrap(message, known)
}

const judgeUser = async (
  message: UserMessage,
  source: Source,
  { engine, credential, signal }: Bench,
): Promise<Judged> => {
  const suspects = suspectsOf(message, source.senders, credential)
  if (message.clock.engineId.equals(engine.clock().engineId)) return judgeInform(message, suspects, engine)
  const known = knownEngines(message, suspects)
  if (known.length > 0) return judgeTrap(message, known)
  const isReportable = (message.flags & flags.reportable) !== 0
  if (!isReportable) return judgeUnknown(message, suspects, source, signal)
  return { drop: 'discovery', reply: engine.report(message, usmCounters.unknownEngineIds) }
}

/** Whether a message is of one of the devices that its datagram may come from. */
export const judge = async (
  message: Incoming,
  datagram: Buffer,
  source: Source,
  bench: Bench,
): Promise<Judged> =>
  message.version === 'v2c'
    ? judgeCommunity(message, datagram, source.senders, bench.credential)
    : judgeUser(message, source, bench)
