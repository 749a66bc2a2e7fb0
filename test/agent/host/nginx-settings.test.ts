import fc from 'fast-check'
import { expect, test } from 'vitest'
import { everywhere, parseNginx } from '../../../src/agent/host/nginx-settings.ts'

test('blocks, quotes and comments', () => {
  const parsed = parseNginx('a 1; b "x;y" \'{\' { c; # d;\n e { f on; } } g')
  expect(parsed).toEqual([
    { name: 'a', values: ['1'], block: [] },
    {
      name: 'b',
      values: ['x;y', '{'],
      block: [
        { name: 'c', values: [], block: [] },
        { name: 'e', values: [], block: [{ name: 'f', values: ['on'], block: [] }] },
      ],
    },
  ])
  expect(everywhere(parsed, 'f')).toEqual([{ name: 'f', values: ['on'], block: [] }])
})

test('any text ends, and deep nesting is cut', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a{};"'# \n\\]{0,80}$/u), (text) => {
      expect(Array.isArray(parseNginx(text))).toBe(true)
    }),
  )
  expect(everywhere(parseNginx(`${'a { '.repeat(100_000)} deep;`), 'deep').length).toBeLessThanOrEqual(1)
})
