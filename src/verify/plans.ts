import type { Claim, Goal, Task } from '../../inventory/ledger/index.ts'
import type { Ground } from './ground.ts'
import { namedParts } from './named.ts'
import { everyOf, unseen } from './parts.ts'
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

/** A task that counts over no roster is done as far as the systems show it that it names. */
const byMentions = (item: Goal | Task, ground: Ground): readonly Part[] =>
  'mentions' in item && item.verification !== 'inventory'
    ? item.mentions.flatMap((id) => {
        const parts = namedParts(id, ground) ?? []
        return parts.length === 0 ? [] : [everyOf(ground.inventory.mention.get(id)?.name ?? id, parts, '')]
      })
    : []

const wholeRuling = (claim: Claim, item: Goal | Task, verified: readonly Verified[], ground: Ground) => {
  const wanted = claim.kind === 'count' ? Number(claim.value) : undefined
  if (item.roster === undefined) {
    const missing = wanted === undefined ? [] : [unseen(item.name, '没有指定名录，完成数无从核验')]
    return [...missing, ...byMentions(item, ground)]
  }
  const ratio = itemRatioOf(item, verified, ground)
  return [ratio.kind === 'none' ? unseen(item.name, ratio.why) : onRatio(item.name, wanted, ratio)]
}

/** By the ratio of its roster, or by the systems that it names; what neither shows is for documents. */
export const planRuling = (claim: Claim, verified: readonly Verified[], ground: Ground): Ruling => {
  const item = itemOf(claim, ground)
  if (item === undefined) return { parts: [unseen(claim.subject, '台账里没有这个对象')] }
  const documents = 'byDocument' in item ? item.byDocument : []
  // Part of a task is not what its roster counts, nor all that its systems show.
  const parts =
    claim.subjectKind === 'milestone' && item.verification !== 'inventory'
      ? [unseen(item.name, '时限节点只是任务的一部分，不单独核验')]
      : wholeRuling(claim, item, verified, ground)
  return { parts, documents }
}
