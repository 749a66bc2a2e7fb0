import { expect, test } from 'vitest'
import { age } from '../../src/terminal/age.ts'

test.each([
  [-3, '0 s'],
  [0.9, '0 s'],
  [119, '119 s'],
  [120, '2 min'],
  [7199, '119 min'],
  [7200, '2 h'],
  [86_400 * 2, '2 d'],
  [86_400 * 400, '400 d'],
])('%d s are %s', (seconds, text) => {
  expect(age(seconds)).toBe(text)
})
