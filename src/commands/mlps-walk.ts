import { Args, Flags } from '@oclif/core'
import { assessmentOf } from '../../inventory/mlps/edit.ts'
import { resultLabels } from '../../inventory/mlps/index.ts'
import { keepPlace, readPlace } from '../../inventory/mlps/walk-place.ts'
import { readWording } from '../../inventory/mlps/wording-file.ts'
import type { Inventory } from '../../inventory/store.ts'
import { itemResultsOf } from '../compliance/conclude.ts'
import { dossiersOf } from '../compliance/dossier.ts'
import { resumeAt, type Route, type Step, stepsOf, walkFilters } from '../compliance/walk.ts'
import { UsageFault } from '../core/fault.ts'
import { takeTerminal } from '../terminal/keys.ts'
import { untilStopped, writeFlags, YiwangCommand } from './base.ts'
import { categoryFlag } from './mlps-flags.ts'
import { isUntested, walkThrough } from './mlps-walk-session.ts'
import { evidenceAt } from './mlps-walk-evidence.ts'
import { dayIn } from './mlps-words.ts'
import { takingWords } from './word-flag.ts'

const needTerminal = (assessment: string): void => {
  if (process.stdin.isTTY && process.stderr.isTTY) return
  throw new UsageFault([
    {
      where: 'walk',
      message: 'expected a terminal on standard input and standard error',
      suggestion: `\`yiwang mlps set ${assessment} ITEM RESULT\` sets a result without one`,
    },
  ])
}

interface Way {
  /** Of the route that was asked for. */
  readonly steps: readonly Step[]
  /** Of the whole assessment. */
  readonly every: readonly Step[]
}

const wayOf = (inventory: Inventory, assessment: string, day: string, route: Route): Way => {
  assessmentOf(inventory, assessment)
  const own = dossiersOf(inventory).filter((dossier) => dossier.assessment.id === assessment)
  const assets = own.flatMap((dossier) => dossier.assets.map(({ id }) => id))
  if (route.asset !== undefined && !assets.includes(route.asset))
    throw new UsageFault([
      {
        where: '--asset',
        message: `expected an asset of ${assessment}, got ${route.asset}`,
        suggestion: assets.length === 0 ? '`yiwang asset add` adds one' : `one of ${assets.join(', ')}`,
      },
    ])
  const results = own.flatMap((dossier) => itemResultsOf(dossier, day))
  return { steps: stepsOf(results, route), every: stepsOf(results, {}) }
}

export class MlpsWalk extends YiwangCommand {
  static override readonly summary = 'walk through the checklist in the terminal, one key a result'
  static override readonly description =
    'Shows each item on each asset with our wording, the official one where it was loaded, expected evidence and risks. Each answer is on disk before the next item is shown; the next walk goes on where this one stopped. 1 符合, 2 部分符合, 3 不符合, 4 不适用, 0 未测评; e and r edit evidence and remark, m changes the method, space skips, n goes to the next untested one, b goes back, q leaves.'
  static override readonly examples = [
    '<%= config.bin %> mlps walk net-2026',
    '<%= config.bin %> mlps walk net-2026 --asset net-2026.fw --category CES --only untested',
  ]
  static override readonly args = {
    assessment: Args.string({ description: 'id of the assessment', required: true }),
  }
  static override readonly flags = {
    asset: Flags.string({ summary: 'only on this asset', helpValue: 'ID' }),
    category: categoryFlag,
    only: takingWords(
      { untested: resultLabels.untested, gaps: '差距项' },
      Flags.option({
        summary: 'only what has no result, or what does not conform',
        options: walkFilters,
      })(),
    ),
    assessor: Flags.string({ summary: 'who assesses (default: --actor)', helpValue: 'NAME' }),
    ...writeFlags,
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(MlpsWalk)
    needTerminal(args.assessment)
    const { assessment } = args
    const config = this.configuration(flags)
    const { dataFolder, timezone } = config
    const { actor, reason, assessor = actor } = flags
    const day = (): string => dayIn(timezone, Date.now())
    await using store = await this.openInventory(config)
    const route = { asset: flags.asset, categories: flags.category, only: flags.only }
    const { steps, every } = wayOf(await store.read(), assessment, day(), route)
    const from = resumeAt(steps, every, await readPlace(dataFolder, assessment))
    const { texts } = await readWording(dataFolder)
    if (steps.length > 0) {
      const evidenceOf = await evidenceAt(config, await store.read(), Date.now())
      using terminal = takeTerminal(process.stdin, process.stderr, untilStopped())
      const walk = { store, terminal, assessment, steps, texts, write: { actor, reason } }
      await walkThrough(
        {
          ...walk,
          evidenceOf,
          assessor: () => ({ assessor, day: day() }),
          moved: (step) => keepPlace(dataFolder, assessment, step),
        },
        from,
      )
    }
    const inventory = await store.read()
    const untested = steps.filter((step) => isUntested(inventory, step)).length
    this.line(
      `${steps.length} steps, ${untested} of them untested; \`yiwang mlps walk ${assessment}\` goes on`,
    )
    return { assessment, steps: steps.length, untested }
  }
}
