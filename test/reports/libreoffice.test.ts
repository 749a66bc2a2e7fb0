import { describe, expect, test } from 'vitest'
import { render } from '../../src/reports/render.ts'
import { requires } from '../support/services.ts'
import { pagesOf } from './pages.ts'
import { fullLines, planted } from './planted.ts'

const mm = 25.4 / 72

describe('LibreOffice', requires('soffice', 'pdftotext'), () => {
  test('22 lines of 28 characters between margins of 28 and 26 mm', async () => {
    const text = { kind: 'paragraph', text: fullLines(60) } as const
    const [, second] = await pagesOf(await render({ ...planted, blocks: [text] }, 'docx'))
    expect([second?.width, second?.height].map((points) => Math.round((points ?? 0) * mm))).toEqual([
      210, 297,
    ])
    const lines = second?.words.filter((word) => /^\p{Script=Han}+$/u.test(word.text)) ?? []
    expect(lines.map((line) => line.text.length)).toEqual(Array.from({ length: 22 }, () => 28))
    for (const { left, right } of lines) {
      expect(left * mm).toBeCloseTo(28, 0)
      expect(right * mm).toBeGreaterThan(183)
      expect(right * mm).toBeLessThanOrEqual(184)
    }
  })

  test('page numbers stand right on odd pages, left on even ones, and nothing is cut', async () => {
    const pages = await pagesOf(await render(planted, 'docx'))
    expect(pages.length).toBeGreaterThan(1)
    pages.forEach(({ words, width }, at) => {
      const number = words.findLast(({ text }) => text === String(at + 1))
      expect((number?.left ?? 0) > width / 2, `page ${at + 1}`).toBe(at % 2 === 0)
      for (const { text, left, right } of words) {
        expect(left * mm, text).toBeGreaterThanOrEqual(27.5)
        expect(right * mm, text).toBeLessThanOrEqual(184.5)
      }
    })
  })
})
