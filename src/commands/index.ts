import type { Command } from '@oclif/core'
import { type Collection, collectionNames } from '../../inventory/model.ts'

type Loader = () => Promise<typeof Command>
type Loaders = Readonly<Record<string, Loader>>

/** Agents are invited and enrolled; what the ledger keeps as history is recorded by commands of its own. */
const notWritten: ReadonlySet<Collection> = new Set(['agent', 'progress', 'claim', 'roster'])

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
  'audit:log': async () => (await import('./audit.ts')).AuditLog,
  'audit:head': async () => (await import('./audit.ts')).AuditHeadCommand,
  'audit:verify': async () => (await import('./audit.ts')).AuditVerify,
  backup: async () => (await import('./backup.ts')).Backup,
  restore: async () => (await import('./backup.ts')).Restore,
  'mlps:catalog': async () => (await import('./mlps.ts')).MlpsCatalog,
  'host:check': async () => (await import('./host-check.ts')).HostCheckCommand,
  'mlps:assess': async () => (await import('./mlps-assess.ts')).MlpsAssess,
  'mlps:set': async () => (await import('./mlps-assess.ts')).MlpsSet,
  'mlps:show': async () => (await import('./mlps-view.ts')).MlpsShow,
  'mlps:gaps': async () => (await import('./mlps-view.ts')).MlpsGaps,
  'mlps:conclude': async () => (await import('./mlps-view.ts')).MlpsConclude,
  'mlps:carry-over': async () => (await import('./mlps-assess.ts')).MlpsCarryOver,
  'plan:show': async () => (await import('./plan-show.ts')).PlanShow,
  sweep: async () => (await import('./sweep.ts')).Sweep,
  'snmp:discover': async () => (await import('./snmp-discover.ts')).SnmpDiscover,
  status: async () => (await import('./status.ts')).Status,
  demo: async () => (await import('./demo.ts')).Demo,
  simulate: async () => (await import('./simulate.ts')).Simulate,
  run: async () => (await import('./run.ts')).Run,
  'collector:run': async () => (await import('./collector-run.ts')).CollectorRun,
  'agent:invite': async () => (await import('./agent.ts')).AgentInvite,
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
  'roster:take': async () => (await import('./roster.ts')).RosterTake,
  'roster:diff': async () => (await import('./roster.ts')).RosterDiff,
  ...Object.fromEntries(
    collectionNames.flatMap((collection) => Object.entries(inventoryCommands(collection))),
  ),
  // After those of the collections: its list has selectors of its own.
  'claim:list': async () => (await import('./claim.ts')).ClaimList,
  'claim:add': async () => (await import('./claim.ts')).ClaimAdd,
  'claim:withdraw': async () => (await import('./claim.ts')).ClaimWithdraw,
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
