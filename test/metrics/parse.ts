/** One sample of an exposition, its label values unescaped. */
export interface ParsedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}
export interface ParsedFamily {
  readonly name: string
  readonly type: string
  readonly help?: string
  readonly unit?: string
  readonly samples: readonly ParsedSample[]
}

const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total', '_created'],
  info: ['_info'],
  histogram: ['_bucket', '_sum', '_count', '_created'],
  summary: ['', '_sum', '_count', '_created'],
}

const unescape = (text: string): string =>
  text.replaceAll(/\\(.)/gsu, (_whole, letter: string) => (letter === 'n' ? '\n' : letter))

const label = /(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>(?:[^"\\\n]|\\["\\n])*)"/uy
const head = /^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)$/su

const parseLabels = (text: string): Readonly<Record<string, string>> => {
  const labels: Record<string, string> = {}
  let at = 0
  while (at < text.length) {
    label.lastIndex = at
    const match = label.exec(text)
    if (match?.groups === undefined) throw new Error(`no label at ${String(at)} of ${text}`)
    const { name = '', value = '' } = match.groups
    if (name in labels) throw new Error(`label ${name} twice in ${text}`)
    labels[name] = unescape(value)
    at = label.lastIndex
    if (at < text.length && text[at] !== ',') throw new Error(`no comma at ${String(at)} of ${text}`)
    at += 1
  }
  return labels
}

const parseNumber = (text: string): number => {
  if (/^[+-]Inf$/u.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  if (text !== 'NaN' && !/^-?\d+(\.\d+)?(e[+-]?\d+)?$/u.test(text)) throw new Error(`no number: ${text}`)
  return Number(text)
}

const parseSample = (line: string): ParsedSample => {
  const { name = '', labels, value = '' } = head.exec(line)?.groups ?? {}
  if (name === '') throw new Error(`no sample: ${line}`)
  return { name, labels: labels === undefined ? {} : parseLabels(labels), value: parseNumber(value) }
}

const belongs = (family: ParsedFamily, sample: string, openMetrics: boolean): boolean => {
  const allowed = openMetrics || ['histogram', 'summary'].includes(family.type) ? suffixes[family.type] : ['']
  return (allowed ?? ['']).some((suffix) => sample === family.name + suffix)
}

const seriesOf = ({ name, labels }: ParsedSample): string =>
  JSON.stringify([name, Object.entries(labels).sort()])

/**
 * Reads an exposition strictly, by the grammar of either format: each family in one piece, each series once,
 * every sample of a family that was declared. Throws for anything else.
 */
export const parseExposition = (text: string, format: 'text' | 'openmetrics'): readonly ParsedFamily[] => {
  const lines = text.split('\n')
  if (lines.pop() !== '') throw new Error('the last line has no newline')
  if (format === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('no # EOF')
  const families = new Map<string, ParsedFamily & { readonly samples: ParsedSample[] }>()
  const series = new Set<string>()
  let current = ''
  for (const line of lines) {
    const comment = /^# (?<word>HELP|TYPE|UNIT) (?<name>\S+) (?<rest>.*)$/su.exec(line)?.groups
    if (comment !== undefined) {
      const { word = '', name = '', rest = '' } = comment
      const known = families.get(name)
      if (known !== undefined && name !== current) throw new Error(`family ${name} in two pieces`)
      families.set(name, { type: '', samples: [], ...known, name, [word.toLowerCase()]: rest })
      current = name
      continue
    }
    if (line.startsWith('#') || line === '') throw new Error(`stray line: ${line}`)
    const sample = parseSample(line)
    const family = families.get(current)
    if (family === undefined || !belongs(family, sample.name, format === 'openmetrics'))
      throw new Error(`sample of no family: ${line}`)
    if (series.has(seriesOf(sample))) throw new Error(`series twice: ${line}`)
    series.add(seriesOf(sample))
    family.samples.push(sample)
  }
  return [...families.values()]
}
