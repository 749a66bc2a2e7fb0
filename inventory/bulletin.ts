import { z } from 'zod'
import { attachment, id, keysOf, sha256 } from './fields.ts'

/** An issued bulletin (通报): never changed, never removed; what it says lies beside the inventory, by its hash. */

export const bulletinKinds = { weekly: '周通报', monthly: '月督导' } as const
export type BulletinKind = keyof typeof bulletinKinds

export const bulletin = z.strictObject({
  id,
  kind: keysOf(bulletinKinds),
  /** 期号 within year and kind, from 1; a unit's own sheets count for themselves. */
  year: z.int().min(1990).max(2999),
  issue: z.int().min(1).max(9999),
  /** `2018-W26` or `2018-06`. */
  period: z.string().regex(/^\d{4}-(W\d{2}|\d{2})$/u, 'expected a week (2018-W26) or a month (2018-06)'),
  /** Of this unit only. */
  unit: id.optional(),
  /** ISO 8601, UTC. */
  issuedAt: z.iso.datetime(),
  issuedBy: z.string().min(1).max(100),
  /** Revision of the store and head of the audit log that it was made from; nothing after the cut-off is in it. */
  storeRevision: z.int().min(0),
  auditHead: sha256,
  evidenceCutoff: z.iso.datetime(),
  /** One a form. */
  files: z.array(attachment).min(1).max(8),
  /** Bulletin that this one takes the place of (更正), and why. */
  corrects: id.optional(),
  reason: z.string().min(1).max(1000).optional(),
})

export type Bulletin = z.output<typeof bulletin>

export const bulletinNumber = ({ year, issue }: Pick<Bulletin, 'year' | 'issue'>): string =>
  `${year}年第${issue}期`
