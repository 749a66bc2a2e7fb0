import { type LedgerState, stateLabels } from '../../inventory/ledger/index.ts'
import { type Light, lightLabels } from './policy.ts'
import type { Ledger, Standing } from './standing.ts'

/** What metrics show of the ledger. */

/** A task that is overdue counts as that, whatever was recorded of it. */
export type FigureState = LedgerState | 'overdue'

export interface TaskFigure {
  /** Id of the first lead unit; empty where none is named. */
  readonly unit: string
  readonly state: FigureState
  readonly count: number
}

export interface MilestoneFigure {
  readonly light: Light
  readonly state: FigureState
  readonly count: number
}

const states: readonly FigureState[] = [...(Object.keys(stateLabels) as LedgerState[]), 'overdue']
const lights = Object.keys(lightLabels) as readonly Light[]

const stateOf = ({ state, overdue }: Standing): FigureState => (overdue ? 'overdue' : state)

const countIn = (standings: readonly Standing[] | undefined, state: FigureState): number =>
  standings?.filter((each) => stateOf(each) === state).length ?? 0

/** Tasks by first lead unit and state, every state of each unit. */
export const taskFigures = ({ tasks }: Ledger): readonly TaskFigure[] =>
  [...Map.groupBy(tasks, ({ lead }) => lead[0] ?? '')].flatMap(([unit, own]) =>
    states.map((state) => ({ unit, state, count: countIn(own, state) })),
  )

/** Milestones by light and state, all of them where there is any milestone. */
export const milestoneFigures = ({ milestones }: Ledger): readonly MilestoneFigure[] => {
  if (milestones.length === 0) return []
  const byLight = Map.groupBy(milestones, ({ light }) => light)
  return lights.flatMap((light) =>
    states.map((state) => ({ light, state, count: countIn(byLight.get(light), state) })),
  )
}
