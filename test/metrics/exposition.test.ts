import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { probes } from '../../probes/index.ts'
import { catalogue, probeFamilies, targetLabelNames } from '../../src/metrics/catalogue.ts'
import { metricsReference } from '../../src/metrics/reference.ts'
import {
  type Family,
  type Format,
  exposition,
  formats,
  joinLabels,
  labelString,
  lineOf,
  negotiate,
} from '../../src/metrics/exposition.ts'
import { processMetrics } from '../../src/metrics/process.ts'
import { readingsOf } from '../../src/metrics/readings.ts'
import { requires } from '../support/services.ts'
import { parseExposition } from './parse.ts'

const render = (families: Iterable<Family>, format: Format): string =>
  Buffer.concat(
    [...exposition(families, format)].map((piece) =>
      typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece.bytes,
    ),
  ).toString('utf8')

const gauge = {
  name: 'yiwang_x_seconds',
  help: 'A "quoted" \\ help',
  type: 'gauge',
  unit: 'seconds',
} as const
const labels = labelString({ target: 'n', name: '开封市"\\\n' })

describe('the two formats', () => {
  test('text 0.0.4', () => {
    expect(render([{ definition: gauge, samples: [{ labels, value: 0.5 }] }], 'text')).toBe(
      [
        '# HELP yiwang_x_seconds A "quoted" \\\\ help',
        '# TYPE yiwang_x_seconds gauge',
        'yiwang_x_seconds{target="n",name="开封市\\"\\\\\\n"} 0.5',
        '',
      ].join('\n'),
    )
  })
  test('OpenMetrics 1.0: unit, EOF, counters by their stem, escaped quotes in help', () => {
    const counter = { name: 'yiwang_y_total', help: 'h', type: 'counter' } as const
    const info = { name: 'yiwang_build_info', help: 'h', type: 'info' } as const
    const samples = [{ labels: labelString({}), value: Infinity }]
    expect(
      render(
        [
          { definition: gauge, samples },
          { definition: counter, samples },
          { definition: info, samples },
        ],
        'openmetrics',
      ),
    ).toBe(
      [
        '# TYPE yiwang_x_seconds gauge',
        '# UNIT yiwang_x_seconds seconds',
        '# HELP yiwang_x_seconds A \\"quoted\\" \\\\ help',
        'yiwang_x_seconds +Inf',
        '# TYPE yiwang_y counter',
        '# HELP yiwang_y h',
        'yiwang_y_total +Inf',
        '# TYPE yiwang_build info',
        '# HELP yiwang_build h',
        'yiwang_build_info +Inf',
        '# EOF',
        '',
      ].join('\n'),
    )
  })
  test('a family without samples is left out', () => {
    expect(render([{ definition: gauge, samples: [] }], 'text')).toBe('')
    expect(render([{ definition: gauge, samples: [] }], 'openmetrics')).toBe('# EOF\n')
  })
  test.each([
    [undefined, 'text'],
    ['*/*', 'text'],
    ['text/plain;version=0.0.4', 'text'],
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75',
      'openmetrics',
    ],
    ['application/openmetrics-text;q=0', 'text'],
  ])('accept: %s gives %s', (accept, format) => {
    expect(negotiate(accept)).toBe(format)
  })
})

const labelName = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/u)
const anyLabels = fc.dictionary(labelName, fc.string({ unit: 'binary', maxLength: 40 }), {
  maxKeys: 6,
  noNullPrototype: true,
})
const anyValue = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Infinity, -Infinity, NaN, 0, -0))

describe.each(formats)('in %s', (format) => {
  test('whatever labels and numbers go in come out again', () => {
    fc.assert(
      fc.property(anyLabels, anyValue, fc.string(), (given, value, help) => {
        const text = render(
          [{ definition: { ...gauge, help }, samples: [{ labels: labelString(given), value }] }],
          format,
        )
        const [family] = parseExposition(text, format)
        const wanted = Object.fromEntries(Object.entries(given).filter(([, each]) => each !== ''))
        expect(family?.samples).toEqual([
          { name: gauge.name, labels: wanted, value: value === 0 ? (expect.closeTo(0) as number) : value },
        ])
      }),
      { numRuns: 300 },
    )
  })
  test('joined label strings are one', () => {
    fc.assert(
      fc.property(anyLabels, anyLabels, (one, two) => {
        const joined = joinLabels(labelString({ a1: 'x', ...one }), labelString({}))
        expect(joined).toBe(labelString({ a1: 'x', ...one }))
        const apart = Object.fromEntries(Object.entries(two).map(([name, value]) => [`z${name}`, value]))
        const one2 = Object.fromEntries(Object.entries(one).map(([name, value]) => [`y${name}`, value]))
        expect(joinLabels(labelString(one2), labelString(apart))).toBe(labelString({ ...one2, ...apart }))
      }),
    )
  })
  test('the metrics of the process are valid', async () => {
    const families = parseExposition(render(await processMetrics()(), format), format)
    expect(families.map(({ name }) => name)).toContain('process_resident_memory_bytes')
  })
})

test('blocks are written as their samples would be, in both formats', () => {
  const counter = { name: 'yiwang_y_total', help: 'h', type: 'counter' } as const
  const samples = [1, 2].map((value) => ({ labels: labelString({ at: String(value) }), value }))
  for (const format of formats) {
    const lines = [samples.map((each) => lineOf(counter.name, each)).join(''), '']
    const blocks = lines.map((each) => ({ length: each.length, bytes: Buffer.from(each, 'latin1') }))
    expect(render([{ definition: counter, samples: blocks }], format)).toBe(
      render([{ definition: counter, samples }], format),
    )
  }
})

describe('the catalogue', () => {
  test('each name is there once, and its readers agree on type and unit', () => {
    const names = catalogue.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const { definition, readers } of probeFamilies)
      for (const { type, unit } of readers.values())
        expect([definition.name, type, unit]).toEqual([definition.name, definition.type, definition.unit])
  })
  test.each(catalogue.map((definition) => [definition.name, definition] as const))(
    '%s is named by the rules',
    (name, { type, unit, labels: own, help }) => {
      expect(name).toMatch(/^yiwang_[a-z0-9]+(_[a-z0-9]+)*$/u)
      expect(name.endsWith('_total')).toBe(type === 'counter')
      expect(name.endsWith('_info')).toBe(type === 'info')
      if (unit !== undefined) expect(name.replace(/_total$/u, '')).toMatch(new RegExp(`_${unit}$`, 'u'))
      expect(new Set(own).size).toBe(own.length)
      expect(help).toMatch(/^[A-Z0-9].*[^.]$/u)
    },
  )
  test('every metric of every probe kind is in the reference', () => {
    const reference = metricsReference()
    for (const { metrics } of probes)
      for (const { name } of metrics) expect(reference).toContain(`\`${name}\``)
    for (const label of targetLabelNames) expect(reference).toContain(`\`${label}\``)
  })
})

describe('readings of facts', () => {
  const family = (read: (facts: Readonly<Record<string, unknown>>) => unknown) => ({
    definition: { ...gauge, labels: ['interface'] },
    readers: new Map([['k', { ...gauge, labels: ['interface'], read: read as never }]]),
  })
  const facts = {}
  test.each<[string, unknown, number]>([
    ['a number', 1, 1],
    ['nothing', undefined, 0],
    ['text where a number should be', '1', 0],
    [
      'the same labels twice',
      [
        { value: 1, labels: { interface: 'a' } },
        { value: 2, labels: { interface: 'a' } },
      ],
      1,
    ],
    ['labels that were not declared', [{ value: 1, labels: { address: '10.0.0.1' } }], 1],
    ['readings without a number', [{ value: 'x' }, null, 3], 0],
    [
      'more than a scrape shows',
      Array.from({ length: 1000 }, (_, at) => ({ value: at, labels: { interface: String(at) } })),
      512,
    ],
  ])('%s', (_name, read, count) => {
    expect(
      readingsOf(
        family(() => read),
        'k',
        facts,
      ),
    ).toHaveLength(count)
  })
  test('labels are cut, and those that were not declared dropped', () => {
    const read = () => [{ value: 1, labels: { interface: 'x'.repeat(999), address: 'y' } }]
    expect(readingsOf(family(read), 'k', facts)[0]?.labels).toBe(`interface="${'x'.repeat(128)}"`)
  })
  test('a reader that stumbles over strange facts shows nothing', () => {
    const read = (given: Readonly<Record<string, unknown>>) => (given['deep'] as { value: number }).value
    expect(readingsOf(family(read), 'k', facts)).toEqual([])
  })
  test('every kind reads any facts without throwing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...probes), fc.dictionary(fc.string(), fc.anything()), ({ kind }, any) => {
        for (const each of probeFamilies) readingsOf(each, kind, any)
      }),
    )
  })
})

describe.skipIf(requires('promtool').skip)('promtool', () => {
  test('finds nothing wrong with the metrics of the process', async () => {
    const input = render(await processMetrics()(), 'text')
    expect(execFileSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })).toBe('')
  })
})
