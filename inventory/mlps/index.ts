export {
  type Assessment,
  type Asset,
  type Finding,
  judgementLabels,
  objectLabels,
  type Remediation,
  remediationLabels,
  type RemediationState,
  type Result,
  resultLabels,
  type Waiver,
} from './assessment.ts'
export * from './catalogue.ts'
export {
  type AssetKind,
  assetLabels,
  type CategoryCode,
  categoryLabels,
  type Confidence,
  confidenceLabels,
  type Coverage,
  coverageLabels,
  idBasisLabels,
  type Item,
  type Mapping,
  mappingLabels,
  type Method,
  methodLabels,
  mitigationLabels,
  type MlpsLevel,
  mlpsLevels,
  type Part,
  partLabels,
  type RiskList,
  type Scenario,
} from './model.ts'
export { loadWording, type WordedItem, type Wording, type WordingRow, withWording } from './wording.ts'
export { holds } from './waivers.ts'
