import { expect, test } from 'vitest'
import { readTables } from '../../inventory/exchange/index.ts'
import { exportWorkbook } from '../../inventory/exchange/write-xlsx.ts'
import { planImport as planTables } from '../../inventory/exchange/plan.ts'
import { planCollections, planImport, shippedPlan, surroundings } from '../../inventory/ledger/plan-file.ts'
import { prepareChange } from '../../inventory/change.ts'
import { parseYaml } from '../../src/config/yaml-source.ts'
import { UsageFault } from '../../src/core/fault.ts'
import { emptyInventory } from './exchange-support.ts'

const kaifeng = prepareChange(
  emptyInventory,
  planImport(shippedPlan('kaifeng-2018'), emptyInventory).operations,
).next

const problemsOf = (run: () => unknown): readonly string[] => {
  try {
    run()
  } catch (error) {
    if (error instanceof UsageFault) return error.problems.map(({ where, message }) => `${where}: ${message}`)
    throw error
  }
  return []
}

const own = `
workplan:
  - { id: p, name: 方案, region: '410200' }
unit:
  - { id: u-a, name: 甲局, kind: department, region: '410200' }
task:
  - { id: t1, plan: p, name: 一, lead: [u-a], verification: probe }
  - { id: t2, plan: p, name: 二, lead: [u-a], verification: probe, dependsOn: [t1] }
milestone:
  - { id: t1-m1, task: t1, date: 2019-04-30 }
`

test('a plan of one’s own beside the other', () => {
  const { changes, kept } = planImport(parseYaml('own.yaml', own), kaifeng)
  expect(changes.map(({ op, collection, id }) => `${op} ${collection}/${id}`)).toEqual([
    'add workplan/p',
    'add unit/u-a',
    'add task/t1',
    'add task/t2',
    'add milestone/t1-m1',
  ])
  expect(kept).toBe(0)
})

test('what is there already of units and systems stays as it is, the rest is replaced', () => {
  const text = `
workplan:
  - { id: kaifeng-2018, name: 新名 }
unit:
  - { id: u-410200-finance, name: 改名, kind: department, region: '410200' }
`
  const { changes, kept } = planImport(parseYaml('again.yaml', text), kaifeng)
  expect(kept).toBe(1)
  expect(changes.map(({ op, collection }) => `${op} ${collection}`)).toEqual(['replace workplan'])
})

test('every problem at once, each with its line', () => {
  const text = `
workplan:
  - { id: p, name: 方案 }
taks: []
task:
  - { id: t1, plan: p, name: 一, lead: [u-nobody], verification: probe, dependsOn: [t2] }
  - { id: t2, plan: p, name: 二, verification: probe, dependsOn: [t1], colour: red }
  - { id: t3, plan: p, name: 三, verification: probe, mentions: [sys-none] }
  - { id: t3, plan: p, name: 三又, verification: probe }
  - { id: 4.1, plan: p, name: 四, verification: probe }
  - { id: 2.1.1, plan: p, name: 五, verification: probe }
milestone:
  - { id: t1-m1, task: t1 }
  - { id: t1-m2, task: t1, date: 2019-02-30 }
`
  expect(problemsOf(() => planImport(parseYaml('bad.yaml', text), kaifeng))).toEqual([
    'bad.yaml:4: expected a section of a plan, got taks',
    'bad.yaml:10: expected a task with an id in quotes, got the number 4.1',
    'bad.yaml:9: duplicate id t3, first at bad.yaml:8',
    'bad.yaml:11: expected an id that no other plan has, got 2.1.1 of kaifeng-2018',
    'bad.yaml:7 task/t2.colour: expected a field of the record, got an unknown one',
    'bad.yaml:13 milestone/t1-m1.date: expected a day, got none',
    'bad.yaml:14 milestone/t1-m2.date: expected a day as 2018-06-30, got "2019-02-30"',
    'bad.yaml:6 task/t1.lead[0]: expected an existing unit, got u-nobody',
  ])
})

test('a cycle is named as the way round it', () => {
  const text = own.replace('name: 一,', 'name: 一, dependsOn: [t2],')
  expect(problemsOf(() => planImport(parseYaml('round.yaml', text), kaifeng))).toEqual([
    'round.yaml:7 task/t1.dependsOn: expected an order in which all can be done, got a cycle: t1 → t2 → t1',
  ])
})

test.each([
  [
    'a list',
    '- 1',
    'x.yaml: expected sections region, unit, system, workplan, goal, mention, task, milestone, got no mapping',
  ],
  ['no plan', 'task: []', 'x.yaml: expected a section workplan, got none'],
  ['a section that is no list', 'workplan: 3', 'x.yaml:1: expected a list of workplan records, got number'],
  [
    'a record without an id',
    'workplan: [{ name: 方案 }]',
    'x.yaml:1: expected a workplan with an id in quotes, got none',
  ],
])('refused: %s', (_, text, message) => {
  expect(problemsOf(() => planImport(parseYaml('x.yaml', text), kaifeng))).toEqual([message])
})

test('the plan as a workbook and back is the same plan', async () => {
  const bytes = await exportWorkbook(kaifeng, [...surroundings, ...planCollections])
  const tables = await readTables('kaifeng.xlsx', bytes)
  const allowed = [...surroundings, ...planCollections]
  expect(planTables(tables, kaifeng, allowed)).toMatchObject({ added: 0, changed: 0 })
  const fresh = planTables(tables, emptyInventory, allowed)
  expect(prepareChange(emptyInventory, fresh.operations).next.task).toEqual(kaifeng.task)
})
