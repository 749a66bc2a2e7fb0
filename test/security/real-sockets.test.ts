import { describe, expect, test } from 'vitest'
import { requires } from '../support/services.ts'
import { openAfterLooks } from './looking.ts'
import { socketPlants } from './real-sockets.ts'

describe.skipIf(requires('openssl', 'sshd', 'snmpd').skip)('on real sockets, by the real probes', () => {
  test.each(socketPlants)(
    '$rule is found where it is planted, and not beside',
    async (plant) => {
      expect(await openAfterLooks(plant, true)).toContain(plant.rule)
      expect(await openAfterLooks(plant, false)).not.toContain(plant.rule)
    },
    60_000,
  )
})
