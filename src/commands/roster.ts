import { Args, Flags } from '@oclif/core'
import { rosterLabels } from '../../inventory/ledger/index.ts'
import { takeRoster } from '../../inventory/ledger/take-roster.ts'
import type { ChangeResult } from '../../inventory/store.ts'
import { dayIn, parseDay } from '../core/day.ts'
import { type Problem, UsageFault } from '../core/fault.ts'
import { given } from '../core/given.ts'
import { rosterChange, rosterChangeLine } from '../ledger/index.ts'
import { selectorFlags, writeFlags, YiwangCommand } from './base.ts'
import { codeOf, listed } from './mlps-words.ts'

/** `ID=BASIS`, or `ID=COUNT:BASIS` where the roster is a number. */
const exclusionFrom = (text: string) => {
  const [, what, count, basis] = /^([^=]+)=(?:(\d{1,6}):)?(.+)$/su.exec(text) ?? []
  if (what !== undefined && basis !== undefined)
    return [what, { basis, ...given({ count: count === undefined ? undefined : Number(count) }) }] as const
  throw new UsageFault([
    {
      where: '--exclude',
      message: `expected ID=BASIS, got ${text}`,
      suggestion: 'an exclusion without its legal basis is not made: --exclude s-oa=豫政办〔…〕…号第…条',
    },
  ])
}

export class RosterTake extends YiwangCommand {
  static override readonly summary = 'record the next version of a roster (名录), which ratios count over'
  static override readonly description =
    'Members are those of the inventory now, narrowed by --region, --level and --unit; or those of --member; or a number, --count. Exclusions of the version before go on while what they name is listed. A recorded version is never changed: 口径变化 is another version. Statistical divisions, retired systems and nodes are left out.'
  static override readonly examples = [
    '<%= config.bin %> roster take townships --of townships --source 统计用区划代码2023',
    '<%= config.bin %> roster take systems-municipal --of systems --level city --source 市直系统普查 --exclude sys-110=公安专网运行，依据…',
    '<%= config.bin %> roster take items-one-visit --of items --count 412 --source 一次办妥清单第一批 --effective 2018-05-02',
  ]
  static override readonly args = {
    series: Args.string({ description: 'what its versions share: systems-municipal', required: true }),
  }
  static override readonly flags = {
    of: Flags.string({ summary: `what it lists: ${listed(rosterLabels)}`, required: true }),
    source: Flags.string({ summary: 'where the list is from', helpValue: 'TEXT', required: true }),
    effective: Flags.string({ summary: 'first day on which it counts (default: today)', helpValue: 'DATE' }),
    name: Flags.string({ summary: 'its name (default: that of the version before)' }),
    region: selectorFlags.region,
    level: selectorFlags.level,
    unit: selectorFlags.unit,
    member: Flags.string({
      summary: 'a member; may be repeated',
      helpValue: 'ID',
      multiple: true,
      default: [],
    }),
    count: Flags.integer({ summary: 'the number, where only that is known', min: 0 }),
    exclude: Flags.string({
      summary: 'leave this out, by a legal basis; may be repeated',
      helpValue: 'ID=[COUNT:]BASIS',
      multiple: true,
      default: [],
    }),
    include: Flags.string({
      summary: 'no longer leave this out; may be repeated',
      helpValue: 'ID',
      multiple: true,
      default: [],
    }),
    ...writeFlags,
  }

  async run(): Promise<ChangeResult> {
    const { args, flags } = await this.parse(RosterTake)
    const config = this.configuration(flags)
    const { region, level, unit, count, name, source, member: members, include: included } = flags
    const effectiveOn = flags.effective ?? dayIn(config.timezone, Date.now())
    if (parseDay(effectiveOn) === undefined)
      throw new UsageFault([{ where: '--effective', message: `expected a day, got ${effectiveOn}` }])
    const taking = {
      series: args.series,
      of: codeOf(rosterLabels, flags.of, '--of'),
      exclusions: Object.fromEntries(flags.exclude.map(exclusionFrom)),
      selection: { region, level, unit },
      ...{ effectiveOn, source, name, count, members, included },
    }
    await using store = await this.openInventory(config)
    const result = await store.change({
      actor: flags.actor,
      reason: flags.reason,
      operations: (inventory) => takeRoster(inventory, taking),
    })
    this.line(`roster ${args.series}, revision ${result.revision}`)
    return result
  }
}

const noVersion = (series: string, versions: readonly number[], wanted: number): Problem => ({
  where: series,
  message: `expected a version of the series, got ${wanted}`,
  suggestion: versions.length === 0 ? '`yiwang roster list` shows them' : `there are ${versions.join(', ')}`,
})

export class RosterDiff extends YiwangCommand {
  static override readonly summary = 'what changed between two versions of a roster (口径变化)'
  static override readonly examples = [
    '<%= config.bin %> roster diff systems-municipal',
    '<%= config.bin %> roster diff villages --from 1 --to 3',
  ]
  static override readonly args = { series: Args.string({ description: 'the series', required: true }) }
  static override readonly flags = {
    from: Flags.integer({ summary: 'earlier version (default: the one before --to)' }),
    to: Flags.integer({ summary: 'later version (default: the newest)' }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(RosterDiff)
    await using store = await this.openInventory(this.configuration(flags))
    const rosters = [...(await store.read()).roster.values()].filter(({ series }) => series === args.series)
    const versions = rosters.map(({ version }) => version)
    const to = flags.to ?? Math.max(0, ...versions)
    const from = flags.from ?? to - 1
    const [before, after] = [from, to].map((wanted) => rosters.find(({ version }) => version === wanted))
    if (before === undefined || after === undefined)
      throw new UsageFault(
        [from, to]
          .filter((wanted) => !versions.includes(wanted))
          .map((wanted) => noVersion(args.series, versions, wanted)),
      )
    const change = rosterChange(before, after)
    this.line(rosterChangeLine(change))
    return change
  }
}
