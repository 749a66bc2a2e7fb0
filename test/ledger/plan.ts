import { calendarWith } from '../../inventory/ledger/index.ts'
import type { Inventory, Operation } from '../../inventory/store.ts'
import { settings } from '../../src/config/settings.ts'
import { type Context, policyOf } from '../../src/ledger/index.ts'
import { inventoryOf } from '../inventory/exchange-support.ts'
import { county, put } from '../inventory/store-fixtures.ts'

/** A small plan to derive things from, and moments of 2018 in Shanghai. */

export const timeZone = 'Asia/Shanghai'

export const at = (text: string): number => Date.parse(text.length === 10 ? `${text}T12:00:00+08:00` : text)

export const context = (now: string, more: Partial<Context> = {}): Context => ({
  now: at(now),
  timeZone,
  calendar: calendarWith(),
  policy: policyOf(settings.parse({}).ledger),
  ...more,
})

export const task = (id: string, more: object = {}): Operation =>
  put('task', { id, plan: 'p', name: `任务${id}`, verification: 'probe', lead: ['u-410202'], ...more })

export const milestone = (id: string, date: string, more: object = {}): Operation =>
  put('milestone', { id, task: id.replace(/-m\d$/u, ''), date, ...more })

let serial = 0
const signed = { sha256: 'a'.repeat(64), name: '核验单.pdf', size: 1 }

/** A move at noon of a day, or at a moment. */
export const move = (subject: string, to: string, when: string): Operation =>
  put('progress', {
    id: `${subject}-p${String((serial += 1)).padStart(6, '0')}`,
    subject,
    at: new Date(at(when)).toISOString(),
    by: '王工',
    kind: 'move',
    to,
    text: '说明',
    documents: to === 'verified' ? [signed] : [],
  })

export const plan: readonly Operation[] = [...county, put('workplan', { id: 'p', name: '方案' })]

/** What would be stored of the plan and these records. */
export const recorded = (...operations: readonly Operation[]): Inventory =>
  inventoryOf([...plan, ...operations])
