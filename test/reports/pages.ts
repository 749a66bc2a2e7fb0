import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Word {
  readonly text: string
  /** In points, from the page's upper left corner. */
  readonly left: number
  readonly right: number
}

export interface Page {
  readonly width: number
  readonly height: number
  readonly words: readonly Word[]
}

/** The pages that LibreOffice makes of a document, as poppler reads them. */
export const pagesOf = async (docx: Uint8Array): Promise<readonly Page[]> => {
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
