import type { MetricDefinition } from './catalogue.ts'

/**
 * Prometheus text format 0.0.4 and OpenMetrics 1.0 for large fleets.
 *
 * What is rendered is kept as UTF-8 bytes in one-byte-per-character strings: V8 then joins and copies lines
 * without ever widening or encoding them, which is four times as fast for Chinese names.
 */

export const formats = ['text', 'openmetrics'] as const
export type Format = (typeof formats)[number]

export const contentTypes: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

declare const rendered: unique symbol
/** Rendered `a="b",c="d"`: UTF-8 bytes, one a character. */
export type LabelString = string & { readonly [rendered]: 'labels' }
/**
 * Lines of one family as the very bytes that go out, in either format. They never change: other lines are another
 * block.
 */
export interface Block {
  /** Of the bytes. */
  readonly length: number
  /** Those of a long block are unpacked each time that they are asked for. */
  readonly bytes: Buffer
  /** Of a block made of others: these, which are asked for one by one. */
  readonly parts?: readonly Block[] | undefined
}

/** `suffix` is `_bucket`, `_sum` or `_count` where the type has such. */
export interface Sample {
  readonly labels: LabelString
  readonly value: number
  readonly suffix?: string
}
/** A family and what it shows: samples, or lines that were rendered before. */
export interface Family {
  readonly definition: FamilyDefinition
  readonly samples: Iterable<Sample | Block>
}
/** What the catalogue has, and the composed types that only the process's own metrics use. */
export type FamilyDefinition = Pick<MetricDefinition, 'name' | 'help' | 'unit'> & {
  readonly type: MetricDefinition['type'] | 'histogram' | 'summary'
}

const bytesOf = (text: string): string =>
  /^[ -~]*$/u.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1')

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '"': '\\"' }
const escapeValue = (value: string): string =>
  /[\\\n"]/u.test(value) ? value.replaceAll(/[\\\n"]/gu, (found) => escapes[found] ?? found) : value

/** Renders the labels of these names, in their order; an empty value is left out (Prometheus: the same as no label). */
export const labelsNamed = (
  names: readonly string[],
  labels: Readonly<Record<string, string>>,
): LabelString => {
  let text = ''
  for (const name of names) {
    const value = labels[name]
    if (value === undefined || value === '') continue
    text += `${text === '' ? '' : ','}${name}="${escapeValue(value)}"`
  }
  return bytesOf(text) as LabelString
}

/** Renders labels in the order given. */
export const labelString = (labels: Readonly<Record<string, string>>): LabelString =>
  labelsNamed(Object.keys(labels), labels)

export const noLabels = '' as LabelString

/** Both label strings as one. */
export const joinLabels = (first: LabelString, second: LabelString): LabelString =>
  first === '' ? second : second === '' ? first : (`${first},${second}` as LabelString)

/** A number as both formats write it. */
export const numberText = (value: number): string => {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}

/** OpenMetrics names the family of a counter without `_total` and that of an info without `_info`. */
const familyName = ({ name, type }: FamilyDefinition): string => {
  if (type === 'counter') return name.replace(/_total$/u, '')
  return type === 'info' ? name.replace(/_info$/u, '') : name
}

const textHead = ({ name, help, type }: FamilyDefinition): string =>
  `# HELP ${name} ${help.replaceAll(/[\\\n]/gu, (found) => escapes[found] ?? found)}\n` +
  `# TYPE ${name} ${type === 'info' ? 'gauge' : type}\n`

const openMetricsHead = (definition: FamilyDefinition): string => {
  const name = familyName(definition)
  const unit =
    definition.unit && name.endsWith(`_${definition.unit}`) ? `# UNIT ${name} ${definition.unit}\n` : ''
  return `# TYPE ${name} ${definition.type}\n${unit}# HELP ${name} ${escapeValue(definition.help)}\n`
}

const headOf = (definition: FamilyDefinition, format: Format): string =>
  bytesOf(format === 'text' ? textHead(definition) : openMetricsHead(definition))

const sampleName = (definition: FamilyDefinition, format: Format): string =>
  format === 'openmetrics' && definition.type === 'counter'
    ? `${familyName(definition)}_total`
    : definition.name

/** A counter's name must end in `_total`, as OpenMetrics wants it. */
export const lineOf = (name: string, { labels, value, suffix = '' }: Sample): string =>
  `${name}${suffix}${labels === '' ? '' : `{${labels}}`} ${numberText(value)}\n`

const isBlock = (sample: Sample | Block): sample is Block => 'bytes' in sample

/**
 * An exposition, piece by piece as it is asked for: text (UTF-8 bytes, one a character) and blocks.
 * A family without samples is left out.
 */
export function* exposition(families: Iterable<Family>, format: Format): Generator<string | Block, void> {
  for (const { definition, samples } of families) {
    const name = sampleName(definition, format)
    let head = headOf(definition, format)
    for (const sample of samples) {
      if (isBlock(sample) && sample.length === 0) continue
      if (head !== '') yield head
      head = ''
      yield isBlock(sample) ? sample : lineOf(name, sample)
    }
  }
  if (format === 'openmetrics') yield '# EOF\n'
}

const acceptsOpenMetrics = (part: string): boolean => {
  const [type = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase())
  return type === 'application/openmetrics-text' && !parameters.some((word) => /^q=0(\.0*)?$/u.test(word))
}

/** OpenMetrics for whoever names it, the text format for all others. */
export const negotiate = (accept: string | undefined): Format =>
  (accept ?? '').split(',').some(acceptsOpenMetrics) ? 'openmetrics' : 'text'
