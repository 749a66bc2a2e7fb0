import { expect, test } from 'vitest'
import { createCarrier } from '../../src/simulator/carrier.ts'

test('a line counts while it works, and not while it is cut', () => {
  let now = 5000
  const carrier = createCarrier(() => now)
  const pass = (seconds: number): void => {
    now += seconds * 1000
  }
  pass(10)
  carrier.setLost(new Set(['a']))
  pass(20)
  expect([carrier.isUp('a'), carrier.upSeconds('a')]).toEqual([false, 10])
  expect([carrier.isUp('b'), carrier.upSeconds('b')]).toEqual([true, 30])
  carrier.setLost(new Set(['a', 'b']))
  pass(5)
  carrier.setLost(new Set())
  pass(1)
  expect([carrier.isUp('a'), carrier.upSeconds('a')]).toEqual([true, 11])
  expect([carrier.isUp('b'), carrier.upSeconds('b')]).toEqual([true, 31])
  expect(carrier.elapsedSeconds()).toBe(36)
})
