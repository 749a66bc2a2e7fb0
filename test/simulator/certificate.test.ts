import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type CertificateRequest,
  createAuthority,
  selfSigned,
  type Validity,
} from '../../src/simulator/certificate.ts'
import { requires } from '../support/services.ts'

const run = promisify(execFile)
const day = 86_400_000
const now = Date.now()
const validity = (fromDays: number, toDays: number): Validity => ({
  notBefore: new Date(now + fromDays * day),
  notAfter: new Date(now + toDays * day),
})
const request = (overrides: Partial<CertificateRequest> = {}): CertificateRequest => ({
  commonName: '网上政务服务平台（模拟）',
  validity: validity(-30, 365),
  names: ['127.42.0.1', 'zwfw.kaifeng.example'],
  ...overrides,
})
const authority = createAuthority('一网模拟根证书', validity(-400, 3650))

test('the authority signs itself and may sign others', () => {
  const root = new X509Certificate(authority.cert)
  expect(root.ca).toBe(true)
  expect(root.verify(root.publicKey)).toBe(true)
  expect(root.subject).toContain('CN=一网模拟根证书')
})

test('an issued certificate carries its names and its issuer', () => {
  const root = new X509Certificate(authority.cert)
  const leaf = new X509Certificate(authority.issue(request()).cert)
  expect(leaf.ca).toBe(false)
  expect(leaf.verify(root.publicKey)).toBe(true)
  expect(leaf.checkIssued(root)).toBe(true)
  expect(leaf.checkIP('127.42.0.1')).toBe('127.42.0.1')
  expect(leaf.checkHost('zwfw.kaifeng.example')).toBe('zwfw.kaifeng.example')
  expect(leaf.checkHost('other.example')).toBeUndefined()
  expect(leaf.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/u)
})

test('a self-signed certificate is signed by its own key and names itself as issuer', () => {
  const leaf = new X509Certificate(selfSigned(request()).cert)
  expect(leaf.verify(leaf.publicKey)).toBe(true)
  expect(leaf.issuer).toBe(leaf.subject)
  expect(leaf.ca).toBe(false)
})

test('any validity to the second and any common name survive', () => {
  const seconds = fc.integer({ min: 0, max: 4_000_000_000 })
  const property = fc.property(
    seconds,
    seconds,
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    (from, to, commonName) => {
      const dates = { notBefore: new Date(from * 1000), notAfter: new Date(to * 1000) }
      const leaf = new X509Certificate(selfSigned(request({ validity: dates, commonName })).cert)
      expect([leaf.validFromDate, leaf.validToDate]).toEqual([dates.notBefore, dates.notAfter])
      expect(leaf.toLegacyObject().subject.CN).toBe(commonName)
    },
  )
  fc.assert(property, { numRuns: 50 })
})

const verify = async (cert: string, ...options: readonly string[]): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'yiwang-certificate-'))
  try {
    await writeFile(path.join(folder, 'root.pem'), authority.cert)
    await writeFile(path.join(folder, 'leaf.pem'), cert)
    const { stdout } = await run('openssl', ['verify', '-CAfile', 'root.pem', ...options, 'leaf.pem'], {
      cwd: folder,
    })
    return stdout
  } catch (error) {
    return String((error as { stderr?: unknown }).stderr)
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe.skipIf(requires('openssl').skip)('openssl verify', () => {
  test.each([
    { kind: 'good', cert: () => authority.issue(request()).cert, says: 'leaf.pem: OK' },
    {
      kind: 'expired',
      cert: () => authority.issue(request({ validity: validity(-90, -1) })).cert,
      says: 'certificate has expired',
    },
    {
      kind: 'not yet valid',
      cert: () => authority.issue(request({ validity: validity(1, 90) })).cert,
      says: 'not yet valid',
    },
    { kind: 'self-signed', cert: () => selfSigned(request()).cert, says: 'self-signed certificate' },
  ])('a $kind certificate: $says', async ({ cert, says }) => {
    expect(await verify(cert(), '-x509_strict', '-purpose', 'sslserver')).toContain(says)
  })

  test('finds the address among the names, and only that', async () => {
    const { cert } = authority.issue(request())
    expect(await verify(cert, '-verify_ip', '127.42.0.1')).toContain('leaf.pem: OK')
    expect(await verify(cert, '-verify_ip', '127.42.0.2')).toContain('IP address mismatch')
    expect(await verify(cert, '-verify_hostname', 'zwfw.kaifeng.example')).toContain('leaf.pem: OK')
  })
})
