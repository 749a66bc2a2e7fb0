import { X509Certificate } from 'node:crypto'
import { getCACertificates } from 'node:tls'
import { type CertificateFacts, describe, isFor } from '../net/certificate.ts'

export interface ChainFacts {
  /** As it was sent, leaf first, at most ten. */
  readonly chain: readonly CertificateFacts[]
  /** It leads from the leaf to a self-signed certificate that was sent, or to a root of this machine. */
  readonly chainComplete: boolean
  readonly chainEnd: ChainEnd
  /** Who should have been sent: the issuer of the last certificate that could be reached. */
  readonly missingIssuer?: string
  /** Each certificate was issued by the one sent after it (RFC 5246 §7.4.2). */
  readonly chainInOrder: boolean
  /** Whether the leaf is for the name that was asked for. */
  readonly nameMatches: boolean
}

export type ChainEnd = 'known-root' | 'self-signed' | 'missing-issuer'

const parsed = (der: Buffer): X509Certificate | undefined => {
  try {
    return new X509Certificate(der)
  } catch {
    // The peer's bytes: what OpenSSL says of them is of no use to anybody.
    return undefined
  }
}

/** The certificates that can be read at all. */
export const readable = (certificates: readonly Buffer[]): readonly X509Certificate[] =>
  certificates.map(parsed).filter((certificate) => certificate !== undefined)

/** The object identifier of the curve SM2 (GM/T 0006), as DER: OpenSSL names such a key "unknown". */
const sm2Curve = Buffer.from('06082a811ccf5501822d', 'hex')

/** One certificate in words; a key on the curve SM2 is named as such. */
export const certificateFacts = (certificate: X509Certificate): CertificateFacts => ({
  ...describe(certificate),
  ...(certificate.raw.includes(sm2Curve) && { keyType: 'sm2', keyBits: 256 }),
})

const signatureHolds = (certificate: X509Certificate, issuer: X509Certificate): boolean => {
  try {
    return certificate.verify(issuer.publicKey)
  } catch {
    // A key that OpenSSL cannot read disproves nothing.
    return true
  }
}

/** By subject and key identifiers (RFC 5280 §4.2.1.1), and by the signature where it can be verified. */
const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && signatureHolds(certificate, issuer)

let known: ReadonlyMap<string, readonly X509Certificate[]> | undefined
/** Roots of this machine by subject; read at the first chain. */
const roots = (): ReadonlyMap<string, readonly X509Certificate[]> =>
  (known ??= Map.groupBy(
    getCACertificates('default').map((pem) => new X509Certificate(pem)),
    ({ subject }) => subject,
  ))

const hasKnownRoot = (certificate: X509Certificate): boolean =>
  (roots().get(certificate.issuer) ?? []).some((root) => isIssuedBy(certificate, root))

interface Walk {
  readonly end: ChainEnd
  readonly missingIssuer?: string
}

const walk = (certificate: X509Certificate, unused: readonly X509Certificate[]): Walk => {
  if (hasKnownRoot(certificate)) return { end: 'known-root' }
  if (isIssuedBy(certificate, certificate)) return { end: 'self-signed' }
  const issuer = unused.find((candidate) => isIssuedBy(certificate, candidate))
  return issuer === undefined
    ? { end: 'missing-issuer', missingIssuer: describe(certificate).issuer }
    : walk(
        issuer,
        unused.filter((candidate) => candidate !== issuer),
      )
}

const isInOrder = (sent: readonly X509Certificate[]): boolean =>
  sent.every((certificate, at) => {
    const next = sent[at + 1]
    return next === undefined || isIssuedBy(certificate, next)
  })

/** What a chain shows, in the order in which it was sent; undefined where its leaf cannot be read. */
export const chainFacts = (sent: readonly Buffer[], name: string): ChainFacts | undefined => {
  const [first] = sent
  const leaf = first && parsed(first)
  if (leaf === undefined) return undefined
  const certificates = readable(sent)
  const { end, missingIssuer } = walk(leaf, certificates.slice(1))
  return {
    chain: certificates.map(certificateFacts),
    chainComplete: end !== 'missing-issuer',
    chainEnd: end,
    ...(missingIssuer !== undefined && { missingIssuer }),
    chainInOrder: isInOrder(certificates),
    nameMatches: isFor(leaf, name),
  }
}
