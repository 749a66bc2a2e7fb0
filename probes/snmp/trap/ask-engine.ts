import type { SnmpUser } from '../../../src/core/credential.ts'
import { faultOf } from '../../../src/core/fault-table.ts'
import { converse } from '../conversation.ts'
import { SnmpFault } from '../fault.ts'
import { createSession } from '../session.ts'
import { type Peer, leaseWire } from '../wire.ts'
import type { Sender } from './senders.ts'

const patience = { tries: 2, deadlineMs: 2000 }
/** A device that sends nonsense is not asked more often. */
const askAgainMs = 30_000

const sysUpTime = '1.3.6.1.2.1.1.3.0'

/** An authentic answer leaves the engine, and what its clock shows, with the engines that are known. */
const ask = async (peer: Peer, user: SnmpUser, signal: AbortSignal): Promise<void> => {
  using lease = await leaseWire(peer.family)
  const conversation = converse(lease.wire, peer, patience)
  const cancel = (): void => conversation.fail(signal.reason)
  signal.addEventListener('abort', cancel)
  try {
    await createSession(conversation, peer, user).get([sysUpTime])
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

const isExpected = (error: unknown, signal: AbortSignal): boolean =>
  error instanceof SnmpFault || faultOf(error, signal) !== undefined

/**
 * Asks a device who its engine is, where that was not done lately, and waits for the answer. A trap itself cannot
 * tell: who has broken into one device knows its engine’s key, and could send in the name of any other.
 */
export const askEngine = async (
  { peer, history }: Sender,
  user: SnmpUser,
  signal: AbortSignal,
): Promise<void> => {
  const now = performance.now()
  if (history.asking === undefined && now - history.askedAt >= askAgainMs && !signal.aborted) {
    history.askedAt = now
    history.asking = ask(peer, user, signal).catch((error: unknown) => {
      if (!isExpected(error, signal)) throw error
    })
  }
  await history.asking
  history.asking = undefined
}
