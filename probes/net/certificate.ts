import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { bounded } from './text.ts'

/** One certificate as it was sent. Times are ISO 8601; the fingerprint is SHA-256 in lower-case hex. */
export interface CertificateFacts {
  readonly subject: string
  readonly issuer: string
  /** Subject alternative names: DNS names and addresses bare, other kinds with their prefix. */
  readonly names: readonly string[]
  /** Absent where the certificate carries a time that is none. */
  readonly validFrom?: string
  readonly validTo?: string
  readonly serialNumber: string
  readonly fingerprintSha256: string
  readonly selfSigned: boolean
  /** `rsa`, `ec`, `ed25519` …, `unknown` where OpenSSL cannot read the key. */
  readonly keyType: string
  readonly keyBits?: number
  readonly signatureAlgorithm: string
}

const maxChain = 10
const maxNames = 50

/** A distinguished name comes as one attribute a line. */
const distinguishedName = (text: string): string => bounded(text.trimEnd().replaceAll('\n', ', '))

// Node quotes a name that contains a comma, a quote or a control character as a JSON string.
const quotedOrPlain = /(?:[^",]|"(?:[^"\\]|\\.)*")+/gu

/** The names in OpenSSL's text form of the extension: `DNS:a.example, IP Address:192.0.2.1`. */
export const alternativeNames = (text: string | undefined): readonly string[] =>
  (text?.slice(0, 16_384).match(quotedOrPlain) ?? [])
    .map((name) => bounded(name.trim().replace(/^(?:DNS|IP Address):/u, ''), 253))
    .filter((name) => name !== '')
    .slice(0, maxNames)

const isoOf = (date: Date): string | undefined =>
  Number.isNaN(date.getTime()) ? undefined : date.toISOString()

const optional = <Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): Partial<Record<Key, Value>> => (value === undefined ? {} : { [key]: value }) as Partial<Record<Key, Value>>

/** OpenSSL cannot read every key that a certificate may carry; looking must not fail for that. */
const keyOf = (certificate: X509Certificate): { keyType: string; keyBits?: number } => {
  try {
    const { asymmetricKeyType: keyType = 'unknown', asymmetricKeyDetails: details } = certificate.publicKey
    // Only the legacy form tells the size of an elliptic curve.
    const bits = details?.modulusLength ?? certificate.toLegacyObject().bits
    return { keyType, ...optional('keyBits', bits) }
  } catch {
    return { keyType: 'unknown' }
  }
}

/** One certificate in words, each bounded in length. Never throws, whatever key it carries. */
export const describe = (certificate: X509Certificate): CertificateFacts => ({
  subject: distinguishedName(certificate.subject),
  issuer: distinguishedName(certificate.issuer),
  names: alternativeNames(certificate.subjectAltName),
  ...optional('validFrom', isoOf(certificate.validFromDate)),
  ...optional('validTo', isoOf(certificate.validToDate)),
  serialNumber: bounded(certificate.serialNumber, 64),
  fingerprintSha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  selfSigned: certificate.checkIssued(certificate),
  ...keyOf(certificate),
  signatureAlgorithm: bounded(certificate.signatureAlgorithm ?? certificate.signatureAlgorithmOid, 64),
})

/** The chain in the order in which it was sent, at most ten certificates. */
export const chainFacts = (leaf: X509Certificate | undefined): readonly CertificateFacts[] => {
  const chain: CertificateFacts[] = []
  for (let next = leaf; next !== undefined && chain.length < maxChain; next = next.issuerCertificate)
    chain.push(describe(next))
  return chain
}

/** Whether the certificate is for this name or address (RFC 6125); not, where its names cannot be read. */
export const isFor = (certificate: X509Certificate, name: string): boolean => {
  try {
    return (isIP(name) !== 0 ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined
  } catch {
    // OpenSSL gives up on a common name that is of no kind of text.
    return false
  }
}
