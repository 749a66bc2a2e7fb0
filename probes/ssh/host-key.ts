import { createECDH, createHash, randomBytes } from 'node:crypto'
import { bounded } from '../net/text.ts'
import { messages } from './kexinit.ts'
import { readStrings, stringOf } from './packet.ts'

export interface HostKeyFacts {
  /** `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256` … */
  readonly type: string
  readonly bits?: number
  /** As `ssh-keygen -l` prints it. */
  readonly fingerprint: string
}

/**
 * A server shows its host key in answer to any sound public value, before anything is secret.
 * So values are random, no secret is ever computed, and the connection ends there.
 */
const randomMpint = (): Buffer => {
  const value = randomBytes(100)
  // Positive, and below the prime of the smallest group.
  value[0] = 0x40
  return value
}

const curves: Readonly<Record<string, string>> = {
  'ecdh-sha2-nistp256': 'prime256v1',
  'ecdh-sha2-nistp384': 'secp384r1',
  'ecdh-sha2-nistp521': 'secp521r1',
}

const x25519 = new Set(['curve25519-sha256', 'curve25519-sha256@libssh.org'])
/** Groups that both sides know; those of group exchange would have to be asked for first. */
const fixedGroup = /^diffie-hellman-group(?:1|14|15|16|17|18)-sha(?:1|256|512)$/u

const publicValueFor = (kex: string): Buffer | undefined => {
  if (x25519.has(kex)) return randomBytes(32)
  const curve = Object.hasOwn(curves, kex) ? curves[kex] : undefined
  if (curve !== undefined) return createECDH(curve).generateKeys()
  return fixedGroup.test(kex) ? randomMpint() : undefined
}

/** The first message of a key exchange of that name (RFC 4253 §8, RFC 5656 §4, RFC 8731); undefined if unknown. */
export const exchangeInitFor = (kex: string): Buffer | undefined => {
  const value = publicValueFor(kex)
  return value && Buffer.concat([Buffer.of(messages.exchangeInit), stringOf(value)])
}

/** The cheapest exchange of those offered that we can begin. */
export const chooseKex = (offered: readonly string[]): string | undefined =>
  [...x25519, ...Object.keys(curves), ...offered.filter((name) => fixedGroup.test(name))].find((name) =>
    offered.includes(name),
  )

/** The type of key that an algorithm's name stands for: `rsa-sha2-512` signs with an `ssh-rsa` key. */
const keyTypeOf = (algorithm: string): string => (algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm)

const isPlainKey = (algorithm: string): boolean => !/-cert-v\d\d|^x509v3-|^null$/u.test(algorithm)

/** One algorithm for each type of key that is offered, in the server's order, at most eight. */
export const algorithmOfEachKey = (offered: readonly string[]): readonly string[] => {
  const byType = new Map<string, string>()
  for (const algorithm of offered.filter(isPlainKey))
    if (!byType.has(keyTypeOf(algorithm))) byType.set(keyTypeOf(algorithm), algorithm)
  return [...byType.values()].slice(0, 8)
}

const bitsOfMpint = (bytes: Buffer | undefined): number | undefined => {
  const first = bytes?.findIndex((octet) => octet !== 0) ?? -1
  if (bytes === undefined || first === -1) return undefined
  return (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24
}

const bitsOf = (type: string, blob: Buffer): number | undefined => {
  if (type === 'ssh-rsa') return bitsOfMpint(readStrings(blob, 0, 3)?.[2])
  if (type === 'ssh-dss') return bitsOfMpint(readStrings(blob, 0, 2)?.[1])
  if (type === 'ssh-ed25519') return 256
  if (type === 'ssh-ed448') return 448
  const curve = /nistp(256|384|521)$/u.exec(type)?.[1]
  return curve === undefined ? undefined : Number(curve)
}

/** Describes a public key in the form of RFC 4253 §6.6; undefined for bytes that are none. Never throws. */
export const readHostKey = (blob: Buffer): HostKeyFacts | undefined => {
  const type = readStrings(blob, 0, 1)?.[0]?.toString('latin1')
  if (type === undefined || !/^[\x21-\x7e]{1,64}$/u.test(type)) return undefined
  const bits = bitsOf(type, blob)
  const digest = createHash('sha256').update(blob).digest('base64').replace(/=+$/u, '')
  return { type: bounded(type, 64), ...(bits !== undefined && { bits }), fingerprint: `SHA256:${digest}` }
}
