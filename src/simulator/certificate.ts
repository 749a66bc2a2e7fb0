import { type KeyObject, createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import net from 'node:net'
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from './der.ts'

/** X.509 v3 certificates (RFC 5280) on P-256 keys: node:crypto reads certificates but writes none. */

const oid = {
  commonName: '2.5.4.3',
  organisation: '2.5.4.10',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const

export interface Validity {
  readonly notBefore: Date
  readonly notAfter: Date
}

export interface CertificateRequest {
  readonly commonName: string
  readonly validity: Validity
  /** Subject alternative names: host names and IPv4 addresses. An authority has none. */
  readonly names: readonly string[]
}

/** A certificate and its private key, both PEM: what `tls.createServer` takes. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

/** Signs certificates; `cert` is what a client must trust. */
export interface Authority extends Identity {
  readonly issue: (request: CertificateRequest) => Identity
}

interface Issuer {
  readonly name: Buffer
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

interface Subject {
  readonly request: CertificateRequest
  readonly publicKey: KeyObject
  readonly isAuthority: boolean
}

const organisation = '一网模拟 yiwang simulator'

const nameOf = (commonName: string): Buffer =>
  sequence(
    set(sequence(objectIdentifier(oid.organisation), utf8String(organisation))),
    set(sequence(objectIdentifier(oid.commonName), utf8String(commonName))),
  )

const generateKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })

const publicKeyInfo = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' })

const keyIdentifier = (key: KeyObject): Buffer => createHash('sha1').update(publicKeyInfo(key)).digest()

const extension = (id: string, isCritical: boolean, value: Buffer): Buffer =>
  sequence(objectIdentifier(id), ...(isCritical ? [boolean(true)] : []), octetString(value))

/** GeneralName: iPAddress [7] or dNSName [2]. */
const generalName = (name: string): Buffer =>
  net.isIPv4(name)
    ? implicit(7, Buffer.from(name.split('.').map(Number)))
    : implicit(2, Buffer.from(name, 'ascii'))

/** keyCertSign and cRLSign of an authority; digitalSignature of a server. */
const keyUsage = (isAuthority: boolean): Buffer =>
  isAuthority ? bitString(Buffer.of(0b0000_0110), 1) : bitString(Buffer.of(0b1000_0000), 7)

const roleExtensions = ({ request, isAuthority }: Subject): readonly Buffer[] =>
  isAuthority
    ? [extension(oid.basicConstraints, true, sequence(boolean(true)))]
    : [
        extension(oid.basicConstraints, true, sequence()),
        extension(oid.extendedKeyUsage, false, sequence(objectIdentifier(oid.serverAuth))),
        extension(oid.subjectAltName, false, sequence(...request.names.map(generalName))),
      ]

const extensionsOf = (subject: Subject, issuer: Issuer): Buffer =>
  sequence(
    ...roleExtensions(subject),
    extension(oid.keyUsage, true, keyUsage(subject.isAuthority)),
    extension(oid.subjectKeyIdentifier, false, octetString(keyIdentifier(subject.publicKey))),
    extension(oid.authorityKeyIdentifier, false, sequence(implicit(0, keyIdentifier(issuer.publicKey)))),
  )

/** RFC 5280 §4.1.2.2: positive, not zero, at most 20 octets. */
const serialNumber = (): Buffer => {
  const octets = randomBytes(16)
  octets[0] = 0x40 | ((octets[0] ?? 0) & 0x3f)
  return integer(octets)
}

const version3 = explicit(0, integer(Buffer.of(2)))
const signatureAlgorithm = sequence(objectIdentifier(oid.ecdsaWithSha256))

const toBeSigned = (subject: Subject, issuer: Issuer): Buffer =>
  sequence(
    version3,
    serialNumber(),
    signatureAlgorithm,
    issuer.name,
    sequence(time(subject.request.validity.notBefore), time(subject.request.validity.notAfter)),
    nameOf(subject.request.commonName),
    publicKeyInfo(subject.publicKey),
    explicit(3, extensionsOf(subject, issuer)),
  )

const pem = (der: Buffer): string => {
  const lines = der.toString('base64').match(/.{1,64}/gu) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

const certify = (subject: Subject, issuer: Issuer): string => {
  const body = toBeSigned(subject, issuer)
  const signature = sign('sha256', body, { key: issuer.privateKey, dsaEncoding: 'der' })
  return pem(sequence(body, signatureAlgorithm, bitString(signature)))
}

const privateKeyPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string

const issueFrom = (issuer: Issuer, request: CertificateRequest): Identity => {
  const { publicKey, privateKey } = generateKeys()
  return {
    cert: certify({ request, publicKey, isAuthority: false }, issuer),
    key: privateKeyPem(privateKey),
  }
}

/** A root of our own, made anew: nobody trusts it but who is given its `cert`. */
export const createAuthority = (commonName: string, validity: Validity): Authority => {
  const keys = generateKeys()
  const issuer: Issuer = { name: nameOf(commonName), ...keys }
  const request = { commonName, validity, names: [] }
  return {
    cert: certify({ request, publicKey: keys.publicKey, isAuthority: true }, issuer),
    key: privateKeyPem(keys.privateKey),
    issue: (wanted) => issueFrom(issuer, wanted),
  }
}

/** A server's certificate that vouches for itself. */
export const selfSigned = (request: CertificateRequest): Identity => {
  const keys = generateKeys()
  const issuer: Issuer = { name: nameOf(request.commonName), ...keys }
  return {
    cert: certify({ request, publicKey: keys.publicKey, isAuthority: false }, issuer),
    key: privateKeyPem(keys.privateKey),
  }
}
