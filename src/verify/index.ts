export type {
  Answer,
  Finding,
  Gap,
  ItemRatio,
  Judged,
  Look,
  NamedFinding,
  NoRatio,
  Part,
  Source,
  Verdict,
  Verified,
  VerifiedRatio,
  VerifyInput,
  VerifySettings,
} from './types.ts'
export { verifyNamed } from './named.ts'
export { namedSystems } from './named-systems.ts'
export { itemRatioOf, ratioOf, ratiosOf } from './ratios.ts'
export { type ContradictedSince, contradictedSince, contradictionFigures, kindFigures } from './figures.ts'
export { countsOf, judgedByRecord, verifyAll, verifySteps } from './verify.ts'
export {
  changesFrom,
  lastVerdicts,
  type RecordedVerdicts,
  recordedWithin,
  type VerdictChange,
  type VerdictRecord,
  type VerdictRun,
} from './changes.ts'
