import { Args, Flags } from '@oclif/core'
import { exitCodes } from '../core/fault.ts'
import { backupAll, type BackedUp, type CopiedAttachments, restoreAll } from '../service/backup.ts'
import { type Progress, startProgress } from '../terminal/progress.ts'
import type { OnProgress } from '../service/store-copies.ts'
import { untilStopped, writeFlags, YiwangCommand } from './base.ts'

const file = Args.string({ required: true, description: 'backup file' })

/** Shows one thing after another; breaks the work off where it is told to stop. */
const showing = (stopped: AbortSignal): Disposable & { readonly onProgress: OnProgress } => {
  let shown: { readonly what: string; readonly bar: Progress } | undefined
  return {
    onProgress: (what, done, total) => {
      stopped.throwIfAborted()
      if (shown?.what !== what) {
        shown?.bar[Symbol.dispose]()
        shown = { what, bar: startProgress(total, what, process.stderr, 'share') }
      }
      shown.bar.reach(done)
    },
    [Symbol.dispose]: () => shown?.bar[Symbol.dispose](),
  }
}

/** Says what is not as it was; sets the exit code. */
const tellOf = (
  { folder, intact, missing, altered }: CopiedAttachments,
  note: (text: string) => void,
): void => {
  if (intact > 0) note(`${intact} attachments, those of the backup are in ${folder}`)
  const lost = [...missing.map((hash) => `missing: ${hash}`), ...altered.map((hash) => `altered: ${hash}`)]
  if (lost.length === 0) return
  note(`${lost.length} attachments were not copied; \`yiwang attachment list\` names their records:`)
  for (const each of lost) note(`  ${each}`)
  process.exitCode = exitCodes.targetFailed
}

/** Says where the audit chain is broken; sets the exit code. */
const tellOfAudit = ({ audit }: BackedUp, note: (text: string) => void): void => {
  if (audit.intact) return
  note(`the audit chain is broken at entry ${audit.sequence}: ${audit.problem}`)
  note('  the backup has the log as it is; one from before holds what was written then: ask who changed it')
  process.exitCode = exitCodes.targetFailed
}

export class Backup extends YiwangCommand {
  static override readonly summary =
    'write inventory and audit log, at one revision, to one compressed file; attachments, incidents, log messages, deliveries, what goes upward, recorded verdicts and the history beside it'
  static override readonly description =
    'Attachments go to the folder yiwang-attachments beside the file, which all backups there share; incidents, log messages, deliveries, what goes upward, recorded verdicts and the history (all looks and hours: most of it) to the folder FILE.stores, each as of one moment. A collector may run meanwhile. An earlier backup of that name stays until this one is whole. Exit code 3, with the backup made, where an attachment is missing or was altered, or the audit chain is broken.'
  static override readonly examples = ['<%= config.bin %> backup /mnt/elsewhere/yiwang-2026-11-23.backup']
  static override readonly args = { file }
  static override readonly flags = {
    'without-history': Flags.boolean({
      summary: 'leave out what agents saw, which probe-days and past bulletins rest on',
    }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Backup)
    const progress = showing(untilStopped())
    const options = { withoutHistory: flags['without-history'], onProgress: progress.onProgress }
    const result = await backupAll(this.configuration(flags).dataFolder, args.file, options).finally(
      progress[Symbol.dispose],
    )
    this.line(`backup of revision ${String(result.revision)} written to ${args.file}`)
    for (const { name, bytes } of result.stores) this.line(`${name}: ${String(bytes)} bytes`)
    tellOf(result.attachments, (text) => this.note(text))
    tellOfAudit(result, (text) => this.note(text))
    return result
  }
}

export class Restore extends YiwangCommand {
  static override readonly summary =
    'restore inventory, audit log, attachments, incidents, log messages, deliveries, what goes upward, recorded verdicts and the history from a backup'
  static override readonly description =
    'A damaged file is refused. A store that is not empty is refused too, unless --force: a copy of it is kept. The collector must not run. Exit code 3 where an attachment is missing or was altered; all else is restored then.'
  static override readonly examples = ['<%= config.bin %> restore /mnt/elsewhere/yiwang-2026-11-23.backup']
  static override readonly args = { file }
  static override readonly flags = {
    force: Flags.boolean({ summary: 'replace a store that is not empty; a copy of it is kept' }),
    ...writeFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Restore)
    const { actor, reason, force } = flags
    const progress = showing(untilStopped())
    const options = { actor, reason, force, clock: Date.now, onProgress: progress.onProgress }
    const result = await restoreAll(args.file, this.configuration(flags).dataFolder, options).finally(
      progress[Symbol.dispose],
    )
    this.line(`revision ${String(result.revision)} restored from ${args.file}`)
    for (const { name } of result.stores) this.line(`${name}: restored and verified`)
    for (const each of result.kept) this.note(`what was there before: ${each}`)
    tellOf(result.attachments, (text) => this.note(text))
    return result
  }
}
