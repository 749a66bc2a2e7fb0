import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openLogArchive } from '../../../src/collector/syslog/archive.ts'
import type { LogLine } from '../../../src/collector/syslog/blocks.ts'
import { searchLog } from '../../../src/collector/syslog/search.ts'
import { standingOfSources } from '../../../src/collector/syslog/silent.ts'
import { maxSources, openLogStore, otherSources } from '../../../src/collector/syslog/store.ts'
import { temporaryFolder } from '../../support/cli.ts'

const day = 86_400_000

const line = (receivedAt: number, text: string, source = '192.0.2.1'): LogLine => ({
  receivedAt,
  source,
  transport: 'tcp',
  isCut: false,
  line: text,
})

const everything = { since: 0, until: Infinity }

test('what is appended, packed or not, is read back newest first, beside the writer', async () => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'log.sqlite')
  const text = fc.string({ unit: 'grapheme', maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(text, { maxLength: 5 }), { maxLength: 6 }),
      fc.integer({ min: 0, max: 6 }),
      (flushes, packAt) => {
        using store = openLogStore(file)
        store.prune(Infinity)
        flushes.forEach((texts, at) => {
          store.append(texts.map((each) => line(at, each)))
          if (at === packAt) store.pack(at + day)
        })
        using archive = openLogArchive(file)
        expect([...archive.lines(everything)].map((each) => each.line).toReversed()).toEqual(flushes.flat())
        return Promise.resolve()
      },
    ),
    { numRuns: 20 },
  )
})

test('a search by time, source, text, severity and number', async () => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'log.sqlite')
  using store = openLogStore(file)
  store.append([line(1, '<11>ERROR one'), line(2, '<14>error two', '192.0.2.2'), line(3, '<11>error three')])
  store.pack(day)
  store.append([line(4, '<11>error four'), line(5, '<11>fine')])
  using archive = openLogArchive(file)
  const found = (window: object, query: object): readonly string[] =>
    searchLog(archive.lines({ ...everything, ...window }), { limit: 10, timezone: 'UTC', ...query }).map(
      (entry) => entry.text,
    )
  expect(found({}, { text: 'Error' })).toEqual(['ERROR one', 'error two', 'error three', 'error four'])
  expect(found({}, { text: 'error', limit: 2 })).toEqual(['error three', 'error four'])
  expect(found({}, { severity: 'err', text: 'error' })).toEqual(['ERROR one', 'error three', 'error four'])
  expect(found({ source: '192.0.2.2' }, {})).toEqual(['error two'])
  expect(found({ since: 2, until: 4 }, {})).toEqual(['error two', 'error three'])
})

test('retention: what is older goes, and is not counted; the rest stays', async () => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'log.sqlite')
  using store = openLogStore(file)
  store.append([line(0, 'old', '192.0.2.9'), line(1, 'old')])
  store.pack(day)
  store.append([line(100 * day, 'new')])
  expect(store.figures().oldestAt).toBe(0)
  expect(store.prune(2)).toBe(2)
  expect(store.figures().oldestAt).toBe(100 * day)
  expect(store.sources()).toEqual([{ source: '192.0.2.1', messages: 2, firstAt: 1, lastAt: 100 * day }])
})

test('sources beyond the bound are stored, and counted together', async () => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'log.sqlite')
  using store = openLogStore(file)
  const lines = Array.from({ length: maxSources + 2 }, (_, at) =>
    line(at, 'x', `10.${at >> 8}.${at & 255}.1`),
  )
  store.append(lines)
  const counts = store.sources()
  expect(counts).toHaveLength(maxSources + 1)
  expect(counts.find(({ source }) => source === otherSources)?.messages).toBe(2)
  using archive = openLogArchive(file)
  expect([...archive.lines(everything)]).toHaveLength(lines.length)
})

test('what a packed block takes is a fraction of what was sent', async () => {
  await using folder = await temporaryFolder()
  const file = path.join(folder.path, 'log.sqlite')
  using store = openLogStore(file)
  for (let flush = 0; flush < 20; flush += 1) {
    store.append(
      Array.from({ length: 2000 }, (_, at) =>
        line(at, `<190>Nov 26 16:00:00 core-${at} %%10IFNET/4/LINK: GigabitEthernet0/0/${at} down`),
      ),
    )
    store.pack(0)
  }
  expect(store.figures().bytes).toBeLessThan((40_000 * 70) / 2)
})

test.each<[string, number, string, string[]?]>([
  ['logs', 1000, 'logging'],
  ['stopped', 10_000, 'silent'],
  ['logs, and need not', 1000, 'logging', []],
  ['stopped, and need not log', 10_000, 'former', []],
])('a source that %s', (_, now, state, due = ['a']) => {
  const seen = [{ source: 'a', messages: 3, firstAt: 1, lastAt: 500 }]
  expect(standingOfSources(seen, { expected: [...due, 'b'], now, afterMs: 5000 })).toEqual([
    { source: 'a', state, messages: 3, firstAt: 1, lastAt: 500 },
    { source: 'b', state: 'never', messages: 0 },
  ])
})
