import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { parseDocument } from 'htmlparser2'
import { describe, expect, test } from 'vitest'
import { createFramer } from '../../../src/collector/syslog/framing.ts'
import { cefOf } from '../../../src/security/upward/forms/cef.ts'
import { jsonBody } from '../../../src/security/upward/forms/json.ts'
import { framed, syslogOf } from '../../../src/security/upward/forms/syslog.ts'
import { xmlOf } from '../../../src/security/upward/forms/xml.ts'
import { shippedMapping } from '../../../src/security/upward/mapping.ts'
import { draft, listed, messageOf } from '../../../src/security/upward/message.ts'
import type { Presented } from '../../../src/security/upward/present.ts'
import { requires } from '../../support/services.ts'

/** Anything at all, and often what has a meaning somewhere. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          ']',
          '"',
          '\\',
          '=',
          '|',
          '\n',
          '\r',
          '\0',
          '<',
          '>',
          '&',
          "'",
          ']]>',
          '<!--',
          '\u{85}',
        ),
        fc.constantFrom(
          '<13>1 - - - - - - x',
          ' id="forged"',
          '" kind="x',
          '</Incident>',
          'CEF:0|',
          '\u{2028}',
          '\u{D800}',
        ),
        fc.string(),
      ),
    )
    .map((parts) => parts.join('')),
)

/** As no draft would make it: unbounded and with ends of lines, so that only the form stands between. */
const presented = fc
  .record({ title: hostile, targetName: hostile, rule: hostile })
  .map(({ title, targetName, rule }): Presented => ({
    message: {
      ...{ id: 'alert-1', kind: 'alert', at: 0 },
      fields: { id: 'alert-1', title, targetName, rule, severity: 'high', openedAt: 7 },
    },
    name: '告警',
    entries: [
      { ours: 'id', theirs: 'id', value: 'alert-1' },
      { ours: 'title', theirs: 'title', value: title },
      { ours: 'targetName', theirs: 'cs1', value: targetName },
      { ours: 'rule', theirs: 'rule', value: rule },
      { ours: 'severity', theirs: 'severity', value: 'high' },
      { ours: 'openedAt', theirs: 'openedAt', value: 7 },
    ],
  }))

const mapping = shippedMapping('plain')

describe('syslog', () => {
  const pattern =
    /^<131>1 1970-01-01T00:00:00\.000Z 410200 yiwang - alert \[yiwang@32473((?: [A-Za-z][\w.-]*="(?:[^"\\\]]|\\["\\\]])*")*)\] \u{FEFF}(.*)$/u

  test('holds one message with these parameters and no other, whatever their values', () => {
    fc.assert(
      fc.property(presented, (one) => {
        const line = syslogOf(one, { source: '410200', mapping })
        const [, parameters = '', said = ''] = pattern.exec(line) ?? []
        const names = [...parameters.matchAll(/ ([A-Za-z][\w.-]*)="(?:[^"\\\]]|\\["\\\]])*"/gu)].map(
          ([, name]) => name,
        )
        expect(names).toEqual(['id', 'title', 'cs1', 'rule', 'severity', 'openedAt'])
        expect(line + said).not.toMatch(/\p{Cc}/u)
      }),
    )
  })

  test('frames are found again, one a message', () => {
    fc.assert(
      fc.property(fc.array(presented, { minLength: 1, maxLength: 5 }), (all) => {
        const lines = all.map((one) => syslogOf(one, { source: '410200', mapping }))
        const frames = createFramer().push(Buffer.concat(lines.map(framed)))
        expect(frames.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(
          lines.map((line) => line.toWellFormed()),
        )
      }),
    )
  })

  test('is under the 8192 bytes that every receiver should take, whatever an inventory holds', () => {
    const long = '险'.repeat(500)
    const lists = listed(Array.from({ length: 100 }, () => long))
    for (const form of ['plain', 'cef'] as const) {
      const fields = Object.fromEntries(
        Object.keys(shippedMapping(form).kinds.incident?.fields ?? {}).map((name) => [name, long]),
      )
      const { fields: bounded } = messageOf(
        draft('incident', { at: 0, key: [1] }, { ...fields, targets: lists, units: lists, severity: 'high' }),
        '410200',
      )
      const entries = Object.entries(bounded).map(([ours, value]) => ({ ours, theirs: ours, value }))
      const one: Presented = {
        message: { id: 'i', kind: 'incident', at: 0, fields: bounded },
        name: '事件',
        entries,
      }
      expect(Buffer.byteLength(syslogOf(one, { source: '410200', mapping }))).toBeLessThan(8192)
      expect(Buffer.byteLength(cefOf(one, '0.1.0'))).toBeLessThan(8192)
    }
  })
})

describe('CEF', () => {
  /** Fields of the header, and pairs of the extension, as a receiver splits them. */
  const read = (line: string) => {
    const [, head = '', rest = ''] = /^((?:(?:[^\\|]|\\.)*\|){7})(.*)$/su.exec(line) ?? []
    const header = [...head.matchAll(/((?:[^\\|]|\\.)*)\|/gsu)].map(([, field = '']) => field)
    const keys = [...rest.matchAll(/(?:^|(?<= ))([A-Za-z]\w*)=/gu)].map(([, key]) => key)
    return { header, keys }
  }

  test('is one line of eight fields with these keys and no other', () => {
    fc.assert(
      fc.property(presented, (one) => {
        const line = cefOf(one, '0.1.0')
        expect(line).not.toMatch(/[\r\n\u{85}\u{2028}\u{2029}]/u)
        const { header, keys } = read(line)
        expect(header).toHaveLength(7)
        expect(header.slice(0, 4)).toEqual(['CEF:0', 'yiwang', 'yiwang', '0.1.0'])
        expect(header[6]).toBe('8')
        expect(keys).toEqual(['id', 'title', 'cs1', 'cs1Label', 'rule', 'severity', 'openedAt'])
      }),
    )
  })
})

describe('JSON', () => {
  test('gives back what went in', () => {
    fc.assert(
      fc.property(presented, (one) => {
        const { messages } = JSON.parse(jsonBody([one], '410200')) as { messages: readonly object[] }
        expect(messages).toEqual([
          Object.fromEntries(one.entries.map(({ theirs, value }) => [theirs, value])),
        ])
      }),
    )
  })
})

interface Element {
  readonly name?: string
  readonly attribs?: Readonly<Record<string, string>>
  readonly children?: readonly Element[]
}

const namesIn = ({ name, children = [] }: Element): readonly string[] => [
  ...(name === undefined ? [] : [name]),
  ...children.flatMap(namesIn),
]

const expected = [
  ...[
    'IODEF-Document',
    'Incident',
    'IncidentID',
    'ReportTime',
    'Assessment',
    'Impact',
    'EventData',
    'Description',
  ],
  ...['System', 'Node', 'NodeName', ...Array.from({ length: 6 }, () => 'AdditionalData')],
]

describe('XML', () => {
  test('has these elements and no other', () => {
    fc.assert(
      fc.property(presented, (one) => {
        const parsed = parseDocument(xmlOf(one, '410200'), { xmlMode: true }) as unknown as Element
        expect(namesIn(parsed).filter((name) => name !== 'xml' && name !== '?xml')).toEqual(expected)
      }),
    )
  })

  test.skipIf(requires('python3').skip)('is well-formed for expat, a strict parser', async () => {
    const documents = fc.sample(presented, 300).map((one) => xmlOf(one, '410200'))
    const program = `import json, sys, xml.etree.ElementTree as tree
print(json.dumps([[e.tag for e in tree.fromstring(d.encode()).iter()] for d in json.load(sys.stdin)]))`
    const child = spawn('python3', ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.end(JSON.stringify(documents))
    const [out] = await Promise.all([text(child.stdout), once(child, 'close')])
    const parsed = JSON.parse(out) as readonly (readonly string[])[]
    expect(parsed).toHaveLength(300)
    const tags = expected.map((name) => `{urn:yiwang:iodef-style:1}${name}`)
    for (const found of parsed) expect(found).toEqual(tags)
  })
})
