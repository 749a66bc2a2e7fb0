import { probeFamilies } from '../../src/metrics/catalogue.ts'

const known = new Set(probeFamilies.map(({ definition }) => definition.name))

/** A metric of a probe kind by its name without `yiwang_`. Throws where the registry has no such. */
export const probeMetric = (name: string): string => {
  const full = `yiwang_${name}`
  if (!known.has(full)) throw new Error(`expected a metric of a probe kind, got ${full}`)
  return full
}
