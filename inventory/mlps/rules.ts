import type { Problem } from '../../src/core/fault.ts'
import type { Assessment, Asset, Remediation, RemediationState, Waiver } from './assessment.ts'
import { itemById, scenarioById, unknownItem } from './catalogue.ts'

/** What the records of an assessment demand of each other, beyond what each is by itself. */

interface Records {
  readonly assessment: ReadonlyMap<string, Assessment>
  readonly asset: ReadonlyMap<string, Asset>
  readonly waiver: ReadonlyMap<string, Waiver>
  readonly remediation: ReadonlyMap<string, Remediation>
}

interface Changed {
  readonly assessment: readonly Assessment[]
  readonly asset: readonly Asset[]
  readonly waiver: readonly Waiver[]
  readonly remediation: readonly Remediation[]
}

const itemProblem = (where: string, id: string, { level, cloud }: Assessment): readonly Problem[] => {
  const item = itemById(id)
  if (item === undefined) return [unknownItem(where, id)]
  if (item.level !== level)
    return [{ where, message: `expected an item of level ${level}, got ${id} of level ${item.level}` }]
  return item.part === 'cloud' && !cloud
    ? [{ where, message: `expected a general item, since the assessment has no cloud extension, got ${id}` }]
    : []
}

const assetProblems = (asset: Asset, assessment: Assessment): readonly Problem[] =>
  Object.keys(asset.results).flatMap((item) =>
    itemProblem(`asset/${asset.id}.results.${item}`, item, assessment),
  )

interface OnItem {
  readonly id: string
  readonly assessment: string
  readonly item: string
  readonly asset?: string | undefined
}

const onItemProblems = (
  collection: 'waiver' | 'remediation',
  record: OnItem,
  assessment: Assessment,
  { asset }: Records,
): readonly Problem[] => {
  const where = `${collection}/${record.id}`
  const owner = asset.get(record.asset ?? '')?.assessment
  return [
    ...itemProblem(`${where}.item`, record.item, assessment),
    ...(owner === undefined || owner === record.assessment
      ? []
      : [
          {
            where: `${where}.asset`,
            message: `expected an asset of ${record.assessment}, got one of ${owner}`,
          },
        ]),
  ]
}

const waiverProblems = ({ id, approvedOn, expiresOn }: Waiver): readonly Problem[] =>
  expiresOn < approvedOn
    ? [{ where: `waiver/${id}.expiresOn`, message: `expected a day from ${approvedOn} on, got ${expiresOn}` }]
    : []

const owned: ReadonlySet<RemediationState> = new Set(['assigned', 'in_progress', 'resolved', 'verified'])

const remediationProblems = (record: Remediation): readonly Problem[] =>
  (['unit', 'deadline'] as const).flatMap((field) =>
    owned.has(record.state) && record[field] === undefined
      ? [{ where: `remediation/${record.id}.${field}`, message: `expected one in the state ${record.state}` }]
      : [],
  )

const hazardProblems = ({ id, hazards }: Assessment): readonly Problem[] =>
  hazards.flatMap(({ scenario }, index) => {
    const where = `assessment/${id}.hazards[${index}].scenario`
    if (scenarioById(scenario) === undefined)
      return [{ where, message: `expected a major hazard of the list, got ${scenario}` }]
    return hazards.findIndex((other) => other.scenario === scenario) < index
      ? [{ where, message: `expected each hazard once, got ${scenario} again` }]
      : []
  })

const objectProblems = ({ id, object, system }: Assessment): readonly Problem[] =>
  object === 'system' && system === undefined
    ? [{ where: `assessment/${id}.system`, message: 'expected the id of the system that is assessed' }]
    : []

/** The changed records of a kind, and those of an assessment that changed: its level decides what they may be. */
const affected = <R extends { readonly id: string; readonly assessment: string }>(
  all: ReadonlyMap<string, R>,
  changed: readonly R[],
  assessments: ReadonlySet<string>,
): readonly R[] =>
  assessments.size === 0
    ? changed
    : [
        ...changed.filter(({ assessment }) => !assessments.has(assessment)),
        ...[...all.values()].filter(({ assessment }) => assessments.has(assessment)),
      ]

/** What is wrong among the records after a change. Records without their assessment are somebody else's problem. */
export const assessmentProblems = (records: Records, changed: Changed): readonly Problem[] => {
  const ids = new Set(changed.assessment.map(({ id }) => id))
  const within = <R extends { readonly id: string; readonly assessment: string }>(
    all: ReadonlyMap<string, R>,
    own: readonly R[],
    check: (record: R, assessment: Assessment) => readonly Problem[],
  ): readonly Problem[] =>
    affected(all, own, ids).flatMap((record) => {
      const assessment = records.assessment.get(record.assessment)
      return assessment === undefined ? [] : check(record, assessment)
    })
  return [
    ...changed.assessment.flatMap((each) => [...objectProblems(each), ...hazardProblems(each)]),
    ...within(records.asset, changed.asset, assetProblems),
    ...within(records.waiver, changed.waiver, (waiver, assessment) => [
      ...waiverProblems(waiver),
      ...onItemProblems('waiver', waiver, assessment, records),
    ]),
    ...within(records.remediation, changed.remediation, (remediation, assessment) => [
      ...remediationProblems(remediation),
      ...onItemProblems('remediation', remediation, assessment, records),
    ]),
  ]
}

/** Forward one step at a time; back where a check failed; closed without work while nobody has begun. */
export const nextStates: Readonly<Record<RemediationState, readonly RemediationState[]>> = {
  identified: ['confirmed', 'closed'],
  confirmed: ['assigned', 'closed'],
  assigned: ['in_progress', 'confirmed'],
  in_progress: ['resolved', 'assigned'],
  resolved: ['verified', 'in_progress'],
  verified: ['closed', 'in_progress'],
  closed: [],
}

const transitionProblem = ({ id, state }: Remediation, before: RemediationState): readonly Problem[] => {
  const allowed = nextStates[before]
  if (before === state || allowed.includes(state)) return []
  const expected = allowed.length === 0 ? 'no other state' : allowed.join(' or ')
  return [{ where: `remediation/${id}.state`, message: `expected ${expected} after ${before}, got ${state}` }]
}

/** Steps that a remediation may not take. A new one may be in any state: work of elsewhere comes in as it is. */
export const transitionProblems = (
  before: ReadonlyMap<string, Remediation>,
  after: ReadonlyMap<string, Remediation>,
  touched: ReadonlyMap<string, unknown> = new Map(),
): readonly Problem[] =>
  [...touched.keys()].flatMap((id) => {
    const [old, now] = [before.get(id), after.get(id)]
    return old === undefined || now === undefined ? [] : transitionProblem(now, old.state)
  })
