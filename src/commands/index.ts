import type { Command } from '@oclif/core'
import { collectionNames } from '../../inventory/model.ts'
import { AgentEnroll, AgentInvite, AgentRevoke, AgentRotate, AgentRun } from './agent.ts'
import { AuditHeadCommand, AuditLog, AuditVerify } from './audit.ts'
import { Backup, Restore } from './backup.ts'
import { CollectorRun } from './collector-run.ts'
import { Demo } from './demo.ts'
import { Doctor } from './doctor.ts'
import { Export, Import } from './exchange.ts'
import { HostCheckCommand } from './host-check.ts'
import { Init } from './init.ts'
import { listCommand } from './inventory/list.ts'
import { showCommand } from './inventory/show.ts'
import { addCommand, removeCommand, setCommand } from './inventory/write.ts'
import { MlpsAssess, MlpsCarryOver, MlpsSet } from './mlps-assess.ts'
import { MlpsConclude, MlpsGaps, MlpsShow } from './mlps-view.ts'
import { MlpsCatalog } from './mlps.ts'
import { PlanShow } from './plan-show.ts'
import { probeCommands } from './probe.ts'
import { Run } from './run.ts'
import { Simulate } from './simulate.ts'
import { SnmpDiscover } from './snmp-discover.ts'
import { Status } from './status.ts'
import { Sweep } from './sweep.ts'

/** Agents are invited and enrolled, not written by hand. */
const written = collectionNames.filter((collection) => collection !== 'agent')

const inventoryCommands = Object.fromEntries<typeof Command>([
  ...collectionNames.flatMap((collection) => [
    [`${collection}:list`, listCommand(collection)] as const,
    [`${collection}:show`, showCommand(collection)] as const,
  ]),
  ...written.flatMap((collection) => [
    [`${collection}:add`, addCommand(collection)] as const,
    [`${collection}:set`, setCommand(collection)] as const,
    [`${collection}:remove`, removeCommand(collection)] as const,
  ]),
])

/** Every command, by its id; oclif's `explicit` discovery reads this map. */
export const commands: Readonly<Record<string, typeof Command>> = {
  init: Init,
  doctor: Doctor,
  ...inventoryCommands,
  import: Import,
  export: Export,
  'audit:log': AuditLog,
  'audit:head': AuditHeadCommand,
  'audit:verify': AuditVerify,
  backup: Backup,
  restore: Restore,
  'mlps:catalog': MlpsCatalog,
  'host:check': HostCheckCommand,
  'mlps:assess': MlpsAssess,
  'mlps:set': MlpsSet,
  'mlps:show': MlpsShow,
  'mlps:gaps': MlpsGaps,
  'mlps:conclude': MlpsConclude,
  'mlps:carry-over': MlpsCarryOver,
  ...probeCommands,
  'plan:show': PlanShow,
  sweep: Sweep,
  'snmp:discover': SnmpDiscover,
  status: Status,
  demo: Demo,
  simulate: Simulate,
  run: Run,
  'collector:run': CollectorRun,
  'agent:invite': AgentInvite,
  'agent:revoke': AgentRevoke,
  'agent:enroll': AgentEnroll,
  'agent:rotate': AgentRotate,
  'agent:run': AgentRun,
}
