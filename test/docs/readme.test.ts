import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { environmentCodes, exitCodes } from '../../src/core/fault.ts'

const root = path.resolve(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')

const readmes = ['README.md', 'README.zh-CN.md'] as const

/** Cells of the Markdown tables' rows, header and rule left out. */
const rowsOf = (markdown: string): readonly (readonly string[])[] =>
  markdown
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[\s|:-]+\|$/u.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )

const unquoted = (text: string): string => text.replaceAll('`', '')

const codeBlocks = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/^```\w*\n(.*?)^```$/gmsu)].map(([, block = '']) => block)

/** What a reader is told to type: lines of code blocks (two columns count as two), without comments. */
const commandsOf = (markdown: string): readonly string[] => {
  const typed = codeBlocks(markdown)
    .flatMap((block) => block.split('\n'))
    .flatMap((line) => line.replace(/(^|\s+)#.*$/u, '').split(/\s{2,}/u))
  const inline = [...markdown.matchAll(/`((?:yiwang|npm|scripts\/)[^`\n]*)`/gu)].map(([, code = '']) => code)
  return [...typed, ...inline].map((command) => command.trim()).filter((command) => command !== '')
}

const commandsIn = (manifest: string): readonly string[] =>
  Object.keys((JSON.parse(read(manifest)) as { readonly commands: object }).commands)

/** Ours, and those of the one plugin. */
const commandIds = new Set(
  ['oclif.manifest.json', 'node_modules/@oclif/plugin-autocomplete/oclif.manifest.json'].flatMap(commandsIn),
)

const isKnown = (command: string): boolean => {
  const words = command.split(' ').slice(1)
  return [2, 1].some((count) => commandIds.has(words.slice(0, count).join(':')))
}

describe.each(readmes)('%s', (file) => {
  const text = read(file)

  test('its exit codes are those of the code', () => {
    const shown = rowsOf(text)
      .filter(([code = '']) => /^\d+$/u.test(code))
      .map(([code, name = '']) => [unquoted(name), Number(code)])
    expect(Object.fromEntries(shown)).toEqual(exitCodes)
    expect(shown).toHaveLength(Object.keys(exitCodes).length)
  })

  test('its links lead somewhere', () => {
    const targets = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/gu)].map(([, target = '']) => target)
    expect(targets.length).toBeGreaterThan(5)
    expect(targets.filter((target) => !existsSync(path.join(root, target)))).toEqual([])
  })
})

test('both READMEs say the same commands', () => {
  const [english, chinese] = readmes.map((file) => commandsOf(read(file)))
  expect(english?.length).toBeGreaterThan(10)
  expect(chinese?.toSorted()).toEqual(english?.toSorted())
})

test.each([...readmes, 'docs/operations.md', 'docs/architecture.md'])(
  '%s names no command that is not there',
  (file) => {
    const named = commandsOf(read(file)).filter((command) => /^yiwang [a-z][^<]*$/u.test(command))
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((command) => !isKnown(command))).toEqual([])
  },
)

test('docs/operations.md explains every error code, and none besides', () => {
  const [, section = ''] = read('docs/operations.md').split(/^## Error codes$/mu)
  const [table = ''] = section.split(/^## /mu)
  const codes = rowsOf(table)
    .map(([code = '']) => unquoted(code))
    .filter((code) => /^[A-Z_]+$/u.test(code))
  expect(codes.toSorted()).toEqual([...environmentCodes].toSorted())
})
