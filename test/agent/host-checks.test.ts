import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { hostCheckSource } from '../../src/agent/host-checks.ts'
import { checkElsewhere } from '../../src/agent/host/elsewhere.ts'
import { families } from '../../src/agent/host/index.ts'
import type { HostEvidence } from '../../src/core/host-evidence.ts'
import { verifyHostEvidence } from '../../src/core/host-evidence-document.ts'
import type { Observation } from '../../src/core/observation.ts'
import { evidenceOf, newTestKey } from '../support/evidence.ts'
import { memoryLog, until } from './observations.ts'

const key = newTestKey()
const keys = new Map([[key.id, { publicKey: key.publicKey, isRevoked: false, owner: 'agent a' }]])

/** A source that checks every few milliseconds, until `count` were tried. */
const running = async (check: () => Promise<HostEvidence>, count: number) => {
  const { log, lines } = memoryLog()
  const stop = new AbortController()
  const recorded: Observation[] = []
  let tried = 0
  const source = hostCheckSource({
    agent: { id: 'a', vantage: 'private' },
    signingKey: key.privateKey,
    intervalSeconds: 0.01,
    check: () => {
      tried += 1
      return check()
    },
    clock: Date.now,
    log,
  })
  source.follow({ revision: 7, digest: '', jobs: [] })
  const sink = {
    record: (observation: Observation) => void recorded.push(observation),
    spooled: () => Promise.resolve(true),
  }
  const ended = source.run(sink, stop.signal)
  await until(() => tried > count)
  stop.abort()
  await ended
  return { recorded, lines, source }
}

describe('an agent checks its own machine', () => {
  test('again and again; each result is an observation that holds the signed document', async () => {
    const { recorded } = await running(() => Promise.resolve(evidenceOf()), 2)
    expect(recorded.length).toBeGreaterThanOrEqual(2)
    expect(recorded[0]).toMatchObject({
      job: 'agent:a/host-check',
      target: 'agent:a',
      kind: 'host-check',
      vantage: 'private',
      planRevision: 7,
      status: 'up',
    })
    const document = gunzipSync(Buffer.from(String(recorded[0]?.facts['document']), 'base64'))
    expect(verifyHostEvidence(document, keys, Date.parse('2026-11-26T09:00:00Z'))).toEqual({
      ok: true,
      evidence: evidenceOf(),
      key: key.id,
      hash: createHash('sha256').update(document).digest('hex'),
    })
  })

  test('a check that fails is told and counted, says nothing of the machine, and is tried again', async () => {
    let isFirst = true
    const { recorded, lines, source } = await running(() => {
      const fails = isFirst
      isFirst = false
      return fails ? Promise.reject(new Error('no memory')) : Promise.resolve(evidenceOf())
    }, 2)
    expect(recorded.length).toBeGreaterThanOrEqual(1)
    expect(lines).toMatchObject([{ level: 'error', message: 'this machine could not be checked' }])
    expect(source.losses()).toEqual({ 'host checks that failed': 1 })
  })

  test('in a process of its own, with every check, and far below the limit of what a collector takes', async () => {
    const evidence = await checkElsewhere('9.9.9', AbortSignal.timeout(240_000))
    expect(evidence).toMatchObject({ version: '9.9.9', from: 'live' })
    const all = families.flatMap(({ checks }) => checks.map(({ id }) => id))
    expect(evidence.results.map(({ id }) => id)).toEqual(all)
    const { recorded } = await running(() => Promise.resolve(evidence), 1)
    expect(JSON.stringify(recorded[0]?.facts).length).toBeLessThan(64 * 1024)
    const document = gunzipSync(Buffer.from(String(recorded[0]?.facts['document']), 'base64'))
    expect(verifyHostEvidence(document, keys, Date.now())).toMatchObject({ ok: true, evidence })
  })

  test('ends at once when the agent does', async () => {
    await expect(checkElsewhere('9.9.9', AbortSignal.abort())).rejects.toThrow(/abort/iu)
  })
})
