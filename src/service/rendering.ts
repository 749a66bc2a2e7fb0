import type { MetricDefinition } from '../metrics/catalogue.ts'
import { type Block, type Family, labelString, lineOf } from '../metrics/exposition.ts'

export interface Line {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A family and the lines that it has now. */
export interface Figures {
  readonly definition: MetricDefinition
  readonly lines: readonly Line[]
}

export const figures = (definition: MetricDefinition, lines: readonly Line[]): Figures => ({
  definition,
  lines,
})

/** Renders lines as they go out; the same block as last time where nothing in it changed, which is packed once. */
export const createRendering = () => {
  const kept = new Map<string, Block>()
  return ({ definition, lines }: Figures): Family => {
    const { name } = definition
    const text = lines
      .map(({ labels, value }) => lineOf(name, { labels: labelString(labels), value }))
      .join('')
    const bytes = Buffer.from(text, 'latin1')
    const last = kept.get(name)
    const block = last?.bytes.equals(bytes) === true ? last : { length: bytes.length, bytes }
    kept.set(name, block)
    return { definition, samples: [block] }
  }
}
