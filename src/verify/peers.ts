import type { Mention } from '../../inventory/ledger/index.ts'
import type { System } from '../../inventory/model.ts'
import type { Ground } from './ground.ts'
import { namedSystems } from './named-systems.ts'

/** Systems that others are linked with, as the plan names them. */

const systemOfMention = ({ id, system }: Mention, { inventory }: Ground): System | undefined =>
  inventory.system.get(system ?? id)

const firstOf = (ground: Ground, wanted: (mention: Mention) => boolean): System | undefined => {
  for (const mention of ground.inventory.mention.values())
    if (wanted(mention)) {
      const system = systemOfMention(mention, ground)
      if (system !== undefined) return system
    }
  return undefined
}

/** Where everybody is to log in (用户中心). */
export const userCentre = (ground: Ground): System | undefined =>
  firstOf(ground, ({ kind }) => kind === 'auth')

/** The platform of this plan's own level that systems are attached to (共享交换平台). */
export const exchangePlatform = (ground: Ground): System | undefined =>
  firstOf(
    ground,
    ({ kind, name, levels }) =>
      kind === 'data-platform' && name.endsWith('共享交换平台') && !levels.includes('province'),
  )

/** Whom a named system is to be linked with. */
export const peersOf = (system: string, ground: Ground): readonly System[] => {
  const mention = ground.mentions.get(system)?.id ?? system
  return (namedSystems.find(({ id }) => id === mention)?.peers ?? []).flatMap((peer) => {
    const known = ground.mentions.get(peer)
    return (known === undefined ? ground.inventory.system.get(peer) : systemOfMention(known, ground)) ?? []
  })
}
