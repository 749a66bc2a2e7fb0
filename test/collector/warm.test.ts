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
  [5, 12, 'each five seconds'],
  [100, 6, 'as rarely as it is dear'],
  [2000, 1, 'not again within a scrape'],
])('a rendering of %i ms is made %i times a minute: %s', async (costMs, times) => {
  const { clock, warm } = warmed(costMs)
  warm.asked()
  for (clock.now = 1000; clock.now <= 60_000; clock.now += 1000) await warm.turn()
  expect(clock.rendered).toBe(times)
})

test('one who asks at regular times finds it rendered a moment before', async () => {
  const { clock, warm } = warmed(5)
  const renderedAt: number[] = []
  for (clock.now = 0; clock.now <= 30_000; clock.now += 1000) {
    if (clock.now % 15_000 === 0) warm.asked()
    const before = clock.rendered
    await warm.turn()
    if (clock.rendered > before) renderedAt.push(clock.now / 1000)
  }
  expect(renderedAt).toEqual([5, 10, 20, 25, 29])
})

test('one who asks at odd times finds what came in during five seconds at most', async () => {
  const { clock, warm } = warmed(5)
  let last = 0
  for (clock.now = 0; clock.now <= 60_000; clock.now += 1000) {
    if ([0, 3, 15, 18, 40, 41].includes(clock.now / 1000)) {
      warm.asked()
      last = clock.now
    }
    const before = clock.rendered
    await warm.turn()
    if (clock.rendered > before) last = clock.now
    expect(clock.now - last).toBeLessThan(5000)
  }
})

test('who has not asked for a minute is forgotten', async () => {
  const { clock, warm } = warmed(5)
  warm.asked()
  clock.now = 60_001
  await warm.turn()
  expect(clock.rendered).toBe(0)
})
