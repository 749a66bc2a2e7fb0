import { Flags } from '@oclif/core'
import { planOver, shippedPlan, shippedPlans } from '../../inventory/ledger/plan-file.ts'
import { seedOperations } from '../../inventory/seed.ts'
import { designCity } from '../simulator/city.ts'
import { serveControl } from '../simulator/control.ts'
import { untilStopped, YiwangCommand } from './base.ts'

/** The demo's city, as a process of its own; speaks JSON lines on standard input and output. */
export class Simulate extends YiwangCommand {
  static override readonly summary = 'play a city on loopback addresses (模拟), for the demo and for trials'
  static override readonly hidden = true
  static override readonly flags = {
    region: Flags.string({ summary: 'code of the city', default: '410200' }),
    plan: Flags.option({
      summary: 'a work plan that comes with yiwang: the systems that it names are played too',
      options: shippedPlans,
    })(),
    quiet: Flags.boolean({ summary: 'nothing is out of order from the start' }),
    port: Flags.integer({
      summary: 'first port to try; 0: any that is free',
      default: 9000,
      min: 0,
      max: 60_000,
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Simulate)
    const seed = seedOperations(flags.region)
    const plan = flags.plan === undefined ? [] : planOver(shippedPlan(flags.plan), seed)
    await serveControl(designCity([...seed, ...plan], { isQuiet: flags.quiet }), {
      input: process.stdin,
      output: process.stdout,
      signal: untilStopped(),
      basePort: flags.port,
    })
  }
}
