import { expect, test } from 'vitest'
import { availabilityOf, type Hour } from '../../src/security/availability.ts'
import { inventoryOf, node } from '../collector/support.ts'

const line = (id: string, operator: string | undefined, circuit?: string) => ({
  ...{ id, kind: 'line' as const, to: 'n-0', address: '192.0.2.1' },
  ...(operator !== undefined && { operator }),
  ...(circuit !== undefined && { circuit }),
})
const inventory = inventoryOf({
  node: [
    node('n-0'),
    node('n-1', { uplinks: [line('u1', '电信', 'D-1'), line('u2', '移动')] }),
    node('n-2', { uplinks: [line('u1', '电信', 'D-2')] }),
  ],
})
const hour = (target: string, up: number, down: number, more: Partial<Hour> = {}): Hour => ({
  ...{ target, kind: 'icmp', up, down, secondsSum: up * 0.01, lossSum: 0, lossCount: 0 },
  ...more,
})

test('each operator as a whole, then its lines, the worst first; what is no line does not count', () => {
  const report = availabilityOf(inventory, [
    hour('n-1/u1', 100, 0, { lossSum: 5, lossCount: 100 }),
    hour('n-2/u1', 10, 90),
    hour('n-2/u1', 0, 0),
    hour('n-1/u2', 50, 50),
    hour('n-1', 0, 100),
    hour('n-1/u1', 0, 100, { kind: 'tcp' }),
  ])
  expect(report).toEqual([
    {
      operator: '电信',
      lines: 2,
      looks: 200,
      upRatio: 0.55,
      lossRatio: 0.05,
      roundTripSeconds: 0.01,
      downHours: 1,
    },
    {
      operator: '电信',
      circuit: 'D-2',
      line: 'n-2/u1',
      lines: 1,
      looks: 100,
      upRatio: 0.1,
      roundTripSeconds: 0.01,
      downHours: 1,
    },
    {
      operator: '电信',
      circuit: 'D-1',
      line: 'n-1/u1',
      lines: 1,
      looks: 100,
      upRatio: 1,
      lossRatio: 0.05,
      roundTripSeconds: 0.01,
      downHours: 0,
    },
    { operator: '移动', lines: 1, looks: 100, upRatio: 0.5, roundTripSeconds: 0.01, downHours: 0 },
    {
      operator: '移动',
      line: 'n-1/u2',
      lines: 1,
      looks: 100,
      upRatio: 0.5,
      roundTripSeconds: 0.01,
      downHours: 0,
    },
  ])
})

test('a line at which nobody could look is no line that never answered', () => {
  expect(availabilityOf(inventory, [hour('n-1/u1', 0, 0)])).toEqual([])
})
