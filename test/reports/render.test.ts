import { strFromU8, unzipSync } from 'fflate'
import fc from 'fast-check'
import { Parser } from 'htmlparser2'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { chartSvg } from '../../src/reports/chart/index.ts'
import { chartPicture } from '../../src/reports/chart/picture.ts'
import type { Report } from '../../src/reports/model.ts'
import { render, type ReportFormat, reportFormats } from '../../src/reports/render.ts'
import { burnDownChart, countyChart, planted } from './planted.ts'

const textOf = async (report: Report, format: ReportFormat): Promise<string> =>
  Buffer.from(await render(report, format)).toString()

const partsOf = async (report: Report, format: 'docx' | 'xlsx'): Promise<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(unzipSync(await render(report, format))).map(([name, bytes]) => [name, strFromU8(bytes)]),
  )

afterEach(() => {
  vi.useRealTimers()
})

test.each(reportFormats)('%s: the same report gives the same bytes, whenever it is made', async (format) => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2018-07-02T01:00:00Z') })
  const first = await render(planted, format)
  vi.setSystemTime(new Date('2026-11-26T16:00:00Z'))
  const second = await render(planted, format)
  expect(Buffer.compare(first, second)).toBe(0)
})

test('docx: page, margins, fonts, even and odd page numbers of GB/T 9704-2012', async () => {
  const parts = await partsOf(planted, 'docx')
  const document = parts['word/document.xml'] ?? ''
  const attribute = (tag: string, name: string): number =>
    Number(new RegExp(`<w:${tag} [^>]*w:${name}="(\\d+)"`, 'u').exec(document)?.[1])
  const mm = (tag: string, name: string): number => (attribute(tag, name) / 1440) * 25.4
  expect(mm('pgSz', 'w')).toBeCloseTo(210, 1)
  expect(mm('pgSz', 'h')).toBeCloseTo(297, 1)
  for (const [side, expected] of Object.entries({ top: 37, bottom: 35, left: 28, right: 26 }))
    expect(mm('pgMar', side), side).toBeCloseTo(expected, 1)
  // 22 lines of this pitch find room in 225 mm.
  const pitch = attribute('spacing', 'line')
  expect(pitch * 22).toBeLessThanOrEqual((225 / 25.4) * 1440)
  expect(pitch * 23).toBeGreaterThan((225 / 25.4) * 1440)
  for (const font of ['方正小标宋简体', '仿宋_GB2312', '黑体', '楷体_GB2312']) {
    expect(document).toContain(`w:eastAsia="${font}"`)
    expect(parts['word/fontTable.xml']).toMatch(new RegExp(`w:name="${font}"><w:altName w:val="[^"]+"`, 'u'))
  }
  expect(parts['word/settings.xml']).toContain('evenAndOddHeaders')
  expect(document).not.toMatch(/<w:i\/>|<w:b\/>/u)
})

test('headings, captions, correction, signature and basis stand in each form of text', async () => {
  const docx = ((await partsOf(planted, 'docx'))['word/document.xml'] ?? '').replaceAll(/<[^>]*>/gu, '')
  for (const text of [docx, await textOf(planted, 'html'), await textOf(planted, 'md')])
    for (const expected of [
      '一、总体情况',
      '（一）县区情况',
      '1.点名',
      '（1）说明',
      '二、系统迁移',
      '表1　乡镇接入情况',
      '图2　系统迁移燃尽图',
      '更正：本期替代2018年6月25日签发的2018年第25期',
      '2018年7月2日',
      'cd'.repeat(32),
      'ab'.repeat(32),
      '第 2 版',
      '2018-07-01T23:59:59+08:00',
    ])
      expect(text).toContain(expected)
})

test('a draft says so, and is signed by nobody', async () => {
  const { issuedOn, ...draft } = planted
  expect(issuedOn).toBe('2018-07-02')
  for (const format of ['html', 'md'] as const) {
    const text = await textOf(draft, format)
    expect(text).toContain('草稿，未签发')
    expect(text).not.toContain('2018年7月2日\n')
  }
})

test('what is not known is no zero', async () => {
  const markdown = await textOf(planted, 'md')
  expect(markdown).toContain('| 3 | 通许县 | 91.7% | — | — | 红 |')
  expect(markdown).toContain('| 2 | 杞县 | 100.0% | 50.0% | -3 | 黄 |')
  const { Workbook } = await import('@cj-tech-master/excelts')
  const book = new Workbook()
  await book.xlsx.load(await render(planted, 'xlsx'))
  const sheet = book.getWorksheet('乡镇接入情况')
  expect(sheet?.getCell('D4').value).toBeNull()
  expect(sheet?.getCell('D5').value).toBe(0)
})

test('xlsx: filters, formats, lights by rule, texts that look like formulas are texts', async () => {
  const parts = await partsOf(planted, 'xlsx')
  const sheets = Object.entries(parts).filter(([name]) => name.startsWith('xl/worksheets/sheet'))
  const [, table = '', ledger = ''] = sheets.map(([, xml]) => xml)
  expect(sheets).toHaveLength(3)
  expect(table).toContain('<autoFilter ref="A1:F5"')
  expect(table.match(/<cfRule /gu)).toHaveLength(5)
  expect(ledger).toContain('<autoFilter ref="A1:C3"')
  expect(parts['xl/styles.xml']).toContain('formatCode="0.0&quot;%&quot;"')
  expect(sheets.some(([, xml]) => xml.includes('<f>'))).toBe(false)
})

/** Names of the tags, and every address that is mentioned. */
const readHtml = (html: string) => {
  const tags = new Set<string>()
  const addresses: string[] = []
  let text = ''
  const parser = new Parser({
    onopentag: (name, attributes) => {
      tags.add(name)
      for (const [key, value] of Object.entries(attributes))
        if (['src', 'href', 'xlink:href', 'action'].includes(key)) addresses.push(value)
    },
    ontext: (part) => {
      text += part
    },
  })
  parser.end(html)
  return { tags, addresses, text }
}

test('html is one file: no script, no address, ids of patterns that are its own', async () => {
  const html = await textOf(planted, 'html')
  const { tags, addresses, text } = readHtml(html)
  expect(addresses).toEqual([])
  for (const tag of ['script', 'link', 'img', 'iframe', 'b']) expect(tags, tag).not.toContain(tag)
  expect(html).not.toMatch(/@import|url\((?!#)/u)
  expect(text).toContain('=1+1|<b>"&')
  const ids = [...html.matchAll(/ id="([^"]+)"/gu)].map(([, id]) => id)
  expect(new Set(ids).size).toBe(ids.length)
})

describe('any text', () => {
  const withText = (text: string): Report => ({
    ...planted,
    organ: text,
    blocks: [
      { kind: 'paragraph', text },
      {
        kind: 'table',
        caption: text,
        columns: [{ title: text, format: 'text' }],
        rows: [[text]],
        note: text,
      },
      { ...countyChart, categories: [text], series: [{ name: text, values: [1] }] },
    ],
    sheets: [],
  })
  const anyText = fc.string({ unit: 'binary', maxLength: 60 })

  test('html is well-formed around it', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const { tags } = readHtml(await textOf(withText(text), 'html'))
        for (const tag of tags)
          expect(
            'html head meta title style body header div h1 p br table caption colgroup col thead tr th tbody td figure svg defs pattern rect circle line text figcaption footer'.split(
              ' ',
            ),
          ).toContain(tag)
      }),
      { numRuns: 60 },
    )
  })

  test('xml of docx and xlsx holds nothing that XML forbids', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const report = { ...withText(text), blocks: withText(text).blocks.slice(0, 2) }
        const all = [await partsOf(report, 'docx'), await partsOf(report, 'xlsx')].flatMap(Object.entries)
        for (const [name, xml] of all)
          if (/\.(xml|rels)$/u.test(name))
            expect(xml, name).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/u)
      }),
      { numRuns: 12 },
    )
  })
})

describe('charts', () => {
  test('series differ without colour, and a gap is a gap', () => {
    const bars = chartSvg({ ...countyChart, series: [...countyChart.series, ...countyChart.series] })
    for (const fill of ['#333', '#fff', 'url(#hatch)', 'url(#dots)'])
      expect(bars).toContain(`fill="${fill}" stroke`)
    expect(bars.match(/#(?!333|fff|ccc|000|hatch|dots)[0-9a-f]{3}/gu)).toBeNull()
    const lines = chartSvg(burnDownChart)
    expect(lines).toContain('stroke-dasharray="8 4"')
    // The line of what was measured begins anew after the week without data.
    const paths = [...lines.matchAll(/<path d="(M[^"]+L[^"]+)"/gu)].map(([, path = '']) => path)
    expect(paths.map((path) => path.match(/M/gu)?.length)).toEqual([1, 2])
  })

  test('a picture is drawn with the font that is shipped', async () => {
    const { png, width, height } = await chartPicture(countyChart)
    expect(Buffer.from(png.subarray(1, 4)).toString()).toBe('PNG')
    expect([width, height > 0]).toEqual([1560, true])
    const blank = await chartPicture({ ...countyChart, categories: countyChart.categories.map(() => '') })
    // Names are drawn: without them the picture is another.
    expect(Buffer.compare(png, blank.png)).not.toBe(0)
  })
})
