import { isDoneState, type LedgerState } from '../../inventory/ledger/index.ts'
import type { Day } from '../core/day.ts'
import type { Light, Policy } from './policy.ts'
import { type Delay, delayLabels, type Need } from './waiting.ts'

/** What a light is derived from. */
export interface Facts {
  readonly state: LedgerState
  readonly due?: Day
  readonly overdue: boolean
  /** Until the deadline, or until something else needs it where it has none; negative: past it. */
  readonly workingDaysLeft?: number
  /** Since it was claimed, while nobody has verified it. */
  readonly unverifiedWorkingDays?: number
  readonly delay?: Delay
  readonly need?: Need
}

interface Rule {
  readonly light: Light
  readonly holds: (facts: Facts, policy: Policy) => boolean
  readonly say: (facts: Facts) => string
}

const path = ({ delay }: Facts): string =>
  delay === undefined ? '' : `${delayLabels[delay.kind]}：${delay.path.join(' → ')}`

/** The first that holds decides. */
const rules: readonly Rule[] = [
  {
    light: 'red',
    holds: ({ overdue }) => overdue,
    say: (facts) => [`已过期限 ${facts.due ?? ''}`, path(facts)].filter(Boolean).join('；'),
  },
  { light: 'yellow', holds: ({ state }) => state === 'deferred', say: () => '暂缓' },
  {
    light: 'yellow',
    holds: ({ unverifiedWorkingDays = 0 }, { verifyWorkingDays }) =>
      unverifiedWorkingDays > verifyWorkingDays,
    say: ({ unverifiedWorkingDays }) => `申报完成后 ${unverifiedWorkingDays ?? 0} 个工作日未核验`,
  },
  {
    light: 'green',
    holds: ({ state }) => isDoneState(state),
    say: ({ state }) => (state === 'verified' ? '已核验' : '待核验'),
  },
  {
    light: 'yellow',
    holds: ({ delay }) => delay?.kind === 'late' || delay?.kind === 'threatened',
    say: path,
  },
  {
    light: 'yellow',
    holds: ({ workingDaysLeft }, { nearWorkingDays }) =>
      workingDaysLeft !== undefined && workingDaysLeft <= nearWorkingDays,
    say: ({ due, need, workingDaysLeft = 0 }) =>
      due === undefined
        ? `无时限，${need?.by ?? ''} 于 ${need?.day ?? ''} 前需要`
        : `距期限 ${workingDaysLeft} 个工作日`,
  },
  { light: 'green', holds: ({ due }) => due === undefined, say: () => '无时限' },
  {
    light: 'green',
    holds: () => true,
    say: ({ workingDaysLeft = 0 }) => `距期限 ${workingDaysLeft} 个工作日`,
  },
]

export interface Lit {
  readonly light: Light
  /** Why, in words for officials. */
  readonly why: string
}

export const lightOf = (facts: Facts, policy: Policy): Lit => {
  const rule = rules.find(({ holds }) => holds(facts, policy))
  return { light: rule?.light ?? 'green', why: rule?.say(facts) ?? '' }
}

const severity: readonly Light[] = ['green', 'yellow', 'red']

/** The worst of lights; the first of equals, undefined of none. */
export const worst = (lights: readonly Lit[]): Lit | undefined => {
  const light = severity.findLast((each) => lights.some((lit) => lit.light === each))
  const why = lights.find((lit) => lit.light === light)?.why
  return light === undefined || why === undefined ? undefined : { light, why }
}
