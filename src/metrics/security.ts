import type { MetricDefinition } from './definition.ts'

const collector = { type: 'gauge', labels: [] } as const

/** Metrics of findings and incidents, which are made beside the collector's own. */
export const security = {
  findings: {
    ...collector,
    labels: ['rule', 'severity'],
    name: 'yiwang_security_open_findings',
    help: 'Findings that are open, by rule and severity (critical, high, medium, low)',
  },
  incidents: {
    ...collector,
    labels: ['state', 'severity'],
    name: 'yiwang_security_incidents',
    help: 'Incidents that are not archived, by state (watching, warned, responding, handling) and severity',
  },
  reports: {
    ...collector,
    labels: ['due'],
    name: 'yiwang_security_reports_due',
    help: 'Reports upward that suggested or confirmed grades ask for and that are not made yet (ahead, overdue)',
  },
  nextReport: {
    ...collector,
    name: 'yiwang_security_next_report_timestamp_seconds',
    help: 'When the first of these is due (Unix time); absent where none is',
    unit: 'seconds',
  },
  unacknowledged: {
    ...collector,
    name: 'yiwang_security_unacknowledged_seconds',
    help: 'How long the incident that waits longest has waited to be acknowledged; 0: none does',
    unit: 'seconds',
  },
  overdueTasks: {
    ...collector,
    name: 'yiwang_security_overdue_tasks',
    help: 'Tasks of responsible units that are past their deadline',
  },
  quiet: {
    ...collector,
    labels: ['why'],
    name: 'yiwang_security_quiet',
    help: 'Maintenance windows and exceptions that hold now (maintenance, exception)',
  },
  retention: {
    ...collector,
    name: 'yiwang_security_retention_seconds',
    help: 'How long events of findings and incidents are kept',
    unit: 'seconds',
  },
  oldestEvent: {
    ...collector,
    name: 'yiwang_security_oldest_event_timestamp_seconds',
    help: 'When the oldest event that is kept happened (Unix time); absent where there is none',
    unit: 'seconds',
  },
  evaluation: {
    ...collector,
    name: 'yiwang_security_evaluation_timestamp_seconds',
    help: 'When findings were last brought up to date (Unix time)',
    unit: 'seconds',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>
