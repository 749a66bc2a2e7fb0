import { expect, test } from 'vitest'
import { remembered } from '../../src/core/remembered.ts'

test('what it came to is told again, undefined too', () => {
  const asked: number[] = []
  const half = remembered((number: number) => {
    asked.push(number)
    return number % 2 === 0 ? number / 2 : undefined
  })
  expect([4, 3, 4, 3, 6].map(half)).toEqual([2, undefined, 2, undefined, 3])
  expect(asked).toEqual([4, 3, 6])
})
