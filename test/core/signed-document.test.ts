import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type KnownKey, verifyHostEvidence } from '../../src/core/host-evidence-document.ts'
import { readSignedDocument, signDocument } from '../../src/core/signed-document.ts'
import { publicPem, readPrivateKey, readPublicKey } from '../../src/core/signing-key.ts'
import { temporaryFolder } from '../support/cli.ts'
import { evidenceOf, newTestKey } from '../support/evidence.ts'

const key = newTestKey()
const now = Date.parse('2026-11-26T09:00:00Z')
const known = (more: Partial<KnownKey> = {}): ReadonlyMap<string, KnownKey> =>
  new Map([[key.id, { publicKey: key.publicKey, isRevoked: false, owner: 'signer field', ...more }]])

const evidence = evidenceOf()
const document = key.sign(evidence)

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'])
    return true
  } catch {
    return false
  }
})()

test.skipIf(!hasOpenssl)('openssl verifies what is signed, by what the documents say of it', async () => {
  await using folder = await temporaryFolder()
  const at = (name: string): string => path.join(folder.path, name)
  const { payloadType, payload, signatures } = JSON.parse(document.toString()) as {
    readonly payloadType: string
    readonly payload: string
    readonly signatures: readonly [{ readonly keyid: string; readonly sig: string }]
  }
  const body = Buffer.from(payload, 'base64')
  const head = `DSSEv1 ${payloadType.length} ${payloadType} ${body.length} `
  writeFileSync(at('signed'), Buffer.concat([Buffer.from(head), body]))
  writeFileSync(at('signature'), Buffer.from(signatures[0].sig, 'base64'))
  writeFileSync(at('key.pem'), publicPem(key.publicKey))
  const verify = () =>
    execFileSync('openssl', [
      ...['pkeyutl', '-verify', '-pubin', '-inkey', at('key.pem')],
      ...['-rawin', '-in', at('signed'), '-sigfile', at('signature')],
    ]).toString()
  expect(verify()).toContain('Signature Verified Successfully')
  const der = execFileSync('openssl', ['pkey', '-pubin', '-in', at('key.pem'), '-outform', 'DER'])
  expect(createHash('sha256').update(der).digest('hex').slice(0, 32)).toBe(signatures[0].keyid)
  writeFileSync(at('signed'), Buffer.concat([Buffer.from(head), body, Buffer.from(' ')]))
  expect(verify).toThrow()
})

test.skipIf(!hasOpenssl)('a key that openssl made signs', () => {
  const pem = execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519']).toString()
  const made = readPrivateKey(pem)
  expect(made && readSignedDocument(Buffer.from(signDocument('t', Buffer.from('x'), made)))?.payload).toEqual(
    Buffer.from('x'),
  )
  const rsa = execFileSync('openssl', ['genpkey', '-algorithm', 'rsa'], { stdio: 'pipe' }).toString()
  expect(readPrivateKey(rsa)).toBeUndefined()
})

describe('keys', () => {
  test('the public half is read as PEM and as one line; a private key never is', () => {
    expect(readPublicKey(publicPem(key.publicKey))).toBe(key.publicKey)
    expect(readPublicKey(` ${key.publicKey}\n`)).toBe(key.publicKey)
    expect(readPublicKey(key.pem)).toBeUndefined()
  })
  test('no text makes a reader throw', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readPublicKey(text)).toBeUndefined()
        expect(readPublicKey(`-----BEGIN PUBLIC KEY-----\n${text}\n-----END PUBLIC KEY-----`)).toBeUndefined()
        expect(readPrivateKey(text)).toBeUndefined()
      }),
    )
  })
})

describe('verification', () => {
  test('what was signed is what is read, and its hash is that of the file', () => {
    expect(verifyHostEvidence(document, known(), now)).toEqual({
      ok: true,
      evidence,
      key: key.id,
      hash: createHash('sha256').update(document).digest('hex'),
    })
  })

  test('with any byte changed, left out or put in, it is refused', () => {
    fc.assert(
      fc.property(
        fc.nat(document.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom('change', 'remove', 'insert'),
        (at, by, how) => {
          const [head, tail] = [document.subarray(0, at), document.subarray(at)]
          const changed = Buffer.from([(tail[0]! + by) % 256])
          const rest = how === 'insert' ? tail : tail.subarray(1)
          const altered = Buffer.concat([head, how === 'remove' ? Buffer.alloc(0) : changed, rest])
          expect(verifyHostEvidence(altered, known(), now).ok).toBe(false)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('no bytes make it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.json(), (bytes, json) => {
        expect(verifyHostEvidence(Buffer.from(bytes), known(), now).ok).toBe(false)
        expect(verifyHostEvidence(Buffer.from(json), known(), now).ok).toBe(false)
      }),
    )
  })

  const other = newTestKey()
  const underMyName = other.sign(evidence).toString().replace(other.id, key.id)
  test.each<[string, Buffer, ReadonlyMap<string, KnownKey>, RegExp]>([
    ['an unknown key', document, new Map(), /expected a registered key, it is signed with [0-9a-f]{32}$/u],
    ['a revoked key', document, known({ isRevoked: true }), /signer field\) was revoked/u],
    ['another key under the name of this', Buffer.from(underMyName), known(), /not that of signer field/u],
    ['too large a file', Buffer.alloc(5 * 1024 * 1024, 'x'), known(), /expected at most 4194304 bytes/u],
    ['unsigned evidence', Buffer.from(JSON.stringify(evidence)), known(), /expected signed host evidence/u],
    [
      'a document of another kind',
      Buffer.from(signDocument('text/plain', Buffer.from(JSON.stringify(evidence)), key.privateKey)),
      known(),
      /expected signed host evidence/u,
    ],
    [
      'a format of the future',
      key.sign({ ...evidence, format: 'yiwang-host-evidence/2' } as never),
      known(),
      /expected host evidence of format yiwang-host-evidence\/1, got another \(format/u,
    ],
    [
      'a clock ahead',
      key.sign({ ...evidence, collectedAt: '2026-11-26T09:05:01.000Z' }),
      known(),
      /expected a time of collection that has passed, got 2026-11-26T09:05:01.000Z, it is 2026-11-26T09:00:00/u,
    ],
  ])('%s is refused', (_what, bytes, keys, message) => {
    const verified = verifyHostEvidence(bytes, keys, now)
    expect(verified).toMatchObject({ ok: false, message: expect.stringMatching(message) as string })
    expect(verified).toHaveProperty('suggestion')
  })

  test('a clock that is a little ahead may be right', () => {
    const ahead = key.sign({ ...evidence, collectedAt: '2026-11-26T09:04:59.000Z' })
    expect(verifyHostEvidence(ahead, known(), now).ok).toBe(true)
  })
})
