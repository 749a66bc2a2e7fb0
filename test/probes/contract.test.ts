import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { kindByName, kinds, listeners, probeByKind, probes } from '../../probes/index.ts'
import { UsageFault } from '../../src/core/fault.ts'
import { statuses } from '../../src/core/outcome.ts'
import { probeContext } from '../support/context.ts'

/** What a kind needs beside an address. A kind that needs more than that has its line here. */
const required: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  tcp: { port: 1 },
  dns: { name: 'www.example.test' },
  snmp: { credential: 'public' },
  ports: { ports: [1], authorisedBy: ['127.0.0.0/8'], timeoutSeconds: 5 },
}

/** Kinds that refuse every address but that of the agent itself. */
const ownMachineOnly = new Set(['host'])

const optionsOf = (kind: string, address = '127.0.0.1') => ({
  address,
  timeoutSeconds: 3,
  ...required[kind],
})

/** Whatever name is asked for: a kind that needs a secret gets as far as its peer. */
const credential = () => ({ kind: 'snmp-community', community: 'public' }) as const

const propertiesOf = (schema: z.ZodType): Readonly<Record<string, { readonly description?: string }>> =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }).properties as never

test('each kind is there once', () => {
  expect(probeByKind.size).toBe(probes.length)
  expect(kindByName.size).toBe(probes.length + listeners.length)
})

test('each metric is there once', () => {
  const names = kinds.flatMap(({ metrics }) => metrics.map(({ name }) => name))
  expect(new Set(names).size).toBe(names.length)
})

describe.each(kinds.map((each) => [each.kind, each] as const))('%s', (kind, { summary, schema, metrics }) => {
  test('has a summary, an address, and a text for each option', () => {
    expect(summary).toMatch(/^[a-z].{10,}[^.]$/u)
    const properties = propertiesOf(schema)
    expect(properties).toHaveProperty('address')
    for (const [name, { description }] of Object.entries(properties))
      expect(description, name).toMatch(/^.{5,}/u)
  })

  test('has metrics with Prometheus’ names: prefix, base unit last, _total for counters', () => {
    for (const { name, help, type, unit, labels = [] } of metrics) {
      expect(name).toMatch(new RegExp(`^yiwang_${kind.replaceAll('-', '_')}_[a-z][a-z0-9_]*[a-z0-9]$`, 'u'))
      expect(help, name).toMatch(/^[A-Z0-9][^\n]{5,}[^.]$/u)
      expect(name.endsWith('_total'), name).toBe(type === 'counter')
      if (unit !== undefined) expect(name.replace(/_total$/u, ''), name).toMatch(new RegExp(`_${unit}$`, 'u'))
      for (const label of labels) expect(label).toMatch(/^[a-z][a-z0-9_]*$/u)
    }
  })

  test('reads nothing from a run that has no facts', () => {
    for (const { read, name } of metrics) expect(read({}) ?? [], name).toEqual([])
  })
})

describe.each(probes.map((probe) => [probe.kind, probe] as const))('%s', (kind, probe) => {
  test('has an example and a deadline', () => {
    expect(probe.example).not.toBe('')
    expect(propertiesOf(probe.schema)).toHaveProperty('timeoutSeconds')
  })

  test('refuses options that it does not know, and no address, as a fault of the operator', () => {
    expect(() => probe.bind({ ...optionsOf(kind), noSuchOption: 1 })).toThrow(UsageFault)
    expect(() => probe.bind({ ...optionsOf(kind), noSuchOption: 1 })).toThrow(/noSuchOption/u)
    expect(() => probe.bind({ ...optionsOf(kind), address: '' })).toThrow(UsageFault)
    expect(() => probe.bind(undefined)).toThrow(UsageFault)
    expect(() => probe.bind(optionsOf(kind))).not.toThrow()
  })

  test('a run that was cancelled before it began is unknown', async () => {
    const run = probe.bind(optionsOf(kind))
    const measurement = await run(probeContext({ signal: AbortSignal.abort(), now: () => 1234, credential }))
    expect(measurement).toMatchObject({ status: 'unknown', cause: 'cancelled', observedAt: 1234, facts: {} })
  })

  test('a host that does not exist is down or unknown, never thrown; one of its own machine refuses it', async () => {
    if (ownMachineOnly.has(kind)) {
      expect(() => probe.bind(optionsOf(kind, 'a..b'))).toThrow(UsageFault)
      return
    }
    const measurement = await probe.bind(optionsOf(kind, 'a..b'))(probeContext({ credential }))
    expect(statuses.slice(1)).toContain(measurement.status)
    expect(measurement.detail).not.toBe('')
    expect(measurement.seconds).toBeGreaterThanOrEqual(0)
  })

  test('a measurement survives the wire', async () => {
    const measurement = await probe.bind(optionsOf(kind))(probeContext({ credential }))
    expect(JSON.parse(JSON.stringify(measurement))).toEqual(measurement)
    expect(measurement.detail?.length ?? 0).toBeLessThanOrEqual(1000)
  })
})
