import type { MetricDefinition } from './definition.ts'

const collector = { type: 'gauge', labels: [] } as const

/** Metrics of the work ledger and of claims held against what was seen, which are made beside the collector's own. */
export const ledger = {
  goalMembers: {
    ...collector,
    labels: ['goal'],
    name: 'yiwang_ledger_goal_members',
    help: 'Members that the ratio of a goal counts over, by the roster of the day; absent where there is no roster',
  },
  goalClaimed: {
    ...collector,
    labels: ['goal'],
    name: 'yiwang_ledger_goal_claimed_ratio',
    help: 'Share of the members of which a goal is claimed',
    unit: 'ratio',
  },
  goalVerified: {
    ...collector,
    labels: ['goal'],
    name: 'yiwang_ledger_goal_verified_ratio',
    help: 'Share of the members of which a goal is claimed and seen to be so',
    unit: 'ratio',
  },
  goalGap: {
    ...collector,
    labels: ['goal', 'why'],
    name: 'yiwang_ledger_goal_gap',
    help: 'Members that are claimed and not verified, by why (contradicted, stale, unverifiable)',
  },
  tasks: {
    ...collector,
    labels: ['unit', 'state'],
    name: 'yiwang_ledger_tasks',
    help: 'Tasks by their first lead unit and state (not_started, in_progress, claimed, verified, deferred, or overdue instead)',
  },
  milestones: {
    ...collector,
    labels: ['light', 'state'],
    name: 'yiwang_ledger_milestones',
    help: 'Milestones by light (green, yellow, red) and state (as of tasks)',
  },
  claims: {
    ...collector,
    labels: ['kind', 'verdict'],
    name: 'yiwang_ledger_claims',
    help: 'Claims that stand, by what is claimed and what was seen of it (consistent, contradicted, stale, unverifiable)',
  },
  contradictions: {
    ...collector,
    labels: ['answered', 'age'],
    name: 'yiwang_ledger_contradictions',
    help: 'Claims that are contradicted, by whether a unit answered and how long they are so (1d, 7d, 30d: up to so many days; older); since they were recorded or, where they are not, since this process saw it',
  },
  oldestContradiction: {
    ...collector,
    name: 'yiwang_ledger_oldest_contradiction_seconds',
    help: 'How long the claim that is contradicted longest has been so; 0: none is',
    unit: 'seconds',
  },
  verification: {
    ...collector,
    name: 'yiwang_ledger_verification_timestamp_seconds',
    help: 'When claims were last held against what was seen (Unix time)',
    unit: 'seconds',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>
