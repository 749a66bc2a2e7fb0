import { expect, test } from 'vitest'
import { createRoster } from '../../src/collector/roster.ts'

const roster = () => {
  let now = 1_000_000
  const clock = (): number => now
  const agents = () => [{ id: 'county', vantage: 'public', state: 'active' } as const]
  const all = createRoster({ clock, silentAfterSeconds: 60, heard: new Map(), agents })
  return {
    pass: (seconds: number) => void (now += seconds * 1000),
    hear: (spooled?: number) =>
      all.hear('county', spooled === undefined ? undefined : { sentAt: now, spooled }),
    get county() {
      return all.standing()[0]
    },
  }
}

test('an agent that is heard keeps what its last batch said', () => {
  const known = roster()
  known.hear(7)
  known.pass(30)
  known.hear()
  expect(known.county).toMatchObject({ silent: false, spoolDepth: 7, clockSkewSeconds: 0 })
})

test('an agent that comes back after its silence is not called drained before its next batch', () => {
  const known = roster()
  known.hear(0)
  known.pass(61)
  expect(known.county).toMatchObject({ silent: true, spoolDepth: 0 })
  known.hear()
  expect(known.county?.silent).toBe(false)
  expect(known.county).not.toHaveProperty('spoolDepth')
  known.hear(500)
  expect(known.county).toMatchObject({ spoolDepth: 500 })
})
