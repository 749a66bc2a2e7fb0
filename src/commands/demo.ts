import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Flags } from '@oclif/core'
import { tellStory } from '../demo/story.ts'
import { untilStopped, YiwangCommand } from './base.ts'

export class Demo extends YiwangCommand {
  static override readonly summary =
    'see a whole simulated city (模拟) being probed for real, on this machine'
  static override readonly description =
    'Serves Kaifeng on loopback addresses, runs a collector and two agents, sweeps, cuts a line and repairs it. Then stays up, with the addresses to open, until Ctrl-C.'
  static override readonly examples = ['<%= config.bin %> demo', '<%= config.bin %> demo --once']
  static override readonly flags = {
    once: Flags.boolean({ summary: 'end when the story is told' }),
    port: Flags.integer({
      summary: 'first port of the simulated city; 0: any that is free',
      default: 9000,
      min: 0,
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Demo)
    const signal = untilStopped()
    const folder = await mkdtemp(path.join(os.tmpdir(), 'yiwang-demo-'))
    await using stack = new AsyncDisposableStack()
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    const say = (text: string): void => this.line(text)
    const site = await tellStory(stack, { folder, say, signal, simulatorPort: flags.port })
    if (flags.once) return
    say(
      `\nIt stays up until Ctrl-C. Open:\n   ${site.collector.href}metrics\n   ${site.collector.href}v1/status`,
    )
    for (const { name, url } of site.ready.addresses.slice(0, 5)) say(`   ${url}  ${name}`)
    say(`\nIn another terminal: yiwang status --collector ${site.collector.href}`)
    if (!signal.aborted) await once(signal, 'abort')
  }
}
