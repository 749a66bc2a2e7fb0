import { execFileSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { boards, defaultPlaces, deploymentFiles, runbookFiles } from '../../dashboards/index.ts'
import { buildBoard } from '../../dashboards/kit/board.ts'
import { stat } from '../../dashboards/kit/panels.ts'
import { temporaryFolder } from '../support/cli.ts'
import { requires } from '../support/services.ts'
import { type Dashboard, expressionsOf, panelsOf, readBoard } from './board.ts'
import { faultsOf } from './linter.ts'

const all = boards.map(({ uid, json }) => [uid, readBoard(json())] as const)

test('there is a board for each view that officials asked for', () => {
  expect(all.map(([, { title }]) => title)).toEqual([
    '一网 · 总览',
    '一网 · 区县与乡镇',
    '一网 · 节点',
    '一网 · 链路与设备',
    '一网 · 政务系统与证书',
    '一网 · 安全态势',
    '一网 · 迁移上云',
    '一网 · 等保',
    '一网 · 平台自监控',
  ])
})

describe.each(all)('%s', (_, board) => {
  test('keeps the rules of a linter', () => {
    expect(faultsOf(board)).toEqual([])
  })

  test('panels fill rows of 24 and lie on no other', () => {
    const cells = panelsOf(board).flatMap(({ title, gridPos: { x, y, w, h } }) => {
      expect(x + w, title).toBeLessThanOrEqual(24)
      return Array.from({ length: w * h }, (__, at) => `${x + (at % w)},${y + Math.floor(at / w)}`)
    })
    expect(new Set(cells).size).toBe(cells.length)
  })

  test('links lead to boards that there are, with variables that they have', () => {
    for (const { title, fieldConfig } of panelsOf(board))
      for (const { url } of fieldConfig.defaults.links ?? []) {
        const [, uid = ''] = /^\/d\/([\w-]+)\?/u.exec(url) ?? []
        const aim = all.find(([name]) => name === uid)?.[1]
        const names = aim?.templating.list.map(({ name }) => name)
        expect(names, `${title}: ${url}`).toContain('datasource')
        for (const [, name] of url.matchAll(/[?&]var-(\w+)=/gu)) expect(names).toContain(name)
      }
  })
})

test.skipIf(requires('promtool').skip)('every expression is PromQL', async () => {
  await using folder = await temporaryFolder()
  const expressions = all.flatMap(([, board]) => expressionsOf(board))
  expect(expressions.length).toBeGreaterThan(80)
  const groups = [{ name: 'g', rules: expressions.map((expr, index) => ({ record: `r:${index}`, expr })) }]
  const text = JSON.stringify({ groups }).replaceAll('$__rate_interval', '1m').replaceAll('$__range', '1h')
  const file = path.join(folder.path, 'rules.json')
  writeFileSync(file, text)
  expect(execFileSync('promtool', ['check', 'rules', file], { encoding: 'utf8' })).toContain('SUCCESS')
})

describe('the linter itself', () => {
  const sound = { title: 't', description: 'd', unit: 's', width: 24, height: 4 } as const
  const linted = (panel: ReturnType<typeof stat>): readonly string[] => {
    const rows = [{ title: 'r', panels: [panel] }]
    return faultsOf(readBoard(buildBoard({ uid: 'u', title: 't', description: 'd', rows })))
  }
  test.each([
    ['sound', {}, []],
    ['no description', { description: '' }, ['t: no description']],
    ['no title', { title: '' }, [': no title']],
    ['an unknown unit', { unit: 'seconds' }, ['t: unit seconds is none of Grafana’s']],
    [
      'a fixed rate interval',
      { queries: [{ expr: 'rate(a_total[5m])' }] },
      ['t: expected [$__rate_interval], got rate(a_total[5m])'],
    ],
    [
      'a hard-coded instance',
      { queries: [{ expr: 'up{instance="city:9410"}' }] },
      ['t: names an instance: up{instance="city:9410"}'],
    ],
    [
      'a zero beside series with labels',
      { queries: [{ expr: 'sum by (a) (b) or vector(0)' }, { expr: 'b or vector(0)' }] },
      ['sum by (a) (b)', 'b'].map((expr) => `t: shows a zero beside what there is: ${expr} or vector(0)`),
    ],
    [
      'a rate of what is read each minute, by the step of the scrape',
      { queries: [{ expr: 'rate(snmp_a[$__rate_interval])' }] },
      ['t: expected a step of a minute, as counters of devices are read: rate(snmp_a[$__rate_interval])'],
    ],
    ['the same by its own', { queries: [{ expr: 'rate(snmp_a[$__rate_interval])', minStep: '1m' }] }, []],
  ] as const)('%s', (_, change, faults) => {
    expect(linted(stat({ ...sound, queries: [{ expr: 'up' }], ...change }))).toEqual(faults)
  })

  test('a deprecated panel, a data source that is not chosen', () => {
    const board = readBoard(boards[0]!.json())
    const [first, ...others] = panelsOf(board)
    const bad = { ...first!, type: 'graph', datasource: { type: 'prometheus', uid: 'abc' } }
    expect(faultsOf({ ...board, panels: [bad, ...others] } satisfies Dashboard)).toEqual([
      `${first!.title}: graph is deprecated or unknown`,
      `${first!.title}: expected the data source \${datasource}, got abc`,
    ])
  })
})

const filesUnder = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)))
    .toSorted()

test.each([
  ['dashboards/generated', Object.keys(deploymentFiles(defaultPlaces))],
  ['docs/runbooks', Object.keys(runbookFiles())],
])('%s has what is made, and nothing that no longer is', (folder, names) => {
  expect(filesUnder(folder)).toEqual(names.toSorted())
})
