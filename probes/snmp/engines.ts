import { createSecretKey } from 'node:crypto'
import type { SnmpUser } from '../../src/core/credential.ts'
import { createBoundedMap } from '../net/bounded-map.ts'
import type { EngineClock } from './message/incoming.ts'
import { type AuthProtocol, type UserKeys, localizedKey, passwordKey } from './message/keys.ts'

/** What is known of an agent’s engine: who it is, and what its clock showed when (RFC 3414 §2.3). */
export interface Engine extends EngineClock {
  /** Of `performance.now()`, when the clock showed that. */
  readonly heardAt: number
  /** An authentic message said so. Else it is a hint, which gets us as far as the first authentic answer. */
  readonly isTrusted: boolean
}

/** Boots and time of the engine now. */
export const clockNow = ({ engineId, boots, time, heardAt }: Engine, now: number): EngineClock => ({
  engineId,
  boots,
  time: time + Math.floor((now - heardAt) / 1000),
})

/** RFC 3414 §2.2.3. */
const windowSeconds = 150
const maxBoots = 2 ** 31 - 1

/**
 * RFC 3414 §3.2 step 7b: what is known after an authentic message of this clock, or undefined where the message is
 * too old to be taken.
 */
export const engineAfter = (known: Engine, stated: EngineClock, now: number): Engine | undefined => {
  const heard: Engine = { ...stated, heardAt: now, isTrusted: true }
  if (!known.isTrusted) return heard
  if (stated.boots > known.boots) return heard
  const expected = clockNow(known, now).time
  const isOld = stated.boots < known.boots || stated.time < expected - windowSeconds
  if (isOld || known.boots === maxBoots) return undefined
  return stated.time > known.time ? heard : known
}

/** Agents whose engine is kept, so that only the first look needs to ask who it is: some 300 octets each. */
const mostEngines = 65_536
/** By peer; only what an authentic message confirmed. */
export const engines = createBoundedMap<Engine>(mostEngines)

/** Hashes over 1 MiB that are kept. */
const mostPasswords = 256
const passwordKeys = createBoundedMap<Buffer>(mostPasswords)
const mostLocalized = 16_384
const localizedKeys = createBoundedMap<UserKeys>(mostLocalized)

const keyOfPassword = (protocol: AuthProtocol, password: string): Buffer => {
  const name = `${protocol} ${password}`
  const key = passwordKeys.get(name) ?? passwordKey(protocol, password)
  passwordKeys.set(name, key)
  return key
}

const aesKeyBytes = 16

const localize = (user: SnmpUser, engineId: Buffer): UserKeys => {
  const { authProtocol: protocol, authPassword, privPassword } = user
  const keyFor = (password: string): Buffer =>
    localizedKey(protocol, keyOfPassword(protocol, password), engineId)
  return {
    protocol,
    authKey: createSecretKey(keyFor(authPassword)),
    privKey: createSecretKey(keyFor(privPassword).subarray(0, aesKeyBytes)),
  }
}

/** The user’s keys at this engine. */
export const keysOf = (user: SnmpUser, engineId: Buffer): UserKeys => {
  const { authProtocol, authPassword, privPassword } = user
  const name = JSON.stringify([engineId.toString('latin1'), authProtocol, authPassword, privPassword])
  const keys = localizedKeys.get(name) ?? localize(user, engineId)
  localizedKeys.set(name, keys)
  return keys
}
