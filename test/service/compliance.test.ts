import { expect, test } from 'vitest'
import { createCollector } from '../../src/collector/collector.ts'
import { assessments } from '../../src/metrics/catalogue.ts'
import { exposition } from '../../src/metrics/exposition.ts'
import { createCompliance } from '../../src/service/compliance.ts'
import type { KeptFigures } from '../../src/service/kept-figures.ts'
import { collectorOptions, memoryStore, temporaryHistory } from '../collector/support.ts'
import { kept, now, siteWith } from '../compliance/evidence-site.ts'

const results = { 'L3-CES1-03': { result: 'conforms' }, 'L3-CES1-05': { result: 'fails' } }
const inventory = siteWith('d-1', {
  asset: [
    { id: 'fw', assessment: 'a-3', name: '墙', kind: 'security-device', target: 'd-1', results },
    { id: 'old', assessment: 'a-2', name: '旧墙', kind: 'security-device', target: 'd-1' },
  ],
  assessment: [
    { id: 'a-2', name: '去年', object: 'extranet', level: 3 },
    { id: 'a-3', name: '今年', object: 'extranet', level: 3, previous: 'a-2' },
  ],
  remediation: [
    {
      ...{ id: 'r-1', assessment: 'a-3', item: 'L3-CES1-05', measure: '改' },
      ...{ state: 'assigned', openedOn: '2026-08-01', deadline: '2026-11-25' },
    },
  ],
})

const textOf = ({ families }: KeptFigures): string =>
  [...exposition(families(), 'text')]
    .map((piece) => (typeof piece === 'string' ? piece : piece.bytes.toString('latin1')))
    .join('')

test('figures of the assessments of today, whose lines stay the same bytes until something changes', async () => {
  await using history = temporaryHistory()
  let verdict: 'supports' | 'contradicts' = 'contradicts'
  using compliance = createCompliance({
    history,
    readHostEvidence: () => Promise.resolve([kept([{ items: ['L3-CES1-03'], verdict }])]),
    readLogs: () => [],
    timezone: 'Asia/Shanghai',
    clock: () => now,
    log: () => undefined,
  })
  const options = { ...collectorOptions({}, history), inventory: memoryStore(inventory) }
  await using collector = await createCollector({ ...options, beside: compliance.families })
  expect(compliance.families()).toEqual([])

  await compliance.refresh(collector)
  const shown = compliance.families()
  expect(shown.map(({ definition }) => definition)).toEqual(Object.values(assessments))
  const text = textOf(compliance)
  expect(text).toContain('yiwang_mlps_claims{assessment="a-3",check="contradicted"} 1\n')
  expect(text).toContain('yiwang_mlps_items{assessment="a-3",category="CES",result="fails"} 1\n')
  expect(text).toContain('yiwang_mlps_open_remediations{assessment="a-3",state="assigned",due="overdue"} 1\n')
  expect(text).toContain('yiwang_mlps_open_remediations_by_age{assessment="a-3",age="180d"} 1\n')
  expect(text).toContain('yiwang_mlps_remediation_overdue_seconds{assessment="a-3"} 86400\n')
  expect(text).toContain('yiwang_mlps_evidence{assessment="a-3",source="host-check",standing="valid"} 1\n')
  expect(text).toMatch(
    /yiwang_mlps_evidence_newest_timestamp_seconds\{assessment="a-3",source="host-check"\} \d+/u,
  )
  expect(text).not.toContain('a-2')
  using scrape = await collector.scrape()
  expect(scrape.families).toEqual(expect.arrayContaining([...shown]))

  await compliance.refresh(collector)
  const blocks = (families: typeof shown) => families.flatMap(({ samples }) => [...samples])
  const again = blocks(compliance.families())
  expect(blocks(shown).every((block, at) => block === again[at])).toBe(true)

  verdict = 'supports'
  await compliance.refresh(collector)
  expect(textOf(compliance)).toContain('yiwang_mlps_claims{assessment="a-3",check="contradicted"} 0\n')
})
