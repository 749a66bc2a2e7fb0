import type { FileState, Found, Machine } from './machine.ts'

/** Lines that say something: no comments, no blanks. A backslash at the end joins the next one. */
export const linesOf = (text: string): readonly string[] =>
  text
    .replaceAll(/\\\r?\n/gu, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))

/** Without what is remarked behind a setting. */
export const withoutRemark = (line: string): string => line.replace(/\s+#.*$/u, '')

export const textOf = (found: Found): string => (found.state === 'read' ? found.text : '')

export const unquoted = (value: string): string => value.trim().replace(/^(["'])(.*)\1$/u, '$2')

/** `name value`, `name = value`, `name: value`; the last one counts. Names in lower case. */
export const settingsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    linesOf(text)
      .map((line) => /^([\w.\-/]+)\s*(?:[=:\s]\s*(.*))?$/u.exec(withoutRemark(line)))
      .filter((match) => match !== null)
      .map(([, name = '', value = '']) => [name.toLowerCase(), unquoted(value)]),
  )

/** A whole number, undefined for anything else. */
export const numberOf = (value: string | undefined): number | undefined =>
  value !== undefined && /^-?\d{1,15}$/u.test(value.trim()) ? Number(value) : undefined

/** Every file of a folder whose name fits, that could be read. */
export const readFolder = async (
  machine: Machine,
  folder: string,
  name: RegExp,
): Promise<readonly Found[]> => {
  const names = (await machine.list(folder)).filter((each) => name.test(each))
  return Promise.all(names.map((each) => machine.read(`${folder}/${each}`)))
}

export const readAll = (machine: Machine, files: readonly string[]): Promise<readonly Found[]> =>
  Promise.all(files.map((file) => machine.read(file)))

const mostPlaces = 32

/** Paths that a pattern with one `*` in a part of its own stands for. */
const spread = async (machine: Machine, pattern: string): Promise<readonly string[]> => {
  const [before = '', after] = pattern.split('*')
  if (after === undefined) return [pattern]
  const names = await machine.list(before.slice(0, -1))
  return names.slice(-mostPlaces).map((name) => `${before}${name}${after}`)
}

/** States of those that are there, the newest first. */
export const newestFirst = async (
  machine: Machine,
  patterns: readonly string[],
): Promise<readonly FileState[]> => {
  const paths = (await Promise.all(patterns.map((each) => spread(machine, each)))).flat()
  const states = (await Promise.all(paths.map(machine.state))).filter((state) => state !== undefined)
  return states.toSorted((left, right) => right.modifiedAt - left.modifiedAt)
}

/** All that could be read, one after the other. */
export const joined = (found: readonly Found[]): string => found.map(textOf).join('\n')

/** The first that is there, else the last. */
export const firstThere = async (machine: Machine, files: readonly [string, ...string[]]): Promise<Found> => {
  for (const file of files) {
    const found = await machine.read(file)
    if (found.state !== 'absent') return found
  }
  return { state: 'absent', path: files.join(' 或 ') }
}

const unitFolders = ['/etc/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'] as const

/** Units of systemd that start by themselves: what administrators and packages have put into `*.wants`. */
export const enabledUnits = async (machine: Machine): Promise<ReadonlySet<string>> => {
  const units = await Promise.all(
    unitFolders.map(async (folder) => {
      const wants = (await machine.list(folder)).filter((name) => name.endsWith('.wants'))
      return (await Promise.all(wants.map((name) => machine.list(`${folder}/${name}`)))).flat()
    }),
  )
  return new Set(units.flat())
}
