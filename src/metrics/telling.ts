import type { MetricDefinition } from './definition.ts'

/** Metrics of the log messages that devices send. */
export const syslog = {
  messages: {
    type: 'counter',
    labels: ['source'],
    name: 'yiwang_syslog_messages_total',
    help: 'Log messages stored, by address of the sender, over restarts; `other`: of the senders beyond the 4096th',
  },
  lastMessage: {
    type: 'gauge',
    labels: ['source'],
    name: 'yiwang_syslog_last_message_timestamp_seconds',
    help: 'When the newest message of a sender arrived (Unix time)',
    unit: 'seconds',
  },
  silent: {
    type: 'gauge',
    labels: ['source'],
    name: 'yiwang_syslog_source_silent',
    help: '1: a device that ought to log stopped (silentAfterSeconds), 0: it logs; absent for others, and before its first message',
  },
  refused: {
    type: 'counter',
    labels: ['reason'],
    name: 'yiwang_syslog_refused_total',
    help: 'Messages or connections refused (source-not-allowed, too-many-connections, tls, no-room)',
  },
  cut: {
    type: 'counter',
    labels: [],
    name: 'yiwang_syslog_cut_messages_total',
    help: 'Messages longer than 64 KiB, of which the beginning was stored',
  },
  retention: {
    type: 'gauge',
    labels: [],
    name: 'yiwang_syslog_retention_seconds',
    help: 'How long messages are kept, as configured',
    unit: 'seconds',
  },
  oldest: {
    type: 'gauge',
    labels: [],
    name: 'yiwang_syslog_oldest_message_timestamp_seconds',
    help: 'When the oldest message that is kept arrived (Unix time)',
    unit: 'seconds',
  },
  stored: {
    type: 'gauge',
    labels: [],
    name: 'yiwang_syslog_stored_bytes',
    help: 'Size of the file in which messages are kept',
    unit: 'bytes',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>

/** Whether there is anything to show of what is kept beside the collector's own. */
export const figures = {
  readable: {
    type: 'gauge',
    labels: ['of'],
    name: 'yiwang_collector_figures_readable',
    help: 'Whether these figures could be read (compliance, ledger, security, syslog, notify, upward); 0: they are missing here',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>

/** Metrics of what people are told. */
export const notify = {
  deliveries: {
    type: 'gauge',
    labels: ['channel', 'state'],
    name: 'yiwang_notify_deliveries',
    help: 'Notices in the delivery log by channel and state (waiting, sent, given-up, covered)',
  },
  failing: {
    type: 'gauge',
    labels: ['channel'],
    name: 'yiwang_notify_failing_deliveries',
    help: 'Notices that a channel did not take so far and that are tried again',
  },
  oldestWaiting: {
    type: 'gauge',
    labels: ['channel'],
    name: 'yiwang_notify_oldest_waiting_timestamp_seconds',
    help: 'Since when the oldest notice waits for a channel (Unix time); absent while none does',
    unit: 'seconds',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>

/** Metrics of what the platform above is told. */
export const upward = {
  waiting: {
    type: 'gauge',
    labels: ['destination', 'kind'],
    name: 'yiwang_upward_waiting_messages',
    help: 'Messages that wait for a destination, by kind (asset, status, risk, alert, incident)',
  },
  oldestWaiting: {
    type: 'gauge',
    labels: ['destination'],
    name: 'yiwang_upward_oldest_waiting_timestamp_seconds',
    help: 'When the oldest message that waits for a destination was made (Unix time); absent while none does',
    unit: 'seconds',
  },
  receipts: {
    type: 'counter',
    labels: ['destination', 'kind', 'result'],
    name: 'yiwang_upward_receipts_total',
    help: 'Receipts, over restarts, by destination, kind and result (accepted, refused)',
  },
  lastReceipt: {
    type: 'gauge',
    labels: ['destination'],
    name: 'yiwang_upward_last_receipt_timestamp_seconds',
    help: 'When a destination last gave a receipt, accepted or refused (Unix time); absent before the first',
    unit: 'seconds',
  },
  statusPeriod: {
    type: 'gauge',
    labels: [],
    name: 'yiwang_upward_status_period_seconds',
    help: 'Time from one status message to the next, as configured',
    unit: 'seconds',
  },
  failures: {
    type: 'gauge',
    labels: ['destination'],
    name: 'yiwang_upward_failed_attempts',
    help: 'Attempts that failed since the last one that did not; 0: it is reached',
  },
  gap: {
    type: 'gauge',
    labels: ['destination'],
    name: 'yiwang_upward_gap_seconds',
    help: 'Of the last 24 hours: time for which a destination had no status when it was due (缺报时段)',
    unit: 'seconds',
  },
  kept: {
    type: 'gauge',
    labels: [],
    name: 'yiwang_upward_kept_messages',
    help: 'Messages in the outbox, those that everybody has among them',
  },
  limit: {
    type: 'gauge',
    labels: [],
    name: 'yiwang_upward_limit_messages',
    help: 'Messages that the outbox holds; no new ones are made while so many wait',
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>
