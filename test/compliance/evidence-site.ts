import { assetLabels } from '../../inventory/mlps/index.ts'
import type { Inventory } from '../../inventory/store.ts'
import { examine } from '../../src/compliance/evidence/collect.ts'
import type {
  Evidence,
  EvidenceInput,
  Seen,
  SegmentationSeen,
} from '../../src/compliance/evidence/evidence.ts'
import type { CheckResult, HostEvidence, KeptHostEvidence } from '../../src/core/host-evidence.ts'
import type { Observation } from '../../src/core/observation.ts'
import { inventoryOf, type Records } from '../plan/fixtures.ts'
import type { Plant } from './evidence-plants.ts'

export const now = Date.parse('2026-11-26T08:00:00Z')

/** A county with a node, a system and a firewall, and an assessment of each level with an asset of every kind. */
const records = (target: string): Records => ({
  region: [{ id: '410202', name: '鼓楼区', level: 'county' }],
  node: [
    {
      id: 'n-1',
      name: '甲',
      region: '410202',
      level: 'county',
      kind: 'department',
      addresses: ['192.0.2.9'],
    },
  ],
  system: [{ id: 's-1', name: '办公', region: '410202', kind: 'application', node: 'n-1' }],
  device: [{ id: 'd-1', name: '墙', role: 'firewall', node: 'n-1', address: '192.0.2.1', model: 'S5735' }],
  assessment: [3, 2].map((level) => ({
    id: `a-${level}`,
    name: '测评',
    object: 'extranet',
    level,
    cloud: true,
  })),
  asset: [3, 2].flatMap((level) =>
    Object.keys(assetLabels).map((kind) => ({
      id: `${kind}-${level}`,
      assessment: `a-${level}`,
      name: kind,
      kind,
      target,
    })),
  ),
})

export const seen = (look: Partial<Observation>, more: Partial<Seen> = {}): Seen => ({
  agent: 'county',
  heard: true,
  intervalSeconds: 60,
  ...more,
  observation: {
    job: 'job',
    target: 'd-1',
    kind: 'icmp',
    vantage: 'public',
    planRevision: 1,
    status: 'up',
    observedAt: now - 60_000,
    seconds: 0.1,
    facts: {},
    ...look,
  },
})

export const segmentation = (more: Partial<SegmentationSeen>): SegmentationSeen => ({
  target: 'd-1',
  kind: 'tcp',
  endpoint: '192.0.2.1:443',
  result: 'holds',
  sides: [],
  at: now,
  ...more,
})

export const kept = (
  results: readonly Partial<CheckResult>[],
  more: Partial<HostEvidence> & { readonly target?: string } = {},
): KeptHostEvidence => {
  const { target = 'd-1', ...evidence } = more
  const distribution = { id: 'debian', version: '12', name: 'Debian', packages: 'dpkg', isMet: true } as const
  return {
    evidence: {
      format: 'yiwang-host-evidence/1',
      version: '1',
      catalogueDigest: '0',
      collectedAt: new Date(now - 3_600_000).toISOString(),
      from: 'live',
      host: { hostname: 'fw', distribution },
      results: results.map((result) => ({
        family: 'accounts',
        id: 'accounts.empty',
        title: '空口令',
        items: [],
        remedy: '',
        verdict: 'supports',
        observed: '无',
        ...result,
      })),
      ...evidence,
    },
    hash: 'h'.repeat(64),
    key: 'key-1',
    target,
    receivedAt: now,
  }
}

/** The site with its records replaced by those planted. */
export const siteWith = (on: string, planted: Records = {}): Inventory =>
  inventoryOf({ ...records(on), ...planted })

export const evidenceOf = (input: Partial<EvidenceInput>): readonly Evidence[] =>
  [
    ...examine({
      now,
      inventory: siteWith('d-1'),
      observations: [],
      segmentations: [],
      hostEvidence: [],
      ...input,
    }),
  ].flatMap(({ evidence }) => evidence)

/** What everything says of a site with one thing planted. */
export const evidenceOfPlant = ({ on = 'd-1', look, segmentation: asserted, records: planted }: Plant) =>
  evidenceOf({
    inventory: siteWith(on, planted),
    observations: look === undefined ? [] : [seen({ target: on, ...look })],
    segmentations: asserted === undefined ? [] : [segmentation({ target: on, ...asserted })],
  })
