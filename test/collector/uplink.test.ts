import { describe, expect, test } from 'vitest'
import { inviteAgent, revokeAgent } from '../../inventory/agents.ts'
import { openInventory } from '../../inventory/lowdb/index.ts'
import { EnvironmentFault } from '../../src/core/fault.ts'
import { newSigningKey } from '../../src/core/signing-key.ts'
import { enroll, httpUplink, rotateKey, sendSigningKey } from '../../src/transport/http-client.ts'
import { agentKey, batchOf, job, node, observation, serve, temporaryFolder } from './support.ts'

const { signal } = new AbortController()

/** A collector over a real inventory on disk, with an agent that was invited. */
const invite = async (folder: string) => {
  const inventory = await openInventory(folder, { clock: Date.now, create: true })
  const invitation = inviteAgent({ id: 'a', vantage: 'public', regions: [], expiresAt: Date.now() + 60_000 })
  await inventory.change({
    actor: 'test',
    reason: 'a node and an agent',
    operations: () => [
      { op: 'put', collection: 'region', record: { id: '410212', name: '祥符区', level: 'county' } },
      { op: 'put', collection: 'node', record: node('n', { level: 'county' }) },
      invitation.operation,
    ],
  })
  const served = await serve({}, { inventory })
  return {
    inventory,
    served,
    collector: new URL(served.running.url),
    invitation: invitation.secret,
    [Symbol.asyncDispose]: async () => {
      await served[Symbol.asyncDispose]()
      await inventory[Symbol.asyncDispose]()
    },
  }
}

describe('agent and collector, as they are', () => {
  test('enrol, fetch, deliver, rotate, and each change of a key is in the audit log', async () => {
    using folder = temporaryFolder()
    await using scene = await invite(folder.path)
    const { collector, invitation, inventory } = scene
    let { key } = await enroll({ collector, agent: 'a', invitation }, signal)
    await using uplink = httpUplink({ collector, agent: 'a', key: () => key })
    const plan = await uplink.plan(undefined, signal)
    expect(plan?.jobs).toMatchObject([{ id: 'n/icmp@public' }])
    expect(await uplink.plan(plan?.digest, signal)).toBeUndefined()
    const batch = batchOf([observation(job('n'), { observedAt: Date.now() })])
    expect(await uplink.deliver(batch, signal)).toEqual({ acknowledged: 1 })
    key = await rotateKey({ collector, agent: 'a', key: () => key }, signal)
    expect(await uplink.deliver(batch, signal)).toEqual({ acknowledged: 1 })
    const entries = await Array.fromAsync(inventory.audit())
    expect(entries.map(({ actor, reason }) => [actor, reason])).toEqual([
      ['test', 'a node and an agent'],
      ['agent:a', 'enrolled'],
      ['agent:a', 'asked for a new key'],
      ['agent:a', 'used its new key'],
    ])
    expect(JSON.stringify(entries)).not.toContain(key)
    expect(await inventory.auditVerify()).toMatchObject({ intact: true })
  })

  test('a signing key is taken at enrolment, or once afterwards; never another, and never that of somebody else', async () => {
    using folder = temporaryFolder()
    await using scene = await invite(folder.path)
    const { collector, invitation, inventory } = scene
    const [first, second] = [newSigningKey().publicKey, newSigningKey().publicKey]
    const { key } = await enroll({ collector, agent: 'a', invitation }, signal)
    const reach = { collector, agent: 'a', key: () => key }
    await expect(sendSigningKey({ ...reach, key: () => 'guess' }, first, signal)).rejects.toMatchObject({
      reason: 'unauthorized',
    })
    await sendSigningKey(reach, first, signal)
    await sendSigningKey(reach, first, signal)
    await expect(sendSigningKey(reach, second, signal)).rejects.toThrow(
      /409: agent a has another signing key/u,
    )
    expect((await inventory.read()).agent.get('a')).toMatchObject({ signingKey: first })

    const other = inviteAgent({ id: 'b', vantage: 'public', regions: [], expiresAt: Date.now() + 60_000 })
    await inventory.change({ actor: 'test', reason: 'another', operations: () => [other.operation] })
    const enrolling = { collector, agent: 'b', invitation: other.secret }
    await expect(enroll({ ...enrolling, signingKey: first }, signal)).rejects.toThrow(
      /409: .*that of agent a/u,
    )
    await enroll({ ...enrolling, signingKey: second }, signal)
    expect((await inventory.read()).agent.get('b')).toMatchObject({ state: 'active', signingKey: second })
    const reasons = (await Array.fromAsync(inventory.audit())).map(({ reason }) => reason)
    expect(reasons.filter((reason) => reason === 'sent its signing key')).toHaveLength(1)
  })

  test('what the collector refuses, the agent understands', async () => {
    using folder = temporaryFolder()
    await using scene = await invite(folder.path)
    const { collector, invitation, inventory } = scene
    await expect(enroll({ collector, agent: 'a', invitation: 'guess' }, signal)).rejects.toMatchObject({
      reason: 'unauthorized',
    })
    const { key } = await enroll({ collector, agent: 'a', invitation }, signal)
    await expect(enroll({ collector, agent: 'a', invitation }, signal)).rejects.toMatchObject({
      reason: 'unauthorized',
    })
    const at = (protocolVersion: number) =>
      httpUplink({ collector, agent: 'a', key: () => key, protocolVersion })
    await using near = at(2)
    await using far = at(3)
    expect(await near.plan(undefined, signal)).toBeDefined()
    await expect(far.plan(undefined, signal)).rejects.toMatchObject({ code: 'PROTOCOL_MISMATCH' })
    const record = (await inventory.read()).agent.get('a')
    await inventory.change({
      actor: 'test',
      reason: 'lost',
      operations: () => (record ? [revokeAgent(record)] : []),
    })
    await expect(near.plan(undefined, signal)).rejects.toThrow(/agent a was revoked/u)
    await expect(near.plan(undefined, signal)).rejects.toThrow(EnvironmentFault)
  })

  test('a batch that is too large is told as that', async () => {
    await using served = await serve({ node: [node('n')] }, { batchLimitBytes: 2000 })
    await using uplink = httpUplink({
      collector: new URL(served.running.url),
      agent: 'a',
      key: () => agentKey,
    })
    const many = Array.from({ length: 100 }, (_, at) => observation(job('n'), { observedAt: at }))
    await expect(uplink.deliver(batchOf(many), signal)).rejects.toMatchObject({ reason: 'too-large' })
  })
})
