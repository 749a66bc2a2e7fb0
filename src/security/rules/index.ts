import type { Rule } from '../rule.ts'
import { boundaryRules } from './boundary.ts'
import { certificateRules } from './certificates.ts'
import { deviceRules } from './devices.ts'
import { hostRules } from './hosts.ts'
import { logRules } from './logs.ts'
import { serverRules } from './servers.ts'
import { serviceRules } from './services.ts'
import { standingRules } from './standing.ts'

/** Every rule, by theme. */
export const rules: readonly Rule[] = [
  ...standingRules,
  ...serviceRules,
  ...certificateRules,
  ...serverRules,
  ...boundaryRules,
  ...deviceRules,
  ...hostRules,
  ...logRules,
]

export const ruleById: ReadonlyMap<string, Rule> = new Map(rules.map((rule) => [rule.id, rule]))
