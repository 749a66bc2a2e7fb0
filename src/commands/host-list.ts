import { readHostEvidence } from '../service/host-evidence.ts'
import { machineOf } from '../compliance/evidence/hosts.ts'
import { exitCodes, type Problem } from '../core/fault.ts'
import {
  type CheckResult,
  type KeptHostEvidence,
  type Verdict,
  verdictLabels,
} from '../core/host-evidence.ts'
import { age } from '../terminal/age.ts'
import { type Column, table } from '../terminal/table.ts'
import { YiwangCommand } from './base.ts'

interface Host {
  readonly target: string | undefined
  readonly hostname: string
  readonly machine: string | undefined
  readonly distribution: string
  readonly collectedAt: string
  readonly receivedAt: string
  /** Since it was collected. */
  readonly ageSeconds: number
  readonly key: string
  readonly hash: string
  /** By what decides of each check. */
  readonly counts: Readonly<Record<Verdict, number>>
  /** Where root did not collect it: the evidence that decides of the checks that it could not see. */
  readonly earlier?: { readonly hash: string; readonly collectedAt: string; readonly checks: number }
}

const decidingResults = (documents: readonly KeptHostEvidence[]): readonly CheckResult[] => {
  const results = documents.toReversed().flatMap(({ evidence }) => evidence.results)
  const decided = new Map(results.map((result) => [result.id, result]))
  return [...decided.values()]
}

const hostOf = (documents: readonly KeptHostEvidence[], now: number): Host | undefined => {
  const kept = documents.at(-1)
  if (kept === undefined) return undefined
  const [earlier] = documents.slice(0, -1)
  const { evidence, hash, key, target, receivedAt } = kept
  const { hostname, machine, distribution } = evidence.host
  const results = decidingResults(documents)
  const countOf = (wanted: Verdict): number => results.filter(({ verdict }) => verdict === wanted).length
  return {
    target,
    hostname,
    machine,
    distribution: distribution.name,
    collectedAt: evidence.collectedAt,
    receivedAt: new Date(receivedAt).toISOString(),
    ageSeconds: (now - Date.parse(evidence.collectedAt)) / 1000,
    key,
    hash,
    counts: {
      supports: countOf('supports'),
      contradicts: countOf('contradicts'),
      'cannot-tell': countOf('cannot-tell'),
    },
    ...(earlier && {
      earlier: {
        hash: earlier.hash,
        collectedAt: earlier.evidence.collectedAt,
        checks: earlier.evidence.results.length,
      },
    }),
  }
}

const columns: readonly Column<Host>[] = [
  { header: '台账记录', read: ({ target }) => target ?? '—' },
  { header: '主机名', read: ({ hostname }) => hostname, least: 8 },
  { header: '系统', read: ({ distribution }) => distribution, least: 8, optional: true },
  { header: '采集于', read: ({ ageSeconds }) => age(ageSeconds), align: 'right' },
  ...(Object.keys(verdictLabels) as readonly Verdict[]).map((verdict): Column<Host> => ({
    header: verdictLabels[verdict],
    read: ({ counts }) => String(counts[verdict]),
    align: 'right',
  })),
  { header: '签名密钥', read: ({ key }) => key.slice(0, 12), optional: true },
]

export class HostListCommand extends YiwangCommand {
  static override readonly summary =
    'list the hosts that there is evidence of, imported or delivered by agents'
  static override readonly description =
    'The newest of each machine, and what root saw earlier where the newest was not collected as root; signature, key and clock are verified anew. Exit code 3 where some evidence is not to be believed: which, and why, is said.'
  static override readonly examples = ['<%= config.bin %> host list', '<%= config.bin %> host list --json']

  async run(): Promise<{ readonly hosts: readonly Host[]; readonly refused: readonly Problem[] }> {
    const { flags } = await this.parse(HostListCommand)
    const config = this.configuration(flags)
    await using store = await this.openInventory(config)
    const now = Date.now()
    const { kept, refused } = await readHostEvidence(config.dataFolder, await store.read(), now)
    const hosts = [...Map.groupBy(kept, machineOf).values()].flatMap((each) => hostOf(each, now) ?? [])
    this.line(table(columns, hosts))
    for (const { hostname, earlier } of hosts)
      if (earlier !== undefined)
        this.note(
          `${hostname}: not collected as root; ${earlier.checks} checks that it could not see are decided by evidence of ${earlier.collectedAt}`,
        )
    for (const { where, message, suggestion } of refused) {
      this.note(`${where}: ${message}`)
      if (suggestion !== undefined) this.note(`  → ${suggestion}`)
    }
    if (hosts.length + refused.length === 0)
      this.note(
        'no evidence yet: enrol agents, or `yiwang host check --out FILE` and `yiwang mlps import-evidence FILE`',
      )
    if (refused.length > 0) process.exitCode = exitCodes.targetFailed
    return { hosts, refused }
  }
}
