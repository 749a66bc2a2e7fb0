import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto'

/** RFC 8446 §4.2.7 and RFC 8998 §3.1: groups by their number. */
export const groups = {
  secp256r1: 0x0017,
  secp384r1: 0x0018,
  secp521r1: 0x0019,
  x25519: 0x001d,
  x448: 0x001e,
  curveSM2: 0x0029,
} as const

/** Half of a key exchange: what is sent, and what to do with the answer. */
export interface KeyShare {
  readonly group: number
  readonly publicKey: Buffer
  /** The shared secret; undefined where the peer's key is none of the group. */
  readonly agree: (peer: Buffer) => Buffer | undefined
}

const attempt = (agree: () => Buffer): Buffer | undefined => {
  try {
    return agree()
  } catch {
    // Not a point of the curve, or one of small order: the peer's doing, in OpenSSL's many words.
    return undefined
  }
}

const x25519Share = (): KeyShare => {
  const { privateKey, publicKey } = generateKeyPairSync('x25519')
  const peerKey = (bytes: Buffer) =>
    createPublicKey({
      key: { kty: 'OKP', crv: 'X25519', x: bytes.toString('base64url') },
      format: 'jwk',
    })
  return {
    group: groups.x25519,
    publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
    agree: (peer) => attempt(() => diffieHellman({ privateKey, publicKey: peerKey(peer) })),
  }
}

const curves: ReadonlyMap<number, string> = new Map([
  [groups.secp256r1, 'prime256v1'],
  [groups.secp384r1, 'secp384r1'],
  [groups.secp521r1, 'secp521r1'],
])

const curveShare = (group: number, curve: string): KeyShare => {
  const own = createECDH(curve)
  return { group, publicKey: own.generateKeys(), agree: (peer) => attempt(() => own.computeSecret(peer)) }
}

/** A fresh key of a group; undefined for a group that we cannot calculate in. */
export const keyShareOf = (group: number): KeyShare | undefined => {
  if (group === groups.x25519) return x25519Share()
  const curve = curves.get(group)
  return curve === undefined ? undefined : curveShare(group, curve)
}
