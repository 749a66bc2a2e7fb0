import type { Machine } from './machine.ts'

/** A directive with its arguments, and what its block holds. */
export interface Directive {
  readonly name: string
  readonly values: readonly string[]
  readonly block: readonly Directive[]
}

const mostDepth = 8
const mostFiles = 200

/** Words, quoted strings, and the three signs that structure them; comments are left out. */
const tokensOf = (text: string): readonly string[] =>
  text
    .match(/#[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[;{}]|[^\s;{}]+/gsu)
    ?.filter((token) => !token.startsWith('#')) ?? []

const plain = (token: string): string => token.replace(/^(["'])(.*)\1$/su, '$2')

/** Reads directives until their block ends; unfinished ones are dropped. */
const parseBlock = (
  tokens: readonly string[],
  start: number,
  depth: number,
): readonly [readonly Directive[], number] => {
  const directives: Directive[] = []
  let words: readonly string[] = []
  for (let at = start; at < tokens.length; at += 1) {
    const token = tokens[at] ?? ''
    if (token === '}') return [directives, at]
    if (token !== ';' && token !== '{') {
      words = [...words, plain(token)]
      continue
    }
    let block: readonly Directive[] = []
    if (token === '{' && depth < mostDepth) [block, at] = parseBlock(tokens, at + 1, depth + 1)
    const [name, ...values] = words
    if (name !== undefined) directives.push({ name, values, block })
    words = []
  }
  return [directives, tokens.length]
}

/** Directives of a text in nginx's language. */
export const parseNginx = (text: string): readonly Directive[] => parseBlock(tokensOf(text), 0, 0)[0]

/** Wildcards in the last part only, as the packages write them. */
const filesFor = async (machine: Machine, pattern: string): Promise<readonly string[]> => {
  const file = pattern.startsWith('/') ? pattern : `/etc/nginx/${pattern}`
  if (!file.includes('*')) return [file]
  const [folder, name] = [file.slice(0, file.lastIndexOf('/')), file.slice(file.lastIndexOf('/') + 1)]
  const [first = '', last = ''] = name.split('*')
  return (await machine.list(folder))
    .filter((each) => each.startsWith(first) && each.endsWith(last) && !each.startsWith('.'))
    .map((each) => `${folder}/${each}`)
}

interface Budget {
  files: number
}

const withIncludes = async (
  machine: Machine,
  directives: readonly Directive[],
  depth: number,
  budget: Budget,
): Promise<readonly Directive[]> => {
  const all: Directive[] = []
  for (const directive of directives) {
    if (directive.name !== 'include') {
      const block = await withIncludes(machine, directive.block, depth, budget)
      all.push({ ...directive, block })
      continue
    }
    for (const file of depth < mostDepth ? await filesFor(machine, directive.values[0] ?? '') : []) {
      if ((budget.files -= 1) < 0) break
      const found = await machine.read(file)
      if (found.state === 'read')
        all.push(...(await withIncludes(machine, parseNginx(found.text), depth + 1, budget)))
    }
  }
  return all
}

/** What nginx would go by, with its included files in place; undefined where there is no nginx. */
export const readNginx = async (machine: Machine): Promise<readonly Directive[] | undefined> => {
  const main = await machine.read('/etc/nginx/nginx.conf')
  if (main.state !== 'read') return undefined
  return withIncludes(machine, parseNginx(main.text), 0, { files: mostFiles })
}

/** Every directive of a name, at whatever depth. */
export const everywhere = (directives: readonly Directive[], name: string): readonly Directive[] =>
  directives.flatMap((each) => [...(each.name === name ? [each] : []), ...everywhere(each.block, name)])
