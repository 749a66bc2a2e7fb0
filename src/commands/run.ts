import { collectorService } from '../service/collector.ts'
import { localAgentService } from '../service/agent.ts'
import { serviceLog, untilStopped, YiwangCommand } from './base.ts'

export class Run extends YiwangCommand {
  static override readonly summary = 'collector and agent in one process, for a small site'
  static override readonly description =
    'Serves /metrics and the status as `collector run` does. SIGTERM drains.'
  static override readonly examples = ['<%= config.bin %> run --data /var/lib/yiwang']

  async run(): Promise<void> {
    const { flags } = await this.parse(Run)
    const config = this.configuration(flags)
    const stopped = untilStopped()
    await using inventory = await this.openInventory(config)
    await using collector = await collectorService(config, inventory, serviceLog)
    this.line(`collector listens on ${collector.url}, an agent probes beside it`)
    await localAgentService(config, { collector: collector.collector, inventory }, serviceLog, stopped)
  }
}
