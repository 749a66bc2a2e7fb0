import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Finding, Incident, IncidentEvent, SecurityEvent } from '../../../src/security/events.ts'
import { type IncidentChange, incidentChangeLabels } from '../../../src/security/events.ts'
import { assetNews } from '../../../src/security/upward/assets.ts'
import { cefOf } from '../../../src/security/upward/forms/cef.ts'
import { jsonBody } from '../../../src/security/upward/forms/json.ts'
import { syslogOf } from '../../../src/security/upward/forms/syslog.ts'
import { xmlOf } from '../../../src/security/upward/forms/xml.ts'
import { eventDraft, openDrafts } from '../../../src/security/upward/happenings.ts'
import { shippedMapping, shippedMappings } from '../../../src/security/upward/mapping.ts'
import { type Draft, fieldLabels, messageOf } from '../../../src/security/upward/message.ts'
import { present } from '../../../src/security/upward/present.ts'
import { statusDraft } from '../../../src/security/upward/status.ts'
import { inventoryOf } from '../../plan/fixtures.ts'
import { finding } from '../findings.ts'
import { standing } from './bench.ts'

/** Marks what must never leave; no form of escaping touches it. */
const secret = fc.stringMatching(/^[a-z0-9]{12}$/u).map((text) => `SECRET${text}`)

const inventoryWith = (words: string) =>
  inventoryOf({
    region: [{ id: '410202', name: '鼓楼区', level: 'county', remark: words }],
    contact: [{ id: 'c-1', name: words, phone: words, organisation: words, duty: words, remark: words }],
    unit: [{ id: 'u-1', name: '局', kind: 'department', region: '410202', contacts: ['c-1'], remark: words }],
    node: [
      {
        ...{ id: 'n-1', name: '甲', region: '410202', level: 'county', kind: 'department', unit: 'u-1' },
        ...{ contacts: ['c-1'], remark: words, addresses: ['192.0.2.1'] },
        probes: [{ kind: 'http', options: { headers: { authorization: words } } }],
        uplinks: [{ id: 'up', kind: 'line', to: 'n-0', operator: words, circuit: words }],
      },
    ],
    system: [
      {
        ...{ id: 's-1', name: '办公', region: '410202', kind: 'application', unit: 'u-1', remark: words },
        endpoints: [
          `https://user:${words}@192.0.2.2:8443/${words}?token=${words}#${words}`,
          `tcp://192.0.2.3:25`,
        ],
        probes: [{ kind: 'http', options: { password: words } }],
      },
    ],
    device: [
      {
        ...{ id: 'd-1', name: '墙', role: 'firewall', node: 'n-1', address: '192.0.2.9', remark: words },
        snmp: { credential: words },
      },
    ],
  })

const findingWith = (words: string, category: Finding['category']): Finding =>
  finding('s-1', { id: `x.y@s-1|${words}`, saw: words, why: words, remedy: words, category })

const incidentWith = (words: string): Incident => ({
  ...{ id: 'INC-20261126-0001', title: '门户：无法访问', cause: `x.y@${words}`, severity: 'high' },
  ...{ category: 'failure', state: 'handling', openedAt: 1, startedAt: 1, reopened: 0, grade: 'III' },
  ...{
    saw: words,
    remedy: words,
    assignee: words,
    suggestedGrade: 'II',
    behind: 3,
    targets: ['s-1'],
    units: ['u-1'],
  },
  reportClocks: [{ operator: 'other', label: words, dueAt: 2, source: words }],
  postmortem: { cause: words, measures: words, lessons: words },
  findings: [words],
  openFindings: [words],
  tasks: [{ id: 'T-1', unit: 'u-1', what: words, dueAt: 3 }],
})

const draftsWith = (words: string): readonly Draft[] => {
  const findings = (['hazard', 'failure'] as const).map((category) => findingWith(words, category))
  const incident = incidentWith(words)
  const events: readonly SecurityEvent[] = [
    ...findings.map(
      (each) => ({ type: 'finding', sequence: 1, at: 5, change: 'opened', finding: each }) as const,
    ),
    ...(Object.keys(incidentChangeLabels) as readonly IncidentChange[]).map((change): IncidentEvent => ({
      ...{ type: 'incident', sequence: 2, at: 6, change, by: words, note: words, notify: [words], incident },
    })),
  ]
  return [
    ...[...assetNews(inventoryWith(words), new Map(), 4)].flatMap((news) => news?.draft ?? []),
    statusDraft(standing, 0, 300_000),
    ...events.map(eventDraft).filter((each) => each !== undefined),
    ...openDrafts(findings, [incident], 9),
  ]
}

const mappings = shippedMappings.map(shippedMapping)

test('nothing but what the allow-list names is told, in any form', () => {
  fc.assert(
    fc.property(secret, (words) => {
      const drafts = draftsWith(words)
      expect(new Set(drafts.map(({ kind }) => kind))).toEqual(new Set(Object.keys(fieldLabels)))
      for (const one of drafts.map((each) => messageOf(each, '410200'))) {
        const allowed = Object.keys(fieldLabels[one.kind])
        expect(Object.keys(one.fields).filter((name) => !allowed.includes(name))).toEqual([])
        for (const mapping of mappings) {
          const presented = present(one, { mapping, timezone: 'Asia/Shanghai' })
          const written = [
            jsonBody([presented], '410200'),
            xmlOf(presented, '410200'),
            cefOf(presented, '0.1.0'),
            syslogOf(presented, { source: '410200', mapping }),
          ]
          expect(written.join('\n')).not.toContain(words)
          expect(written.join('\n')).not.toMatch(/SECRET/iu)
        }
      }
    }),
    { numRuns: 20 },
  )
})

test('an address is told without what may be in a URL besides; people’s work is not told', () => {
  const drafts = draftsWith('x')
  const system = drafts.find(({ fields }) => fields['class'] === 'system')
  expect(system?.fields).toMatchObject({
    addresses: 'https://192.0.2.2:8443、tcp://192.0.2.3:25',
    unitName: '局',
  })
  const changes = drafts.filter(({ kind }) => kind === 'incident').map(({ fields }) => fields['change'])
  expect(changes).not.toContain('noted')
  expect(changes).not.toContain('assigned')
  const [incident] = drafts.filter(({ kind }) => kind === 'incident')
  expect(incident?.fields).toMatchObject({ grade: 'III', targetCount: 1, behind: 3 })
})
