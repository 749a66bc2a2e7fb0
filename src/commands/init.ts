import { Flags } from '@oclif/core'
import { prepareChange } from '../../inventory/change.ts'
import { planImport, type ShippedPlan, shippedPlan, shippedPlans } from '../../inventory/ledger/plan-file.ts'
import { normaliseRegionCode } from '../../inventory/regions/index.ts'
import { seedOperations } from '../../inventory/seed.ts'
import type { Inventory, Operation } from '../../inventory/store.ts'
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

/** A region's inventory, a plan's ledger, or both: then the plan finds the regions that are there. */
const initial = (
  empty: Inventory,
  regional: readonly Operation[],
  plan: ShippedPlan | undefined,
): readonly Operation[] => {
  if (empty.revision > 0)
    throw new UsageFault([
      {
        where: '--data',
        message: 'expected an empty store, found one with records',
        suggestion: 'use `yiwang import` or `yiwang workplan import` to add to it, or another --data folder',
      },
    ])
  if (plan === undefined) return regional
  return [...regional, ...planImport(shippedPlan(plan), prepareChange(empty, regional).next).operations]
}

export class Init extends YiwangCommand {
  static override readonly summary = 'make a ready inventory of a region: its units, halls and extranet nodes'
  static override readonly description =
    'Regions are those of the statistics codes of 2023. Addresses, circuits and contacts are yours to fill in.'
  static override readonly examples = [
    '<%= config.bin %> init --region 410200',
    '<%= config.bin %> init --region 410200 --plan kaifeng-2018',
    '<%= config.bin %> init --region 41 --data /var/lib/yiwang',
  ]
  static override readonly flags = {
    region: Flags.string({ summary: 'code of province, city or county', helpValue: 'CODE' }),
    plan: Flags.option({
      summary: 'a work plan that comes with yiwang: goals, tasks, milestones, units, systems',
      options: shippedPlans,
    })(),
    'include-statistical': Flags.boolean({
      summary:
        'give farms, parks and development zones nodes too, and count them in the coverage denominator',
    }),
    ...writeFlags,
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Init)
    if (flags.region === undefined && flags.plan === undefined)
      throw new UsageFault([
        {
          where: '--region',
          message: 'expected --region, --plan, or both, got neither',
          suggestion: '--region 410200',
        },
      ])
    const region = flags.region === undefined ? undefined : regionOf(flags.region)
    const regional =
      region === undefined ? [] : seedOperations(region, { includeStatistical: flags['include-statistical'] })
    const what = [region, flags.plan].filter((each) => each !== undefined).join(' and ')
    await using store = await this.openInventory(this.configuration(flags), { create: true })
    const result = await store.change({
      actor: flags.actor,
      reason: `${flags.reason}: init ${what}`,
      operations: (inventory) => initial(inventory, regional, flags.plan),
    })
    this.line(`inventory of ${what}: ${String(result.added)} records, revision ${String(result.revision)}`)
    if (region !== undefined)
      this.line('next: `yiwang export inventory.xlsx`, fill in the addresses, `yiwang import inventory.xlsx`')
    if (flags.plan !== undefined)
      this.line('next: `yiwang ledger deadlines`; rosters for the ratios: `yiwang roster take --help`')
    return result
  }
}
