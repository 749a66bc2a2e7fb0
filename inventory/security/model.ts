import { z } from 'zod'
import { id, name, regionCode, remark } from '../fields.ts'

/** Records of security monitoring that people keep: when not to be told, of what not, and who is on duty. */

const instant = z.iso.datetime({ offset: true })
const date = z.iso.date()
const why = z.string().min(1).max(1000)

/** Work that was announced (维护窗口): what goes wrong on these targets meanwhile opens no finding. */
export const maintenance = z.strictObject({
  id,
  name,
  startsAt: instant,
  endsAt: instant,
  /** Nodes, systems and devices. */
  targets: z.array(id).max(1000).default([]),
  /** Region codes; everything in them. */
  regions: z.array(regionCode).max(1000).default([]),
  why,
  remark: remark.optional(),
})

/** Somebody answers for leaving what a rule finds on a target as it is (例外), until a day. */
export const exception = z.strictObject({
  id,
  /** `tls.old-version`; `yiwang rule list` names them. */
  rule: z.string().regex(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/u, 'expected the id of a rule: tls.old-version'),
  /** Node, system or device. */
  target: id,
  why,
  approver: z.string().min(1).max(60),
  approvedOn: date,
  /** The last day on which it holds. */
  expiresOn: date,
  remark: remark.optional(),
})

/** One turn of the duty roster (值班表). */
export const duty = z.strictObject({
  id,
  startsAt: instant,
  endsAt: instant,
  /** Told first. */
  contacts: z.array(id).min(1).max(20),
  /** Told next, one after the other, as long as nobody acknowledges. */
  escalation: z.array(id).max(10).default([]),
  remark: remark.optional(),
})

export type Maintenance = z.output<typeof maintenance>
export type Exception = z.output<typeof exception>
export type Duty = z.output<typeof duty>
