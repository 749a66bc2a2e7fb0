/**
 * What looking at a target can yield.
 *
 * `up` and `down` are facts about the target; `unknown` is a fact about us. They never share a value.
 */

export const statuses = ['up', 'down', 'unknown'] as const
export type Status = (typeof statuses)[number]

/** Why a target failed the look. */
export const targetCauses = [
  'timeout',
  'refused',
  'unreachable',
  'unresolved',
  'tls',
  'protocol',
  'assertion',
] as const
export type TargetCause = (typeof targetCauses)[number]

/** Causes of a `down` in which something did answer. */
export const answeringCauses: ReadonlySet<string> = new Set<TargetCause>(['tls', 'protocol', 'assertion'])

/** Why we could not look. */
export const agentCauses = ['permission', 'resource', 'resolver', 'credential', 'cancelled'] as const
export type AgentCause = (typeof agentCauses)[number]

export type Cause = TargetCause | AgentCause

export interface Up<Facts> {
  readonly status: 'up'
  readonly facts: Facts
}
export interface Down<Facts> {
  readonly status: 'down'
  readonly cause: TargetCause
  /** One line for a person: expected what, got what. Never carries a secret. */
  readonly detail: string
  readonly facts: Partial<Facts>
}
export interface Unknown {
  readonly status: 'unknown'
  readonly cause: AgentCause
  readonly detail: string
}

/** The result of one probe run. */
export type Outcome<Facts> = Up<Facts> | Down<Facts> | Unknown

export const up = <Facts>(facts: Facts): Up<Facts> => ({ status: 'up', facts })

export const down = <Facts>(cause: TargetCause, detail: string, facts: Partial<Facts> = {}): Down<Facts> => ({
  status: 'down',
  cause,
  detail,
  facts,
})

export const unknown = (cause: AgentCause, detail: string): Unknown => ({ status: 'unknown', cause, detail })
