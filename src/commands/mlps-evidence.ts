import { Args, Flags } from '@oclif/core'
import { assessmentOf } from '../../inventory/mlps/edit.ts'
import { type Assessment, itemById, resultLabels } from '../../inventory/mlps/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import { type Claim, type Check, checkLabels } from '../compliance/evidence/claim.ts'
import {
  type Evidence,
  type EvidenceStanding,
  type Source,
  sourceLabels,
  standingLabels,
  standingOf,
} from '../compliance/evidence/evidence.ts'
import { unkeptText } from '../compliance/evidence/unkept.ts'
import { exitCodes, UsageFault } from '../core/fault.ts'
import { type Verdict, verdictLabels } from '../core/host-evidence.ts'
import { type Examination, examineInventory } from '../service/evidence.ts'
import { age } from '../terminal/age.ts'
import { type Column, table } from '../terminal/table.ts'
import { instantOf } from './as-of.ts'
import { YiwangCommand } from './base.ts'
import { codeOf, listed } from './mlps-words.ts'

interface Shown extends Evidence {
  readonly standing: EvidenceStanding
  readonly ageSeconds: number
}

/** Evidence as JSON has it: times in ISO 8601, and how old it is. */
interface EvidenceReport extends Omit<Shown, 'observedAt' | 'validUntil'> {
  readonly observedAt: string
  readonly validUntil: string
}

type ClaimReport = Omit<Claim, 'deciding'> & { readonly deciding?: EvidenceReport }

const shownAt = (evidence: Evidence, now: number): Shown => ({
  ...evidence,
  standing: standingOf(evidence, now),
  ageSeconds: Math.max(0, (now - evidence.observedAt) / 1000),
})

const reportOf = ({ observedAt, validUntil, ...rest }: Shown): EvidenceReport => ({
  ...rest,
  observedAt: new Date(observedAt).toISOString(),
  validUntil: new Date(validUntil).toISOString(),
})

const sourceText = ({ from, target, kind, vantage, agent }: Source): string =>
  [sourceLabels[from], kind, target, vantage && `${vantage}区`, agent].filter(Boolean).join(' ')

const ageText = ({ ageSeconds, standing }: Shown): string =>
  standing === 'valid' ? age(ageSeconds) : `${age(ageSeconds)}，${standingLabels[standing]}`

const evidenceColumns: readonly Column<Shown>[] = [
  { header: '测评', read: ({ assessment }) => assessment, optional: true, least: 6 },
  { header: '资产', read: ({ asset }) => asset, least: 8 },
  { header: '编号', read: ({ item }) => item },
  { header: '说明什么', read: ({ says }) => verdictLabels[says] },
  { header: '所见', read: ({ saw }) => saw, least: 20 },
  { header: '来源', read: ({ source }) => sourceText(source), least: 16, optional: true },
  { header: '距今', read: ageText },
]

const claimColumns = (now: number): readonly Column<Claim>[] => {
  const shown = ({ deciding }: Claim): Shown | undefined => deciding && shownAt(deciding, now)
  return [
    { header: '测评', read: ({ assessment }) => assessment },
    { header: '资产', read: ({ assetName }) => assetName, least: 8 },
    { header: '编号', read: ({ item }) => item },
    { header: '要点', read: ({ item }) => itemById(item)?.topic ?? '', least: 8, optional: true },
    { header: '记录', read: ({ claimed }) => resultLabels[claimed] },
    { header: '核对', read: ({ check }) => checkLabels[check] },
    { header: '所见', read: (claim) => shown(claim)?.saw ?? '没有证据', least: 20 },
    {
      header: '来源',
      read: ({ deciding }) => (deciding ? sourceText(deciding.source) : ''),
      least: 16,
      optional: true,
    },
    {
      header: '距今',
      read: (claim) => {
        const deciding = shown(claim)
        return deciding === undefined ? '' : ageText(deciding)
      },
    },
  ]
}

const narrowing = {
  asset: Flags.string({ summary: 'only on this asset', helpValue: 'ID' }),
  item: Flags.string({ summary: 'only on this item of the catalogue', helpValue: 'ID' }),
  'as-of': Flags.string({
    summary:
      'judge as of the end of this day, or of this time, by what had been seen by then, as far as it is kept; what will have expired is no longer valid (default: now)',
    helpValue: 'DATE',
  }),
}

interface Narrowing {
  readonly assessment?: string | undefined
  readonly asset?: string | undefined
  readonly item?: string | undefined
}

/** Ids that are not there are more likely a slip than a question. */
const checkNarrowing = ({ asset, item }: Narrowing, known: ReadonlyMap<string, unknown>): void => {
  if (asset !== undefined && !known.has(asset))
    throw new UsageFault([
      { where: '--asset', message: `expected the id of an asset of an assessment, got ${asset}` },
    ])
  if (item !== undefined && itemById(item)?.auto === undefined)
    throw new UsageFault([
      {
        where: '--item',
        message: `expected an item that can be shown automatically, got ${item}`,
        suggestion: '`yiwang mlps catalog --cloud --auto` lists them',
      },
    ])
}

abstract class EvidenceCommand extends YiwangCommand {
  protected async examination(
    flags: Narrowing & {
      readonly data?: string | undefined
      readonly config?: string | undefined
      readonly 'as-of'?: string | undefined
    },
  ): Promise<Examination> {
    const config = this.configuration(flags)
    const now = instantOf(flags['as-of'], config.timezone, Date.now())
    await using store = await this.openInventory(config)
    const inventory = await store.read()
    if (flags.assessment !== undefined)
      this.noteContinued(inventory, assessmentOf(inventory, flags.assessment))
    checkNarrowing(flags, inventory.asset)
    const examination = await examineInventory(config, inventory, now)
    const lost = unkeptText(examination.unkept)
    if (lost !== undefined) this.note(lost)
    return examination
  }

  /** Of what another goes on from nothing is compared: nobody would guess that from an empty list. */
  private noteContinued({ assessment }: Inventory, { id }: Assessment): void {
    const next = assessment.values().find(({ previous }) => previous === id)
    if (next !== undefined) this.note(`${id} 已由 ${next.id} 接续，只核对后者`)
  }
}

const isWanted =
  (flags: Narrowing) =>
  ({
    assessment,
    asset,
    item,
  }: {
    readonly assessment: string
    readonly asset: string
    readonly item: string
  }) =>
    (flags.assessment === undefined || flags.assessment === assessment) &&
    (flags.asset === undefined || flags.asset === asset) &&
    (flags.item === undefined || flags.item === item)

export class MlpsEvidence extends EvidenceCommand {
  static override readonly summary =
    'list what probes, host checks and the inventory itself show of the items of assessments'
  static override readonly description =
    'Each piece says 支持符合, 支持不符合 or 不能判断, never more than was seen, and how old it is. It proposes: a result is recorded by a person (`yiwang mlps set`).'
  static override readonly examples = [
    '<%= config.bin %> mlps evidence net-2026 --says 支持不符合',
    '<%= config.bin %> mlps evidence --item L3-CES1-03 --json',
  ]
  static override readonly args = {
    assessment: Args.string({ description: 'id of the assessment (default: every one)' }),
  }
  static override readonly flags = {
    ...narrowing,
    says: Flags.string({ summary: `only what says so: ${listed(verdictLabels)}` }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MlpsEvidence)
    const says: Verdict | undefined =
      flags.says === undefined ? undefined : codeOf(verdictLabels, flags.says, '--says')
    const wanted = { ...args, ...flags }
    const { now, examined, unkept } = await this.examination(wanted)
    const shown = examined
      .flatMap(({ evidence }) => evidence)
      .filter(isWanted(wanted))
      .filter((evidence) => says === undefined || evidence.says === says)
      .map((evidence) => shownAt(evidence, now))
    if (!this.jsonEnabled()) {
      this.line(table(evidenceColumns, shown))
      this.note(`${shown.length} 条，是本产品的判断，不代表测评结论；结果由人记录（yiwang mlps set）`)
    }
    return { asOf: new Date(now).toISOString(), unkept, evidence: shown.map(reportOf) }
  }
}

const countOf = (claims: readonly Claim[]): Readonly<Record<Check, number>> => {
  const groups = Map.groupBy(claims, ({ check }) => check)
  const of = (check: Check): number => groups.get(check)?.length ?? 0
  return {
    consistent: of('consistent'),
    contradicted: of('contradicted'),
    stale: of('stale'),
    unverifiable: of('unverifiable'),
  }
}

export class MlpsContradictions extends EvidenceCommand {
  static override readonly summary = 'list recorded results that evidence contradicts (矛盾)'
  static override readonly description =
    'Exit code 0: nothing recorded is contradicted, 3: something is. What nobody can look at, or an agent that is not heard, contradicts nothing: it is 无法验证.'
  static override readonly examples = [
    '<%= config.bin %> mlps contradictions',
    '<%= config.bin %> mlps contradictions net-2026 --check 证据过期',
  ]
  static override readonly args = {
    assessment: Args.string({ description: 'id of the assessment (default: all)' }),
  }
  static override readonly flags = {
    ...narrowing,
    check: Flags.string({
      summary: `list recorded results of this standing instead: ${listed(checkLabels)}`,
      default: 'contradicted',
    }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MlpsContradictions)
    const wanted = codeOf(checkLabels, flags.check, '--check')
    const { now, claims, unkept } = await this.examination({ ...flags, assessment: args.assessment })
    const own = claims.filter(isWanted({ ...flags, assessment: args.assessment }))
    const counts = countOf(own)
    const shown = own.filter(({ check }) => check === wanted)
    if (!this.jsonEnabled()) {
      if (shown.length > 0) this.line(table(claimColumns(now), shown))
      this.note(
        (Object.keys(checkLabels) as Check[])
          .map((check) => `${checkLabels[check]} ${counts[check]}`)
          .join('，'),
      )
    }
    if (counts.contradicted > 0) process.exitCode = exitCodes.targetFailed
    return {
      asOf: new Date(now).toISOString(),
      counts,
      unkept,
      claims: shown.map(({ deciding, ...claim }): ClaimReport => ({
        ...claim,
        ...(deciding && { deciding: reportOf(shownAt(deciding, now)) }),
      })),
    }
  }
}
