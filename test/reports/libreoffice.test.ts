import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { render } from '../../src/reports/render.ts'
import { requires } from '../support/services.ts'
import { fullLines, planted } from './planted.ts'

const run = promisify(execFile)

interface Word {
  readonly text: string
  /** In points, from the page's upper left corner. */
  readonly left: number
  readonly right: number
}

interface Page {
  readonly width: number
  readonly height: number
  readonly words: readonly Word[]
}

/** The pages that LibreOffice makes of a document, as poppler reads them. */
const pagesOf = async (docx: Uint8Array): Promise<readonly Page[]> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'yiwang-report-'))
  try {
    const [source, pdf, boxes] = ['a.docx', 'a.pdf', 'a.html'].map((name) => path.join(folder, name)) as [
      string,
      string,
      string,
    ]
    await writeFile(source, docx)
    const profile = `-env:UserInstallation=file://${folder}/profile`
    await run('soffice', [profile, '--headless', '--convert-to', 'pdf', '--outdir', folder, source])
    await run('pdftotext', ['-bbox', pdf, boxes])
    const text = await readFile(boxes, 'utf8')
    return text
      .split('<page ')
      .slice(1)
      .map((page) => ({
        width: Number(/width="([\d.]+)"/u.exec(page)?.[1]),
        height: Number(/height="([\d.]+)"/u.exec(page)?.[1]),
        words: [
          ...page.matchAll(/<word xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)" yMax="[\d.]+">([^<]*)</gu),
        ].map(([, left, right, word = '']) => ({ text: word, left: Number(left), right: Number(right) })),
      }))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

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
