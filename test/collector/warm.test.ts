import { expect, test } from 'vitest'
import { keepWarm } from '../../src/collector/warm.ts'

const warmed = (costMs: number) => {
  const clock = { now: 0, worked: 0, rendered: 0 }
  const warm = keepWarm({
    now: () => clock.now,
    worked: () => clock.worked,
    render: () => {
      clock.rendered += 1
      clock.worked += costMs
      return Promise.resolve()
    },
  })
  return { clock, warm }
}

test('nobody asked: nothing is rendered', async () => {
  const { clock, warm } = warmed(5)
  await warm.turn()
  expect(clock.rendered).toBe(0)
})

test.each([
  [5, 60, 'each second, as often as it is tried'],
  [50, 12, 'each five seconds'],
  [2000, 1, 'not again within a scrape'],
])('a rendering of %i ms is made %i times a minute: %s', async (costMs, times) => {
  const { clock, warm } = warmed(costMs)
  warm.asked()
  for (clock.now = 0; clock.now < 60_000; clock.now += 1000) await warm.turn()
  expect(clock.rendered).toBe(times)
})

test('who has not asked for a minute is forgotten', async () => {
  const { clock, warm } = warmed(5)
  warm.asked()
  clock.now = 60_001
  await warm.turn()
  expect(clock.rendered).toBe(0)
})
