import { describe, expect, test } from 'vitest'
import { requiresRoot } from '../support/netns.ts'
import { requires } from '../support/services.ts'
import { openAfterLooks } from './looking.ts'
import { placePlants } from './real-places.ts'

/** What is usual is known early, and what others do on this machine at the same time does not matter. */
const thresholds = { baselineLooks: 5, latencySeconds: 0.1 }

describe.skipIf(requiresRoot().skip || requires('unshare', 'ping').skip)('in places of their own', () => {
  test.each(placePlants)(
    '$rule is found where it is planted, and not beside',
    async (plant) => {
      expect(await openAfterLooks(plant, true, thresholds)).toContain(plant.rule)
      expect(await openAfterLooks(plant, false, thresholds)).not.toContain(plant.rule)
    },
    120_000,
  )
})
