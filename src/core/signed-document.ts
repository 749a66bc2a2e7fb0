import { type KeyObject, sign, verify } from 'node:crypto'
import { z } from 'zod'
import { jsonOf } from './json.ts'
import { keyIdOf, publicHalf, publicKeyObject } from './signing-key.ts'

/**
 * A document and its signature in one file: a DSSE envelope (Dead Simple Signing Envelope, v1) with one Ed25519
 * signature, as JSON on one line that ends with a newline:
 * `{"payloadType":"…","payload":"<base64>","signatures":[{"keyid":"…","sig":"<base64>"}]}`.
 *
 * Signed are the bytes `DSSEv1 <length of type> <type> <length of payload> <payload>`, lengths in decimal digits,
 * single spaces between, the payload as it was before base64. The file has this one form: with any byte of it changed
 * it is another document, or none.
 */
export interface SignedDocument {
  readonly payloadType: string
  readonly payload: Buffer
  /** Name of the key that it says it is signed with. */
  readonly key: string
  readonly signature: Buffer
}

/** The bytes that are signed (DSSE's pre-authentication encoding). */
export const signedBytes = ({
  payloadType,
  payload,
}: Pick<SignedDocument, 'payloadType' | 'payload'>): Buffer =>
  Buffer.concat([
    Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `),
    payload,
  ])

const rendered = ({ payloadType, payload, key, signature }: SignedDocument): string =>
  `${JSON.stringify({
    payloadType,
    payload: payload.toString('base64'),
    signatures: [{ keyid: key, sig: signature.toString('base64') }],
  })}\n`

/** The text of the file. */
export const signDocument = (payloadType: string, payload: Buffer, privateKey: KeyObject): string =>
  rendered({
    payloadType,
    payload,
    key: keyIdOf(publicHalf(privateKey)),
    signature: sign(null, signedBytes({ payloadType, payload }), privateKey),
  })

const envelope = z.strictObject({
  payloadType: z.string().min(1).max(200),
  payload: z.string(),
  signatures: z.tuple([z.strictObject({ keyid: z.string().regex(/^[0-9a-f]{32}$/u), sig: z.string() })]),
})

/** Takes the file apart, believing nothing yet; undefined where it is no such file, byte for byte. */
export const readSignedDocument = (bytes: Buffer): SignedDocument | undefined => {
  const text = bytes.toString()
  const parsed = envelope.safeParse(jsonOf(text))
  if (!parsed.success) return undefined
  const { payloadType, payload, signatures } = parsed.data
  const [{ keyid, sig }] = signatures
  const document = {
    payloadType,
    payload: Buffer.from(payload, 'base64'),
    key: keyid,
    signature: Buffer.from(sig, 'base64'),
  }
  return rendered(document) === text ? document : undefined
}

/** Whether this key signed it. */
export const isSignedBy = (document: SignedDocument, publicKey: string): boolean =>
  verify(null, signedBytes(document), publicKeyObject(publicKey), document.signature)
