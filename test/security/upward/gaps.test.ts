import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type GapGround, gapSeconds, gapsOf, type StatusRow } from '../../../src/security/upward/gaps.ts'

const periodMs = 10
const ground = (now: number, more: Partial<GapGround> = {}): GapGround => ({
  ...{ since: 0, now, periodMs, outages: [] },
  ...more,
})
const inTime = (at: number): StatusRow => ({ at, periodMs, result: 'accepted', settledAt: at + 1 })
const late = (at: number, settledAt: number): StatusRow => ({ at, periodMs, result: 'accepted', settledAt })
const waiting = (at: number): StatusRow => ({ at, periodMs })
const refused = (at: number): StatusRow => ({
  at,
  periodMs,
  result: 'refused',
  settledAt: at + 1,
  detail: '格式',
})

describe('gaps', () => {
  test.each<[string, readonly StatusRow[], GapGround, readonly object[]]>([
    ['all in time', [0, 10, 20].map(inTime), ground(25), []],
    ['one that may still come', [inTime(0), waiting(10)], ground(20), []],
    [
      'one that waits too long',
      [inTime(0), waiting(10)],
      ground(21),
      [{ from: 10, until: 20, reason: 'cut', due: 1, madeUp: 0 }],
    ],
    [
      'made up for, with what the network said',
      [inTime(0), late(10, 35), late(20, 35), inTime(30)],
      ground(39, { outages: [{ since: 11, until: 35, detail: 'ECONNREFUSED' }] }),
      [{ from: 10, until: 30, reason: 'cut', detail: 'ECONNREFUSED', due: 2, madeUp: 2, madeUpAt: 35 }],
    ],
    [
      'never made: nobody ran',
      [inTime(0), inTime(50)],
      ground(55),
      [{ from: 10, until: 50, reason: 'not-made', due: 4, madeUp: 0 }],
    ],
    [
      'nobody runs now',
      [inTime(0)],
      ground(45),
      [{ from: 10, until: 45, reason: 'not-made', due: 3, madeUp: 0 }],
    ],
    [
      'refused, then cut: two spans',
      [refused(0), waiting(10)],
      ground(30),
      [
        { from: 0, until: 10, reason: 'refused', detail: '格式', due: 1, madeUp: 0 },
        { from: 10, until: 20, reason: 'cut', due: 1, madeUp: 0 },
        { from: 20, until: 30, reason: 'not-made', due: 1, madeUp: 0 },
      ],
    ],
    ['one of the future: the clock was wrong', [inTime(0), inTime(900)], ground(15), []],
    ['before the destination was there', [waiting(0), inTime(10)], ground(15, { since: 5 }), []],
    [
      'a period that was longer then',
      [{ at: 0, periodMs: 30, result: 'accepted', settledAt: 25 }, inTime(30)],
      ground(35),
      [],
    ],
  ])('%s', (_, rows, at, gaps) => {
    expect(gapsOf(rows, at)).toEqual(gaps)
  })

  test('whatever came when: spans are in order, do not overlap, and hold what was due and not in time', () => {
    const slots = fc.array(fc.constantFrom('in time', 'late', 'waiting', 'refused', 'none'), {
      maxLength: 40,
    })
    fc.assert(
      fc.property(slots, (states) => {
        const rows = states.flatMap((state, index) => {
          const at = index * periodMs
          if (state === 'none') return []
          if (state === 'in time') return [inTime(at)]
          if (state === 'late') return [late(at, at + periodMs + 5)]
          return [state === 'waiting' ? waiting(at) : refused(at)]
        })
        const gaps = gapsOf(rows, ground(states.length * periodMs + periodMs - 1))
        const missed = states.filter((state) => state !== 'in time').length
        expect(gaps.reduce((sum, { due }) => sum + due, 0)).toBe(missed)
        for (const [index, gap] of gaps.entries()) {
          expect(gap.until).toBeGreaterThan(gap.from)
          expect(gap.from).toBeGreaterThanOrEqual(gaps[index - 1]?.until ?? 0)
        }
      }),
    )
  })

  test('seconds of them after an instant', () => {
    const gaps = gapsOf(
      [inTime(0), waiting(1000), inTime(3000)].map((row) => ({ ...row, periodMs: 1000 })),
      {
        ...ground(3500),
        periodMs: 1000,
      },
    )
    expect(gapSeconds(gaps, 0)).toBe(2)
    expect(gapSeconds(gaps, 1500)).toBe(1.5)
  })
})
