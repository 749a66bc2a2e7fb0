import { readFileSync } from 'node:fs'
import path from 'node:path'
import { type Cell, type Expected, expectedOf, hashOf, light, mostNamed, type Week } from './expected.ts'
import { type Bulletin, numbersIn, readBulletin } from './markdown.ts'
import type { Moment } from './network.ts'
import { dayAfter, hour, type Json, readPlanted, readRecords, startOf } from './raw.ts'

/**
 * Counts the numbers of a bulletin again. Nothing of the product is used, nor of what planted the history: it reads the
 * files of a replay, works out what the bulletin must say, and compares. A number that it does not expect is a problem.
 */

const collections = [
  'assessment',
  'bulletin',
  'claim',
  'cloud',
  'goal',
  'mention',
  'migration',
  'milestone',
  'network',
  'node',
  'progress',
  'region',
  'roster',
  'system',
  'task',
  'unit',
  'wave',
  'workplan',
] as const

const weekDays = 7

const momentOf = async (folder: string, records: Moment['records'], cutoff: number): Promise<Moment> => ({
  ...(await readPlanted(path.join(folder, 'observations.jsonl'), cutoff)),
  records,
  cutoff,
})

const readWeek = async (folder: string, bulletin: Json, records: Moment['records']): Promise<Week> => {
  const number = Number(bulletin.period.slice(-2))
  const from = dayAfter('2018-01-01', (number - 1) * weekDays)
  const cutoff = startOf(dayAfter(from, weekDays)) - 1000
  return {
    name: bulletin.period,
    number,
    from,
    to: dayAfter(from, weekDays - 1),
    now: await momentOf(folder, records, cutoff),
    before: await momentOf(folder, records, cutoff - weekDays * 24 * hour),
  }
}

const strangers = (text: string, known: ReadonlySet<string>): readonly string[] =>
  // A long text is cut, perhaps within a number.
  numbersIn(text.replace(/[\d.:/-]*…$/u, '')).filter((number) => !known.has(number))

const cellProblem = (got: string, cell: Cell): string | undefined => {
  if (typeof cell === 'string')
    return cell === light || cell === got ? undefined : `expected ${cell}, got ${got}`
  const strange = strangers(got, cell)
  return strange.length === 0 ? undefined : `${strange.join(', ')} in ${got} is not known`
}

/** Rows are told apart by their texts: their order is for readers. */
const rowProblems = (
  caption: string,
  row: readonly string[],
  rows: readonly (readonly Cell[])[],
): readonly string[] => {
  const problemsWith = (expected: readonly Cell[]): readonly string[] =>
    row.flatMap((got, column) => cellProblem(got, expected[column] ?? '') ?? [])
  const all = rows.map(problemsWith)
  const best = all.toSorted((one, other) => one.length - other.length)[0] ?? [
    `is not expected: ${row.join(' ')}`,
  ]
  return best.map((problem) => `${caption}, ${row.slice(0, 2).join(' ')}: ${problem}`)
}

const tableProblems = ({ tables }: Bulletin, expected: Expected): readonly string[] => [
  ...[...tables.values()].flatMap(({ caption, rows }) => {
    const wanted = expected.tables.get(caption)
    if (wanted === undefined) return [`${caption}: no such table was counted`]
    const most = caption === '与证据矛盾的上报' ? Math.min(wanted.length, mostNamed) : wanted.length
    return [
      ...(rows.length === most ? [] : [`${caption}: expected ${most} rows, got ${rows.length}`]),
      ...rows.flatMap((row) => rowProblems(caption, row, wanted)),
    ]
  }),
  ...[...expected.tables].flatMap(([caption, rows]) =>
    rows.length === 0 || tables.has(caption) ? [] : [`${caption}: missing`],
  ),
]

const lineProblems = ({ lines }: Bulletin, expected: Expected): readonly string[] => {
  const wanted = new Set(expected.lines)
  const numbered = lines.filter((line) => numbersIn(line).length > 0)
  return [
    ...numbered.filter((line) => !wanted.has(line)).map((line) => `is not expected: ${line}`),
    ...expected.lines.filter((line) => !lines.includes(line)).map((line) => `is missing: ${line}`),
  ]
}

const repeated = ({ tables }: Bulletin): readonly string[] =>
  [...tables.values()].flatMap(({ caption, rows }) =>
    new Set(rows.map((row) => row.join(' | '))).size === rows.length
      ? []
      : [`${caption}: a row stands there twice`],
  )

/** What in a bulletin is not as it was counted. */
export const problemsIn = (text: string, expected: Expected): readonly string[] => {
  const bulletin = readBulletin(text)
  return [...tableProblems(bulletin, expected), ...lineProblems(bulletin, expected), ...repeated(bulletin)]
}

export interface Counted {
  readonly name: string
  readonly text: string
  readonly hash: string
  readonly expected: Expected
}

/** The last bulletin of a replay's folder, and what it must say. */
export const countLast = async (folder: string): Promise<Counted> => {
  const records = Object.fromEntries(collections.map((each) => [each, readRecords(folder, each)]))
  const bulletin: Json = [...(records['bulletin']?.values() ?? [])].at(-1)
  const { hash, name } = bulletin.files.find((file: Json) => file.name.endsWith('.md'))
  const text = readFileSync(path.join(folder, 'data', 'attachments', hash), 'utf8')
  const audit = readFileSync(path.join(folder, 'data', 'inventory', 'audit.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line): Json => JSON.parse(line))
  return { name, text, hash, expected: expectedOf(await readWeek(folder, bulletin, records), audit) }
}

export interface Recount {
  readonly bulletin: string
  /** Numbers that were found in the bulletin and looked at. */
  readonly numbers: number
  readonly problems: readonly string[]
}

/** Counts the last bulletin of a replay's folder again. */
export const recount = async (folder: string): Promise<Recount> => {
  const { name, text, hash, expected } = await countLast(folder)
  const { lines, tables } = readBulletin(text)
  const cells = [...tables.values()].flatMap(({ rows }) => rows.flat())
  return {
    bulletin: name,
    numbers: [...lines, ...cells].flatMap(numbersIn).length,
    problems: [
      ...(hashOf(text) === hash ? [] : [`${name}: expected the hash ${hash}, got ${hashOf(text)}`]),
      ...problemsIn(text, expected),
    ],
  }
}
