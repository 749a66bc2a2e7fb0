import type { Transition } from '../../src/security/book.ts'
import type { Finding } from '../../src/security/events.ts'
import type { RecordGround } from '../../src/security/incidents.ts'
import type { TickGround } from '../../src/security/tick.ts'
import { siteWith, start } from './scene.ts'

/** Findings as they open and close, and the ground on which they are written down. */

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs

type Ground = RecordGround & TickGround

export const ground = (now: number, more: Partial<Ground> = {}): Ground => ({
  now,
  inventory: siteWith(),
  roster: { tiers: [['c-1'], ['c-2'], ['c-3']] },
  patience: { critical: 5, high: 15, medium: 60, low: 1440 },
  reporter: 'other',
  reopenMs: 24 * hourMs,
  timezone: 'Asia/Shanghai',
  verdicts: new Map(),
  ...more,
})

export const finding = (target: string, more: Partial<Finding> = {}): Finding => ({
  ...{ id: `system.down@standing:${target}`, rule: 'system.down', title: '信息系统无法访问' },
  ...{ severity: 'high', category: 'failure', target, targetName: target },
  ...{ saw: '拒绝', why: '', remedy: '', clauses: [], firstSeenAt: start, openedAt: start, flapping: false },
  ...more,
})
export const opening = (of: Finding, ...keys: readonly string[]): Transition => ({
  ...{ change: 'opened', at: of.openedAt, finding: of },
  cause: { keys: [keys[0] ?? of.id, ...keys.slice(1)], behind: [] },
})
export const closing = (of: Finding, at: number, supersededBy?: readonly string[]): Transition => ({
  ...{ change: 'closed', at, finding: { ...of, closedAt: at } },
  ...(supersededBy && { supersededBy }),
})
