import { Workbook } from '@cj-tech-master/excelts'
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { requires } from '../support/services.ts'
import { type DataFolder, expectRefusal, expectUntouched, kaifeng } from './data-folder.ts'

const assessed = async (): Promise<DataFolder> => {
  const folder = await kaifeng()
  const assets = ['net.fw=安全设备:核心防火墙', 'net.srv=服务器:应用服务器']
  const asset = assets.flatMap((each) => ['--asset', each])
  await folder.ok('mlps', 'assess', 'net', '--object', 'extranet', ...asset)
  await folder.ok('mlps', 'set', 'net', 'L3-CES1-01', '部分符合', '--evidence', '=cmd|calc')
  return folder
}

const columnOf = (titles: unknown, title: string): number => (titles as readonly string[]).indexOf(title)

/** Types a result into the second sheet, as a person would in Excel. */
const typeResult = async (file: string, item: string, result: string): Promise<void> => {
  const book = new Workbook()
  await book.xlsx.readFile(file)
  const sheet = book.worksheets[1]!
  const row = sheet.getColumn(1).values.indexOf(item)
  sheet.getCell(row, columnOf(sheet.getRow(1).values, '测评结果')).value = result
  await book.xlsx.writeFile(file)
}

test('out to the assessors, in again: a dry run cell by cell, then the change, then nothing more', async () => {
  await using folder = await assessed()
  const file = folder.file('net.xlsx')
  expect(await folder.ok('mlps', 'export', 'net', '--out', file)).toContain('2 assets, 2 results')
  expect(await folder.ok('mlps', 'import', file)).toContain('0 results new, 0 changed, 2 unchanged')
  await typeResult(file, 'L3-CES1-02', '不符合')
  await expectUntouched(folder, async () => {
    const shown = await folder.ok('mlps', 'import', file, '--dry-run')
    expect(shown).toMatch(/核心防火墙 +\d+ +net\.fw +L3-CES1-02 +测评结果 +不符合/u)
    expect(shown).toContain('1 results new, 0 changed, 2 unchanged')
    expect(shown).toContain('nothing was written')
  })
  expect(await folder.json('mlps', 'import', file)).toMatchObject({ added: 1, changed: 0, unchanged: 2 })
  expect(await folder.ok('mlps', 'show', 'net', '--result', '不符合')).toContain('L3-CES1-02')
  expect(await folder.ok('mlps', 'show', 'net', '--result', '部分符合')).toContain('=cmd|calc')
  await folder.ok('audit', 'verify')
})

test('what is wrong with a file is refused with every place, and nothing is written', async () => {
  await using folder = await assessed()
  const file = folder.file('net.xlsx')
  await folder.ok('mlps', 'export', 'net', '--out', file)
  await typeResult(file, 'L3-CES1-02', '很好')
  const macros = folder.file('net.xlsm')
  await writeFile(macros, 'PK')
  await expectUntouched(folder, async () => {
    expectRefusal(
      await folder.run('mlps', 'import', file),
      2,
      /net\.xlsx:核心防火墙!H\d+: 测评结果 \(result\): expected 符合/u,
    )
    expectRefusal(await folder.run('mlps', 'import', macros), 2, /a workbook with macros is not read/u)
    expectRefusal(await folder.run('mlps', 'import', folder.file('none.xlsx')), 4, /none\.xlsx/u)
    expectRefusal(await folder.run('mlps', 'export', 'nit', '--out', file), 2, /did you mean net\?/u)
    expectRefusal(await folder.run('mlps', 'export', 'net', '--out', 'a.csv'), 2, /a name ending in \.xlsx/u)
  })
})

test('the official wording is the user’s: loaded, shown beside ours, exported, forgotten', async () => {
  await using folder = await assessed()
  const file = folder.file('standard.csv')
  await writeFile(file, '条款,官方原文\n8.1.4.1 a,用户自己的原文甲\n8.1.4.1 b),用户自己的原文乙\n')
  expect(await folder.ok('mlps', 'wording', 'load', file)).toContain('2 texts loaded, 2 in all')
  expect((await stat(folder.file('mlps-wording.json'))).mode & 0o007).toBe(0)
  for (const command of [
    ['mlps', 'wording', 'show'],
    ['mlps', 'catalog', '--category', 'CES', '--csv'],
    ['mlps', 'show', 'net', '--category', 'CES'],
  ]) {
    const shown = await folder.ok(...command)
    expect(shown).toContain('官方原文（使用者自行载入）')
    expect(shown).toContain('用户自己的原文甲')
    expect(shown).toContain('本产品释义，未经官方审定')
  }
  await folder.ok('mlps', 'export', 'net', '--out', folder.file('net.xlsx'))
  const again = await folder.ok('mlps', 'import', folder.file('net.xlsx'))
  expect(again).toContain('0 changed, 2 unchanged')

  await writeFile(file, '测评项,官方原文\nL3-CES1-99,x\nL3-CES1-03,\n')
  expectRefusal(await folder.run('mlps', 'wording', 'load', file), 2, /standard\.csv!A2.*standard\.csv!A3/su)
  await folder.ok('mlps', 'wording', 'forget')
  expect(await folder.ok('mlps', 'catalog', '--csv')).not.toContain('官方原文')
})

/** A walk on a terminal of its own, made by `script`; answers come when the screen shows what they wait for. */
const walk = (folder: DataFolder, ...args: readonly string[]) => {
  const launcher = path.resolve(import.meta.dirname, '../../bin/yiwang')
  const command = [launcher, 'mlps', 'walk', 'net', ...args, '--data', folder.path].join(' ')
  const child = spawn('script', ['-qec', `stty cols 100 rows 40; ${command}`, '/dev/null'], {
    env: { ...process.env, NODE_ENV: undefined, TERM: 'xterm' },
  })
  let seen = ''
  const ended = once(child, 'close')
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen += text
    child.emit('seen')
  })
  const shows = async (text: string): Promise<void> => {
    while (!seen.includes(text))
      await Promise.race([once(child, 'seen'), ended.then(() => expect(seen).toContain(text))])
    seen = seen.slice(seen.indexOf(text) + text.length)
  }
  return {
    shows,
    type: (keys: string) => child.stdin.write(keys),
    ended: async () => {
      await ended
      return child.exitCode
    },
  }
}

describe('the walk', requires('script'), () => {
  test('one key a result, each on disk at once; the next walk goes on where it stopped; a paste is no answer', async () => {
    await using folder = await assessed()
    const first = walk(folder, '--asset', 'net.srv', '--category', 'CES', '--assessor', 'Wang')
    await first.shows('1/')
    await first.shows('L3-CES1-01')
    await first.shows('退出')
    first.type('1')
    await first.shows('2/')
    await first.shows('退出')
    first.type('e六次\r')
    await first.shows('结果记录：六次')
    await first.shows('退出')
    first.type('\u001b[200~3\r3\u001b[201~3')
    await first.shows('3/')
    await first.shows('退出')
    first.type('\u0003')
    expect(await first.ended()).toBe(0)

    const second = walk(folder, '--category', 'CES', '--only', 'untested')
    await second.shows('L3-CES1-03')
    await second.shows('退出')
    second.type('b4q')
    expect(await second.ended()).toBe(0)

    const shown = (await folder.json('asset', 'show', 'net.srv')) as { readonly results: object }
    expect(shown.results).toMatchObject({
      'L3-CES1-01': { result: 'conforms', evidence: '=cmd|calc', assessor: 'Wang' },
      'L3-CES1-02': { result: 'fails', evidence: '六次', assessor: 'Wang' },
    })
    await folder.ok('audit', 'verify')
  })
})

test('without a terminal the walk says what to do instead', async () => {
  await using folder = await assessed()
  expectRefusal(
    await folder.run('mlps', 'walk', 'net'),
    2,
    /expected a terminal.*yiwang mlps set net ITEM RESULT/su,
  )
})

describe('LibreOffice', requires('soffice'), () => {
  test('opens an exported workbook and shows what is in it', async () => {
    await using folder = await assessed()
    await folder.ok('mlps', 'export', 'net', '--out', folder.file('net.xlsx'))
    const out = await mkdtemp(path.join(os.tmpdir(), 'yiwang-soffice-'))
    try {
      const profile = `-env:UserInstallation=file://${out}/profile`
      const convert = ['--headless', '--convert-to', 'xlsx:Calc MS Excel 2007 XML', '--outdir', out]
      const child = spawn('soffice', [profile, ...convert, folder.file('net.xlsx')], { stdio: 'ignore' })
      await once(child, 'close')
      expect(await readdir(out)).toContain('net.xlsx')
      const again = await folder.ok('mlps', 'import', path.join(out, 'net.xlsx'), '--dry-run')
      expect(again).toContain('0 results new, 0 changed, 2 unchanged')
    } finally {
      await rm(out, { recursive: true, force: true })
    }
  })
})
