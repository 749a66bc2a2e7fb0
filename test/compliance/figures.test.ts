import { expect, test } from 'vitest'
import { remediation } from '../../inventory/mlps/assessment.ts'
import { examine } from '../../src/compliance/evidence/collect.ts'
import { evidenceFigures, recordFigures } from '../../src/compliance/figures.ts'
import { counted, day, dossierOf } from './dossier.ts'
import { now, seen, siteWith } from './evidence-site.ts'

const measure = (id: string, state: string, deadline?: string, openedOn?: string) =>
  remediation.parse({ id, assessment: 'a-1', item: 'L3-CES1-01', measure: '改', state, deadline, openedOn })

test('items by category and result, and open remediations by state and deadline', () => {
  const remediations = [
    measure('r-1', 'assigned', '2026-11-25'),
    measure('r-2', 'assigned', '2026-11-20'),
    measure('r-3', 'assigned', '2026-11-26'),
    measure('r-4', 'identified'),
    measure('r-5', 'closed', '2026-01-01'),
  ]
  const figures = recordFigures(dossierOf(counted(30, 5), { remediations }), day)
  const total = (result: string) =>
    figures.items.filter((each) => each.result === result).reduce((sum, { count }) => sum + count, 0)
  expect([total('conforms'), total('fails'), total('not-applicable')]).toEqual([30, 5, 176])
  expect(figures.items.filter(({ category }) => category === 'PES').map(({ count }) => count)).toEqual([
    22, 0, 0, 0, 0,
  ])
  expect(figures.remediations).toEqual([
    { state: 'assigned', due: 'overdue', count: 2 },
    { state: 'assigned', due: 'ahead', count: 1 },
    { state: 'identified', due: 'none', count: 1 },
  ])
  expect(figures.overdueSeconds).toBe(6 * 86_400)
})

test.each([
  { openedOn: undefined, age: 'unknown' },
  { openedOn: '2026-11-26', age: '30d' },
  { openedOn: '2026-10-27', age: '30d' },
  { openedOn: '2026-10-26', age: '90d' },
  { openedOn: '2026-08-28', age: '90d' },
  { openedOn: '2026-08-27', age: '180d' },
  { openedOn: '2026-05-30', age: '180d' },
  { openedOn: '2026-05-29', age: 'older' },
  { openedOn: '2027-01-01', age: '30d', note: 'a day that is yet to come' },
])('an open remediation of $openedOn is of the age $age', ({ openedOn, age }) => {
  const remediations = ['in_progress', 'verified', 'closed'].map((state) =>
    measure(`r-${state}`, state, '2026-12-01', openedOn),
  )
  const figures = recordFigures(dossierOf(counted(1, 0), { remediations }), '2026-11-26')
  expect(figures.ages.filter(({ count }) => count > 0)).toEqual([{ age, count: 1 }])
  expect(figures.ages.map((each) => each.age)).toEqual(['30d', '90d', '180d', 'older', 'unknown'])
})

test('evidence by source and standing, claims by what becomes of them', () => {
  const asset = {
    id: 'app',
    assessment: 'a-3',
    name: '应用',
    kind: 'application',
    target: 'd-1',
    results: { 'L3-CNS1-07': { result: 'conforms' }, 'L3-CES1-27': { result: 'conforms' } },
  }
  const plain = seen({ kind: 'http', facts: { url: 'http://192.0.2.1/', status: 200 } })
  const [figures] = [
    ...examine({
      now,
      inventory: siteWith('d-1', { asset: [asset] }),
      observations: [plain, { ...plain, heard: false }],
      segmentations: [],
      hostEvidence: [],
    }),
  ].map((each) => evidenceFigures(each, now))
  expect(figures?.claims).toEqual([
    { check: 'consistent', count: 0 },
    { check: 'contradicted', count: 1 },
    { check: 'stale', count: 0 },
    { check: 'unverifiable', count: 1 },
  ])
  const probe = figures?.evidence.filter(({ source }) => source === 'probe')
  expect(probe).toEqual([
    { source: 'probe', standing: 'valid', count: 2 },
    { source: 'probe', standing: 'expired', count: 0 },
    { source: 'probe', standing: 'silent', count: 2 },
  ])
  expect(figures?.newest).toEqual([{ source: 'probe', observedAt: now - 60_000 }])
})
