import path from 'node:path'
import { Args, Flags } from '@oclif/core'
import { backupInventory, restoreInventory } from '../../inventory/backup.ts'
import { writeFlags, YiwangCommand } from './base.ts'

const file = Args.string({ required: true, description: 'backup file' })

export class Backup extends YiwangCommand {
  static override readonly summary = 'write inventory and audit log, at one revision, to one compressed file'
  static override readonly examples = ['<%= config.bin %> backup /mnt/elsewhere/yiwang-2026-11-23.backup']
  static override readonly args = { file }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Backup)
    const { dataFolder } = this.configuration(flags)
    const result = await backupInventory(path.join(dataFolder, 'inventory'), args.file)
    this.line(`backup of revision ${String(result.revision)} written to ${args.file}`)
    return result
  }
}

export class Restore extends YiwangCommand {
  static override readonly summary = 'restore inventory and audit log from a backup'
  static override readonly description =
    'A damaged file is refused. A store that is not empty is refused too, unless --force: a copy of it is kept.'
  static override readonly examples = ['<%= config.bin %> restore /mnt/elsewhere/yiwang-2026-11-23.backup']
  static override readonly args = { file }
  static override readonly flags = {
    force: Flags.boolean({ summary: 'replace a store that is not empty; a copy of it is kept' }),
    ...writeFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Restore)
    const { dataFolder } = this.configuration(flags)
    const { actor, reason, force } = flags
    const result = await restoreInventory(args.file, path.join(dataFolder, 'inventory'), {
      actor,
      reason,
      force,
      clock: Date.now,
    })
    this.line(`revision ${String(result.revision)} restored from ${args.file}`)
    return result
  }
}
