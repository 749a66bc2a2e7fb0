import { Flags } from '@oclif/core'
import type { AuditEntry, AuditHead } from '../../inventory/store.ts'
import { exitCodes, UsageFault } from '../core/fault.ts'
import { table } from '../terminal/table.ts'
import { YiwangCommand } from './base.ts'

const describeChanges = (entry: AuditEntry): string => {
  const [first] = entry.changes
  if (first === undefined) return ''
  const rest = entry.changes.length - 1
  return `${first.op} ${first.collection} ${first.id}${rest > 0 ? ` and ${String(rest)} more` : ''}`
}

const parseHead = (text: string): AuditHead => {
  const [, sequence, hash] = /^(\d+):([0-9a-f]{64})$/u.exec(text) ?? []
  if (sequence === undefined || hash === undefined)
    throw new UsageFault([
      { where: '--head', message: `expected SEQUENCE:SHA256 as printed by 'yiwang audit head', got ${text}` },
    ])
  return { sequence: Number(sequence), hash }
}

const formatHead = (head: AuditHead): string => `${String(head.sequence)}:${head.hash}`

export class AuditLog extends YiwangCommand {
  static override readonly summary = 'show the audit log: who changed what, when and why'
  static override readonly examples = [
    '<%= config.bin %> audit log',
    '<%= config.bin %> audit log --since 120 --json',
  ]
  static override readonly flags = {
    since: Flags.integer({
      summary: 'first sequence to show (default: so that the newest are shown)',
      min: 1,
    }),
    limit: Flags.integer({ summary: 'how many entries at the most', min: 1, default: 1000 }),
  }

  async run(): Promise<AuditEntry[]> {
    const { flags } = await this.parse(AuditLog)
    await using store = await this.openInventory(this.configuration(flags))
    const { limit } = flags
    const since = flags.since ?? Math.max(1, (await store.auditHead()).sequence - limit + 1)
    const entries = await Array.fromAsync(store.audit({ limit, since }))
    this.line(
      table<AuditEntry>(
        [
          { header: 'SEQ', read: ({ sequence }) => String(sequence), align: 'right' },
          { header: 'AT', read: ({ at }) => at },
          { header: 'ACTOR', read: ({ actor }) => actor },
          { header: 'REASON', read: ({ reason }) => reason, least: 16 },
          { header: 'CHANGES', read: describeChanges, least: 16 },
        ],
        entries,
      ),
    )
    return entries
  }
}

export class AuditHeadCommand extends YiwangCommand {
  static override readonly summary = 'print the head of the audit chain, to be kept somewhere else'
  static override readonly examples = ['<%= config.bin %> audit head > /mnt/elsewhere/yiwang-head']

  async run(): Promise<AuditHead> {
    const { flags } = await this.parse(AuditHeadCommand)
    await using store = await this.openInventory(this.configuration(flags))
    const head = await store.auditHead()
    this.line(formatHead(head))
    return head
  }
}

export class AuditVerify extends YiwangCommand {
  static override readonly summary =
    'recompute the audit chain: finds changed, removed, reordered or cut-off entries'
  static override readonly examples = [
    '<%= config.bin %> audit verify',
    '<%= config.bin %> audit verify --head "$(cat /mnt/elsewhere/yiwang-head)"',
  ]
  static override readonly flags = {
    head: Flags.string({ summary: 'a head kept elsewhere: also finds a cut tail', helpValue: 'SEQ:SHA256' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(AuditVerify)
    await using store = await this.openInventory(this.configuration(flags))
    const verdict = await store.auditVerify(flags.head === undefined ? undefined : parseHead(flags.head))
    this.line(
      verdict.intact
        ? `intact, head ${formatHead(verdict.head)}`
        : `NOT intact at entry ${String(verdict.sequence)}: ${verdict.problem}`,
    )
    if (!verdict.intact) process.exitCode = exitCodes.targetFailed
    return verdict
  }
}
