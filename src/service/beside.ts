import type { Inventory } from '../../inventory/store.ts'
import type { Log } from '../core/log.ts'
import { type Family, labelString } from '../metrics/exposition.ts'
import { figures } from '../metrics/telling.ts'

/** Who makes families beside the collector's own, by name. */
export type FigureSources = Readonly<
  Record<string, { readonly families: (inventory: Inventory) => readonly Family[] }>
>

/** Families of all; what one cannot read is left out, said once and shown, and the others are served. */
export const familiesBeside = (
  sources: FigureSources,
  log: Log,
): ((inventory: Inventory) => readonly Family[]) => {
  const unreadable = new Set<string>()
  const read = (name: string, families: () => readonly Family[]): readonly Family[] => {
    try {
      const made = families()
      unreadable.delete(name)
      return made
    } catch (error) {
      if (!unreadable.has(name)) log('error', 'figures cannot be read', { of: name, error: String(error) })
      unreadable.add(name)
      return []
    }
  }
  return (inventory) => {
    const families = Object.entries(sources).flatMap(([name, source]) =>
      read(name, () => source.families(inventory)),
    )
    const samples = Object.keys(sources).map((of) => ({
      labels: labelString({ of }),
      value: unreadable.has(of) ? 0 : 1,
    }))
    return [...families, { definition: figures.readable, samples }]
  }
}
