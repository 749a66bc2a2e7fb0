import { attachmentFolder } from '../../inventory/attachments/store.ts'
import { icmpMethod } from '../../probes/icmp/index.ts'
import { loadCredentials } from '../config/index.ts'
import { exitCodes } from '../core/fault.ts'
import {
  type Finding,
  checkAttachments,
  checkClock,
  checkDisk,
  checkFileLimit,
  checkIcmp,
  checkListen,
  checkRuntime,
  checkSecrets,
  checkStaged,
  checkStore,
  checkWritable,
} from '../doctor/checks.ts'
import { stagedIn } from '../service/store-places.ts'
import { table } from '../terminal/table.ts'
import { YiwangCommand } from './base.ts'

export class Doctor extends YiwangCommand {
  static override readonly summary = 'check permissions, clock, sockets, configuration, store and disk'
  static override readonly description = 'Exit code 4 where something would stop yiwang from working.'
  static override readonly examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor --json']

  async run(): Promise<readonly Finding[]> {
    const { flags } = await this.parse(Doctor)
    const config = this.configuration(flags)
    const { dataFolder, configFile, secretsFile } = config
    const { host, port } = config.collector.listen
    const findings: Finding[] = [
      checkRuntime(process.versions.node),
      { check: 'configuration', verdict: 'ok', detail: configFile ?? 'defaults, no file' },
      await checkDisk(dataFolder),
      await checkWritable(dataFolder),
      await checkStore(() => this.openInventory(config)),
      ...(await checkAttachments(() => this.openInventory(config), attachmentFolder(dataFolder))),
      ...checkStaged(stagedIn(dataFolder)),
      checkSecrets(secretsFile, () => loadCredentials(secretsFile, process.env)),
      checkIcmp(icmpMethod()),
      await checkListen(host, port),
      await checkFileLimit(),
      await checkClock(Date.now()),
    ]
    this.line(
      table<Finding>(
        [
          { header: 'CHECK', read: ({ check }) => check },
          { header: 'VERDICT', read: ({ verdict }) => verdict },
          { header: 'DETAIL', read: ({ detail }) => detail, least: 24, wraps: true },
        ],
        findings,
      ),
    )
    const steps = findings.filter(({ suggestion }) => suggestion !== undefined)
    for (const { check, suggestion } of steps) this.line(`  → ${check}: ${suggestion ?? ''}`)
    if (findings.some(({ verdict }) => verdict === 'fail')) process.exitCode = exitCodes.couldNotLook
    return findings
  }
}
