import { createHash } from 'node:crypto'
import { attachmentFolder, keepBytes } from '../../inventory/attachments/store.ts'
import { type Bulletin, type BulletinKind, bulletinNumber } from '../../inventory/bulletin.ts'
import type { Attachment } from '../../inventory/fields.ts'
import type { Inventory, InventoryStore } from '../../inventory/store.ts'
import { dayIn } from '../core/day.ts'
import { UsageFault } from '../core/fault.ts'
import type { Template } from '../reports/docx/template-file.ts'
import type { Corrected, Report } from '../reports/model.ts'
import { render, reportFormats } from '../reports/render.ts'
import { cutoffOf, makeReport, nextNumber, type ReportGround, type ReportRequest } from './reports.ts'

/** A request for what is numbered and frozen: a week or a month. */
export interface IssueRequest extends ReportRequest {
  readonly kind: BulletinKind
}

export interface Issuer {
  readonly actor: string
  readonly reason: string
}

export interface Issued {
  readonly bulletin: Bulletin
  readonly revision: number
}

const digits = 3

const bulletinId = (
  { kind, unit }: IssueRequest,
  { year, issue }: { readonly year: number; readonly issue: number },
): string => `${kind}-${year}-${String(issue).padStart(digits, '0')}${unit === undefined ? '' : `.${unit}`}`

/** The newest bulletin of a period, as far as it is issued. */
export const issuedFor = (
  inventory: Inventory,
  { kind, unit, period }: Pick<ReportRequest, 'kind' | 'unit' | 'period'>,
): Bulletin | undefined =>
  [...inventory.bulletin.values()]
    .filter((each) => each.kind === kind && each.unit === unit && each.period === period.name)
    .toSorted((left, right) => left.year - right.year || left.issue - right.issue)
    .at(-1)

/** Every form of it, each durable beside the inventory before a record speaks of it. */
const keepFiles = async (
  dataFolder: string,
  report: Report,
  { id, template }: { readonly id: string; readonly template: Template | undefined },
): Promise<readonly Attachment[]> => {
  const files: Attachment[] = []
  const keep = async (name: string, bytes: Uint8Array): Promise<void> => {
    await keepBytes(attachmentFolder(dataFolder), bytes)
    const hash = createHash('sha256').update(bytes).digest('hex')
    files.push({ hash, name, bytes: bytes.length })
  }
  for (const format of reportFormats) {
    await keep(`${id}.${format}`, await render(report, format, template))
  }
  if (template !== undefined) await keep(`${id}.template.docx`, template.bytes)
  return files
}

const refuseUnfinished = ({ context }: ReportGround, { period, kind }: IssueRequest): void => {
  const today = dayIn(context.timeZone, context.now)
  if (period.range.to < today) return
  throw new UsageFault([
    {
      where: '--period',
      message: `expected a period that is over on ${today}, got ${period.name}, which ends on ${period.range.to}`,
      suggestion: `\`yiwang report ${kind}\` makes a draft of it`,
    },
  ])
}

interface Replaced {
  readonly bulletin: Bulletin
  readonly reason: string
}

const correctedOf = ({ context }: ReportGround, { bulletin, reason }: Replaced): Corrected => ({
  number: bulletinNumber(bulletin),
  issuedOn: dayIn(context.timeZone, Date.parse(bulletin.issuedAt)),
  sha256: bulletin.files[0]?.hash ?? '',
  reason,
})

const put = async (store: InventoryStore, record: Bulletin, { actor, reason }: Issuer): Promise<Issued> => {
  const { revision } = await store.change({
    actor,
    reason,
    operations: (newest) => {
      // It says from which revision it was made: that must still be the one that it takes its number from.
      if (newest.revision !== record.storeRevision)
        throw new UsageFault([
          {
            where: `bulletin/${record.id}`,
            message: `expected revision ${record.storeRevision}, got ${newest.revision}: somebody changed the inventory meanwhile`,
            suggestion: 'run the command again',
          },
        ])
      return [{ op: 'put', collection: 'bulletin', record }]
    },
  })
  return { bulletin: record, revision }
}

/**
 * Issues a report: it gets its number, its files are frozen by their hashes, and the audit log says so. `replaced`: an
 * earlier bulletin that it corrects. Throws `UsageFault` for a period that is not over or was issued already.
 */
export const issueReport = async (
  store: InventoryStore,
  ground: ReportGround,
  given: { readonly request: IssueRequest; readonly issuer: Issuer; readonly replaced?: Replaced },
): Promise<Issued> => {
  const { inventory, context, config, auditHead } = ground
  const { request, issuer, replaced } = given
  refuseUnfinished(ground, request)
  const before = issuedFor(inventory, request)
  if (before !== undefined && before.id !== replaced?.bulletin.id)
    throw new UsageFault([
      {
        where: request.period.name,
        message: `expected a period without a bulletin, it was issued as ${before.id} (${bulletinNumber(before)})`,
        suggestion: `\`yiwang report correct ${before.id} --why …\` issues a correction (更正)`,
      },
    ])
  const day = dayIn(context.timeZone, context.now)
  const number = nextNumber(inventory, request, day)
  const id = bulletinId(request, number)
  const report = await makeReport(ground, {
    ...request,
    issuedOn: day,
    ...(replaced !== undefined && { corrects: correctedOf(ground, replaced) }),
  })
  const record: Bulletin = {
    id,
    kind: request.kind,
    ...number,
    period: request.period.name,
    ...(request.unit !== undefined && { unit: request.unit }),
    issuedAt: new Date(context.now).toISOString(),
    issuedBy: issuer.actor,
    storeRevision: inventory.revision,
    auditHead,
    evidenceCutoff: new Date(cutoffOf(context, request.period)).toISOString(),
    files: [...(await keepFiles(config.dataFolder, report, { id, template: request.template }))],
    ...(replaced !== undefined && { corrects: replaced.bulletin.id, reason: replaced.reason }),
  }
  return put(store, record, issuer)
}
