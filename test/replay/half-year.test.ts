import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attachmentFolder, attachmentState } from '../../inventory/attachments/store.ts'
import { verdictHistory } from '../../src/service/verdict-log.ts'
import { latinWords } from '../support/latin.ts'
import { temporaryFolder } from '../collector/support.ts'
import { expectedOf } from './claims.ts'
import { differences, differencesLater, firstWeeks, strangers } from './compare.ts'
import { countLast, problemsIn, recount } from './recount/index.ts'
import { replay, type Replay } from './replay.ts'
import { silencesOf } from './script.ts'

/**
 * Half a year of a city, planted and replayed through the product: every false claim is found in the week in which it
 * can first be known, none is invented, and each number of the last bulletin is counted again by code that shares
 * nothing with the product.
 */

/** Half a year takes minutes, on a busy machine many. */
const aLongTime = 3_600_000

let folder: ReturnType<typeof temporaryFolder>
let done: Replay

beforeAll(async () => {
  folder = temporaryFolder()
  done = await replay({ folder: folder.path, intervalMinutes: 120, signal: new AbortController().signal })
}, aLongTime)

afterAll(() => folder[Symbol.dispose]())

const markdownOf = (week: number): string => {
  const { files } = done.weeks[week - 1]!.bulletin
  const { hash } = files.find(({ name }) => name.endsWith('.md'))!
  return readFileSync(path.join(attachmentFolder(done.config.dataFolder), hash), 'utf8')
}

const kinds = (planted: Replay['script']['claims']): readonly string[] =>
  [...new Set(planted.map(({ record }) => record.kind))].toSorted()

test('each kind of claim is planted, and each that can be seen through is planted false', () => {
  const { claims } = done.script
  const lies = claims.filter(
    ({ truth }) => (truth.false ?? []).length + (truth.contraryToRecords ?? []).length > 0,
  )
  expect(kinds(claims)).toEqual([
    'assessed',
    'completed',
    'conforms',
    'connected',
    'count',
    'covered',
    'exchange',
    'filed',
    'ipv6',
    'linked',
    'migrated',
    'migration-state',
    'monitored',
    'old-silent',
    'online',
    'unified-login',
  ])
  expect(kinds(lies)).toEqual(kinds(claims).filter((kind) => kind !== 'conforms' && kind !== 'monitored'))
  expect(done.inventory.migration.size).toBe(298)
  expect([...done.inventory.region.values()].filter(({ level }) => level === 'county')).toHaveLength(9)
})

test('in every week every claim is what it is: nothing is missed, nothing invented, silence contradicts nothing', () => {
  expect(differences(done)).toEqual([])
  expect(strangers(done)).toEqual([])
})

test('every false claim is found in the week in which it can first be known', () => {
  const silences = silencesOf(done.script)
  const first = firstWeeks(done)
  let found = 0
  for (const planted of done.script.claims) {
    const { id, at } = planted.record
    const known = done.weeks.find((week) => {
      const verdict = expectedOf(planted, silences, week.at)
      return Date.parse(at) <= week.at && (verdict === 'contradicted' || verdict === 'stale')
    })
    const taken = done.script.withdrawn.get(id) ?? Infinity
    if (known === undefined || known.at >= taken) continue
    found += 1
    const own = first.get(id)
    expect([id, own?.get('contradicted') ?? own?.get('stale')]).toEqual([id, known.name])
  }
  expect(found).toBeGreaterThan(50)
})

test('the record of verdicts says the same, week by week', async () => {
  const { runs, changes } = await verdictHistory(done.config.dataFolder)
  expect(runs.map(({ at }) => Date.parse(at))).toEqual(done.weeks.map(({ at }) => at))
  for (const [index, { judged, at }] of done.weeks.entries()) {
    const known = changes.filter((each) => Date.parse(each.at) <= at)
    const last = new Map(known.map(({ claim, verdict }) => [claim, verdict]))
    expect([index, judged.filter(({ claim, verdict }) => last.get(claim) !== verdict)]).toEqual([index, []])
  }
})

test('a week later each verdict of a cut-off is what it was, or what agents have delivered late', () => {
  expect(differencesLater(done)).toEqual([])
})

test('twenty-six bulletins are issued, numbered and frozen', async () => {
  const bulletins = [...done.inventory.bulletin.values()]
  expect(bulletins.map(({ id, issue, period }) => [id, issue, period])).toEqual(
    done.weeks.map(({ name }, index) => [
      `weekly-2018-${String(index + 1).padStart(3, '0')}`,
      index + 1,
      name,
    ]),
  )
  const folderOf = attachmentFolder(done.config.dataFolder)
  for (const { hash } of bulletins.flatMap(({ files }) => files))
    expect(await attachmentState(folderOf, hash)).toBe('intact')
})

test('no word of any of them is English', () => {
  const words = done.weeks.flatMap((_, index) => latinWords(markdownOf(index + 1).replaceAll('<br>', '')))
  expect([...new Set(words)]).toEqual([])
})

test('a week without records and a week without looks are said to be so', () => {
  const silent = '本期台账没有任何上报、进展或状态变更记录。'
  const blind = '本期没有探测数据，不作可用性统计。'
  const saying = (words: string): readonly number[] =>
    done.weeks.map((_, index) => index + 1).filter((week) => markdownOf(week).includes(words))
  expect(saying(blind)).toEqual([13])
  expect(saying(silent)).toEqual([1, 7])
  expect(markdownOf(13)).toContain('本期没有县区节点的探测数据，不作排名。')
})

test('a changed roster is told in its week', () => {
  const changed = done.weeks
    .map((_, index) => index + 1)
    .filter((week) => markdownOf(week).includes('口径变化'))
  expect(changed).toEqual([10, 20, 26])
})

test('each number of the last bulletin is found again by the recount, and no other', async () => {
  const { bulletin, numbers, problems } = await recount(folder.path)
  expect(bulletin).toBe('weekly-2018-026.md')
  expect(problems).toEqual([])
  expect(numbers).toBeGreaterThan(500)
})

/** A number of the text made higher by one. */
const altered = (text: string, at: number, digits: string): string =>
  `${text.slice(0, at)}${String(Number(digits) + 1).padStart(digits.length, '0')}${text.slice(at + digits.length)}`

test('a number that is one off is found', async () => {
  const { text, expected } = await countLast(folder.path)
  // Not the numbers of captions, nor hashes; one in seven will do.
  const numbers = [...text.matchAll(/(?<![\da-f表图])\d{1,9}(?![\da-f])/gu)].filter((_, at) => at % 7 === 0)
  const missed = numbers.filter(
    ({ 0: digits, index }) => problemsIn(altered(text, index, digits), expected).length === 0,
  )
  // Evidence is prose: one of its numbers may be taken for another of the same claim.
  expect(missed.length / numbers.length).toBeLessThan(0.05)
})

test('the recount uses Node alone', () => {
  const place = path.join(import.meta.dirname, 'recount')
  for (const name of readdirSync(place)) {
    const imported = [...readFileSync(path.join(place, name), 'utf8').matchAll(/from '([^']+)'/gu)]
    for (const [, module = ''] of imported) expect(module).toMatch(/^(?:node:|\.\/[a-z]+\.ts$)/u)
  }
})
