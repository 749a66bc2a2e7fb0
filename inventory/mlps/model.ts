import { z } from 'zod'
import { keysOf } from '../fields.ts'

/**
 * 等级保护 (MLPS) by GB/T 22239-2019 as this product explains it: the shape of catalogue.json and risks.json,
 * which `scripts/mlps-catalogue.ts` makes of the YAML files in catalogue/. Labels are what officials read.
 */

export const mlpsLevels = [2, 3] as const
export type MlpsLevel = (typeof mlpsLevels)[number]

export const partLabels = { general: '安全通用要求', cloud: '云计算安全扩展要求' } as const
export type Part = keyof typeof partLabels

/** In the order of the standard. */
export const categoryLabels = {
  PES: '安全物理环境',
  CNS: '安全通信网络',
  ABS: '安全区域边界',
  CES: '安全计算环境',
  SMC: '安全管理中心',
  PSS: '安全管理制度',
  ORS: '安全管理机构',
  HRS: '安全管理人员',
  CMS: '安全建设管理',
  MMS: '安全运维管理',
} as const
export type CategoryCode = keyof typeof categoryLabels

export const methodLabels = { interview: '访谈', examine: '核查', test: '测试' } as const
export type Method = keyof typeof methodLabels

/** What an item is assessed on. */
export const assetLabels = {
  room: '机房',
  link: '通信线路',
  'network-device': '网络设备',
  'security-device': '安全设备',
  server: '服务器',
  terminal: '终端',
  database: '数据库',
  middleware: '中间件',
  application: '业务应用',
  data: '数据',
  'management-tool': '安全管理与运维工具',
  'cloud-platform': '云平台',
  management: '管理体系',
} as const
export type AssetKind = keyof typeof assetLabels

/** How much of an item a probe or an agent can show. */
export const coverageLabels = { full: '全部', partial: '部分' } as const
export type Coverage = keyof typeof coverageLabels

/** Whether an assessment id appears in a public list, or was counted on from it. */
export const idBasisLabels = { sourced: '见于公开清单', derived: '按顺序推定' } as const

export const confidenceLabels = {
  'two-sources': '两个及以上来源',
  'one-source': '单一来源',
  unsourced: '未查到来源',
} as const
export type Confidence = keyof typeof confidenceLabels

/** Who ties a scenario to an item: its list, its list by way of the level above, or this product. */
export const mappingLabels = {
  listed: '清单所列',
  'carried-over': '沿用三级同题项',
  own: '本产品对应',
} as const
export type Mapping = keyof typeof mappingLabels

/** `none`: no measure elsewhere makes up for it. */
export const mitigationLabels = {
  none: '不接受缓解',
  'none-if-internet-facing': '面向互联网时不接受缓解',
} as const

/** Read-only in depth, as `catalogue.ts` freezes it; `readonly()` of every schema would take zod twice the time. */
export type Frozen<T> = T extends readonly (infer Element)[]
  ? readonly Frozen<Element>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T

export const category = keysOf(categoryLabels)
export const coverage = keysOf(coverageLabels)
export const confidence = keysOf(confidenceLabels)
export const mapping = keysOf(mappingLabels)

/** What a person writes of an item. */
export const itemText = {
  topic: z.string(),
  /** One sentence, ours: never the standard's own. */
  requirement: z.string(),
  methods: z.array(keysOf(methodLabels)),
  evidence: z.array(z.string()),
  assets: z.array(keysOf(assetLabels)),
}

const item = z.object({
  /** Of GB/T 28448: `L3-CES1-01`. */
  id: z.string(),
  idBasis: keysOf(idBasisLabels),
  level: z.literal(mlpsLevels),
  part: keysOf(partLabels),
  category,
  /** Of the control point: `8.1.4.1`. */
  clause: z.string(),
  controlPoint: z.string(),
  letter: z.string(),
  ...itemText,
  auto: z.object({ coverage, how: z.string() }).optional(),
  risks: z.array(z.object({ scenario: z.string(), mapping })),
})
export type Item = Frozen<z.infer<typeof item>>

/** What a person writes of a scenario. */
export const scenarioText = {
  id: z.string(),
  text: z.string(),
  /** Absent: the list states no level. */
  fromLevel: z.literal([2, 3, 4]).optional(),
  /** Applies to such systems only. */
  limit: z.strictObject({ text: z.string(), confidence: confidence.optional() }).optional(),
  mitigation: keysOf(mitigationLabels).optional(),
  /** Where it belongs, if to no item of this catalogue. */
  beyond: z.string().optional(),
}

const scenario = z.object({
  ...scenarioText,
  confidence,
  levelConfidence: confidence,
  items: z.array(z.object({ item: z.string(), mapping })),
})
export type Scenario = Frozen<z.infer<typeof scenario>>

export const riskListText = {
  id: z.enum(['major-hazard-2025', 'high-risk-2020', 'high-risk-2025']),
  title: z.string(),
  note: z.string(),
  /** What is known to be missing or in doubt. */
  gaps: z.array(z.string()),
}

const riskList = z.object({ ...riskListText, scenarios: z.array(scenario) })
export type RiskList = Frozen<z.infer<typeof riskList>>

export const risksFile = z.array(riskList)

export const aboutText = {
  /** Shown wherever texts of the catalogue are. */
  notice: z.string(),
  standard: z.string(),
  assessmentStandard: z.string(),
  /** What a reader must not take for official. */
  unverified: z.array(z.string()),
}

/**
 * Only shapes here: what a text must be like, and that nothing unknown is there, is checked where people write
 * it, in `scripts/mlps-catalogue.ts`.
 */
export const catalogueFile = z.object({
  about: z.object(aboutText),
  items: z.array(item),
})
export type CatalogueFile = Frozen<z.infer<typeof catalogueFile>>
