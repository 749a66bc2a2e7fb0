import type { Metric, Reading } from '../../src/core/metric.ts'
import type { Change } from './difference.ts'
import type { PageFacts } from './facts.ts'

const flag = (value: boolean | undefined): number | undefined =>
  value === undefined ? undefined : Number(value)

const changes = (change: Change | undefined): readonly Reading[] => [
  { value: change?.addedCount ?? 0, labels: { change: 'added' } },
  { value: change?.removedCount ?? 0, labels: { change: 'removed' } },
]

/** Resources whose change is the usual tampering. */
const watched = ['script', 'frame', 'form', 'link'] as const

/** What the kind `page` shows in Prometheus. */
export const pageMetrics: readonly Metric<PageFacts>[] = [
  {
    name: 'yiwang_page_status_code',
    help: 'Status code of the page',
    type: 'gauge',
    read: (facts) => facts.status,
  },
  {
    name: 'yiwang_page_matches_baseline',
    help: 'Whether the page has the approved fingerprint',
    type: 'gauge',
    read: (facts) => flag(facts.matchesBaseline),
  },
  {
    name: 'yiwang_page_changed',
    help: 'Whether the page has another fingerprint than at the last look',
    type: 'gauge',
    read: (facts) => flag(facts.changedSinceLastRun),
  },
  {
    name: 'yiwang_page_text_changes',
    help: 'Blocks of text that the page has more or less than its baseline',
    type: 'gauge',
    labels: ['change'],
    read: ({ difference }) => difference && changes(difference.text),
  },
  {
    name: 'yiwang_page_resource_changes',
    help: 'Scripts, frames, forms and links that the page has more or less than its baseline',
    type: 'gauge',
    labels: ['type', 'change'],
    read: ({ difference }) =>
      difference &&
      watched.flatMap((type) =>
        changes(difference.resources[type]).map(({ value, labels }) => ({
          value,
          labels: { type, ...labels },
        })),
      ),
  },
  {
    name: 'yiwang_page_external_host_changes',
    help: 'Other hosts that the page names more or less than its baseline',
    type: 'gauge',
    labels: ['change'],
    read: ({ difference }) => difference && changes(difference.hosts),
  },
  {
    name: 'yiwang_page_spam_keywords',
    help: 'Occurrences of words that do not belong on the page',
    type: 'gauge',
    labels: ['visibility'],
    read: ({ keywords }) =>
      keywords && [
        { value: keywords.reduce((sum, { shown }) => sum + shown, 0), labels: { visibility: 'shown' } },
        { value: keywords.reduce((sum, { hidden }) => sum + hidden, 0), labels: { visibility: 'hidden' } },
      ],
  },
]
