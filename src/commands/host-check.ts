import type { KeyObject } from 'node:crypto'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { Flags } from '@oclif/core'
import { collectHostEvidence, families, liveSystem, rootFolder } from '../agent/host/index.ts'
import { loadSigningKey } from '../agent/identity.ts'
import { readPrivateFile } from '../config/index.ts'
import { exitCodes, UsageFault } from '../core/fault.ts'
import { type CheckResult, type HostEvidence, verdictLabels } from '../core/host-evidence.ts'
import { signHostEvidence } from '../core/host-evidence-document.ts'
import { readPrivateKey } from '../core/signing-key.ts'
import { agentFolder } from '../service/agent.ts'
import { version } from '../service/version.ts'
import { type Column, table } from '../terminal/table.ts'
import { untilStopped, YiwangCommand } from './base.ts'
import { writeNewFile } from './new-file.ts'
import { takingWords } from './word-flag.ts'

const columns: readonly Column<CheckResult>[] = [
  { header: '结果', read: ({ verdict }) => verdictLabels[verdict] },
  { header: '检查', read: ({ id }) => id },
  { header: '内容', read: ({ title }) => title, least: 20 },
  { header: '所见', read: ({ observed }) => observed, least: 20 },
]

const exitCodeOf = (results: readonly CheckResult[]): number => {
  if (results.some(({ verdict }) => verdict === 'contradicts')) return exitCodes.targetFailed
  return results.some(({ verdict }) => verdict === 'supports') ? exitCodes.ok : exitCodes.couldNotLook
}

const expectFolder = async (root: string): Promise<void> => {
  const isFolder = await stat(root).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isFolder)
    throw new UsageFault([{ where: '--root', message: `expected a folder that can be read, got ${root}` }])
}

/** A new file, for its owner only: it says where this machine is weak. */
const writeEvidence = (file: string, document: string): Promise<void> =>
  writeNewFile('--out', file, document, 0o600)

/** The key of a file, or that of the agent of this machine. Throws `UsageFault` where there is neither. */
const keyFrom = async (file: string | undefined, folder: string): Promise<KeyObject> => {
  if (file === undefined) {
    const own = await loadSigningKey(folder)
    if (own !== undefined) return own
    throw new UsageFault([
      {
        where: '--out',
        message: `expected a key to sign with: no --key is given, and ${folder} has no enrolled agent`,
        suggestion: '`yiwang signer new FILE` makes a key; `--json > FILE` writes the evidence unsigned',
      },
    ])
  }
  const pem = readPrivateFile(file)
  const key = pem === undefined ? undefined : readPrivateKey(pem)
  if (key !== undefined) return key
  throw new UsageFault([
    {
      where: file,
      message: `expected an Ed25519 private key (PEM), got ${pem === undefined ? 'no such file' : 'something else'}`,
      suggestion: '`yiwang signer new FILE` makes one',
    },
  ])
}

const countOf = (results: readonly CheckResult[]): string =>
  Object.entries(verdictLabels)
    .map(([verdict, label]) => `${label} ${results.filter((each) => each.verdict === verdict).length}`)
    .join(', ')

export class HostCheckCommand extends YiwangCommand {
  static override readonly summary =
    'check this machine, or a root folder, against what classified protection asks'
  static override readonly description =
    'Reads only. --out signs what it writes: `mlps import-evidence` takes it elsewhere. Says what was seen and what it speaks for; whether an item is met is for a person to say. Exit code 3 where something speaks against an item, 4 where nothing could be judged. docs/host-checks.md lists the checks.'
  static override readonly examples = [
    '<%= config.bin %> host check',
    '<%= config.bin %> host check --family accounts --family passwords',
    '<%= config.bin %> host check --out evidence.json',
    '<%= config.bin %> host check --root /mnt/guest --out evidence.json --key evidence-key.pem',
  ]
  static override readonly flags = {
    root: Flags.string({
      summary: 'root folder to look at; other than / it is only read, and no program is run',
      helpValue: 'DIR',
      default: '/',
    }),
    family: takingWords(
      Object.fromEntries(families.map(({ name, title }) => [name, title])),
      Flags.option({
        summary: 'only this family; may be repeated',
        options: families.map(({ name }) => name),
        multiple: true,
      })(),
    ),
    out: Flags.string({
      summary: 'write the evidence, signed, to this new file; it holds every family',
      helpValue: 'FILE',
      // The newest evidence of a host stands for it: a part would hide the rest.
      exclusive: ['family'],
    }),
    key: Flags.string({
      summary: 'private key to sign with (default: that of the agent enrolled in the data folder)',
      helpValue: 'FILE',
      dependsOn: ['out'],
    }),
  }

  async run(): Promise<HostEvidence> {
    const { flags } = await this.parse(HostCheckCommand)
    const root = path.resolve(flags.root)
    await expectFolder(root)
    const signed =
      flags.out === undefined
        ? undefined
        : { file: flags.out, key: await keyFrom(flags.key, agentFolder(this.configuration(flags))) }
    const live = root === '/' ? liveSystem(untilStopped()) : undefined
    const wanted = families.filter(({ name }) => flags.family?.includes(name) ?? true)
    const evidence = await collectHostEvidence(rootFolder(root, Date.now(), live), version, wanted)
    const { results, host } = evidence
    if (signed !== undefined) await writeEvidence(signed.file, signHostEvidence(evidence, signed.key))
    this.line(table(columns, results))
    for (const { verdict, id, remedy } of results)
      if (verdict === 'contradicts') this.line(`  → ${id}: ${remedy}`)
    this.note(`${results.length} checks of ${host.hostname} (${host.distribution.name}): ${countOf(results)}`)
    if (!host.distribution.isMet) this.note('this distribution is known from files written by hand only')
    process.exitCode = exitCodeOf(results)
    return evidence
  }
}
