import type { Check } from '../../src/security/seen.ts'
import { ruleById } from '../../src/security/rules/index.ts'
import type { Thresholds } from '../../src/security/thresholds.ts'
import { checkOf, evaluated, evaluatorOf, sceneOf, siteWith, stepMs } from './scene.ts'
import { lookAt, type SocketPlant } from './stand.ts'

const inventory = siteWith({
  system: [
    { id: 's-1', name: '办公', region: '410202', kind: 'application', node: 'n-1', areas: ['public'] },
    { id: 's-2', name: '迁走', region: '410202', kind: 'application', node: 'n-1' },
  ],
  migration: [{ id: 's-2', state: 'decommissioned' }],
  assessment: [{ id: 'a-3', name: '测评', object: 'system', system: 's-1', level: 3 }],
})

/** Rules whose findings are open after as many real looks as one needs. */
export const openAfterLooks = async (
  { rule, stand }: SocketPlant,
  isBad: boolean,
  thresholds: Partial<Thresholds> = {},
): Promise<readonly string[]> => {
  await using stack = new AsyncDisposableStack()
  const {
    kind,
    options,
    place,
    look,
    others = [],
    before,
    measure = lookAt,
    ...rest
  } = await stand(isBad, stack)
  const { expect: expected = 'reachable' } = rest
  const evaluator = evaluatorOf([], thresholds)
  const start = Date.now()
  let previous: unknown
  // One more, for rules that compare with what was before.
  const turns = rest.turns ?? (ruleById.get(rule)?.policy.open[1] ?? 0) + 1
  for (let turn = 0; turn < turns; turn += 1) {
    await before?.(turn)
    const at = start + turn * stepMs
    const looks = [options, ...others].map((each) => measure({ kind, options: each }, previous))
    const checks = (await Promise.all(looks)).map((measured) =>
      checkOf({ ...measured, kind, ...look, observedAt: at }, at),
    )
    const plain = checks[0]!
    previous = plain.sighting?.observation.facts
    const isReversed = expected === 'unreachable'
    const check: Check = {
      ...plain,
      job: { ...plain.job, expect: expected },
      ...(isReversed && { status: plain.answers ? ('down' as const) : ('up' as const) }),
    }
    const sightings = checks.flatMap(({ sighting }, agent) =>
      sighting ? [{ ...sighting, agent: `a-${agent}` }] : [],
    )
    evaluated(evaluator, sceneOf({ checks: [check], sightings }, at, inventory))
  }
  return evaluator
    .open()
    .filter(({ id }) => place === undefined || id.endsWith(`#${place}`))
    .map((finding) => finding.rule)
}
