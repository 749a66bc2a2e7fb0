import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { itemById } from '../../../inventory/mlps/index.ts'
import { families } from '../../../src/agent/host/index.ts'
import type { HostEvidence } from '../../../src/core/host-evidence.ts'
import { mapping } from './mapping.ts'

/**
 * The tables of docs/host-checks-compared.md from what `compare.sh FOLDER` left:
 *
 *     node test/bench/host/compare.ts FOLDER
 */
const folder = process.argv[2]
if (folder === undefined) throw new Error('usage: node test/bench/host/compare.ts FOLDER')
const read = (name: string): Promise<string> => readFile(path.join(folder, name), 'utf8')

/** What each test of lynis wrote into its log; a test that wrote no result was skipped or says nothing, but for the listening ports, which stand in its report. */
const lynisTests = (log: string): ReadonlyMap<string, string> =>
  new Map(
    log
      .split(/^\S+ \S+ Performing test ID /mu)
      .slice(1)
      .filter((text) =>
        /^\S+ \S+ (?:Result|Suggestion|Warning|Found|Hardening|Test: Retrieving ss)\b/mu.test(text),
      )
      .map((text) => [text.split(/\s/u, 1)[0] ?? '', text]),
  )

/** Rules that passed or failed: `error`, `unknown` and `notapplicable` say nothing. */
const ssgRules = (text: string): readonly string[] =>
  [...text.replaceAll('\r', '').matchAll(/^Rule\t\S*_rule_(\S+)\nResult\t(?:pass|fail)$/gmu)].map(
    ([, rule = '']) => rule,
  )

const middle = async (name: string): Promise<readonly [seconds: number, kilobytes: number]> => {
  const files = (await readdir(folder)).filter(
    (file) => file.startsWith(`${name}.`) && file.endsWith('.time'),
  )
  const runs = await Promise.all(
    files.map(async (file) => (await read(file)).trim().split('\n').at(-1)?.split(' ')),
  )
  const sorted = (at: number): number =>
    runs.map((run) => Number(run?.[at])).toSorted((a, b) => a - b)[1] ?? NaN
  return [sorted(0), sorted(1)]
}

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
const table = (headers: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [row(headers), row(headers.map(() => '---')), ...rows.map(row)].join('\n')

const readSome = async (names: readonly string[]): Promise<readonly string[]> => {
  const there = await readdir(folder)
  return Promise.all(names.filter((name) => there.includes(name)).map(read))
}

const looks = (await readSome(['yiwang.txt', 'yiwang-12.txt'])).map(
  (text) => JSON.parse(text) as HostEvidence,
)
const judgedIds = new Set(
  looks.flatMap(({ results }) =>
    results.filter(({ verdict }) => verdict !== 'cannot-tell').map(({ id }) => id),
  ),
)
const tests = new Map((await readSome(['lynis.log', 'lynis-12.log'])).flatMap((log) => [...lynisTests(log)]))
const profiles = ['oscap-standard', 'oscap-anssi_np_nt28_restrictive', 'oscap-anssi_np_nt28_high']
const outputs = await Promise.all(profiles.map((name) => read(`${name}.txt`)))
const rules = new Set(outputs.flatMap(ssgRules))

const checks = families.flatMap((family) => family.checks)
const ours = (item: string, all: boolean): number =>
  checks.filter((check) => check.items.some((id) => id === item) && (all || judgedIds.has(check.id))).length
const mapped = (item: string) => mapping.filter(({ items }) => items.some((id) => id === item))
const lynis = (item: string): readonly string[] =>
  mapped(item).flatMap((each) =>
    (each.lynis ?? [])
      .filter(([test, words]) => words?.test(tests.get(test) ?? '') ?? tests.has(test))
      .map(([test]) => test),
  )
const ssg = (item: string): readonly string[] =>
  mapped(item).flatMap((each) => (each.ssg ?? []).filter((rule) => rules.has(rule)))

const items = [...new Set(families.flatMap(({ checks }) => checks.flatMap((check) => check.items)))]
  .filter((id) => id.startsWith('L3-'))
  .toSorted((left, right) => (left < right ? -1 : 1))
const names = (list: readonly string[]): string => [...new Set(list)].join(', ') || '–'

console.log(
  table(
    [
      'item',
      'topic',
      'yiwang: checks with a verdict here (of all)',
      'lynis: tests that printed something of it',
      'OpenSCAP: rules that passed or failed',
    ],
    items.map((id) => [
      id,
      itemById(id)?.topic ?? '',
      `${ours(id, false)}（${ours(id, true)}）`,
      names(lynis(id)),
      names(ssg(id)),
    ]),
  ),
)
const spoken = (speaks: (item: string) => boolean): number => items.filter(speaks).length
console.log(
  `\nItems of level 3 spoken to, of ${items.length}: yiwang ${spoken((id) => ours(id, false) > 0)}, lynis ${spoken((id) => lynis(id).length > 0)}, OpenSCAP ${spoken((id) => ssg(id).length > 0)}.`,
)
console.log(
  `Of ${checks.length} checks ${judgedIds.size} had a verdict; of ${tests.size} tests of lynis with a result ${new Set(items.flatMap(lynis)).size} speak to an item; of ${rules.size} rules with a result ${new Set(items.flatMap(ssg)).size} do.\n`,
)
const programs = ['yiwang', 'lynis', ...profiles]
const measured = await Promise.all(programs.map(middle))
console.log(
  table(
    ['program', 'seconds', 'MB at most'],
    programs.map((name, at) => [name, measured[at]?.[0] ?? '', Math.round((measured[at]?.[1] ?? 0) / 1000)]),
  ),
)
