import { Flags } from '@oclif/core'
import { kinds } from '../../probes/index.ts'
import { compilePlan } from '../plan/compile.ts'
import { type Job, type Plan, isLook } from '../plan/plan.ts'
import { planSettings } from '../plan/settings.ts'
import { table } from '../terminal/table.ts'
import { YiwangCommand } from './base.ts'

export class PlanShow extends YiwangCommand {
  static override readonly summary = 'show what the inventory asks agents to look at'
  static override readonly examples = [
    '<%= config.bin %> plan show',
    '<%= config.bin %> plan show --kind tls --json',
  ]
  static override readonly flags = {
    kind: Flags.string({ summary: 'only this probe kind', options: kinds.map(({ kind }) => kind) }),
    target: Flags.string({ summary: 'only targets whose id begins so' }),
  }

  async run(): Promise<Plan> {
    const { flags } = await this.parse(PlanShow)
    const config = this.configuration(flags)
    await using store = await this.openInventory(config)
    const { revision, digest, jobs } = compilePlan(await store.read(), planSettings(config.probing))
    const shown = jobs.filter(
      ({ kind, target }) =>
        (flags.kind === undefined || kind === flags.kind) && target.startsWith(flags.target ?? ''),
    )
    this.line(
      table<Job>(
        [
          { header: 'JOB', read: ({ id }) => id, least: 40 },
          {
            header: 'EVERY',
            read: (job) => (isLook(job) ? `${String(job.intervalSeconds)} s` : '-'),
            align: 'right',
          },
          { header: 'EXPECT', read: ({ expect }) => expect },
          { header: 'OPTIONS', read: ({ spec }) => JSON.stringify(spec), least: 12, optional: true },
        ],
        shown,
      ),
    )
    this.note(`${String(shown.length)} jobs, revision ${String(revision)}, digest ${digest.slice(0, 12)}`)
    return { revision, digest, jobs: shown }
  }
}
