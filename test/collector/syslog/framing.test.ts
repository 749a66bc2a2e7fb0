import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFramer, datagramFrame, maxMessageBytes } from '../../../src/collector/syslog/framing.ts'

/** What a framer makes of a stream that comes in such pieces. */
const framed = (pieces: readonly Buffer[]): readonly string[] => {
  const framer = createFramer()
  return [...pieces.flatMap((piece) => framer.push(piece)), ...framer.end()].map(
    ({ bytes, isCut }) => `${isCut ? 'cut ' : ''}${bytes.toString()}`,
  )
}

const piecesOf = (stream: Buffer, size: number): readonly Buffer[] =>
  Array.from({ length: Math.ceil(stream.length / size) }, (_, at) =>
    stream.subarray(at * size, (at + 1) * size),
  )

const counted = (text: string): string => `${Buffer.byteLength(text)} ${text}`

describe('streams', () => {
  test.each([
    ['lines', '<13>a\n<14>b\n', ['<13>a', '<14>b']],
    ['lines with CR LF, NUL and nothing between', '<13>a\r\n\n<14>b\0\n', ['<13>a', '<14>b']],
    ['counted', counted('<13>a\nb') + counted('<14>中文'), ['<13>a\nb', '<14>中文']],
    ['both, mixed', `${counted('<13>a')}<14>b\n${counted('<15>c')}`, ['<13>a', '<14>b', '<15>c']],
    ['a last line without its end', '<13>a\n<14>b', ['<13>a', '<14>b']],
    ['a line that begins with a number', '2026 is a year\n<13>a\n', ['2026 is a year', '<13>a']],
    [
      'a line of digits',
      '123456789012345678901234567890\n<13>a\n',
      ['123456789012345678901234567890', '<13>a'],
    ],
    ['half a counted message at the end', '90 <13>abc', ['90 <13>abc']],
  ])('%s', (_, stream, expected) => {
    for (const size of [1, 3, 1000]) expect(framed(piecesOf(Buffer.from(stream), size))).toEqual(expected)
  })

  test('what is too long is cut, and the next message is whole', () => {
    const long = `<13>${'x'.repeat(3 * maxMessageBytes)}`
    const kept = `cut ${long.slice(0, maxMessageBytes)}`
    for (const stream of [`${long}\n<14>b\n`, `${counted(long)}<14>b\n`])
      expect(framed(piecesOf(Buffer.from(stream), 10_000))).toEqual([kept, '<14>b'])
  })

  test('any messages come out as they went in, however they are counted and cut into pieces', () => {
    const message = fc
      .string({ unit: 'grapheme', maxLength: 50 })
      .map((text) => `<13>${text.replaceAll(/[\n\r\0]/gu, ' ')}`)
    const stream = fc.array(fc.tuple(message, fc.boolean()), { maxLength: 20 })
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 40 }), (messages, size) => {
        const text = messages.map(([each, isCounted]) => (isCounted ? counted(each) : `${each}\n`)).join('')
        expect(framed(piecesOf(Buffer.from(text), size))).toEqual(messages.map(([each]) => each))
      }),
    )
  })

  test('any bytes at all end in frames no longer than is kept', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (chunks) => {
        const framer = createFramer()
        for (const chunk of chunks)
          for (const { bytes } of framer.push(Buffer.from(chunk)))
            expect(bytes.length).toBeLessThanOrEqual(maxMessageBytes)
      }),
    )
  })
})

test('a datagram is one message, whatever lines are in it', () => {
  const { bytes, isCut } = datagramFrame(Buffer.from('<13>a\nb\n\0'))
  expect([bytes.toString(), isCut]).toEqual(['<13>a\nb', false])
  expect(datagramFrame(Buffer.alloc(maxMessageBytes + 1, 'x')).isCut).toBe(true)
})
