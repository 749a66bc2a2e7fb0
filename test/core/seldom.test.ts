import { expect, test } from 'vitest'
import { seldom } from '../../src/core/seldom.ts'

test('the first is told at once, then a minute’s worth together', () => {
  let now = 0
  const told: [at: number, times: number][] = []
  const happen = seldom(
    () => now,
    (times) => told.push([now, times]),
  )
  for (now of [0, 1, 59_999, 60_000, 60_001, 500_000, 500_001]) happen()
  expect(told).toEqual([
    [0, 1],
    [60_000, 3],
    [500_000, 2],
  ])
})
