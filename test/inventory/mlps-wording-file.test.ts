import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { readOfficialWording, type Table } from '../../inventory/exchange/index.ts'
import { keepPlace, readPlace } from '../../inventory/mlps/walk-place.ts'
import { addWording, forgetWording, readWording, wordingPath } from '../../inventory/mlps/wording-file.ts'
import { temporaryFolder } from './store-fixtures.ts'

const sheet = (...rows: readonly (readonly string[])[]): Table => ({
  file: 'a.xlsx',
  sheet: '三级',
  rows: rows.map((texts, index) => ({ number: index + 1, cells: texts.map((text) => ({ text })) })),
})

test.each<[string, Table]>([
  ['an id', sheet(['编号', '原文'], ['L3-CES1-01', '甲'])],
  ['clause and letter', sheet(['条款', '列项', '条文'], ['8.1.4.1', 'a)', '甲'])],
  ['clause and letter in one cell', sheet(['条款', '标准要求'], ['8.1.4.1 a）', '甲'])],
  [
    'other columns and a title',
    sheet(['网络安全等级保护'], ['序号', '条款', '怎样测', '原文'], ['1', '8.1.4.1 a', 'x', '甲']),
  ],
  ['an escaped text', sheet(['编号', '原文'], ['L3-CES1-01', "'甲"])],
])('a sheet names the item by %s', (_, table) => {
  expect([...readOfficialWording([table])]).toEqual([['L3-CES1-01', '甲']])
})

test('our own words are not taken for official: 要求 is no header of theirs', () => {
  const ours = sheet(['测评项', '要求（本产品释义，未经官方审定）'], ['L3-CES1-01', '我们的话'])
  expect(() => readOfficialWording([ours])).toThrow(/^a\.xlsx:三级!A1: expected a header row with 官方原文/u)
})

test('every problem at once, with its row', () => {
  const bad = sheet(
    ['编号', '原文'],
    ['L3-CES1-99', '甲'],
    ['L3-CES1-02', ''],
    ['', ''],
    ['L3-CES1-03', '乙'],
  )
  expect(() => readOfficialWording([bad])).toThrow(
    /!A2: expected an assessment id.*!A3: expected the official wording/su,
  )
})

test('texts are kept, added to, replaced and forgotten', async () => {
  await using folder = await temporaryFolder()
  expect([...(await readWording(folder.path)).texts]).toEqual([])
  await addWording(
    folder.path,
    new Map([
      ['L3-CES1-02', '乙'],
      ['L3-CES1-01', '旧'],
    ]),
    0,
  )
  await addWording(folder.path, new Map([['L3-CES1-01', '甲']]), 1000)
  expect(await readWording(folder.path)).toEqual({
    texts: new Map([
      ['L3-CES1-01', '甲'],
      ['L3-CES1-02', '乙'],
    ]),
    loadedAt: '1970-01-01T00:00:01.000Z',
  })
  await forgetWording(folder.path)
  await forgetWording(folder.path)
  expect([...(await readWording(folder.path)).texts]).toEqual([])
})

test.each(['{', '[]', '{"format":2}', '{"format":1,"loadedAt":"x","texts":{}}'])(
  'a file that is not ours is named: %s',
  async (content) => {
    await using folder = await temporaryFolder()
    await writeFile(wordingPath(folder.path), content)
    await expect(readWording(folder.path)).rejects.toMatchObject({
      code: 'STORE_BROKEN',
      message: expect.stringContaining('mlps-wording.json') as string,
    })
  },
)

test('the place of a walk is kept by assessment', async () => {
  await using folder = await temporaryFolder()
  const [one, two] = [
    { item: 'L3-CES1-01', asset: 'fw' },
    { item: 'L3-CES1-02', asset: 'srv' },
  ]
  await keepPlace(folder.path, 'net', one)
  await keepPlace(folder.path, 'oa', two)
  await keepPlace(folder.path, 'net', undefined)
  expect(await readPlace(folder.path, 'net')).toBeUndefined()
  expect(await readPlace(folder.path, 'oa')).toEqual(two)
  // An id that every object of the language has something under.
  expect(await readPlace(folder.path, 'constructor')).toBeUndefined()
})
