import { createHash, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { type HostEvidence, type Verdict, verdictLabels } from './host-evidence.ts'
import { jsonOf } from './json.ts'
import { isSignedBy, readSignedDocument, signDocument } from './signed-document.ts'

/** Host evidence as a signed document. */

const payloadType = 'application/vnd.yiwang.host-evidence+json'
/** The format has ten times the checks that there are. */
export const maxDocumentBytes = 4 * 1024 * 1024
/** A clock that is ahead by less may be right. */
export const mostAheadMs = 5 * 60_000

const text = (longest: number) => z.string().max(longest)

const result = z.strictObject({
  family: text(60),
  id: text(120),
  title: text(500),
  items: z.array(text(20)).max(50),
  remedy: text(1000),
  verdict: z.enum(Object.keys(verdictLabels) as [Verdict, ...Verdict[]]),
  observed: text(2000),
})

const distribution = z.strictObject({
  id: text(60),
  version: text(60),
  name: text(200),
  packages: z.enum(['dpkg', 'rpm', 'unknown']),
  isMet: z.boolean(),
})

const hostEvidence = z.strictObject({
  format: z.literal('yiwang-host-evidence/1'),
  version: text(60),
  catalogueDigest: z.string().regex(/^[0-9a-f]{64}$/u),
  collectedAt: z.iso.datetime(),
  from: z.enum(['live', 'folder']),
  asRoot: z.boolean().optional(),
  host: z.strictObject({ hostname: text(253), machine: text(64).optional(), distribution }),
  results: z.array(result).max(5000),
}) as unknown as z.ZodType<HostEvidence>

/** The text of a file. */
export const signHostEvidence = (evidence: HostEvidence, privateKey: KeyObject): string =>
  signDocument(payloadType, Buffer.from(JSON.stringify(evidence)), privateKey)

/** A key that may have signed. */
export interface KnownKey {
  readonly publicKey: string
  readonly isRevoked: boolean
  /** Whose it is, in words: `agent lankao`. */
  readonly owner: string
}

export type EvidenceVerification =
  | { readonly ok: true; readonly evidence: HostEvidence; readonly hash: string; readonly key: string }
  | { readonly ok: false; readonly message: string; readonly suggestion: string }

const refuse = (message: string, suggestion: string): EvidenceVerification => ({
  ok: false,
  message,
  suggestion,
})

const collectAgain = 'check the host again: yiwang host check --out FILE'

const readEvidence = (payload: Buffer, now: number): HostEvidence | EvidenceVerification => {
  const parsed = hostEvidence.safeParse(jsonOf(payload.toString()))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return refuse(
      `expected host evidence of format yiwang-host-evidence/1, got another (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`,
      'a newer yiwang may have written it: update this one',
    )
  }
  if (Date.parse(parsed.data.collectedAt) <= now + mostAheadMs) return parsed.data
  return refuse(
    `expected a time of collection that has passed, got ${parsed.data.collectedAt}, it is ${new Date(now).toISOString()}`,
    'set the clocks of both machines right, then check the host again',
  )
}

/** Checks form, key, signature, format and clock, in this order: nothing of the content is read before the signature. */
export const verifyHostEvidence = (
  bytes: Buffer,
  keys: ReadonlyMap<string, KnownKey>,
  now: number,
): EvidenceVerification => {
  if (bytes.length > maxDocumentBytes)
    return refuse(`expected at most ${maxDocumentBytes} bytes, got ${bytes.length}`, collectAgain)
  const document = readSignedDocument(bytes)
  if (document?.payloadType !== payloadType)
    return refuse('expected signed host evidence, got another file or one that was altered', collectAgain)
  const known = keys.get(document.key)
  if (known === undefined)
    return refuse(
      `expected a registered key, it is signed with ${document.key}`,
      'register its public half, yiwang signer add ID FILE.pub; an agent sends its own when it starts',
    )
  if (known.isRevoked)
    return refuse(
      `expected a key in force, ${document.key} (${known.owner}) was revoked`,
      'check the host again and sign with another key',
    )
  if (!isSignedBy(document, known.publicKey))
    return refuse(`the signature is not that of ${known.owner}: the file was altered`, collectAgain)
  const evidence = readEvidence(document.payload, now)
  if ('ok' in evidence) return evidence
  return { ok: true, evidence, hash: createHash('sha256').update(bytes).digest('hex'), key: document.key }
}
