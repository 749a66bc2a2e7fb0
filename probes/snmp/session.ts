import snmp, { type Callback, type Session, type SessionOptions, type User, type Varbind } from 'net-snmp'
import type { SnmpCommunity, SnmpUser } from '../../src/core/credential.ts'
import { type Channel, type Endpoint, openChannel } from './channel.ts'
import { objectionTo } from './datagram.ts'
import { SnmpFault, faultOfLibrary } from './fault.ts'

export type SnmpCredential = SnmpCommunity | SnmpUser

export interface SessionTarget extends Endpoint {
  /** Shared by the first try and its retries. */
  readonly timeoutSeconds: number
  readonly retries: number
}

/** Requests to one agent. They reject with `SnmpFault`, a system error or the signal's reason. */
export interface SnmpSession extends Disposable {
  readonly get: (oids: readonly string[]) => Promise<readonly Varbind[]>
  /** For each OID, what follows it, up to `repetitions` of them (RFC 3416 §4.2.3). */
  readonly getBulk: (oids: readonly string[], repetitions: number) => Promise<readonly (readonly Varbind[])[]>
}

export const versionOf = (credential: SnmpCredential): 'v2c' | 'v3' =>
  credential.kind === 'snmp-community' ? 'v2c' : 'v3'

const authProtocols = { sha1: snmp.AuthProtocols.sha, sha256: snmp.AuthProtocols.sha256 } as const

const usmUser = (credential: SnmpUser): User => ({
  name: credential.user,
  level: snmp.SecurityLevel.authPriv,
  authProtocol: authProtocols[credential.authProtocol],
  authKey: credential.authPassword,
  privProtocol: snmp.PrivProtocols.aes,
  privKey: credential.privPassword,
})

/** The library's tries end a little before the run's deadline, so that we can still say what was silent. */
const shareOfDeadline = 0.9

const librarySession = (target: SessionTarget, credential: SnmpCredential, channel: Channel): Session => {
  const { address, port, timeoutSeconds, retries } = target
  const options: SessionOptions = {
    port,
    retries,
    timeout: Math.ceil((timeoutSeconds * 1000 * shareOfDeadline) / (retries + 1)),
    dgramModule: { createSocket: () => channel.socket },
  }
  return credential.kind === 'snmp-community'
    ? snmp.createSession(address, credential.community, { ...options, version: snmp.Version2c })
    : snmp.createV3Session(address, usmUser(credential), options)
}

type Request = <Answer>(send: (done: Callback<Answer>) => void) => Promise<Answer>

/** What it means that a request was not answered, by what was answered before. */
const silence = (credential: SnmpCredential, isFirst: boolean, wasHeard: boolean): string => {
  if (!wasHeard) return 'no answer'
  return isFirst && versionOf(credential) === 'v3'
    ? 'the agent answers the discovery, but not the encrypted request: is the privacy password right?'
    : 'the agent fell silent after its first answers'
}

const requester = (channel: Channel, credential: SnmpCredential): Request => {
  let isFirst = true
  const explain = (error: Error): Error => {
    const fault = faultOfLibrary(error)
    const isSilence = fault instanceof SnmpFault && fault.targetCause === 'timeout'
    if (!isSilence) return fault
    return new SnmpFault(silence(credential, isFirst, channel.wasHeard()), { targetCause: 'timeout' })
  }
  return async <Answer>(send: (done: Callback<Answer>) => void): Promise<Answer> => {
    channel.begin()
    const answer = new Promise<Answer>((resolve, reject) =>
      send((error, value) => (error === null ? resolve(value) : reject(explain(error)))),
    )
    const value = await Promise.race([channel.failed, answer])
    isFirst = false
    return value
  }
}

/**
 * Opens a session: v2c with a community, v3 authPriv with a user. The signal closes it, and so does disposal;
 * nothing outlives it, neither socket nor timer.
 */
export const openSession = async (
  target: SessionTarget,
  credential: SnmpCredential,
  signal: AbortSignal,
): Promise<SnmpSession> => {
  const version = versionOf(credential)
  const channel = await openChannel(target, (datagram) => objectionTo(datagram, version), signal)
  const session = librarySession(target, credential, channel)
  session.on('error', () => channel.fail(new SnmpFault('expected an SNMP message, got a malformed one')))
  const request = requester(channel, credential)
  return {
    get: (oids) => request((done) => session.get(oids, done)),
    getBulk: (oids, repetitions) => request((done) => session.getBulk(oids, 0, repetitions, done)),
    [Symbol.dispose]: () => channel[Symbol.dispose](),
  }
}
