import { expect, test } from 'vitest'
import { newSigningKey } from '../../src/core/signing-key.ts'
import { registerLocalAgent } from '../../src/collector/keys.ts'
import type { InputOf } from '../../inventory/model.ts'
import { inventoryOf, memoryStore } from './support.ts'

const own = newSigningKey().publicKey
const other = newSigningKey().publicKey
const agent = (more: Partial<InputOf<'agent'>>): InputOf<'agent'> => ({
  id: 'local',
  state: 'active',
  keyHash: 'a'.repeat(64),
  ...more,
})
const register = async (...known: readonly InputOf<'agent'>[]) => {
  const store = memoryStore(inventoryOf({ agent: known }))
  await registerLocalAgent(store, { id: 'local', vantage: 'private' }, own)
  return { record: (await store.read()).agent.get('local'), changes: store.changes.length }
}

test('the agent of the collector’s process gets a place, and nobody a key to it', async () => {
  const { record } = await register()
  expect(record).toMatchObject({ vantage: 'private', state: 'active', signingKey: own })
  expect((await register()).record?.keyHash).not.toBe(record?.keyHash)
})

test('the same key again changes nothing', async () => {
  expect(await register(agent({ signingKey: own, target: 'd-1' }))).toMatchObject({
    record: { target: 'd-1' },
    changes: 0,
  })
})

test('an invited one takes its place, and keeps which record its machine is', async () => {
  const invited = agent({ state: 'invited', invitationExpiresAt: '2026-01-01T00:00:00Z', target: 'd-1' })
  const { record } = await register(invited)
  expect(record).toMatchObject({ state: 'active', signingKey: own, target: 'd-1' })
  expect(record?.invitationExpiresAt).toBeUndefined()
})

test.each([
  { what: 'revoked', known: agent({ state: 'revoked', signingKey: own }), words: /it was revoked/u },
  {
    what: 'another key',
    known: agent({ signingKey: other }),
    words: /expected the signing key that it had/u,
  },
  {
    what: 'the key of another agent',
    known: agent({ id: 'lankao', signingKey: own }),
    words: /the data folder has that of agent lankao\n {2}→ name that agent in agent\.id/u,
  },
])('refused: $what', async ({ known, words }) => {
  await expect(register(known)).rejects.toThrow(words)
})
