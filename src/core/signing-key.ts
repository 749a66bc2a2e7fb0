import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'

/**
 * Keys that sign documents: Ed25519 (RFC 8032). The private half is a PEM file (PKCS #8) of its owner's alone; the
 * public half is written as the base64 of its SubjectPublicKeyInfo (RFC 8410), one line.
 */

/** The twelve bytes that every Ed25519 SubjectPublicKeyInfo begins with, then 32 of the key. */
export const publicKeyPattern = /^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=$/u

const encoded = (key: KeyObject): string => key.export({ type: 'spki', format: 'der' }).toString('base64')

/** A new key pair: the private half as PEM. */
export const newSigningKey = (): { readonly privatePem: string; readonly publicKey: string } => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { privatePem, publicKey: encoded(publicKey) }
}

const parsed = (parse: () => KeyObject): KeyObject | undefined => {
  try {
    const key = parse()
    return key.asymmetricKeyType === 'ed25519' ? key : undefined
  } catch {
    return undefined
  }
}

/** A private key of a PEM text; undefined for any other text or kind of key. */
export const readPrivateKey = (pem: string): KeyObject | undefined => parsed(() => createPrivateKey(pem))

/** A public key of the text of a file, PEM or the one line; undefined for any other, a private key above all. */
export const readPublicKey = (text: string): string | undefined => {
  const trimmed = text.trim()
  if (publicKeyPattern.test(trimmed)) return trimmed
  if (!trimmed.startsWith('-----BEGIN PUBLIC KEY-----')) return undefined
  const key = parsed(() => createPublicKey(trimmed))
  return key && encoded(key)
}

/** What verifies, of the one line. */
export const publicKeyObject = (publicKey: string): KeyObject =>
  createPublicKey({ key: Buffer.from(publicKey, 'base64'), type: 'spki', format: 'der' })

/** As PEM, which openssl reads. */
export const publicPem = (publicKey: string): string =>
  publicKeyObject(publicKey).export({ type: 'spki', format: 'pem' }).toString()

export const publicHalf = (privateKey: KeyObject): string => encoded(createPublicKey(privateKey))

/** Name of a key: the first 32 hexadecimal digits of the SHA-256 of its SubjectPublicKeyInfo. */
export const keyIdOf = (publicKey: string): string =>
  createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex').slice(0, 32)
