import type { Metric, Reading } from '../../src/core/metric.ts'
import type { ReadinessFacts } from './facts.ts'

const reading = (label: string, name: string, value: number | undefined): readonly Reading[] =>
  value === undefined ? [] : [{ value, labels: { [label]: name } }]

/** What the kind `ipv6-ready` shows in Prometheus. */
export const readinessMetrics: readonly Metric<ReadinessFacts>[] = [
  {
    name: 'yiwang_ipv6_ready_aaaa_present',
    help: 'Whether the name has an IPv6 address',
    type: 'gauge',
    read: ({ hasAaaa }) => (hasAaaa === undefined ? undefined : Number(hasAaaa)),
  },
  {
    name: 'yiwang_ipv6_ready_home_success_ratio',
    help: 'Share of the tries that brought the home page',
    type: 'gauge',
    unit: 'ratio',
    labels: ['ip'],
    read: ({ v4, v6 }) => [...reading('ip', '4', v4?.successRatio), ...reading('ip', '6', v6?.successRatio)],
  },
  {
    name: 'yiwang_ipv6_ready_content_similarity_ratio',
    help: 'Share of the text of the home page that is the same over IPv4 and IPv6',
    type: 'gauge',
    unit: 'ratio',
    read: ({ content }) => content?.similarityRatio,
  },
  {
    name: 'yiwang_ipv6_ready_link_support_ratio',
    help: 'Share of the sampled internal links that are there over IPv6',
    type: 'gauge',
    unit: 'ratio',
    labels: ['depth'],
    read: ({ secondLevel, thirdLevel }) => [
      ...reading('depth', '2', secondLevel?.supportRatio),
      ...reading('depth', '3', thirdLevel?.supportRatio),
    ],
  },
  {
    name: 'yiwang_ipv6_ready_slowdown_ratio',
    help: 'How much longer the home page takes over IPv6 than over IPv4, relative to IPv4',
    type: 'gauge',
    unit: 'ratio',
    read: ({ slowdownRatio }) => slowdownRatio,
  },
  {
    name: 'yiwang_ipv6_ready_name_servers_without_ipv6',
    help: 'Name servers of the zone that have no IPv6 address',
    type: 'gauge',
    read: ({ delegation }) => delegation && delegation.nameServers.length - delegation.withIpv6,
  },
]
