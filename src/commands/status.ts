import { Flags } from '@oclif/core'
import type { StatusReport } from '../collector/status.ts'
import { exitCodeOfStanding } from '../service/standing.ts'
import { fetchStatus } from '../service/status.ts'
import { statusText } from '../terminal/status.ts'
import { YiwangCommand, untilStopped } from './base.ts'

export class Status extends YiwangCommand {
  static override readonly summary = 'show how things stand, from the collector'
  static override readonly description =
    'Exit code 0: all up, 3: something is down, 4: something is unknown, or the collector itself has trouble: with its inventory, its plan or its history (`problems` of --json).'
  static override readonly examples = [
    '<%= config.bin %> status',
    '<%= config.bin %> status --json | jq .coverage.all',
  ]
  static override readonly flags = {
    collector: Flags.url({
      summary: 'address of the collector (default: agent.collector, else collector.listen)',
    }),
  }

  async run(): Promise<StatusReport> {
    const { flags } = await this.parse(Status)
    const report = await fetchStatus(this.configuration(flags), flags.collector, untilStopped())
    this.line(statusText(report))
    process.exitCode = exitCodeOfStanding(report)
    return report
  }
}
