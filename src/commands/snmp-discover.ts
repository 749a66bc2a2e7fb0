import path from 'node:path'
import { Args, Flags } from '@oclif/core'
import { writeDurably } from '../../inventory/lowdb/durable.ts'
import { guarded } from '../../inventory/lowdb/faults.ts'
import { loadCredentials } from '../config/index.ts'
import { exitCodes, UsageFault } from '../core/fault.ts'
import type { FileFormat } from '../discovery/import-file.ts'
import { type DiscoveryReport, countOfProposed } from '../discovery/report.ts'
import { type Discovery, discover } from '../discovery/run.ts'
import { type Progress, startProgress } from '../terminal/progress.ts'
import { untilStopped, YiwangCommand } from './base.ts'
import { reportNotes, reportTables } from './discovery-text.ts'

const formats: Readonly<Record<string, FileFormat>> = { '.csv': 'csv', '.xlsx': 'xlsx' }

interface Out {
  readonly file: string
  readonly format: FileFormat
}

const outOf = (file: string | undefined): Out | undefined => {
  if (file === undefined) return undefined
  const format = formats[path.extname(file).toLowerCase()]
  if (format !== undefined) return { file, format }
  throw new UsageFault([{ where: '--out', message: `expected a name ending in .xlsx or .csv, got ${file}` }])
}

export class SnmpDiscover extends YiwangCommand {
  static override readonly summary = 'ask each address of a network for its SNMP agent, and propose devices'
  static override readonly description =
    'Only networks that the inventory declares with scan=true are asked, at most 65,536 addresses at a time. Credentials of v3 are tried before communities, since a community is told in clear to whatever has the address. Nothing is written to the inventory: --out writes a file for `yiwang import`, with the node left empty where nothing tells which it is. Ctrl-C shows what was found until then.'
  static override readonly examples = [
    '<%= config.bin %> snmp discover 192.0.2.0/24 --credential core-routers --out found.xlsx',
    '<%= config.bin %> snmp discover 192.0.2.0/24 --credential core-routers --credential county-switches --json',
  ]
  static override readonly args = {
    range: Args.string({ required: true, description: 'network (CIDR), or one address' }),
  }
  static override readonly flags = {
    credential: Flags.string({
      summary: 'name of a credential to try; may be repeated',
      required: true,
      multiple: true,
      helpValue: 'NAME',
    }),
    out: Flags.string({ summary: 'write the proposed devices to this .xlsx or .csv', helpValue: 'FILE' }),
    port: Flags.integer({ summary: 'UDP port of the agents', default: 161, min: 1, max: 65_535 }),
  }

  async run(): Promise<DiscoveryReport & { readonly file?: string }> {
    const { args, flags } = await this.parse(SnmpDiscover)
    const config = this.configuration(flags)
    const out = outOf(flags.out)
    await using store = await this.openInventory(config)
    using stack = new DisposableStack()
    let progress: Progress | undefined
    const discovery = await discover({
      range: args.range,
      port: flags.port,
      credentials: flags.credential,
      credentialOf: loadCredentials(config.secretsFile, process.env),
      inventory: await store.read(),
      signal: untilStopped(),
      onAsked: (total) => {
        progress ??= stack.use(startProgress(total, 'asking', process.stderr))
        progress.advance()
      },
    })
    stack.dispose()
    const { report } = discovery
    const written =
      out !== undefined && countOfProposed(report) > 0 ? await this.write(discovery, out) : undefined
    for (const text of reportTables(report)) this.line(text)
    for (const text of reportNotes(report)) this.note(text)
    if (written !== undefined) this.note(`nothing was imported; next: yiwang import ${written} --dry-run`)
    else if (out !== undefined) this.note(`nothing is new: ${out.file} was not written`)
    if (report.asked < report.addresses || report.failed.length > 0) process.exitCode = exitCodes.couldNotLook
    return { ...report, ...(written !== undefined && { file: written }) }
  }

  private async write({ file: contentAs }: Discovery, { file, format }: Out): Promise<string> {
    const content = await contentAs(format)
    await guarded(path.dirname(file), () => writeDurably(file, content))
    return file
  }
}
