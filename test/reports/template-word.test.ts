import { readFile } from 'node:fs/promises'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { UsageFault } from '../../src/core/fault.ts'
import { fillTemplate } from '../../src/reports/docx/fill.ts'
import { readTemplate } from '../../src/reports/docx/template-file.ts'
import type { Report } from '../../src/reports/model.ts'
import { requires } from '../support/services.ts'
import { pagesOf } from './pages.ts'
import { planted } from './planted.ts'

/** Documents that Word saved, with placeholders as Word and WPS store what somebody typed. */

const saved = (name: string): Promise<Uint8Array> =>
  readFile(new URL(`word/${name}.docx`, import.meta.url)).then((bytes) => new Uint8Array(bytes))

const documentPart = 'word/document.xml'
const partIn = (bytes: Uint8Array, part = documentPart): string =>
  strFromU8(unzipSync(bytes)[part] ?? new Uint8Array())
const textIn = (xml: string): string => xml.replaceAll(/<[^>]+>/gu, '')

type Edit = (xml: string) => string

/** Edits by part. */
const editedParts = async (name: string, edits: Readonly<Record<string, Edit>>): Promise<Uint8Array> => {
  const parts = unzipSync(await saved(name))
  for (const [part, edit] of Object.entries(edits))
    parts[part] = strToU8(edit(strFromU8(parts[part] ?? new Uint8Array())))
  return zipSync(parts)
}

const edited = (name: string, edit: Edit): Promise<Uint8Array> => editedParts(name, { [documentPart]: edit })

const run = (text: string, look = ''): string =>
  `<w:r w:rsidR="00A77B3E" w:rsidRPr="00C54F21">${look === '' ? '' : `<w:rPr>${look}</w:rPr>`}<w:t xml:space="preserve">${text}</w:t></w:r>`
const paragraph = (...runs: readonly string[]): string =>
  `<w:p w:rsidR="00A77B3E" w:rsidRDefault="00A77B3E">${runs.join('')}</w:p>`
const basis = paragraph(run('{{basis}}'))

/** Put at the end of the text, before the section's properties, with `{{basis}}`. */
const adding =
  (...paragraphs: readonly string[]): Edit =>
  (xml) =>
    xml.replace(/<w:sectPr\b(?!.*<w:sectPr\b)/su, `${paragraphs.join('')}${basis}<w:sectPr`)

/** The planted report, its table under a caption that templates name. */
const report: Report = {
  ...planted,
  blocks: planted.blocks.map((block) =>
    block.kind === 'table' ? { ...block, caption: '县区接入和节点可用率' } : block,
  ),
}

/** Its placeholders are another program's: names of ours, and two braces, are typed over them. */
const ours: Edit = (xml) =>
  xml
    .replaceAll(/>(\{|\} \{|\})</gu, (_, braces: string) => `>${braces.replaceAll(/[{}]/gu, '$&$&')}<`)
    .replaceAll('>last_name<', '>number<')
    .replaceAll('>first_name<', '>period<')
    .replaceAll('>phone<', '>cutoff<')
    .replaceAll('>description<', '>title<')

const withHeader = (header: Edit = (xml) => xml): Promise<Uint8Array> =>
  editedParts('header-footer', {
    [documentPart]: (xml) => adding()(ours(xml)),
    'word/header1.xml': (xml) => header(ours(xml)),
    'word/footer1.xml': ours,
  })

const filled = async (name: string, edit: Edit): Promise<Uint8Array> =>
  fillTemplate(report, await readTemplate('t.docx', await edited(name, edit)))

const eastAsia = '<w:rFonts w:hint="eastAsia"/>'
const spelling = (inside: string): string =>
  `<w:proofErr w:type="spellStart"/>${inside}<w:proofErr w:type="spellEnd"/>`
const bookmark = '<w:bookmarkStart w:id="7" w:name="_GoBack"/><w:bookmarkEnd w:id="7"/>'
const smart = (inside: string): string =>
  `<w:smartTag w:uri="urn:schemas-microsoft-com:office:smarttags" w:element="chsdate"><w:smartTagPr><w:attr w:name="Year" w:val="2018"/></w:smartTagPr>${inside}</w:smartTag>`

describe('what Word and WPS store', () => {
  test.each<[string, string]>([
    [
      'runs of several edits, with marks of the spelling check',
      `${run('{{num')}${spelling(run('ber'))}${run('}}')}`,
    ],
    ['runs of two scripts, as WPS has them', `${run('{{', eastAsia)}${run('number')}${run('}}', eastAsia)}`],
    ['a bookmark within', `${run('{{num')}${bookmark}${run('ber}}')}`],
    ['a smart tag within', `${run('{{num')}${smart(run('ber'))}${run('}}')}`],
    ['a smart tag around', smart(run('{{number}}'))],
    [
      'a page break that was once there',
      `${run('{{num')}<w:r><w:lastRenderedPageBreak/><w:t>ber}}</w:t></w:r>`,
    ],
    ['braces and blanks', `${run('{')}${run('{ ')}${run('number ')}${run('}}')}`],
  ])('%s', async (_, stored) => {
    const text = textIn(partIn(await filled('tables', adding(paragraph(run('期号：'), stored, run('。'))))))
    expect(text).toContain('期号：2018年第26期。')
    expect(text).not.toMatch(/[{}]/u)
  })

  test('a placeholder keeps the look of its line, and the styles of the document stay', async () => {
    const look = '<w:b/><w:color w:val="C00000"/><w:sz w:val="36"/>'
    const bytes = await filled('tables', adding(paragraph(run('{{number}}', look))))
    expect(partIn(bytes)).toMatch(
      /<w:rPr>(?=[^/]*<w:b\/>)(?:(?!<\/w:rPr>).)*C00000(?:(?!<\/w:r>).)*2018年第26期/su,
    )
    expect(partIn(bytes, 'word/styles.xml')).toBe(partIn(await saved('tables'), 'word/styles.xml'))
  })

  test('a cell of a table of Word’s', async () => {
    const xml = partIn(
      await filled('tables', (before) =>
        adding()(before.replace('Top left', '{{period}}').replace('Bottom right', '{{table:counties}}')),
      ),
    )
    expect(textIn(xml)).toMatch(/Above2018年第26周Top rightBottom left.*兰考县.*Below/su)
    // A cell must end with a paragraph.
    expect(xml).not.toMatch(/<\/w:tbl><\/w:tc>/u)
  })

  test('tables and charts are as wide as its text', async () => {
    // Word's A4 with an inch on either side, and with the margins that Word and WPS have in China.
    const chinese: Edit = (xml) =>
      adding(
        paragraph(run('{{table:counties}}')),
        paragraph(run('{{chart:burndown}}')),
      )(xml.replace('w:right="1440"', 'w:right="1800"').replace('w:left="1440"', 'w:left="1800"'))
    const xml = partIn(await filled('tables', chinese))
    const own = [...xml.matchAll(/<w:tblW [^>]*w:w="(\d+)"/gu)].map(([, width]) => Number(width))
    expect(own).toContain(11906 - 2 * 1800)
    const [, extent] = /<wp:extent cx="(\d+)"/u.exec(xml) ?? []
    expect(Number(extent) / 635).toBeLessThanOrEqual(11906 - 2 * 1800)
  })

  test('an item of a list, and a commented line', async () => {
    const list = await filled('simple-list', (xml) => adding()(xml.replace('Apple', '{{period}}')))
    expect(partIn(list)).toMatch(/<w:numId w:val="1"\/>(?:(?!<\/w:p>).)*2018年第26周/su)
    const commented = await filled('comments', (xml) => adding()(xml.replace('Ouch', '{{period}}')))
    expect(textIn(partIn(commented))).toMatch(/^\s*2018年第26周\./u)
  })

  test('a text box, which is kept twice, for older readers too', async () => {
    const text = textIn(
      partIn(await filled('text-box', (xml) => adding()(xml.replaceAll('Datum plane', '{{number}}')))),
    )
    expect(text.match(/2018年第26期/gu)).toHaveLength(2)
  })

  test('a content control around whole paragraphs', async () => {
    const control = `<w:sdt><w:sdtPr><w:id w:val="1"/></w:sdtPr><w:sdtContent>${paragraph(run('{{table:counties}}'))}</w:sdtContent></w:sdt>`
    expect(textIn(partIn(await filled('tables', adding(control))))).toContain('兰考县')
  })

  test('the number of a page beside a placeholder', async () => {
    const page = `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>${run('1')}<w:r><w:fldChar w:fldCharType="end"/></w:r>`
    const xml = partIn(await filled('tables', adding(paragraph(run('{{number}} 第'), page, run('页')))))
    expect(textIn(xml)).toContain('2018年第26期 第 PAGE 1页')
  })
})

describe('headers and footers of Word’s', () => {
  test('text boxes of a header, and a footer with its look and its tabs', async () => {
    const bytes = await fillTemplate(report, await readTemplate('t.docx', await withHeader()))
    expect(textIn(partIn(bytes, 'word/header1.xml')).trim()).toBe(
      `2018年第26期 2018年第26周${report.basis.evidenceCutoff}${report.title.replaceAll('\n', '')}`,
    )
    const footer = partIn(bytes, 'word/footer1.xml')
    expect(footer).toMatch(
      /FF0000(?:(?!<\/w:r>).)*2018年第26期.*<w:ptab [^>]*"center".*"yellow"(?:(?!<\/w:r>).)*2018年第26周.*<w:ptab [^>]*"right".*2018-/su,
    )
    expect(textIn(footer)).not.toMatch(/[{}]/u)
  })

  test('a table, and a chart whose picture belongs to the header', async () => {
    const under: Edit = (xml) =>
      xml.replace(
        '</w:hdr>',
        `${paragraph(run('{{table:counties}}'))}${paragraph(run('{{chart:burndown}}'))}</w:hdr>`,
      )
    const bytes = await fillTemplate(report, await readTemplate('t.docx', await withHeader(under)))
    const header = partIn(bytes, 'word/header1.xml')
    expect(textIn(header)).toContain('兰考县')
    const [, picture = 'none'] = /r:embed="(\w+)"/u.exec(header) ?? []
    const [, target = 'none'] =
      new RegExp(`Id="${picture}"[^>]*Target="([^"]+)"`, 'u').exec(
        partIn(bytes, 'word/_rels/header1.xml.rels'),
      ) ?? []
    expect(unzipSync(bytes)[`word/${target}`]?.length).toBeGreaterThan(1000)
  })

  test('what is unknown, or within a link, is refused there too', async () => {
    const unknown = await withHeader((xml) => xml.replace('>title<', '>titel<'))
    await expect(readTemplate('t.docx', unknown)).rejects.toThrow(
      /^t\.docx, header \(页眉\): expected a known placeholder, got \{\{titel\}\}$/mu,
    )
    const everywhere = await editedParts('header-footer', {
      [documentPart]: (xml) => adding()(ours(xml)),
      'word/header1.xml': ours,
      'word/footer1.xml': (xml) => ours(xml).replace('>cutoff<', '>cutof<'),
    })
    const fault = await readTemplate('t.docx', everywhere).catch((error: unknown) => error)
    const wrong = (fault as UsageFault).problems.map(({ where, message }) => [where, message.slice(-9)])
    expect(wrong).toContainEqual(['t.docx, footer (页脚)', '{{cutof}}'])
    const linked = await withHeader((xml) =>
      xml.replace('</w:hdr>', `${paragraph(`<w:hyperlink w:anchor="a">${key}</w:hyperlink>`)}</w:hdr>`),
    )
    await expect(readTemplate('t.docx', linked)).rejects.toThrow(
      /^t\.docx, header \(页眉\): expected .* within a link/mu,
    )
  })
})

describe('a footnote', () => {
  const noted = (stored: string): Promise<Uint8Array> =>
    editedParts('footnote-hyperlink', {
      [documentPart]: adding(),
      'word/footnotes.xml': (xml) => xml.replace('</w:p></w:footnote></w:footnotes>', `${stored}$&`),
    })

  test('is filled in', async () => {
    const template = await readTemplate('t.docx', await noted(`${run('{{num')}${run('ber}}')}`))
    expect(textIn(partIn(await fillTemplate(report, template), 'word/footnotes.xml'))).toContain(
      '2018年第26期',
    )
  })

  test('is looked at for what cannot be', async () => {
    const insertion = `<w:ins w:id="1" w:author="李" w:date="2018-06-01T00:00:00Z">${key}</w:ins>`
    await expect(readTemplate('t.docx', await noted(insertion))).rejects.toThrow(/tracked changes/u)
  })
})

const field = (inside: string): string =>
  `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DOCPROPERTY Title </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>${inside}<w:r><w:fldChar w:fldCharType="end"/></w:r>`
const key = run('{{number}}')

describe('where nothing can be filled in', () => {
  test.each<[string, Edit, RegExp, RegExp]>([
    [
      'a link',
      adding(paragraph(`<w:hyperlink w:anchor="a">${key}</w:hyperlink>`)),
      /\{\{number\}\} in plain text, got it within a link/u,
      /take the link off/u,
    ],
    [
      'half of it in a content control',
      adding(
        paragraph(
          run('{{num'),
          `<w:sdt><w:sdtPr/><w:sdtContent>${run('ber')}</w:sdtContent></w:sdt>`,
          run('}}'),
        ),
      ),
      /within a content control/u,
      /remove the content control/u,
    ],
    [
      'the result of a field',
      adding(paragraph(field(key))),
      /within the result of a field/u,
      /beside the field/u,
    ],
    [
      'a simple field',
      adding(paragraph(`<w:fldSimple w:instr=" TITLE ">${key}</w:fldSimple>`)),
      /within the result of a field/u,
      /beside the field/u,
    ],
    [
      'a table in a text box',
      (xml) => adding()(xml.replaceAll('Datum plane', '{{table:goals}}')),
      /within a text box/u,
      /outside of the text box/u,
    ],
    [
      'an insertion that nobody accepted',
      adding(paragraph(`<w:ins w:id="1" w:author="李" w:date="2018-06-01T00:00:00Z">${key}</w:ins>`)),
      /tracked changes/u,
      /accept or reject/u,
    ],
    [
      'a deletion that nobody accepted',
      adding(
        paragraph(
          `<w:del w:id="1" w:author="李" w:date="2018-06-01T00:00:00Z"><w:r><w:delText>旧</w:delText></w:r></w:del>`,
          key,
        ),
      ),
      /tracked changes/u,
      /accept or reject/u,
    ],
  ])('%s: refused, with what to do', async (_, edit, message, suggestion) => {
    const bytes = await edited('text-box', edit)
    const fault = await readTemplate('t.docx', bytes).catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(UsageFault)
    const [problem] = (fault as UsageFault).problems
    expect(problem?.message).toMatch(message)
    expect(problem?.suggestion).toMatch(suggestion)
  })

  test('the strict form that Word can save, and a .dotx', async () => {
    await expect(readTemplate('t.docx', await edited('strict-format', adding()))).rejects.toThrow(
      /strict form/u,
    )
    const parts = unzipSync(await edited('tables', adding()))
    const types = strFromU8(parts['[Content_Types].xml'] ?? new Uint8Array())
    parts['[Content_Types].xml'] = strToU8(types.replace('document.main+xml', 'template.main+xml'))
    await expect(readTemplate('t.dotx', zipSync(parts))).rejects.toThrow(/template of Word \(\.dotx\)/u)
  })
})

describe('LibreOffice', requires('soffice', 'pdftotext'), () => {
  test('shows header and footer of Word’s', async () => {
    const pages = await pagesOf(await fillTemplate(report, await readTemplate('t.docx', await withHeader())))
    const text = pages[0]?.words.map((word) => word.text).join('')
    // In the header, the text and the footer.
    expect(text?.match(/2018年第26期/gu)).toHaveLength(3)
  })

  test('opens what came of a document of Word’s, its own table and text among ours', async () => {
    const pages = await pagesOf(
      await filled('tables', (xml) =>
        adding(
          paragraph(run('{{section:migration}}')),
          paragraph(run('{{table:counties}}')),
        )(xml.replace('Top left', '{{period}}')),
      ),
    )
    const text = pages.flatMap(({ words }) => words.map((word) => word.text)).join(' ')
    expect(text).toMatch(/Above.*2018\s?年第\s?26\s?周.*Below.*系统迁移燃尽图.*兰考县.*台账修订号/su)
  })
})
