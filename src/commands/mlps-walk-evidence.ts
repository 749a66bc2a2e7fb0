import type { Inventory } from '../../inventory/store.ts'
import { type Evidence, sourceLabels, standingLabels, standingOf } from '../compliance/evidence/evidence.ts'
import type { EvidenceOf } from '../compliance/walk.ts'
import type { Config } from '../config/index.ts'
import { EnvironmentFault, UsageFault } from '../core/fault.ts'
import { verdictLabels } from '../core/host-evidence.ts'
import { examineInventory } from '../service/evidence.ts'
import { age } from '../terminal/age.ts'

const line = (evidence: Evidence, now: number): string => {
  const { says, saw, source, observedAt } = evidence
  const standing = standingOf(evidence, now)
  const doubt = standing === 'valid' ? '' : `，${standingLabels[standing]}`
  return `${verdictLabels[says]}：${saw}（${sourceLabels[source.from]}，${age((now - observedAt) / 1000)}${doubt}）`
}

/** What was seen up to now, item by item and asset by asset; a line that says why where it cannot be read. */
export const evidenceAt = async (config: Config, inventory: Inventory, now: number): Promise<EvidenceOf> => {
  try {
    const { examined } = await examineInventory(config, inventory, now)
    const found = Map.groupBy(
      examined.flatMap(({ evidence }) => evidence),
      ({ asset, item }) => `${asset}\0${item}`,
    )
    return (item, asset) =>
      (found.get(`${asset.id}\0${item.id}`) ?? [])
        .toSorted((one, other) => other.observedAt - one.observedAt)
        .map((evidence) => line(evidence, now))
  } catch (error) {
    if (!(error instanceof EnvironmentFault || error instanceof UsageFault)) throw error
    const why = `证据无法读取：${error.message}`
    return () => [why]
  }
}
