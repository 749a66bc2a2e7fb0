import { type Dashboard, expressionsOf, type Variable } from '../dashboards/board.ts'

export interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [time: number, value: string]
}

export type Ask = (expression: string) => Promise<readonly Series[]>

/** Scrapes come each second in these tests; Grafana takes four of them at least. */
const builtIn: Readonly<Record<string, string>> = { __rate_interval: '15s', __range: '5m' }

type Choice = Readonly<Record<string, string>>

/** As Grafana does it: `$name` and `${name}`. */
const filled = (text: string, choice: Choice): string =>
  text.replaceAll(/\$(?:\{(\w+)\}|(\w+))/gu, (whole, long?: string, short?: string) => {
    const name = long ?? short ?? ''
    return choice[name] ?? builtIn[name] ?? whole
  })

/** `query_result(…)` printed as Grafana prints it, then read by the variable's expression. */
const valuesOf = async (
  { query, regex = '' }: Variable,
  choice: Choice,
  ask: Ask,
): Promise<readonly string[]> => {
  const text = typeof query === 'string' ? query : query.query
  const [, inner] = /^query_result\((.*)\)$/u.exec(text) ?? []
  if (inner === undefined) throw new Error(`expected query_result(…), got ${text}`)
  const [, source = '', flags = ''] = /^\/(.*)\/(\w*)$/u.exec(regex) ?? []
  const rows = await ask(filled(inner, choice))
  return rows.flatMap(({ metric, value: [time, value] }) => {
    const labels = Object.entries(metric).map(([name, each]) => `${name}="${each}"`)
    const printed = `{${labels.join(',')}} ${value} ${time * 1000}`
    const found = [...printed.matchAll(new RegExp(source, flags))]
    const named = found.find(({ groups }) => groups?.['value'] !== undefined)?.groups?.['value']
    return named === undefined ? [] : [named]
  })
}

const escaped = (value: string): string => value.replaceAll(/[\\^$*+?.()|[\]{}]/gu, '\\$&')

/** Every choice that a reader of the board can make, one value each, or all of them where the board offers it. */
export const choicesOf = async ({ templating }: Dashboard, ask: Ask): Promise<readonly Choice[]> => {
  let choices: readonly Choice[] = [{}]
  for (const variable of templating.list.filter(({ type }) => type === 'query')) {
    const next: Choice[] = []
    for (const choice of choices) {
      const values = await valuesOf(variable, choice, ask)
      if (values.length === 0) throw new Error(`$${variable.name} has no value: ${JSON.stringify(choice)}`)
      const offered = [
        ...values,
        ...(variable.includeAll === true ? [`(${values.map(escaped).join('|')})`] : []),
      ]
      next.push(...offered.map((value) => ({ ...choice, [variable.name]: value })))
    }
    choices = next
  }
  return choices
}

/** Every query of the board as it is sent, for every choice. */
export const queriesOf = async (board: Dashboard, ask: Ask): Promise<readonly string[]> => {
  const choices = await choicesOf(board, ask)
  return [...new Set(choices.flatMap((choice) => expressionsOf(board).map((expr) => filled(expr, choice))))]
}
