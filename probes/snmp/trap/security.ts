import { hash, timingSafeEqual } from 'node:crypto'
import type { Credential, SnmpUser } from '../../../src/core/credential.ts'
import { type Engine, engineAfter, engines, keysOf } from '../engines.ts'
import { usmCounters } from '../fault.ts'
import { encodeUserAnswer } from '../message/authority.ts'
import { communityAnswerTo } from '../message/community.ts'
import type { CommunityMessage, EngineClock, UserMessage } from '../message/incoming.ts'
import type { UserKeys } from '../message/keys.ts'
import type { Pdu } from '../message/pdu.ts'
import { nextSalt } from '../message/salt.ts'
import { decodeScoped, decryptScoped, flags, isAuthentic } from '../message/usm.ts'
import type { Drop } from './drops.ts'
import { type RunningEngine, longestNotification } from './own-engine.ts'
import type { Sender } from './senders.ts'

/** A message of a device, or why it is none; `reply` is sent in either case where there is one. */
export type Judged =
  | {
      readonly sender: Sender
      readonly pdu: Pdu
      /** The acknowledgement of an InformRequest; absent where the message cannot carry one. */
      readonly answer?: () => Buffer
    }
  | { readonly drop: Drop; readonly reply?: Buffer | undefined }

export type CredentialOf = (name: string) => Credential | undefined

const digestOf = (octets: Uint8Array | string): Buffer => hash('sha256', octets, 'buffer')

/** In constant time, whatever their lengths. */
const isSame = (given: Buffer, ours: string): boolean => timingSafeEqual(digestOf(given), digestOf(ours))

const credentialsOf = (senders: readonly Sender[], credential: CredentialOf) =>
  senders.map((sender) => ({ sender, credential: credential(sender.job.spec.credential) }))

/** SNMPv2c: whoever knows the community and can send from the device’s address. */
export const judgeCommunity = (
  message: CommunityMessage,
  datagram: Buffer,
  senders: readonly Sender[],
  credential: CredentialOf,
): Judged => {
  const communities = credentialsOf(senders, credential).flatMap(({ sender, credential: own }) =>
    own?.kind === 'snmp-community' ? [{ sender, community: own.community }] : [],
  )
  if (communities.length === 0) return { drop: 'credential' }
  const meant = communities.filter(({ community }) => isSame(message.community, community))
  const [first, ...others] = meant
  if (first === undefined) return { drop: 'community' }
  if (others.length > 0) return { drop: 'ambiguous' }
  return { sender: first.sender, pdu: message.pdu, answer: () => communityAnswerTo(datagram) }
}

/** One who may have sent a message of v3. */
export interface Suspect {
  readonly sender: Sender
  readonly user: SnmpUser
}

/** The devices whose user a message names. */
export const suspectsOf = (
  message: UserMessage,
  senders: readonly Sender[],
  credential: CredentialOf,
): readonly Suspect[] =>
  credentialsOf(senders, credential).flatMap(({ sender, credential: own }) =>
    own?.kind === 'snmp-user' && message.user.equals(Buffer.from(own.user)) ? [{ sender, user: own }] : [],
  )

export const isPrivate = (message: UserMessage): boolean =>
  (message.flags & flags.authenticated) !== 0 &&
  (message.flags & flags.encrypted) !== 0 &&
  message.isEncrypted

/** RFC 3414 §2.2.3. */
const windowSeconds = 150
const maxBoots = 2 ** 31 - 1

/** RFC 3414 §3.2 step 7a: by our own clock, to the second. */
const isTimely = (stated: EngineClock, own: EngineClock): boolean =>
  own.boots !== maxBoots && stated.boots === own.boots && Math.abs(stated.time - own.time) <= windowSeconds

interface Keyed {
  readonly sender: Sender
  readonly keys: UserKeys
}

/** The one device with whose key a message was made. */
const signer = <Known extends Keyed>(
  message: UserMessage,
  known: readonly Known[],
): Known | { readonly drop: Drop } => {
  const signers = known.filter(({ keys }) => isAuthentic(message, keys))
  const [first] = signers
  if (first === undefined) return { drop: 'digest' }
  return signers.every(({ sender }) => sender === first.sender) ? first : { drop: 'ambiguous' }
}

/** Of an inform: ours is the engine that counts (RFC 3414 §3.2, steps 3 to 8). */
export const judgeInform = (
  message: UserMessage,
  suspects: readonly Suspect[],
  { clock, report }: RunningEngine,
): Judged => {
  const own = clock()
  const refuse = (drop: Drop, counter: number, keys?: UserKeys): Judged => ({
    drop,
    reply: report(message, counter, keys),
  })
  if (suspects.length === 0) return refuse('user', usmCounters.unknownUserNames)
  if (!isPrivate(message)) return refuse('level', usmCounters.unsupportedSecLevels)
  const found = signer(
    message,
    suspects.map(({ sender, user }) => ({ sender, keys: keysOf(user, own.engineId) })),
  )
  if ('drop' in found) return found.drop === 'digest' ? refuse('digest', usmCounters.wrongDigests) : found
  const { sender, keys } = found
  if (!isTimely(message.clock, own)) return refuse('time', usmCounters.notInTimeWindows, keys)
  const scoped = decryptScoped(message, keys)
  const pdu = scoped && decodeScoped(scoped)
  if (scoped === undefined || pdu === undefined) return refuse('decryption', usmCounters.decryptionErrors)
  const { id, user } = message
  const answer = (): Buffer =>
    encodeUserAnswer({
      id,
      user,
      keys,
      salt: nextSalt(),
      scoped,
      clock: clock(),
      maxBytes: longestNotification,
    })
  return { sender, pdu, answer }
}

/** What is known of an engine that a device may send as. */
interface KnownEngine {
  readonly sender: Sender
  readonly user: SnmpUser
  readonly engine: Engine
  /** Under which it is kept. */
  readonly key: string
}

const configuredEngine = ({ spec: { engineId } }: Sender['job'], key: string): Engine | undefined => {
  if (engineId === undefined) return undefined
  const unheard = { engineId: Buffer.from(engineId, 'hex'), boots: 0, time: 0, heardAt: 0, isTrusted: false }
  return engines.get(key) ?? unheard
}

const enginesOf = ({ sender, user }: Suspect): readonly KnownEngine[] => {
  const { key } = sender.peer
  const ownKey = `${key}|${sender.job.spec.engineId ?? ''}`
  const known = (engine: Engine | undefined, at: string): readonly KnownEngine[] =>
    engine === undefined ? [] : [{ sender, user, engine, key: at }]
  return [...known(engines.get(key), key), ...known(configuredEngine(sender.job, ownKey), ownKey)]
}

/** The engines of these devices that a message may be of. */
export const knownEngines = (message: UserMessage, suspects: readonly Suspect[]): readonly KnownEngine[] =>
  suspects.flatMap(enginesOf).filter(({ engine }) => engine.engineId.equals(message.clock.engineId))

/** Of a trap: the sender’s is the engine that counts (RFC 3414 §3.2, step 7b). */
export const judgeTrap = (message: UserMessage, known: readonly KnownEngine[]): Judged => {
  if (!isPrivate(message)) return { drop: 'level' }
  const found = signer(
    message,
    known.map((each) => ({ ...each, keys: keysOf(each.user, each.engine.engineId) })),
  )
  if ('drop' in found) return found
  const after = engineAfter(found.engine, message.clock, performance.now())
  if (after === undefined) return { drop: 'time' }
  const scoped = decryptScoped(message, found.keys)
  const pdu = scoped && decodeScoped(scoped)
  if (pdu === undefined) return { drop: 'decryption' }
  engines.set(found.key, after)
  return { sender: found.sender, pdu }
}
