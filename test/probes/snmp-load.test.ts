import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Line, type Peak, loadOf, withPeaks } from '../../probes/snmp/load.ts'

const gigabit = 1e9
const line = (octets: number, more: Partial<Line> = {}): Line => ({
  index: 1,
  name: 'ge-0',
  speedBitsPerSecond: gigabit,
  inOctets: octets,
  outOctets: 0,
  ...more,
})

/** Octets of a line that is full for a second. */
const second = gigabit / 8

describe('the load between two looks a minute apart', () => {
  test.each([
    { name: 'half full', before: line(0), now: line(30 * second), load: 0.5 },
    {
      name: 'the fuller direction counts',
      before: line(0),
      now: line(0, { outOctets: 45 * second }),
      load: 0.75,
    },
    {
      name: '64 bits, past what 32 hold',
      before: line(2 ** 40),
      now: line(2 ** 40 + 60 * second),
      load: 1,
    },
    { name: 'a counter that went back', before: line(60 * second), now: line(0), load: undefined },
    { name: 'no speed', before: line(0), now: line(1, { speedBitsPerSecond: undefined }), load: undefined },
    { name: 'no counter', before: line(0), now: line(1, { outOctets: undefined }), load: undefined },
    { name: 'more than the line can carry', before: line(0), now: line(70 * second), load: undefined },
    {
      name: '32 bits that may have gone round',
      before: line(0, { narrowOctets: true }),
      now: line(second, { narrowOctets: true }),
      load: undefined,
    },
    {
      name: '32 bits of a line too slow to go round',
      before: line(0, { narrowOctets: true }),
      now: line(375_000, { narrowOctets: true, speedBitsPerSecond: 1e5 }),
      load: 0.5,
    },
  ])('$name', ({ before, now, load }) => {
    expect(loadOf(before, now, 60)).toBe(load)
  })
})

const minute = 60_000
/** Wednesday. */
const start = Date.parse('2026-11-25T02:00:00Z')
const week = 7 * 86_400_000

interface Step {
  /** Minutes since the start. */
  readonly at: number
  readonly load: number
  /** The device has started anew: its clock and counters are at 0. */
  readonly restarted?: boolean
}

/** Looks at a line that was so full before each of them; the first has nothing before it. */
const watch = (steps: readonly Step[]): readonly Peak[] => {
  let previous: { counted: { at: number; upSeconds: number }; interfaces: readonly Line[] } | undefined
  for (const { at, load, restarted = false } of steps) {
    const then = previous?.counted.at ?? start
    const now = start + at * minute
    const seconds = (now - then) / 1000
    const [up, octets] = restarted
      ? [1, 0]
      : [previous?.counted.upSeconds ?? 1000, previous?.interfaces[0]?.inOctets ?? 0]
    const counted = { at: now, upSeconds: restarted ? up : up + seconds }
    const interfaces = [line(octets + load * seconds * second)]
    previous = { counted, interfaces: withPeaks(previous, counted, interfaces) }
  }
  return previous?.interfaces[0]?.peaks ?? []
}

describe('peaks', () => {
  test('none after one look', () => {
    expect(watch([{ at: 0, load: 0.9 }])).toEqual([])
  })

  test('the highest stands, and all that was watched is counted', () => {
    const peaks = watch([
      { at: 0, load: 0 },
      { at: 1, load: 0.25 },
      { at: 6, load: 0.75 },
      { at: 7, load: 0.5 },
    ])
    const at = start + 6 * minute
    expect(peaks).toEqual([{ week: '2026-W48', ratio: 0.75, at, seconds: 300, watchedSeconds: 420 }])
  })

  test('a device that starts anew loses none, and makes none', () => {
    const peaks = watch([
      { at: 0, load: 0 },
      { at: 1, load: 0.5 },
      { at: 2, load: 1, restarted: true },
      { at: 3, load: 0.25 },
    ])
    expect(peaks).toMatchObject([{ ratio: 0.5, watchedSeconds: 120 }])
  })

  test('last week stands beside this one, and the week before it no more', () => {
    const minutes = week / minute
    const steps = [
      { at: 0, load: 0 },
      { at: 1, load: 0.5 },
      { at: minutes, load: 0 },
      { at: minutes + 1, load: 0.25 },
    ]
    expect(watch(steps)).toMatchObject([
      { week: '2026-W48', ratio: 0.5 },
      { week: '2026-W49', ratio: 0.25 },
    ])
    const later = { at: 2 * minutes, load: 0.125 }
    expect(watch([...steps, later])).toMatchObject([
      { week: '2026-W49', ratio: 0.25 },
      { week: '2026-W50', ratio: 0.125 },
    ])
  })

  test('another interface at the same index starts anew', () => {
    const counted = { at: start, upSeconds: 100 }
    const before = { counted, interfaces: [line(0)] }
    const after = { at: start + minute, upSeconds: 160 }
    expect(withPeaks(before, after, [line(second, { name: 'ge-9' })])[0]).not.toHaveProperty('peaks')
  })

  test('whatever is remembered, nothing is thrown', () => {
    fc.assert(
      fc.property(fc.anything(), (previous) => {
        const lines = [line(1)]
        expect(withPeaks(previous, { at: start, upSeconds: 1 }, lines)).toEqual(lines)
      }),
    )
  })
})
