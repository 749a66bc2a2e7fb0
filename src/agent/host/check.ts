import { bounded } from '../../../probes/net/text.ts'
import type { CheckResult, Verdict } from '../../core/host-evidence.ts'
import type { ItemId } from './items.ts'
import type { Found, Machine } from './machine.ts'

export interface Judgement {
  readonly verdict: Verdict
  /** What was seen, in words; never a secret. */
  readonly observed: string
}

/** What a check is, without how it judges. */
export interface CheckText {
  readonly id: string
  readonly title: string
  /** Items of GB/T 22239-2019 that it speaks to. */
  readonly items: readonly ItemId[]
  readonly reads: readonly string[]
  /** How to mend what it finds. */
  readonly remedy: string
}

export interface HostCheck<Facts> extends CheckText {
  readonly judge: (facts: Facts) => Judgement
}

interface FamilyDefinition<Facts> {
  readonly name: string
  readonly title: string
  readonly read: (machine: Machine) => Promise<Facts>
  readonly checks: readonly HostCheck<Facts>[]
}

/** Checks that share what they read. */
export interface Family {
  readonly name: string
  readonly title: string
  readonly checks: readonly CheckText[]
  readonly run: (machine: Machine) => Promise<readonly CheckResult[]>
}

const longest = 300

const withoutJudge = <Facts>({ id, title, items, reads, remedy }: HostCheck<Facts>): CheckText => ({
  id,
  title,
  items,
  reads,
  remedy,
})

/** A place as a check names it (a file, a folder, a pattern with `*`), and a path in it, or above it. */
const concerns = (place: string, path: string): boolean => {
  if (place === path || place.startsWith(`${path}/`)) return true
  const [before = ''] = place.split('*')
  return path.startsWith(before === place ? `${place}/` : before)
}

/** What was seen of a part says nothing of the whole: neither that all is well, nor that something is not there. */
const withDenied = ({ verdict, observed }: Judgement, denied: readonly string[]): Judgement =>
  verdict === 'cannot-tell' || denied.length === 0
    ? { verdict, observed }
    : cannotTell(`无权读取 ${listed([...new Set(denied)])}；其余所见：${observed}`)

/** Reads once and lets each check judge. */
export const defineFamily = <Facts>({ name, title, read, checks }: FamilyDefinition<Facts>): Family => ({
  name,
  title,
  checks: checks.map(withoutJudge),
  run: async (machine) => {
    const before = machine.denied().length
    const facts = await read(machine)
    const denied = machine.denied().slice(before)
    return checks.map(({ id, title: asked, items, remedy, reads, judge }) => {
      const own = denied.filter((path) => reads.some((place) => concerns(place, path)))
      const { verdict, observed } = withDenied(judge(facts), own)
      return { family: name, id, title: asked, items, remedy, verdict, observed: bounded(observed, longest) }
    })
  },
})

export const cannotTell = (observed: string): Judgement => ({ verdict: 'cannot-tell', observed })

export const decide = (isMet: boolean, observed: string): Judgement => ({
  verdict: isMet ? 'supports' : 'contradicts',
  observed,
})

/** Judges the text of a file that was read, and says why there is nothing to judge otherwise. */
export const withText = (found: Found, judge: (text: string) => Judgement): Judgement => {
  if (found.state === 'read') return judge(found.text)
  return cannotTell(
    found.state === 'absent' ? `未见 ${found.path}` : `无法读取 ${found.path}（${found.reason}）`,
  )
}

const mostNames = 8

/** Names in a sentence: the first few, and how many there are. */
export const listed = (names: readonly string[]): string =>
  names.length <= mostNames
    ? names.join('、')
    : `${names.slice(0, mostNames).join('、')} 等 ${names.length} 个`

/** None of them may be there. */
export const noneOf = (found: readonly string[], what: string, otherwise: string): Judgement =>
  decide(found.length === 0, found.length === 0 ? otherwise : `${what}：${listed(found)}`)
