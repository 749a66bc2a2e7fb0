import path from 'node:path'
import { Args, Flags } from '@oclif/core'
import {
  attachmentFolder,
  type AttachmentState,
  attachmentState,
  exportAttachment,
} from '../../inventory/attachments/store.ts'
import { type AttachmentUse, attachmentUses } from '../../inventory/attachments/uses.ts'
import { exitCodes, UsageFault } from '../core/fault.ts'
import { type Column, table } from '../terminal/table.ts'
import { YiwangCommand } from './base.ts'

export const stateLabels: Readonly<Record<AttachmentState, string>> = {
  intact: '完好',
  missing: '缺失',
  altered: '已被改动',
}

interface Listed extends AttachmentUse {
  readonly state: AttachmentState
}

const columns: readonly Column<Listed>[] = [
  { header: '附件', read: ({ name }) => name, least: 12 },
  { header: '字节数', read: ({ bytes }) => String(bytes), align: 'right' },
  { header: '状态', read: ({ state }) => stateLabels[state] },
  { header: '所属记录', read: ({ where }) => where, least: 16 },
  { header: '摘要', read: ({ hash }) => hash.slice(0, 12), optional: true },
]

const ofFlag = Flags.string({
  summary: 'only of records whose `collection/id` begins so: asset/net-2026',
  helpValue: 'RECORD',
  default: '',
})

export class AttachmentList extends YiwangCommand {
  static override readonly summary = 'list the attachments of records, each checked against its hash'
  static override readonly description = 'Exit code 3 where one is missing or was altered.'
  static override readonly examples = ['<%= config.bin %> attachment list --of asset/net-2026.fw']
  static override readonly flags = { of: ofFlag }

  async run(): Promise<readonly Listed[]> {
    const { flags } = await this.parse(AttachmentList)
    const config = this.configuration(flags)
    await using store = await this.openInventory(config)
    const uses = attachmentUses(await store.read()).filter(({ where }) => where.startsWith(flags.of))
    const listed: Listed[] = []
    for (const use of uses)
      listed.push({ ...use, state: await attachmentState(attachmentFolder(config.dataFolder), use.hash) })
    this.line(table(columns, listed))
    if (listed.some(({ state }) => state !== 'intact')) process.exitCode = exitCodes.targetFailed
    return listed
  }
}

/** Two files of one name are two files. */
const fileName = ({ hash, name }: AttachmentUse): string => `${hash.slice(0, 12)}-${name}`

export class AttachmentExport extends YiwangCommand {
  static override readonly summary = 'copy attachments out, into a folder'
  static override readonly description =
    'As <hash>-<name>. One that is missing or was altered is not copied; exit code 3.'
  static override readonly examples = ['<%= config.bin %> attachment export ./out --of asset/net-2026.fw']
  static override readonly args = {
    folder: Args.string({ required: true, description: 'made where it is missing' }),
  }
  static override readonly flags = { of: ofFlag }

  async run(): Promise<readonly (Listed & { readonly file: string })[]> {
    const { args, flags } = await this.parse(AttachmentExport)
    const config = this.configuration(flags)
    await using store = await this.openInventory(config)
    const uses = attachmentUses(await store.read()).filter(({ where }) => where.startsWith(flags.of))
    if (uses.length === 0)
      throw new UsageFault([
        {
          where: '--of',
          message: 'expected records with attachments, found none',
          suggestion: 'yiwang attachment list',
        },
      ])
    const byFile = new Map(uses.map((use) => [path.join(args.folder, fileName(use)), use]))
    const copied: (Listed & { file: string })[] = []
    for (const [file, use] of byFile) {
      const state = await exportAttachment(attachmentFolder(config.dataFolder), use.hash, file)
      copied.push({ ...use, state, file })
      if (state === 'intact') this.line(file)
      else this.note(`${use.name} of ${use.where}: ${stateLabels[state]}`)
    }
    if (copied.some(({ state }) => state !== 'intact')) process.exitCode = exitCodes.targetFailed
    return copied
  }
}
