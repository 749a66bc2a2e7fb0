import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { prepareChange } from '../../inventory/change.ts'
import { planImport, shippedPlan } from '../../inventory/ledger/plan-file.ts'
import { seedOperations } from '../../inventory/seed.ts'
import { emptyInventory } from './exchange-support.ts'

/** The reference facts of the plan, from which the shipped file was written. */
interface Facts {
  readonly source: Readonly<Record<string, string>>
  readonly counts: {
    readonly leaf_tasks: number
    readonly milestones: number
    readonly systems: number
    readonly units: number
    readonly safeguard_measures: number
    readonly tasks_without_deadline: readonly string[]
    readonly milestones_by_date: Readonly<Record<string, number>>
    readonly by_verification: Readonly<Record<string, number>>
    readonly by_category: Readonly<Record<string, number>>
  }
  readonly goals: readonly {
    readonly id: string
    readonly text: string
    readonly target: number
    readonly due: string
    readonly tasks: readonly string[]
    readonly denominator: string
    readonly verification: string
  }[]
  readonly tasks: readonly {
    readonly id: string
    readonly heading_path: readonly string[]
    readonly title: string
    readonly levels: readonly string[]
    readonly deadline: string | null
    readonly milestones: readonly {
      readonly date: string
      readonly scope: string | null
      readonly kind?: string
    }[]
    readonly responsible_units: readonly string[]
    readonly responsible_open_ended: boolean
    readonly responsible_text: string
    readonly systems: readonly string[]
    readonly categories: readonly string[]
    readonly verification: {
      readonly mode: string
      readonly probe: readonly string[]
      readonly inventory: readonly string[]
      readonly metric: string
    }
    readonly depends_on_inferred: readonly string[]
    readonly anchor: string
    readonly note?: string
  }[]
  readonly safeguards: readonly {
    readonly id: string
    readonly title: string
    readonly responsible_units: readonly string[]
    readonly anchor: string
    readonly note: string
  }[]
  readonly systems: readonly {
    readonly id: string
    readonly name: string
    readonly name_verbatim: boolean
    readonly aliases: readonly string[]
    readonly kind: string
    readonly level: string
    readonly owner_units: readonly string[] | null
    readonly owner_source: string | null
    readonly task_ids: readonly string[]
    readonly also_in: readonly string[]
  }[]
  readonly units: readonly string[]
  readonly reporting_regime: readonly {
    readonly name: string
    readonly by: string | null
    readonly period: string | null
    readonly ref: string
  }[]
  readonly ambiguities: readonly string[]
}

const facts = JSON.parse(
  readFileSync(new URL('../fixtures/kaifeng-2018-ledger.json', import.meta.url), 'utf8'),
) as Facts

const { operations } = planImport(shippedPlan('kaifeng-2018'), emptyInventory)
const prepared = prepareChange(emptyInventory, operations)
const loaded = prepared.next
const nameOf = (id: string): string => loaded.unit.get(id)?.name ?? `unknown ${id}`
const levels: Readonly<Record<string, string>> = { 省: 'province', 市: 'city', 县: 'county', 乡: 'township' }
const milestonesOf = (task: string) => [...loaded.milestone.values()].filter((each) => each.task === task)

test('it loads without a problem, complete', () => {
  const { counts } = facts
  expect(prepared.problems).toEqual([])
  expect({
    tasks: loaded.task.size,
    milestones: loaded.milestone.size,
    goals: loaded.goal.size,
    mentions: loaded.mention.size,
    safeguards: loaded.workplan.get('kaifeng-2018')?.safeguards.length,
  }).toEqual({
    tasks: counts.leaf_tasks,
    milestones: counts.milestones,
    goals: 4,
    mentions: counts.systems,
    safeguards: counts.safeguard_measures,
  })
  expect([counts.leaf_tasks, counts.milestones, counts.systems, counts.units]).toEqual([33, 31, 38, 31])
  const names = new Set([...loaded.unit.values()].map(({ name }) => name))
  expect(facts.units.filter((name) => !names.has(name))).toEqual([])
})

test('the document itself', () => {
  const { title, doc_no: number, issuer, date, parent } = facts.source
  expect(loaded.workplan.get('kaifeng-2018')).toMatchObject({
    name: title,
    number,
    issuer,
    issuedOn: date,
    parent,
    ambiguities: facts.ambiguities,
  })
})

test('milestones and tasks without any are as many as the reference counts', () => {
  const byDate = Object.groupBy(loaded.milestone.values(), ({ date }) => date)
  expect(Object.fromEntries(Object.entries(byDate).map(([date, list]) => [date, list?.length]))).toEqual(
    facts.counts.milestones_by_date,
  )
  const undated = [...loaded.task.keys()].filter((id) => milestonesOf(id).length === 0)
  expect(undated).toEqual(facts.counts.tasks_without_deadline)
  const tasks = [...loaded.task.values()]
  const count = (keys: readonly string[]) =>
    Object.fromEntries(
      Object.entries(Object.groupBy(keys, (key) => key)).map(([key, list]) => [key, list?.length]),
    )
  expect(count(tasks.map(({ verification }) => verification))).toEqual(facts.counts.by_verification)
  expect(count(tasks.flatMap(({ categories }) => categories))).toEqual(facts.counts.by_category)
})

describe('each task', () => {
  test.each(facts.tasks.map((fact) => [fact.id, fact] as const))('%s', (id, fact) => {
    const task = loaded.task.get(id)
    expect(task).toMatchObject({
      name: fact.title,
      headings: fact.heading_path,
      anchor: fact.anchor,
      levels: fact.levels.map((level) => levels[level]),
      openEnded: fact.responsible_open_ended,
      responsible: fact.responsible_text,
      mentions: fact.systems,
      categories: fact.categories,
      verification: fact.verification.mode,
      byProbe: fact.verification.probe,
      byDocument: fact.verification.inventory,
      metric: fact.verification.metric,
      dependsOn: [],
      dependsOnInferred: fact.depends_on_inferred,
      leadBasis: 'first-named',
    })
    expect(task?.remark).toBe(fact.note)
    expect([...(task?.lead ?? []), ...(task?.joint ?? [])].map(nameOf)).toEqual(fact.responsible_units)
    expect(task?.lead).toHaveLength(1)
    const milestones = milestonesOf(id)
    expect(milestones.map(({ date, scope, kind }) => ({ date, scope, kind }))).toEqual(
      fact.milestones.map(({ date, scope, kind = 'finish' }) => ({ date, scope: scope ?? undefined, kind })),
    )
    expect(
      milestones
        .map(({ date }) => date)
        .sort()
        .at(-1) ?? null,
    ).toBe(fact.deadline)
  })
})

test.each(facts.goals.map((fact) => [fact.id, fact] as const))('%s', (id, fact) => {
  const { text: name, target, due, tasks, denominator, verification } = fact
  expect(loaded.goal.get(id)).toMatchObject({ name, target, due, tasks, denominator, verification })
})

test('goal 4 and task 4.1.4 count over rosters of their own', () => {
  const rosters = [loaded.goal.get('goal-4')?.roster, loaded.task.get('4.1.4')?.roster]
  expect(rosters).toEqual(['systems-municipal', 'systems-all'])
})

test.each(facts.systems.map((fact) => [fact.id, fact] as const))('named system %s', (id, fact) => {
  const mention = loaded.mention.get(id)
  expect(mention).toMatchObject({
    name: fact.name,
    verbatim: fact.name_verbatim,
    aliases: fact.aliases,
    kind: fact.kind,
    levels: fact.level.split('/').map((level) => levels[level]),
    elsewhere: fact.also_in,
  })
  expect(mention?.owners.map(nameOf)).toEqual(fact.owner_units ?? [])
  const basis = { stated: 'stated', 'inferred-from-responsible-unit': 'inferred' }[fact.owner_source ?? '']
  expect(mention?.ownerBasis).toBe(basis)
  const tasks = [...loaded.task.values()]
    .filter(({ mentions }) => mentions.includes(id))
    .map((task) => task.id)
  expect(tasks).toEqual(fact.task_ids)
  const system = loaded.system.get(id)
  if (fact.kind === 'system-class') expect([mention?.system, system]).toEqual([undefined, undefined])
  else expect(system).toMatchObject({ name: fact.name, state: 'planned', endpoints: [] })
})

test('safeguards and who reports', () => {
  const plan = loaded.workplan.get('kaifeng-2018')
  expect(
    plan?.safeguards.map(({ id, name, units, anchor, remark }) => ({
      id,
      name,
      units: units.map(nameOf),
      anchor,
      remark,
    })),
  ).toEqual(
    facts.safeguards.map(({ id, title, responsible_units: units, anchor, note }) => ({
      id,
      name: title,
      units,
      anchor,
      remark: note,
    })),
  )
  expect(
    plan?.reporting.map(({ name, by, period, ref }) => ({
      name,
      by: by === undefined ? null : nameOf(by),
      period: period ?? null,
      ref,
    })),
  ).toEqual(facts.reporting_regime.map(({ name, by, period, ref }) => ({ name, by, period, ref })))
})

test('beside the regions of the city nothing of these is replaced, and nothing of the plan is missing', () => {
  const regional = prepareChange(emptyInventory, seedOperations('410200')).next
  const both = planImport(shippedPlan('kaifeng-2018'), regional)
  expect(both.kept).toBe(2)
  expect(both.changes.filter(({ op }) => op !== 'add')).toEqual([])
  expect(prepareChange(regional, both.operations).next.task.size).toBe(33)
})
