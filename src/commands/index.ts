import type { Command } from '@oclif/core'
import { type Collection, collectionNames } from '../../inventory/model.ts'

type Loader = () => Promise<typeof Command>
type Loaders = Readonly<Record<string, Loader>>

/** Agents are enrolled, keys registered, evidence imported, histories recorded: none of it is written by hand. */
const notWritten: ReadonlySet<Collection> = new Set([
  'agent',
  'signer',
  'evidence',
  'progress',
  'claim',
  'roster',
  'bulletin',
])

const inventoryCommands = (collection: Collection): Loaders => ({
  [`${collection}:list`]: async () => (await import('./inventory/list.ts')).listCommand(collection),
  [`${collection}:show`]: async () => (await import('./inventory/show.ts')).showCommand(collection),
  ...(!notWritten.has(collection) && {
    [`${collection}:add`]: async () => (await import('./inventory/write.ts')).addCommand(collection),
    [`${collection}:set`]: async () => (await import('./inventory/write.ts')).setCommand(collection),
    [`${collection}:remove`]: async () => (await import('./inventory/write.ts')).removeCommand(collection),
  }),
})

/** Every command by its id, except those of the probe registry: what one needs is loaded when it is run. */
const loaders: Loaders = {
  init: async () => (await import('./init.ts')).Init,
  doctor: async () => (await import('./doctor.ts')).Doctor,
  import: async () => (await import('./exchange.ts')).Import,
  export: async () => (await import('./exchange.ts')).Export,
  verify: async () => (await import('./verify.ts')).Verify,
  'contradiction:list': async () => (await import('./contradiction.ts')).ContradictionList,
  'contradiction:show': async () => (await import('./contradiction.ts')).ContradictionShow,
  'contradiction:answer': async () => (await import('./contradiction.ts')).ContradictionAnswer,
  'audit:log': async () => (await import('./audit.ts')).AuditLog,
  'audit:head': async () => (await import('./audit.ts')).AuditHeadCommand,
  'audit:verify': async () => (await import('./audit.ts')).AuditVerify,
  backup: async () => (await import('./backup.ts')).Backup,
  restore: async () => (await import('./backup.ts')).Restore,
  'mlps:catalog': async () => (await import('./mlps.ts')).MlpsCatalog,
  'host:check': async () => (await import('./host-check.ts')).HostCheckCommand,
  'host:list': async () => (await import('./host-list.ts')).HostListCommand,
  'signer:new': async () => (await import('./signer.ts')).SignerNew,
  'signer:add': async () => (await import('./signer.ts')).SignerAdd,
  'signer:revoke': async () => (await import('./signer.ts')).SignerRevoke,
  'evidence:remove': async () => (await import('./inventory/write.ts')).removeCommand('evidence'),
  'attachment:list': async () => (await import('./attachment.ts')).AttachmentList,
  'attachment:export': async () => (await import('./attachment.ts')).AttachmentExport,
  'mlps:import-evidence': async () => (await import('./mlps-attach.ts')).MlpsImportEvidence,
  'mlps:attach': async () => (await import('./mlps-attach.ts')).MlpsAttach,
  'mlps:detach': async () => (await import('./mlps-attach.ts')).MlpsDetach,
  'mlps:assess': async () => (await import('./mlps-assess.ts')).MlpsAssess,
  'mlps:set': async () => (await import('./mlps-assess.ts')).MlpsSet,
  'mlps:show': async () => (await import('./mlps-view.ts')).MlpsShow,
  'mlps:gaps': async () => (await import('./mlps-view.ts')).MlpsGaps,
  'mlps:conclude': async () => (await import('./mlps-conclude.ts')).MlpsConclude,
  'mlps:carry-over': async () => (await import('./mlps-assess.ts')).MlpsCarryOver,
  'mlps:export': async () => (await import('./mlps-exchange.ts')).MlpsExport,
  'mlps:import': async () => (await import('./mlps-exchange.ts')).MlpsImport,
  'mlps:wording:load': async () => (await import('./mlps-wording.ts')).MlpsWordingLoad,
  'mlps:wording:show': async () => (await import('./mlps-wording.ts')).MlpsWordingShow,
  'mlps:wording:forget': async () => (await import('./mlps-wording.ts')).MlpsWordingForget,
  'mlps:walk': async () => (await import('./mlps-walk.ts')).MlpsWalk,
  'mlps:evidence': async () => (await import('./mlps-evidence.ts')).MlpsEvidence,
  'mlps:contradictions': async () => (await import('./mlps-evidence.ts')).MlpsContradictions,
  'log:search': async () => (await import('./log.ts')).LogSearch,
  'log:sources': async () => (await import('./log.ts')).LogSources,
  'notify:test': async () => (await import('./notify.ts')).NotifyTest,
  'notify:log': async () => (await import('./notify.ts')).NotifyLog,
  'upward:status': async () => (await import('./upward-view.ts')).UpwardStatus,
  'upward:gaps': async () => (await import('./upward-view.ts')).UpwardGaps,
  'upward:outbox:list': async () => (await import('./upward-view.ts')).UpwardOutboxList,
  'upward:test': async () => (await import('./upward.ts')).UpwardTest,
  'upward:send': async () => (await import('./upward.ts')).UpwardSend,
  'upward:replay': async () => (await import('./upward.ts')).UpwardReplay,
  'upward:notice:import': async () => (await import('./upward.ts')).UpwardNoticeImport,
  'finding:list': async () => (await import('./finding.ts')).FindingList,
  'rule:list': async () => (await import('./finding.ts')).RuleList,
  'incident:list': async () => (await import('./incident.ts')).IncidentList,
  'incident:show': async () => (await import('./incident.ts')).IncidentShow,
  'incident:export': async () => (await import('./incident.ts')).IncidentExport,
  'incident:ack': async () => (await import('./incident-work.ts')).IncidentAck,
  'incident:assign': async () => (await import('./incident-work.ts')).IncidentAssign,
  'incident:note': async () => (await import('./incident-work.ts')).IncidentNote,
  'incident:resolve': async () => (await import('./incident-work.ts')).IncidentResolve,
  'incident:reopen': async () => (await import('./incident-work.ts')).IncidentReopen,
  'incident:close': async () => (await import('./incident-work.ts')).IncidentClose,
  observations: async () => (await import('./observations.ts')).Observations,
  availability: async () => (await import('./availability.ts')).AvailabilityCommand,
  'dashboards:build': async () => (await import('./dashboards.ts')).DashboardsBuild,
  'dashboards:push': async () => (await import('./dashboards.ts')).DashboardsPush,
  'plan:show': async () => (await import('./plan-show.ts')).PlanShow,
  sweep: async () => (await import('./sweep.ts')).Sweep,
  'snmp:discover': async () => (await import('./snmp-discover.ts')).SnmpDiscover,
  status: async () => (await import('./status.ts')).Status,
  demo: async () => (await import('./demo.ts')).Demo,
  simulate: async () => (await import('./simulate.ts')).Simulate,
  run: async () => (await import('./run.ts')).Run,
  'collector:run': async () => (await import('./collector-run.ts')).CollectorRun,
  'agent:invite': async () => (await import('./agent.ts')).AgentInvite,
  'agent:place': async () => (await import('./agent.ts')).AgentPlace,
  'agent:revoke': async () => (await import('./agent.ts')).AgentRevoke,
  'agent:enroll': async () => (await import('./agent.ts')).AgentEnroll,
  'agent:rotate': async () => (await import('./agent.ts')).AgentRotate,
  'agent:run': async () => (await import('./agent.ts')).AgentRun,
  'workplan:import': async () => (await import('./workplan-import.ts')).WorkplanImport,
  'ledger:tasks': async () => (await import('./ledger-view.ts')).LedgerTasks,
  'ledger:milestones': async () => (await import('./ledger-view.ts')).LedgerMilestones,
  'ledger:goals': async () => (await import('./ledger-view.ts')).LedgerGoals,
  'ledger:deadlines': async () => (await import('./ledger-view.ts')).LedgerDeadlines,
  'ledger:lights': async () => (await import('./ledger-view.ts')).LedgerLights,
  'ledger:changes': async () => (await import('./ledger-show.ts')).LedgerChanges,
  'ledger:show': async () => (await import('./ledger-show.ts')).LedgerShow,
  'ledger:move': async () => (await import('./ledger-write.ts')).LedgerMove,
  'ledger:note': async () => (await import('./ledger-write.ts')).LedgerNote,
  'report:weekly': async () => (await import('./report.ts')).ReportWeekly,
  'report:monthly': async () => (await import('./report.ts')).ReportMonthly,
  'report:span': async () => (await import('./report.ts')).ReportSpan,
  'report:list': async () => (await import('./report-issue.ts')).ReportList,
  'report:issue': async () => (await import('./report-issue.ts')).ReportIssue,
  'report:correct': async () => (await import('./report-issue.ts')).ReportCorrect,
  'roster:take': async () => (await import('./roster.ts')).RosterTake,
  'roster:diff': async () => (await import('./roster.ts')).RosterDiff,
  ...Object.fromEntries(
    collectionNames.flatMap((collection) => Object.entries(inventoryCommands(collection))),
  ),
  // After those of the collections: its list has selectors of its own.
  'claim:list': async () => (await import('./claim.ts')).ClaimList,
  'claim:add': async () => (await import('./claim.ts')).ClaimAdd,
  'claim:withdraw': async () => (await import('./claim.ts')).ClaimWithdraw,
  // Of their own, in place of those of any collection.
  'migration:list': async () => (await import('./migration.ts')).MigrationList,
  'migration:show': async () => (await import('./migration.ts')).MigrationShow,
  'migration:move': async () => (await import('./migration-move.ts')).MigrationMove,
  'migration:document': async () => (await import('./migration-move.ts')).MigrationDocument,
  'migration:plan': async () => (await import('./migration-progress.ts')).MigrationPlan,
  'migration:waves': async () => (await import('./migration-progress.ts')).MigrationWaves,
  'migration:funnel': async () => (await import('./migration-progress.ts')).MigrationFunnel,
  'migration:burn-down': async () => (await import('./migration-progress.ts')).MigrationBurnDown,
  'migration:assess': async () => (await import('./migration-assess.ts')).MigrationAssess,
  'migration:import': async () => (await import('./migration-exchange.ts')).MigrationImport,
  'migration:export': async () => (await import('./migration-exchange.ts')).MigrationExport,
}

const probeCommands = async (): Promise<Readonly<Record<string, typeof Command>>> =>
  (await import('./probe.ts')).probeCommands

/** The command of that id; undefined where there is none. */
export const loadCommand = async (id: string): Promise<typeof Command | undefined> =>
  (await loaders[id]?.()) ?? (await probeCommands())[id]

/** All of them, for the manifest. */
export const loadEveryCommand = async (): Promise<Readonly<Record<string, typeof Command>>> => {
  const loaded = Object.entries(loaders).map(async ([id, load]) => [id, await load()] as const)
  return { ...Object.fromEntries(await Promise.all(loaded)), ...(await probeCommands()) }
}
