import { describe, expect, test } from 'vitest'
import { ruleById } from '../../src/security/rules/index.ts'
import type { Check } from '../../src/security/seen.ts'
import { requires } from '../support/services.ts'
import { lookAt, type SocketPlant, socketPlants } from './real-sockets.ts'
import { checkOf, evaluated, evaluatorOf, sceneOf, siteWith, stepMs } from './scene.ts'

const inventory = siteWith({
  system: [
    { id: 's-1', name: '办公', region: '410202', kind: 'application', node: 'n-1', areas: ['public'] },
    { id: 's-2', name: '迁走', region: '410202', kind: 'application', node: 'n-1' },
  ],
  migration: [{ id: 's-2', state: 'decommissioned' }],
  assessment: [{ id: 'a-3', name: '测评', object: 'system', system: 's-1', level: 3 }],
})

/** Rules whose findings are open after as many real looks as one needs. */
const openAfterLooks = async ({ rule, stand }: SocketPlant, isBad: boolean): Promise<readonly string[]> => {
  await using stack = new AsyncDisposableStack()
  const place = await stand(isBad, stack)
  const { kind, look, expect: expected = 'reachable', before } = place
  const evaluator = evaluatorOf()
  const start = Date.now()
  // One more, for rules that compare with what was before.
  const turns = place.turns ?? (ruleById.get(rule)?.policy.open[1] ?? 0) + 1
  for (let turn = 0; turn < turns; turn += 1) {
    before?.(turn)
    const measured = await lookAt(place)
    const at = start + turn * stepMs
    const plain = checkOf({ ...measured, kind, ...look, observedAt: at }, at)
    const isReversed = expected === 'unreachable'
    const check: Check = {
      ...plain,
      job: { ...plain.job, expect: expected },
      ...(isReversed && { status: plain.answers ? ('down' as const) : ('up' as const) }),
    }
    evaluated(evaluator, sceneOf({ checks: [check] }, at, inventory))
  }
  return evaluator.open().map((finding) => finding.rule)
}

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
