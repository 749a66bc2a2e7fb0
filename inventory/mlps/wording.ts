import type { Problem } from '../../src/core/fault.ts'
import { nearest } from '../../src/core/nearest.ts'
import { catalogue, itemById } from './catalogue.ts'
import { type Item, mlpsLevels } from './model.ts'

/** A row of the user's own copy of the official text. It names an item by its id, or by clause and letter. */
export interface WordingRow {
  /** Where the row stands, for the problems: `standard.xlsx:三级!A5`. */
  readonly where: string
  readonly id?: string
  /** Of the control point: `8.1.4.1`. */
  readonly clause?: string
  /** May be left out where the control point has one item only, as the standard does. */
  readonly letter?: string
  readonly wording: string
}

export interface Wording {
  /** The official text by assessment id. */
  readonly texts: ReadonlyMap<string, string>
  /** Every row that was not taken, and why. */
  readonly problems: readonly Problem[]
}

export interface WordedItem extends Item {
  readonly officialWording?: string
}

export const maxWordingLength = 2000

/** Spreadsheets hold `l3-ces1-01`, `８．１．４．１`, `A）`. */
const plain = (text: string | undefined): string => (text ?? '').normalize('NFKC').trim()
const plainId = (text: string | undefined): string => plain(text).toUpperCase()
const plainLetter = (text: string | undefined): string =>
  plain(text)
    .toLowerCase()
    .replace(/^[^a-z]*([a-z])[^a-z]*$/u, '$1')

const shownLength = 60
const shown = (value: string): string => JSON.stringify(value.slice(0, shownLength))

type Fault = { readonly problem: Omit<Problem, 'where'> }
type Named = { readonly item: Item } | Fault
type Read = { readonly item: Item; readonly wording: string } | Fault

const fault = (message: string, suggestion?: string): Fault => ({
  problem: { message, ...(suggestion !== undefined && { suggestion }) },
})

const everyItem = (): readonly Item[] => mlpsLevels.flatMap((level) => catalogue(level, { cloud: true }))

const byId = (id: string): Named => {
  const item = itemById(id)
  if (item !== undefined) return { item }
  const similar = nearest(
    id,
    everyItem().map((each) => each.id),
  )
  return fault(
    `expected an assessment id, got ${shown(id)}`,
    similar === undefined ? undefined : `did you mean ${similar}?`,
  )
}

const byClause = (clause: string, letter: string): Named => {
  const items = everyItem().filter((item) => item.clause === clause)
  const [only] = items
  if (only === undefined) return fault(`expected the clause of a control point, got ${shown(clause)}`)
  if (letter === '' && items.length === 1) return { item: only }
  const item = items.find((each) => each.letter === letter)
  if (item !== undefined) return { item }
  const letters = items.map((each) => each.letter).join(', ')
  return fault(`${clause}: expected one of the letters ${letters}, got ${shown(letter)}`)
}

const nameOf = (row: WordingRow): Named => {
  const [id, clause, letter] = [plainId(row.id), plain(row.clause), plainLetter(row.letter)]
  if (id === '' && clause === '')
    return fault('expected an assessment id, or a clause and a letter, got neither')
  if (id === '') return byClause(clause, letter)
  const named = byId(id)
  if ('problem' in named) return named
  const { item } = named
  const agrees = (clause === '' || clause === item.clause) && (letter === '' || letter === item.letter)
  return agrees
    ? named
    : fault(`${id} is ${item.clause} ${item.letter}, got ${shown(`${clause} ${letter}`.trim())}`)
}

const readRow = (row: WordingRow): Read => {
  const named = nameOf(row)
  if ('problem' in named) return named
  const wording = row.wording.trim()
  if (wording === '') return fault('expected the official wording, got nothing')
  if (wording.length > maxWordingLength)
    return fault(`expected at most ${maxWordingLength} characters, got ${wording.length}`)
  return { item: named.item, wording }
}

/** Reads the user's copy of the official text, every problem at once. */
export const loadWording = (rows: readonly WordingRow[]): Wording => {
  const taken = new Map<string, { readonly wording: string; readonly where: string }>()
  const problems: Problem[] = []
  for (const row of rows) {
    const read = readRow(row)
    const before = 'problem' in read ? undefined : taken.get(read.item.id)
    if ('problem' in read) problems.push({ where: row.where, ...read.problem })
    else if (before !== undefined)
      problems.push({ where: row.where, message: `${read.item.id} was given before, at ${before.where}` })
    else taken.set(read.item.id, { wording: read.wording, where: row.where })
  }
  return { texts: new Map([...taken].map(([id, { wording }]) => [id, wording])), problems }
}

/** The items with the official text beside ours, where it was loaded. */
export const withWording = (
  items: readonly Item[],
  texts: ReadonlyMap<string, string>,
): readonly WordedItem[] =>
  items.map((item) => {
    const officialWording = texts.get(item.id)
    return officialWording === undefined ? item : Object.freeze({ ...item, officialWording })
  })
