import { expect, test } from 'vitest'
import { inviteAgent, revokeAgent } from '../../inventory/agents.ts'
import { agent as schema } from '../../inventory/model.ts'

const invited = (...request: Parameters<typeof inviteAgent>) => {
  const { operation } = inviteAgent(...request)
  return schema.parse((operation as { readonly record: unknown }).record)
}
const expiresAt = Date.UTC(2026, 10, 27)
const placed = {
  ...{ id: 'lankao', vantage: 'internet', regions: ['410225'], target: 'd-1' },
  ...{ remark: '机房二层', state: 'active', keyHash: 'a'.repeat(64), signingKey: undefined },
} as const

test('a new agent looks at everything from the public area, unless it is said otherwise', () => {
  expect(invited({ id: 'a', expiresAt })).toMatchObject({ vantage: 'public', regions: [], state: 'invited' })
  const said = { vantage: 'internet', regions: ['410225'], target: 'd-1' } as const
  expect(invited({ id: 'a', expiresAt, ...said })).toMatchObject(said)
})

test('one that is invited again keeps what is not said anew, and loses its keys', () => {
  const known = schema.parse(placed)
  for (const before of [known, schema.parse((revokeAgent(known) as { readonly record: unknown }).record)]) {
    const again = invited({ id: 'lankao', expiresAt }, before)
    expect(again).toMatchObject({
      vantage: 'internet',
      regions: ['410225'],
      target: 'd-1',
      remark: '机房二层',
    })
    expect(again.keyHash).not.toBe(known.keyHash)
    expect(again).not.toHaveProperty('previousKeyHash')
  }
  expect(invited({ id: 'lankao', expiresAt, regions: ['410202'] }, known)).toMatchObject({
    ...{ vantage: 'internet', regions: ['410202'] },
  })
})
