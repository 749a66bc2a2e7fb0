import zlib from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gzipOf } from '../../src/collector/gzip.ts'
import type { Sighting } from '../../src/collector/history/port.ts'
import { chunksOf, type Piece } from '../../src/collector/http-pieces.ts'
import { createJudge, judge } from '../../src/collector/judge.ts'
import { createSheets } from '../../src/collector/sheets.ts'
import { atOnce } from '../../src/collector/slices.ts'
import { exposition, type Family, formats } from '../../src/metrics/exposition.ts'
import { parseExposition } from '../metrics/parse.ts'
import { down, inventoryOf, job, line, node, observation, planOf } from './support.ts'

const start = Date.parse('2026-11-23T08:00:00Z')

const ids = Array.from({ length: 20 }, (_, at) => `n${at}`)
const devices = ['d0', 'd1', 'd2']
const inventory = inventoryOf({
  node: [node('city'), ...ids.map((id) => node(id, { uplinks: line('city') }))],
  device: devices.map((id) => ({ id, name: '路由器', role: 'router', node: 'n0', address: '10.0.0.1' })),
})
const jobs = [
  ...['city', ...ids, ...devices].map((id) => job(id)),
  ...devices.map((id) => job(id, { kind: 'snmp', intervalSeconds: 300 })),
  ...devices.map((id) => job(id, { kind: 'snmp-trap', expect: 'events' })),
  job('city', { vantage: 'internet', expect: 'unreachable' }),
]
const plan = planOf(inventory, jobs)

const count = fc.oneof(fc.nat(), fc.constantFrom(0, 1e21, 2 ** 63))
const row = fc.record(
  {
    name: fc.constantFrom('eth0', '外网"\\\n', 'x'.repeat(200)),
    operUp: fc.boolean(),
    inOctets: count,
    outOctets: count,
  },
  { requiredKeys: ['name'] },
)
const interfaces = fc
  .array(row, { maxLength: 6 })
  .map((rows) => rows.map((each, index) => ({ ...each, index })))
const rtts = fc.record({ min: fc.double(), avg: fc.double(), max: fc.double() }, { requiredKeys: [] })
/** Mostly the same interfaces, whose counters come back to what they were. */
const steady = fc.array(fc.constantFrom(0, 1, 10), { minLength: 4, maxLength: 4 }).map((values) => ({
  interfaces: values.map((inOctets, index) => ({ index, name: `eth${index}`, inOctets })),
}))
const facts = fc.oneof(
  { weight: 3, arbitrary: steady },
  fc.record({ interfaces, sysUpTimeSeconds: fc.double({ min: 0 }) }, { requiredKeys: [] }),
  fc.record({ rttSeconds: rtts, lossRatio: fc.double() }, { requiredKeys: [] }),
  fc.constantFrom({}, { interfaces: 'none', rttSeconds: 7 }),
)
const look = fc.record({
  of: fc.oneof(
    fc.constantFrom(...jobs),
    fc.constantFrom(...jobs.filter(({ kind }) => kind === 'snmp').slice(0, 2)),
  ),
  agent: fc.constantFrom('a', 'b'),
  what: fc.constantFrom({}, {}, {}, down, { status: 'unknown', cause: 'permission' } as const),
  seconds: fc.oneof(fc.constantFrom(0.001, 0.01), fc.double({ min: 0, max: 10, noNaN: true })),
  facts,
})
const turn = fc.record({
  looks: fc.array(look, { maxLength: 12 }),
  silent: fc.subarray(['a', 'b']),
  seconds: fc.constantFrom(0, 15, 91, 1000),
})

const plainOf = (pieces: Iterable<Piece>): string =>
  Buffer.concat(
    Array.from(chunksOf(pieces), (chunk) => (Buffer.isBuffer(chunk) ? chunk : chunk.bytes)),
  ).toString()
const unpackedOf = (pieces: Iterable<Piece>): string =>
  zlib.gunzipSync(Buffer.concat([...gzipOf(chunksOf(pieces))])).toString()

/** A reader that took the beginning and comes back for the rest. */
const readLater = (families: readonly Family[], format: (typeof formats)[number], taken: number) => {
  const pieces = exposition(families, format)
  const first: Piece[] = []
  for (let at = 0; at < taken; at += 1) first.push(pieces.next().value ?? '')
  return () => plainOf([...first, ...pieces])
}

test('whatever was seen before, what is shown is what would be shown if written anew, however it is sent', () => {
  fc.assert(
    fc.property(fc.array(turn, { minLength: 1, maxLength: 8 }), fc.nat({ max: 60 }), (turns, taken) => {
      const again = { judge: createJudge(inventory, plan), sheets: createSheets(inventory, plan) }
      const sightings = new Map<string, readonly Sighting[]>()
      const slow: { readonly read: () => string; readonly text: string }[] = []
      let now = start
      for (const { looks, silent, seconds } of turns) {
        now += seconds * 1000
        for (const { of, agent, what, ...more } of looks) {
          const others = (sightings.get(of.id) ?? []).filter((each) => each.agent !== agent)
          const seen = observation(of, { observedAt: now, ...more, ...what })
          sightings.set(of.id, [...others, { agent, observation: seen, since: now }])
        }
        const input = { sightings, now, isHeard: (agent: string) => !silent.includes(agent) }
        const shown = atOnce(again.sheets.show(atOnce(again.judge.judge(input))))
        const anew = atOnce(createSheets(inventory, plan).show(judge({ inventory, plan, ...input })))
        for (const format of formats) {
          const text = plainOf(exposition(anew, format))
          expect(plainOf(exposition(shown, format))).toBe(text)
          expect(unpackedOf(exposition(shown, format))).toBe(text)
          slow.push({ read: readLater(shown, format, taken), text })
        }
      }
      for (const { read, text } of slow) expect(read()).toBe(text)
      const [last] = slow.slice(-1)
      expect(() => parseExposition(last?.text ?? '', 'openmetrics')).not.toThrow()
    }),
    { numRuns: 60 },
  )
})
