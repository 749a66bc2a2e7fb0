import { setImmediate } from 'node:timers'
import { expect, test } from 'vitest'
import { type Work, inSlices } from '../../src/collector/slices.ts'

/** Each step takes longer than a slice may. */
const slow = function* (steps: number, step: () => void): Work<number> {
  for (let done = 0; done < steps; done += 1) {
    step()
    const until = performance.now() + 11
    while (performance.now() < until);
    yield
  }
  return steps
}

test('works that are under way together never share a turn of the event loop', async () => {
  let [turn, isOver] = [0, false]
  const count = (): void => {
    turn += 1
    if (!isOver) setImmediate(count)
  }
  count()
  const turns: number[] = []
  const works = [3, 2, 4].map((steps) => inSlices(slow(steps, () => turns.push(turn))))
  expect(await Promise.all(works)).toEqual([3, 2, 4])
  isOver = true
  expect(turns).toHaveLength(9)
  expect(new Set(turns).size).toBe(9)
})
