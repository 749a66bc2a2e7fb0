import { expect, test } from 'vitest'
import { createRoster } from '../../src/collector/roster.ts'

const roster = () => {
  let now = 1_000_000
  const clock = (): number => now
  const agents = () => [{ id: 'county', vantage: 'public', state: 'active' } as const]
  const all = createRoster({ clock, silentAfterSeconds: 60, heard: new Map(), agents })
  return {
    pass: (seconds: number) => void (now += seconds * 1000),
    hear: (spooled?: number, skewSeconds = 0) => {
      const sentAt = now + skewSeconds * 1000
      all.hear('county', spooled === undefined ? undefined : { sentAt, spooled })
    },
    skewSeconds: (shown: number) => all.skewMs('county', now + shown * 1000) / 1000,
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

test.each([
  ['agrees', [], 0, 0],
  ['is ahead', [], 20, 20],
  ['is behind, as its first batch shows', [], -45, -45],
  ['is behind, as all of them show', [-45, -46], -44, -44],
  ['was right before: the batch lay in a line that was cut', [-1, 0, -2], -45, 0],
  ['was behind by less before: the rest is the way', [-60, -61], -105, -60],
  ['was ahead, and is set back', [20, 20], -45, 0],
  ['was ahead, and is right now', [20, 20], 0, 0],
  ['is behind since a while', [0, -45, -45, -45, -45, -45], -45, -45],
])('a clock that %s', (_name, earlier, shown, skew) => {
  const known = roster()
  for (const seconds of earlier) known.hear(0, seconds)
  expect(known.skewSeconds(shown)).toBe(skew)
})
