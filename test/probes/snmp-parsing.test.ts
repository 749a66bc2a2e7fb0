import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SnmpFault } from '../../probes/snmp/fault.ts'
import type { Varbind } from '../../probes/snmp/message/pdu.ts'
import type { SnmpSession } from '../../probes/snmp/session.ts'
import { hasRestarted } from '../../probes/snmp/system.ts'
import { countOf, textOf } from '../../probes/snmp/values.ts'
import { walkColumns } from '../../probes/snmp/walk.ts'

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array))

const anyVarbind: fc.Arbitrary<Varbind> = fc.record({
  oid: fc.string({ maxLength: 20 }),
  type: fc.nat(255),
  value: fc.oneof(bytes, fc.integer(), fc.constant(2 ** 64), fc.constant(undefined), fc.string()),
})

test('any value is one clean line, a whole number from 0 on, or nothing', () => {
  fc.assert(
    fc.property(anyVarbind, (varbind) => {
      const text = textOf(varbind)
      expect(text ?? 'x').toMatch(/^\P{Cc}{1,255}$/u)
      const count = countOf(varbind) ?? 0
      expect(Number.isInteger(count) && count >= 0 && count <= 2 ** 64).toBe(true)
    }),
  )
})

test.each([
  ['ASCII', Buffer.from('GE0/0/1'), 'GE0/0/1'],
  ['UTF-8', Buffer.from('至兰考县'), '至兰考县'],
  ['UTF-8 cut within a character', Buffer.from('至兰考县').subarray(0, 10), '至兰考'],
  ['GBK', Buffer.from('d6c1c0bcbfbccfd8', 'hex'), '至兰考县'],
  ['lines and controls', Buffer.from('Huawei\r\nVRP\u0000'), 'Huawei VRP'],
  ['text without end', Buffer.from('长'.repeat(20_000)), '长'.repeat(255)],
  ['nothing', Buffer.alloc(0), undefined],
])('%s is read as text', (_, value, expected) => {
  expect(textOf({ oid: '1.3', type: 4, value })).toBe(expected)
})

const root = '1.3.6.1.2.1.2.2.1'

/** An agent that answers bulk requests as it likes; `asked` counts. */
const agentOf = (answer: (oids: readonly string[]) => readonly (readonly Varbind[])[]) => {
  const agent = { asked: 0 }
  const session: SnmpSession = {
    get: () => Promise.resolve([]),
    getBulk: (oids) => {
      agent.asked += 1
      return Promise.resolve(answer(oids))
    },
  }
  return Object.assign(agent, { session })
}

const cellOid = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.nat(2 ** 31))
    .map(([column, row]) => `${root}.${column}.${row}`),
  fc.constantFrom('1.3', '1.3.6.1.2.1.1.1.0', `${root}.2`, `${root}.2.1.1`, '2.0', '', 'x', '1..2', '0.NaN'),
)
const answers = fc.array(
  fc.array(fc.record({ oid: cellOid, type: fc.constantFrom(2, 2, 2, 130), value: fc.nat() }), {
    maxLength: 4,
  }),
  { maxLength: 3 },
)

test('whatever an agent answers, a walk ends, within its limit, or says why not', async () => {
  const limit = 4
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(answers), async (stream) => {
      const agent = agentOf(() => stream.next().value as Varbind[][])
      const walk = walkColumns(agent.session, { a: `${root}.1`, b: `${root}.2`, c: `${root}.3` }, limit)
      const table = await walk.catch((error: unknown) => {
        expect(error).toBeInstanceOf(SnmpFault)
        return {}
      })
      for (const cells of Object.values(table)) expect(cells.size).toBeLessThanOrEqual(limit)
      expect(agent.asked).toBeLessThan(1000)
    }),
  )
})

test('a walk of an honest agent finds every row up to the limit, whatever the agent gives at once', async () => {
  const rows = fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 31 - 1 }), { maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(
      rows,
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 5 }),
      async (all, limit, at) => {
        const sorted = all.toSorted((left, right) => left - right)
        const after = (oid: string): readonly Varbind[] => {
          const index = Number(oid.slice(`${root}.1`.length + 1) || 0)
          const next = sorted.filter((row) => row > index).slice(0, at)
          if (next.length === 0) return [{ oid, type: 130, value: undefined }]
          return next.map((row) => ({ oid: `${root}.1.${row}`, type: 2, value: row }))
        }
        const { session } = agentOf((oids) => oids.map(after))
        const { a } = await walkColumns(session, { a: `${root}.1` }, limit)
        expect([...a.keys()]).toEqual(sorted.slice(0, limit))
      },
    ),
  )
})

const round = 2 ** 32 / 100

test.each([
  { name: 'no previous run', previous: undefined, now: { sysUpTimeSeconds: 5 }, restarted: false },
  { name: 'the previous run failed', previous: {}, now: { sysUpTimeSeconds: 5 }, restarted: false },
  {
    name: 'nonsense of old',
    previous: { sysUpTimeSeconds: 'x' },
    now: { sysUpTimeSeconds: 5 },
    restarted: false,
  },
  {
    name: 'uptime went on',
    previous: { sysUpTimeSeconds: 4 },
    now: { sysUpTimeSeconds: 5 },
    restarted: false,
  },
  {
    name: 'uptime went back',
    previous: { sysUpTimeSeconds: 90 },
    now: { sysUpTimeSeconds: 5 },
    restarted: true,
  },
  {
    name: 'uptime went round after 497 days',
    previous: { sysUpTimeSeconds: round - 30 },
    now: { sysUpTimeSeconds: 30 },
    restarted: false,
  },
  {
    name: 'uptime went round, and the engine’s clock went on',
    previous: { sysUpTimeSeconds: 100, engineBoots: 2, engineTimeSeconds: round },
    now: { sysUpTimeSeconds: 50, engineBoots: 2, engineTimeSeconds: round + 60 },
    restarted: false,
  },
  {
    name: 'the engine booted',
    previous: { sysUpTimeSeconds: 5, engineBoots: 2, engineTimeSeconds: 5 },
    now: { sysUpTimeSeconds: 60, engineBoots: 3, engineTimeSeconds: 60 },
    restarted: true,
  },
])('$name: restarted is $restarted', ({ previous, now, restarted }) => {
  expect(hasRestarted(previous, now)).toBe(restarted)
})
