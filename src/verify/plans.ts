import type { Claim, Goal, Task } from '../../inventory/ledger/index.ts'
import type { Ground } from './ground.ts'
import { unseen } from './parts.ts'
import { itemRatioOf } from './ratios.ts'
import type { Part, Verdict, Verified, VerifiedRatio } from './types.ts'
import type { Ruling } from './rules/index.ts'

/** Claims of goals, tasks and milestones: true as far as the claims of members are. */

const itemOf = ({ subjectKind, subject }: Claim, { inventory }: Ground): Goal | Task | undefined => {
  if (subjectKind === 'goal') return inventory.goal.get(subject)
  const task = subjectKind === 'milestone' ? inventory.milestone.get(subject)?.task : subject
  return inventory.task.get(task ?? '')
}

/** More than can be true contradicts; what is not shown is as the gap has most of. */
const verdictOn = (wanted: number, { denominator, verified, gap }: VerifiedRatio): Verdict => {
  if (wanted > denominator - gap.contradicted) return 'contradicted'
  if (verified >= wanted) return 'consistent'
  return gap.unverifiable === 0 && verified + gap.stale >= wanted ? 'stale' : 'unverifiable'
}

const counts = ({ roster, denominator, verified, gap }: VerifiedRatio, wanted: number): string =>
  `填报 ${wanted}，核验 ${verified}，分母 ${denominator}（名录 ${roster.id}）；矛盾 ${gap.contradicted}，证据过期 ${gap.stale}，无法验证 ${gap.unverifiable}`

const onRatio = (asserts: string, wanted: number | undefined, ratio: VerifiedRatio): Part => {
  const number = wanted ?? ratio.denominator
  return { asserts, verdict: verdictOn(number, ratio), saw: counts(ratio, number) }
}

/** A claim about a plan's item by the ratio of its roster; without one it is for documents. */
export const planRuling = (claim: Claim, verified: readonly Verified[], ground: Ground): Ruling => {
  const item = itemOf(claim, ground)
  if (item === undefined) return { parts: [unseen(claim.subject, '台账里没有这个对象')] }
  const documents = 'byDocument' in item ? item.byDocument : []
  const ratio = itemRatioOf(item, verified, ground)
  // Part of a task is not what its roster counts.
  const isWhole = claim.subjectKind !== 'milestone'
  if (ratio.kind === 'none' || !isWhole)
    return {
      parts:
        documents.length > 0
          ? []
          : [unseen(item.name, ratio.kind === 'none' ? ratio.why : '时限节点不单独计数')],
      documents,
    }
  const wanted = claim.kind === 'count' ? Number(claim.value) : undefined
  return { parts: [onRatio(item.name, wanted, ratio)], documents }
}
