import { describe, expect, test } from 'vitest'
import { type Policy, dueAt, retryAt } from '../../../src/security/notify/policy.ts'

const policy: Policy = {
  timezone: 'Asia/Shanghai',
  quiet: { from: '22:00', to: '07:30', unless: 'high' },
  digest: { severity: 'low', seconds: 1800 },
}
const at = (time: string): number => Date.parse(`2026-11-${time}+08:00`)

describe('when a notice is told', () => {
  test.each([
    ['by day, at once', 'medium', '26T12:00:01', '26T12:00:01'],
    ['what can wait, with the next digest', 'low', '26T12:00:01', '26T12:30:00'],
    ['in quiet hours, when they end', 'medium', '26T23:00:00', '27T07:30:00'],
    ['past midnight, too', 'medium', '27T03:00:00', '27T07:30:00'],
    ['what is grave, at once', 'high', '27T03:00:00', '27T03:00:00'],
    ['a digest that falls into quiet hours, when they end', 'low', '26T21:45:00', '27T07:30:00'],
    ['at the very end, at once', 'medium', '27T07:30:00', '27T07:30:00'],
  ] as const)('%s', (_, severity, now, due) => {
    expect(dueAt(severity, at(now), policy)).toBe(at(due))
  })

  test('quiet hours within one day, and none', () => {
    const noon = { ...policy, quiet: { from: '12:00', to: '14:00', unless: 'critical' } } as const
    expect(dueAt('high', at('26T13:00:00'), noon)).toBe(at('26T14:00:00'))
    expect(dueAt('high', at('26T15:00:00'), noon)).toBe(at('26T15:00:00'))
    expect(dueAt('medium', at('27T03:00:00'), { ...policy, quiet: { unless: 'high' } })).toBe(
      at('27T03:00:00'),
    )
  })
})

test('retries: farther and farther apart, half an hour at most, a day in all', () => {
  expect([1, 2, 3, 30].map((failures) => retryAt(failures, 0, 0))).toEqual([5000, 10_000, 20_000, 1_800_000])
  expect(retryAt(3, 0, 86_400_001)).toBeUndefined()
})
