import { spawnSync } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { collectHostEvidence, rootFolder } from '../../src/agent/host/index.ts'
import type { HostEvidence, Verdict } from '../../src/core/host-evidence.ts'
import { plantEdits } from './host/edits.ts'
import { rootFaults } from './host/faults.ts'
import { lookInside } from './host/inside.ts'

/**
 * Host checks on roots made from Debian's packages (`host/make-roots.sh FOLDER`, as root): every fault is planted in
 * the hardened root, looked at from outside, and taken away again; the hardened root itself must raise no alarm. Then
 * the built CLI runs inside the roots. Ends with 1 where a verdict is wrong.
 *
 *     node test/bench/host.ts --roots FOLDER [--json]
 */
const { values: flags } = parseArgs({
  options: { roots: { type: 'string' }, json: { type: 'boolean', default: false } },
})
const folder = path.resolve(flags.roots ?? path.join(os.tmpdir(), 'yiwang-host-roots'))
const hardened = path.join(folder, 'hardened')

const look = (root: string): Promise<HostEvidence> =>
  collectHostEvidence(rootFolder(root, Date.now()), 'bench')
const verdictOf = ({ results }: HostEvidence, id: string): Verdict | undefined =>
  results.find((result) => result.id === id)?.verdict
const against = ({ results }: HostEvidence): readonly string[] =>
  results.filter(({ verdict }) => verdict === 'contradicts').map(({ id }) => id)
const countsOf = ({ results }: HostEvidence): Readonly<Record<Verdict, number>> => {
  const count = (wanted: Verdict): number => results.filter(({ verdict }) => verdict === wanted).length
  return {
    supports: count('supports'),
    contradicts: count('contradicts'),
    'cannot-tell': count('cannot-tell'),
  }
}

const make = async (): Promise<void> => {
  await mkdir(folder, { recursive: true })
  if ((await readdir(folder)).includes('hardened')) return
  const { status } = spawnSync('sh', [path.join(import.meta.dirname, 'host/make-roots.sh'), folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error(`make-roots.sh ended with ${status ?? 'a signal'}`)
}

/** Ids of faults that were not found, with what was said instead. */
const missedFaults = async (): Promise<readonly string[]> => {
  const missed: string[] = []
  for (const [id, ...edits] of rootFaults) {
    const undo = await plantEdits(hardened, edits)
    const verdict = verdictOf(await look(hardened), id)
    await undo()
    if (verdict !== 'contradicts') missed.push(`${id} ${verdict ?? 'is no check'}`)
  }
  return missed
}

await make()
const before = await look(hardened)
const twins = rootFaults.filter(([id]) => verdictOf(before, id) !== 'supports').map(([id]) => id)
const missed = await missedFaults()
const after = await look(hardened)
const found = {
  faults: rootFaults.length,
  missed,
  withoutCleanTwin: twins,
  falseAlarms: [...new Set([...against(before), ...against(after)])],
  hardened: countsOf(before),
  plain: countsOf(await look(path.join(folder, 'plain'))),
  services: countsOf(await look(path.join(folder, 'services'))),
  inside: lookInside(hardened),
}
const wrongInside = found.inside.flatMap(({ wrong }) => wrong)
if (flags.json) console.log(JSON.stringify(found, undefined, 2))
else console.dir(found, { depth: 4 })
if ([...missed, ...twins, ...found.falseAlarms, ...wrongInside].length > 0) process.exitCode = 1
