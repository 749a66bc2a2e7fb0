import { expect, test } from 'vitest'
import { createReaders } from '../../src/collector/readers.ts'
import { shared } from '../../src/collector/shared.ts'
import { inSlices } from '../../src/collector/slices.ts'

test('who asks while it runs shares it, or the next one where something changed; one runs and one waits', async () => {
  let [key, runs] = [1, 0]
  const gates = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
  const ask = shared(
    () => [key],
    async () => {
      runs += 1
      const saw = key
      await gates[runs - 1]?.promise
      return saw
    },
  )
  const [first, same] = [ask(), ask()]
  key = 2
  const [second, third] = [ask(), ask()]
  key = 3
  gates[0]?.resolve(undefined)
  expect(await Promise.all([first, same])).toEqual([1, 1])
  gates[1]?.resolve(undefined)
  expect(await Promise.all([second, third, ask()])).toEqual([3, 3, 3])
  expect(runs).toBe(2)
})

test('a work that fails fails those who asked for it, and the next one is tried', async () => {
  let key = 1
  const ask = shared(
    () => [key],
    () => (key === 1 ? Promise.reject(new Error('broken')) : Promise.resolve(key)),
  )
  await expect(ask()).rejects.toThrow('broken')
  key = 2
  expect(await ask()).toBe(2)
})

test('readers of the oldest rendering are cut when one too many is held', () => {
  const readers = createReaders(2)
  const [oldest, older, newest] = [{}, {}, {}]
  const [slow, gone, other] = [readers.hold(oldest), readers.hold(oldest), readers.hold(older)]
  gone[Symbol.dispose]()
  const last = readers.hold(newest)
  expect([slow, gone, other, last].map(({ signal }) => signal.aborted)).toEqual([true, false, false, false])
  other[Symbol.dispose]()
  expect(readers.hold({}).signal.aborted).toBe(false)
  expect(last.signal.aborted).toBe(false)
})

test('long work lets others have their turn, and comes to its end', async () => {
  let turns = 0
  const other = setInterval(() => (turns += 1), 1)
  const work = function* (): Generator<void, string> {
    while (turns < 3) yield
    return 'done'
  }
  expect(await inSlices(work())).toBe('done')
  clearInterval(other)
})
