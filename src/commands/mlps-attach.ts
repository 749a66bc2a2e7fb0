import { Args, Flags } from '@oclif/core'
import { attachmentFolder, fileProblem, keepFile } from '../../inventory/attachments/store.ts'
import type { Attachment } from '../../inventory/fields.ts'
import { attachFiles, detachFiles } from '../../inventory/mlps/attach.ts'
import type { ChangeResult } from '../../inventory/store.ts'
import { UsageFault } from '../core/fault.ts'
import { importEvidence } from '../service/import-evidence.ts'
import { writeFlags, YiwangCommand } from './base.ts'

interface Imported extends ChangeResult {
  readonly hosts: readonly {
    readonly hostname: string
    readonly collectedAt: string
    readonly hash: string
    readonly key: string
  }[]
}

export class MlpsImportEvidence extends YiwangCommand {
  static override readonly summary = 'take in host evidence that `host check --out` wrote elsewhere'
  static override readonly description =
    'All of the files or none: each must be signed with a registered key, unaltered, and not from the future. The same file again changes nothing.'
  static override readonly examples = [
    '<%= config.bin %> mlps import-evidence evidence.json --asset-target d-db-1',
    '<%= config.bin %> mlps import-evidence /media/usb/*.json --reason "三季度离线核查"',
  ]
  static override readonly strict = false
  static override readonly args = {
    file: Args.string({ description: 'signed evidence; several may be given', required: true }),
  }
  static override readonly flags = {
    'asset-target': Flags.string({
      summary: 'node, system or device that the host is (default: known by machine only)',
      helpValue: 'ID',
    }),
    ...writeFlags,
  }

  async run(): Promise<Imported> {
    const { argv, flags } = await this.parse(MlpsImportEvidence)
    const config = this.configuration(flags)
    await using store = await this.openInventory(config)
    const { hosts, ...change } = await importEvidence(store, config.dataFolder, {
      files: argv as string[],
      target: flags['asset-target'],
      actor: flags.actor,
      reason: flags.reason,
      now: Date.now(),
    })
    const shown = hosts.map(({ evidence: { host, collectedAt }, hash, key }) => ({
      hostname: host.hostname,
      collectedAt,
      hash,
      key,
    }))
    for (const { hostname, collectedAt, hash } of shown)
      this.line(`${hostname}  ${collectedAt}  ${hash.slice(0, 12)}`)
    this.note(
      `revision ${change.revision}: ${change.added} new, ${change.replaced} changed, of ${hosts.length}`,
    )
    if (flags['asset-target'] === undefined)
      this.note('known by machine only: --asset-target ID says which record it speaks for (`host list`)')
    return { ...change, hosts: shown }
  }
}

const required = (name: string, description: string) => Args.string({ name, description, required: true })

const placeArgs = {
  assessment: required('assessment', 'id of the assessment'),
  asset: required('asset', 'id of the asset'),
  item: required('item', 'id of the item: L3-CES1-01'),
}

export class MlpsAttach extends YiwangCommand {
  static override readonly summary = 'attach files to the result of an item on an asset'
  static override readonly description =
    'Files are copied and kept by their content: what is shown later is what was attached. `attachment export` copies them out.'
  static override readonly examples = [
    '<%= config.bin %> mlps attach net-2026 net-2026.fw L3-CES1-01 口令策略.pdf 截图.png',
  ]
  static override readonly strict = false
  static override readonly args = {
    ...placeArgs,
    file: required('file', 'file; several may be given'),
  }
  static override readonly flags = writeFlags

  async run(): Promise<ChangeResult & { readonly attachments: readonly Attachment[] }> {
    const { args, argv, flags } = await this.parse(MlpsAttach)
    const config = this.configuration(flags)
    const files = argv.slice(3) as string[]
    const problems = (await Promise.all(files.map(fileProblem))).filter((problem) => problem !== undefined)
    if (problems.length > 0) throw new UsageFault(problems)
    await using store = await this.openInventory(config)
    // Refused before anything is copied.
    attachFiles(await store.read(), args, [])
    const attachments: Attachment[] = []
    for (const file of files) attachments.push(await keepFile(attachmentFolder(config.dataFolder), file))
    const result = await store.change({
      actor: flags.actor,
      reason: flags.reason,
      operations: (inventory) => attachFiles(inventory, args, attachments),
    })
    for (const { hash, name, bytes } of attachments) this.line(`${hash.slice(0, 12)}  ${bytes}  ${name}`)
    this.note(`revision ${result.revision}: ${attachments.length} attached to ${args.item} on ${args.asset}`)
    return { ...result, attachments }
  }
}

export class MlpsDetach extends YiwangCommand {
  static override readonly summary = 'take attachments away from the result of an item on an asset'
  static override readonly description =
    'The record forgets them, and the audit log does not; the files stay where they are kept.'
  static override readonly examples = [
    '<%= config.bin %> mlps detach net-2026 net-2026.fw L3-CES1-01 误传.pdf',
  ]
  static override readonly strict = false
  static override readonly args = {
    ...placeArgs,
    attachment: required('attachment', 'its name, or the first digits of its hash; several may be given'),
  }
  static override readonly flags = writeFlags

  async run(): Promise<ChangeResult> {
    const { args, argv, flags } = await this.parse(MlpsDetach)
    await using store = await this.openInventory(this.configuration(flags))
    const result = await store.change({
      actor: flags.actor,
      reason: flags.reason,
      operations: (inventory) => detachFiles(inventory, args, argv.slice(3) as string[]),
    })
    this.note(`revision ${result.revision}: taken away from ${args.item} on ${args.asset}`)
    return result
  }
}
