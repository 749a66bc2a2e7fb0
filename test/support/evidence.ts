import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { HostEvidence } from '../../src/core/host-evidence.ts'
import { signHostEvidence } from '../../src/core/host-evidence-document.ts'
import { keyIdOf, newSigningKey } from '../../src/core/signing-key.ts'

export const evidenceOf = (more: Partial<HostEvidence> = {}): HostEvidence => ({
  format: 'yiwang-host-evidence/1',
  version: '0.1.0',
  catalogueDigest: 'c'.repeat(64),
  collectedAt: '2026-11-26T08:00:00.000Z',
  from: 'live',
  host: {
    hostname: 'db-1',
    machine: '0123456789abcdef0123456789abcdef',
    distribution: { id: 'debian', version: '12', name: 'Debian 12', packages: 'dpkg', isMet: true },
  },
  results: [
    {
      family: 'accounts',
      id: 'accounts.unique-uids',
      title: '用户编号唯一',
      items: ['L3-CES1-01'],
      remedy: '改用不同的编号',
      verdict: 'supports',
      observed: '12 个账户',
    },
  ],
  ...more,
})

export interface TestKey {
  readonly privateKey: KeyObject
  readonly pem: string
  readonly publicKey: string
  readonly id: string
  readonly sign: (evidence: HostEvidence) => Buffer
}

export const newTestKey = (): TestKey => {
  const { privatePem: pem, publicKey } = newSigningKey()
  const privateKey = createPrivateKey(pem)
  const sign = (evidence: HostEvidence): Buffer => Buffer.from(signHostEvidence(evidence, privateKey))
  return { privateKey, pem, publicKey, id: keyIdOf(publicKey), sign }
}
