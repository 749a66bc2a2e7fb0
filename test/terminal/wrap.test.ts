import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { wrap } from '../../src/terminal/wrap.ts'

test('no line is wider than the terminal, and nothing is lost', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 6, max: 40 }), (text, width) => {
      const lines = wrap(text, width, '  ')
      expect(lines.every((line) => line.startsWith('  ') && stringWidth(line) <= width)).toBe(true)
      const kept = lines.map((line) => line.slice(2)).join('')
      expect(kept).toBe(text.replace(/\r\n?|\n/gu, '').replace(/\p{Cc}/gu, ' '))
    }),
  )
})

test('Chinese takes two cells; a line break begins a line; control characters do nothing', () => {
  expect(wrap('一二三四', 6)).toEqual(['一二三', '四'])
  expect(wrap('共一百二十项 27 项', 14)).toEqual(['共一百二十项 ', '27 项'])
  expect(wrap('第1234567号', 6)).toEqual(['第1234', '567号'])
  expect(wrap('a\r\nb', 6)).toEqual(['a', 'b'])
  expect(wrap('\u001b[2Jx', 20)).toEqual([' [2Jx'])
})
