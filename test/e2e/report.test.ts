import { createHash } from 'node:crypto'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { expect, test } from 'vitest'
import { emptyFolder, expectRefusal } from './data-folder.ts'

const asOf = ['--as-of', '2018-07-02T09:00:00+08:00']

const withPlan = async () => {
  const folder = await emptyFolder()
  await folder.ok('init', '--plan', 'kaifeng-2018')
  await folder.ok('ledger', 'move', '2.2.2', '已完成待核验', '--reason', '报告', '--as-of', '2018-06-27')
  return folder
}

test('a draft in each form; the same inputs give the same bytes', async () => {
  await using folder = await withPlan()
  const draft = (file: string) =>
    folder.ok('report', 'weekly', '--week', '2018-W26', ...asOf, '--out', folder.file(file))
  for (const form of ['docx', 'xlsx', 'html', 'md']) {
    await draft(`a.${form}`)
    await draft(`b.${form}`)
    const [a, b] = await Promise.all([readFile(folder.file(`a.${form}`)), readFile(folder.file(`b.${form}`))])
    expect(a.equals(b), form).toBe(true)
  }
  const markdown = await readFile(folder.file('a.md'), 'utf8')
  expect(markdown).toContain('周通报2018年第1期（草稿，未签发）')
  expect(markdown).toContain('共 33 项任务：报完成 1 项（较上期 +1）')
  const head = (await folder.json('audit', 'head')) as { readonly hash: string }
  expect(markdown).toContain(head.hash)
  // The command that stands in it makes the same report.
  const command = /yiwang (report weekly \S+ \S+ --as-of \S+)/u.exec(markdown.replaceAll('\\', ''))?.[1] ?? ''
  const again = await folder.ok(...command.split(' '))
  expect(again.trimEnd()).toBe(markdown.trimEnd())
})

test('a span of days: a draft, and the command in it makes it again', async () => {
  await using folder = await withPlan()
  const span = ['report', 'span', '--since', '2018-06-01', '--until', '2018-06-28', ...asOf] as const
  const text = await folder.ok(...span)
  expect(text).toContain('阶段通报（草稿，未签发）')
  expect(text).toContain('（2018年6月1日至2018年6月28日）')
  expect(text).toContain('网络安全：没有数据，没有安全台账')
  const command = /yiwang (report span .* --as-of \S+)/u.exec(text.replaceAll('\\', ''))?.[1] ?? ''
  expect((await folder.ok(...command.split(' '))).trimEnd()).toBe(text.trimEnd())
})

test('a template of the user: an example, filled, frozen with the bulletin, refused where it is wrong', async () => {
  await using folder = await withPlan()
  const template = folder.file('t.docx')
  await folder.ok('report', 'template', '--out', template)
  expectRefusal(
    await folder.run('report', 'template', '--out', template),
    2,
    /--out: expected a new file, got EEXIST/u,
  )
  const bytes = await readFile(template)
  const hash = createHash('sha256').update(bytes).digest('hex')
  const week = ['report', 'weekly', '--week', '2018-W26', ...asOf, '--template', template] as const
  await folder.ok(...week, '--out', folder.file('a.docx'))
  const document = strFromU8(unzipSync(await readFile(folder.file('a.docx')))['word/document.xml'] ?? bytes)
  expect(document).toContain(hash)
  expect(document).not.toContain('{{')

  await folder.ok('report', 'issue', 'weekly', '--period', '2018-W26', ...asOf, '--template', template)
  const [issued] = (await folder.json('report', 'list')) as readonly {
    readonly files: readonly { readonly hash: string; readonly name: string }[]
  }[]
  expect(issued?.files.at(-1)).toMatchObject({ hash, name: 'weekly-2018-001.template.docx' })

  const wrong = unzipSync(bytes)
  wrong['word/document.xml'] = strToU8(
    strFromU8(wrong['word/document.xml'] ?? bytes).replace('{{headline}}', '{{headlin}}'),
  )
  await writeFile(folder.file('wrong.docx'), zipSync(wrong))
  expectRefusal(
    await folder.run(...week.slice(0, -1), folder.file('wrong.docx'), '--out', folder.file('b.docx')),
    2,
    /wrong\.docx: expected a known placeholder, got \{\{headlin\}\}\n {2}→ did you mean \{\{headline\}\}/u,
  )
  expectRefusal(
    await folder.run(...week, '--out', folder.file('a.md')),
    2,
    /--template: expected it with a docx/u,
  )
  expectRefusal(
    await folder.run(...week.slice(0, -1), folder.file('none.docx'), '--out', 'x.docx'),
    4,
    /none\.docx/u,
  )
})

test('issued once, frozen; corrected by another that names it; an altered file is found', async () => {
  await using folder = await withPlan()
  const issue = ['report', 'issue', 'weekly', '--period', '2018-W26', ...asOf] as const
  await folder.ok(...issue)
  expectRefusal(await folder.run(...issue), 2, /issued as weekly-2018-001 .*report correct weekly-2018-001/su)
  await folder.ok('report', 'correct', 'weekly-2018-001', '--why', '数字有误', ...asOf)
  expectRefusal(
    await folder.run('report', 'correct', 'weekly-2018-001', '--why', '再改'),
    2,
    /weekly-2018-002 took the place/u,
  )
  const listed = (await folder.json('report', 'list')) as readonly {
    readonly id: string
    readonly files: readonly { readonly hash: string; readonly name: string }[]
  }[]
  expect(listed).toMatchObject([
    { id: 'weekly-2018-001', state: 'intact', correctedBy: 'weekly-2018-002' },
    { id: 'weekly-2018-002', state: 'intact', corrects: 'weekly-2018-001', reason: '数字有误' },
  ])
  await folder.ok('attachment', 'export', folder.file('out'), '--of', 'bulletin/weekly-2018-002')
  const names = await readdir(folder.file('out'))
  expect(names).toHaveLength(4)
  const page = names.find((name) => name.endsWith('.md')) ?? ''
  const text = await readFile(folder.file('out', page))
  expect(createHash('sha256').update(text).digest('hex')).toBe(listed[1]?.files[3]?.hash)
  expect(text.toString()).toContain('更正：本期替代2018年7月2日签发的2018年第1期')
  expect(text.toString()).toContain(listed[0]?.files[0]?.hash)
  expect(await folder.ok('audit', 'log')).toContain('add bulletin weekly-2018-001')

  await writeFile(folder.file('attachments', listed[0]?.files[0]?.hash ?? ''), 'other')
  const found = await folder.run('report', 'list')
  expect(found.code).toBe(3)
  expect(found.stdout).toContain('已被改动')
})

test('what cannot be made is refused with what was expected', async () => {
  await using folder = await emptyFolder()
  await folder.ok('init', '--region', '410200')
  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [['weekly', '--week', '2018-W54'], /--week: expected an ISO week/u],
    [['weekly', '--week', '2999-W01'], /which begins on/u],
    [['monthly', '--month', '2018-6'], /--month: expected a month/u],
    [['weekly', '--out', 'a.pdf'], /expected a file that ends in \.docx/u],
    [['weekly', '--format', 'docx'], /--out: expected a file for docx/u],
    [['weekly', '--unit', 'u-none'], /no such unit/u],
    [['weekly'], /--organ: expected whose bulletin it is/u],
    [['span'], /since/u],
    [['span', '--since', '2018-02-30'], /--since: expected a day/u],
    [['span', '--since', '2018-06-30', '--until', '2018-06-01'], /--until: expected a day from/u],
    [['correct', 'weekly-2018-001', '--why', 'x'], /weekly-2018-001/u],
    [['issue', 'weekly', '--period', '2018-W60'], /--period: expected an ISO week/u],
    [
      ['issue', 'weekly', '--period', '2018-W26', '--as-of', '2018-06-29', '--organ', '某局'],
      /--period: expected a period that is over on/u,
    ],
  ]
  for (const [args, words] of refused) expectRefusal(await folder.run('report', ...args), 2, words)
})
