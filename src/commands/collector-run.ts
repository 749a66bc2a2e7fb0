import { once } from 'node:events'
import { collectorService } from '../service/collector.ts'
import { serviceLog, untilStopped, YiwangCommand } from './base.ts'

export class CollectorRun extends YiwangCommand {
  static override readonly summary = 'take what agents observe, judge it, and serve /metrics and the status'
  static override readonly description =
    'Listens on collector.listen; on any address but loopback only with a certificate. SIGTERM drains. The log is JSON lines on standard error.'
  static override readonly examples = [
    '<%= config.bin %> collector run',
    'YIWANG_COLLECTOR_LISTEN=127.0.0.1:9500 <%= config.bin %> collector run --data /var/lib/yiwang',
  ]

  async run(): Promise<void> {
    const { flags } = await this.parse(CollectorRun)
    const config = this.configuration(flags)
    const stopped = untilStopped()
    await using inventory = await this.openInventory(config)
    await using collector = await collectorService(config, inventory, serviceLog)
    this.line(`collector listens on ${collector.url}`)
    if (!stopped.aborted) await once(stopped, 'abort')
    serviceLog('info', 'draining')
  }
}
