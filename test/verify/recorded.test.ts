import { expect, test } from 'vitest'
import { recordVerified, verdictHistory } from '../../src/service/verdict-log.ts'
import { recordedWithin, type Verified } from '../../src/verify/index.ts'
import { temporaryFolder } from '../collector/support.ts'
import { claimOf, verdictsOf } from './scene.ts'

const [first, second, third] = ['2018-06-10', '2018-06-17', '2018-06-24'].map((day) =>
  Date.parse(`${day}T15:59:59Z`),
) as [number, number, number]

const verified = verdictsOf({ records: [claimOf('region:410202', 'covered')] })
const asContradicted = verified.map((each): Verified => ({ ...each, verdict: 'contradicted' }))

test('what is on record of a week is what its last look for verdicts left, whether one changed or not', async () => {
  using folder = temporaryFolder()
  const record = (now: number, verdicts: readonly Verified[]) =>
    recordVerified(folder.path, verdicts, { now, revision: 1 })
  expect([
    await record(first, verified),
    await record(second, verified),
    await record(third, asContradicted),
  ]).toEqual([1, 0, 1])
  const history = await verdictHistory(folder.path)
  expect(history.changes).toHaveLength(2)
  const at = (from: number, to: number) => recordedWithin(history, { from, to })
  expect(at(first + 1, second)).toEqual({
    at: second,
    byClaim: new Map([[verified[0]!.claim.id, 'unverifiable']]),
  })
  expect(at(first, third)?.byClaim.get(verified[0]!.claim.id)).toBe('contradicted')
  expect(at(first + 1, second - 1)).toBeUndefined()
})

test('the record is only added to', async () => {
  using folder = temporaryFolder()
  await recordVerified(folder.path, verified, { now: second, revision: 1 })
  await expect(recordVerified(folder.path, verified, { now: first, revision: 1 })).rejects.toMatchObject({
    problems: [{ where: '--as-of', message: expect.stringContaining('2018-06-17T15:59:59.000Z') as unknown }],
  })
})

test('who records at the same time waits: a verdict is on record once', async () => {
  using folder = temporaryFolder()
  const added = await Promise.all(
    [1, 2, 3].map(() => recordVerified(folder.path, verified, { now: first, revision: 1 })),
  )
  expect(added.toSorted()).toEqual([0, 0, 1])
  const { changes, runs } = await verdictHistory(folder.path)
  expect([changes.length, runs.length]).toEqual([1, 3])
})
