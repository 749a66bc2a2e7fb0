import { Flags } from '@oclif/core'
import { exitCodeOfStanding } from '../service/standing.ts'
import { probedKinds, type SweepResult, sweep } from '../service/sweep.ts'
import { type Progress, startProgress } from '../terminal/progress.ts'
import { standingText } from '../terminal/status.ts'
import { kindFlag, selectorFlags, serviceLog, untilStopped, YiwangCommand } from './base.ts'

export class Sweep extends YiwangCommand {
  static override readonly summary = 'look at everything now, once, from this machine'
  static override readonly description =
    'Needs no collector. Exit code 0: all up, 3: something is down, 4: something is unknown. Ctrl-C shows what was seen until then.'
  static override readonly examples = [
    '<%= config.bin %> sweep',
    '<%= config.bin %> sweep --region 410202 --level township',
    '<%= config.bin %> sweep --json | jq .coverage.all',
  ]
  static override readonly flags = {
    ...selectorFlags,
    kind: kindFlag(probedKinds),
    observations: Flags.boolean({ summary: 'with --json: every observation with its facts' }),
  }

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Sweep)
    const { region, level, unit, kind } = flags
    const config = this.configuration(flags)
    await using store = await this.openInventory(config)
    using stack = new DisposableStack()
    let progress: Progress | undefined
    const result = await sweep(config, await store.read(), {
      selection: { region, level, unit, kind },
      signal: untilStopped(),
      log: serviceLog,
      onLook: (total) => {
        progress ??= stack.use(startProgress(total, 'looking', process.stderr))
        progress.advance()
      },
    })
    stack.dispose()
    return this.report(result, flags.observations)
  }

  private report({ observations, ...report }: SweepResult, withObservations: boolean): unknown {
    this.line(standingText(report))
    for (const { kind, cause, count } of report.notLooked)
      this.note(`${String(count)} could not be looked at by ${kind}: ${cause}`)
    if (report.jobs === 0)
      this.note(
        'nothing to look at: no target here has an address (`yiwang export`, fill in, `yiwang import`)',
      )
    if (report.leftToAgents > 0)
      this.note(`${String(report.leftToAgents)} jobs of other vantages are left to their agents`)
    process.exitCode = exitCodeOfStanding(report)
    return withObservations ? { ...report, observations } : report
  }
}
