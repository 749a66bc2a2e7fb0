import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { levels } from '../../src/core/target.ts'
import { launcher } from '../support/cli.ts'
import { type DataFolder, expectRefusal, kaifeng } from './data-folder.ts'

/** Options that take the Chinese words which yiwang prints, as well as their codes. */

let folder: DataFolder
beforeAll(async () => {
  folder = await kaifeng()
  await folder.ok('system', 'add', 's-1', 'name=门户', 'region=410200', 'kind=website', 'unit=u-410200-hall')
})
afterAll(() => folder[Symbol.asyncDispose]())

type Line = readonly string[]

test.each<readonly [Line, Line]>([
  [
    ['node', 'list', '--level', '县级'],
    ['node', 'list', '--level', 'county'],
  ],
  [
    ['unit', 'list', '--kind', '实体政务大厅', '--level', '市级'],
    ['unit', 'list', '--kind', 'hall', '--level', 'city'],
  ],
  [
    ['system', 'list', '--kind', '门户网站'],
    ['system', 'list', '--kind', 'website'],
  ],
  [
    ['mlps', 'catalog', '--level', '第二级', '--category', '安全管理中心'],
    ['mlps', 'catalog', '--level', '2', '--category', 'SMC'],
  ],
])('%j is %j', async (words, codes) => {
  const said = JSON.stringify(await folder.json(...words))
  expect(said).toBe(JSON.stringify(await folder.json(...codes)))
  expect(said).toContain('"id"')
})

test.each<readonly [Line, 0 | 3]>([
  [['host', 'check', '--family', '口令与登录失败处理'], 3],
  [['agent', 'invite', 'a-1', '--vantage', '专用网络区'], 0],
  [['export', 'FILE.csv', '--collection', '节点'], 0],
  [['migration', 'export', 'FILE.csv', '--collection', '迁移批次'], 0],
  [['sweep', '--kind', '网站'], 0],
  [['roster', 'take', 'towns', '--of', '乡镇', '--level', '乡级', '--source', '区划'], 0],
])('%j is understood', async (line, most) => {
  const given = line.map((word) => word.replace('FILE', folder.file('out')))
  const { code, stderr } = await folder.run(...given)
  expect(stderr).not.toContain('expected one of')
  expect([0, most]).toContain(code)
})

test.each<readonly [Line, RegExp]>([
  [['node', 'list', '--level', '村'], /--level: expected one of province \(省\), .*township \(乡\), got 村/u],
  [
    ['unit', 'list', '--kind', '大庭'],
    /--kind: expected one of .*hall \(大厅\).*, got 大庭\n.*did you mean 大厅/u,
  ],
  [['sweep', '--kind', '车站'], /--kind: expected one of .*website \(网站\), .*router \(路由器\)/u],
  [['finding', 'list', '--severity', '轻'], /--severity: expected one of critical \(严重\), high \(高\)/u],
  [['mlps', 'walk', 'a', '--only', '全部'], /--only: expected one of untested \(未测评\), gaps \(差距项\)/u],
  [
    ['incident', 'note', 'i', '--note', 'x', '--grade', 'V'],
    /--grade: expected one of I \(特别重大（Ⅰ级）\), II \(重大/u,
  ],
  [['upward', 'outbox', 'list', '--kind', '警'], /--kind: expected one of asset \(资产\), .*, got 警/u],
  [['report', 'issue', '年报'], /kind: expected one of weekly \(周通报\), monthly \(月督导\), got 年报/u],
])('%j is refused with what can be said, in both', async (line, words) => {
  expectRefusal(await folder.run(...line), 2, words)
})

test('the shell completes the codes, as before', async () => {
  const file = path.join(path.dirname(launcher), '..', 'oclif.manifest.json')
  const { commands } = JSON.parse(await readFile(file, 'utf8')) as {
    commands: Record<string, { flags: Record<string, { options?: readonly string[] }> }>
  }
  expect(commands['node:list']?.flags['level']?.options).toEqual(levels)
  expect(commands['finding:list']?.flags['severity']?.options).toEqual(['critical', 'high', 'medium', 'low'])
})
