import { catalogue, coverageLabels, type Item, type MlpsLevel } from '../inventory/mlps/index.ts'
import { families } from '../src/agent/host/index.ts'
import { checkLabels } from '../src/compliance/evidence/claim.ts'
import { sourceLabels } from '../src/compliance/evidence/evidence.ts'
import type { Rule } from '../src/compliance/evidence/rule.ts'
import { reasons, rules } from '../src/compliance/evidence/rules/index.ts'
import { validSeconds } from '../src/compliance/evidence/validity.ts'
import { verdictLabels } from '../src/core/host-evidence.ts'
import { table } from './markdown.ts'

/** How many host checks speak to any of these items. */
const checksOf = (items: readonly string[]): number =>
  families
    .flatMap(({ checks }) => checks)
    .filter((check) => check.items.some((item: string) => items.includes(item))).length

const nameOf = (rule: Rule, item: string): string =>
  rule.from === 'host-check'
    ? `${rule.id}（${checksOf(rule.through.length === 0 ? [item] : rule.through)}）`
    : rule.id

const rulesOf = ({ id }: Item): string =>
  rules
    .filter(({ items }) => items.includes(id))
    .map((rule) => nameOf(rule, id))
    .join('、')

/** The items of a level that can be shown automatically, each with its rules or the reason why it has none. */
export const evidenceTable = (level: MlpsLevel): string =>
  table(
    ['编号', '条款', '控制点', '要点', '程度', '怎样取证', '规则'],
    catalogue(level, { cloud: true }).flatMap((item) => {
      const { id, auto, clause, letter, controlPoint, topic } = item
      if (auto === undefined) return []
      const reason = reasons.get(id)
      return [
        [
          id,
          `${clause} ${letter}`,
          controlPoint,
          topic,
          coverageLabels[auto.coverage],
          auto.how,
          reason === undefined ? rulesOf(item) : `无：${reason}`,
        ],
      ]
    }),
  )

const ruleTable = (): string =>
  table(
    ['规则', '来源', '看什么', '能说什么', '测评项'],
    rules.map(({ id, from, title, says, items }) => [
      id,
      sourceLabels[from],
      title,
      says.map((verdict) => verdictLabels[verdict]).join('、'),
      items.join('、'),
    ]),
  )

const durationOf = (seconds: number): string =>
  seconds % 86_400 === 0 ? `${seconds / 86_400} 天` : `${seconds / 3600} 小时`

const validityTable = (): string =>
  table(
    ['来源', '有效期'],
    Object.entries(validSeconds).map(([kind, seconds]) => [kind, durationOf(seconds)]),
  )

/** What rules there are, how long evidence counts, and what becomes of recorded results. */
export const evidenceSections = (): readonly string[] => [
  '## 取证规则',
  `规则只说所见：${Object.values(verdictLabels).join('、')}。它只作建议，结果由人记录（\`yiwang mlps set\`）；但所见与记录相反时，立即列为${checkLabels.contradicted}（\`yiwang mlps contradictions\`）。`,
  ruleTable(),
  '名称带 `yiwang-test` 的三种 HTTP 探测由台账中的探测写明：在记录的 `probes` 里加一个 `http` 探测，路径带 `yiwang-test=attack`（应被拦下的无害测试请求）、`yiwang-test=virus`（EICAR 测试文件的地址）或 `yiwang-test=input`（畸形输入）。只认以状态码表示的应答；连接被重置不作判断。',
  '### 有效期',
  '证据自所见之时起在有效期内才算数，有效期是本产品的取值；探测间隔更长的，按三个间隔计。探针失联后，它所见的不再作数。',
  validityTable(),
  '### 核对记录的结果',
  table(
    ['核对', '何时'],
    [
      [checkLabels.contradicted, '记录为符合或不适用，而有效证据支持不符合'],
      [checkLabels.consistent, '记录为符合而有效证据支持符合；记录为部分符合或不符合而有效证据支持不符合'],
      [checkLabels.stale, '本可判断的证据都已过期'],
      [checkLabels.unverifiable, '没有证据、证据不能判断、探针失联，或所见说明不了记录的结果'],
    ],
  ),
]
