import { Flags } from '@oclif/core'
import { normaliseRegionCode } from '../../inventory/regions/index.ts'
import { seedOperations } from '../../inventory/seed.ts'
import { UsageFault } from '../core/fault.ts'
import { writeFlags, YiwangCommand } from './base.ts'

const regionOf = (text: string): string => {
  const code = normaliseRegionCode(text)
  if (code === undefined)
    throw new UsageFault([
      {
        where: '--region',
        message: `expected a statistics code of a province, city or county, got ${text}`,
        suggestion: '410200 is Kaifeng, 41 is Henan',
      },
    ])
  return code
}

export class Init extends YiwangCommand {
  static override readonly summary = 'make a ready inventory of a region: its units, halls and extranet nodes'
  static override readonly description =
    'Regions are those of the statistics codes of 2023. Addresses, circuits and contacts are yours to fill in.'
  static override readonly examples = [
    '<%= config.bin %> init --region 410200',
    '<%= config.bin %> init --region 41 --data /var/lib/yiwang',
  ]
  static override readonly flags = {
    region: Flags.string({ summary: 'code of province, city or county', required: true, helpValue: 'CODE' }),
    'include-statistical': Flags.boolean({
      summary:
        'give farms, parks and development zones nodes too, and count them in the coverage denominator',
    }),
    ...writeFlags,
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Init)
    const region = regionOf(flags.region)
    const operations = seedOperations(region, { includeStatistical: flags['include-statistical'] })
    await using store = await this.openInventory(this.configuration(flags), { create: true })
    const result = await store.change({
      actor: flags.actor,
      reason: `${flags.reason}: init ${region}`,
      operations: ({ revision }) => {
        if (revision === 0) return operations
        throw new UsageFault([
          {
            where: '--data',
            message: 'expected an empty store, found one with records',
            suggestion: 'use `yiwang import` to add to it, or another --data folder',
          },
        ])
      },
    })
    this.line(`inventory of ${region}: ${String(result.added)} records, revision ${String(result.revision)}`)
    this.line('next: `yiwang export inventory.xlsx`, fill in the addresses, `yiwang import inventory.xlsx`')
    return result
  }
}
