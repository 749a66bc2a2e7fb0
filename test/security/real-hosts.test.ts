import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { collectHostEvidence, rootFolder } from '../../src/agent/host/index.ts'
import type { CheckResult } from '../../src/core/host-evidence.ts'
import { hostRules } from '../../src/security/rules/hosts.ts'
import { faults } from '../agent/host/faults.ts'
import { type Files, hardened, now, plant } from '../agent/host/roots.ts'
import { temporaryFolder } from '../support/cli.ts'
import { requiresRoot } from '../support/netns.ts'
import { evaluated, evaluatorOf, sceneOf, siteWith } from './scene.ts'

/** Rules that are open after what the agent's own checks say of a machine. */
const openAfter = (hosts: readonly CheckResult[]): readonly string[] => {
  const evaluator = evaluatorOf()
  evaluated(evaluator, sceneOf({ hosts }, now, siteWith()))
  return evaluator.open().map(({ rule }) => rule)
}

/** They read its files, which are planted. */
const openIn = async (files: Files): Promise<readonly string[]> => {
  await using folder = await temporaryFolder()
  await plant(folder.path, files)
  return openAfter((await collectHostEvidence(rootFolder(folder.path, now), '0.0.0')).results)
}

const inFiles = hostRules
  .flatMap(({ id, checks }) => checks.map((check) => [id, check] as const))
  .filter(([, check]) => check !== 'listening.risky')

test('a hardened machine has no finding', async () => {
  expect(await openIn(hardened)).toEqual([])
})

test.each(inFiles)('%s by a fault that %s sees, and no other', async (rule, check) => {
  const [, files = {}] = faults.find(([id]) => id === check) ?? []
  expect(await openIn({ ...hardened, ...files })).toEqual([rule])
})

test.skipIf(requiresRoot().skip).each([
  ['0.0.0.0', ['host.risky-listening']],
  ['127.0.0.1', []],
])('a port of worms that listens on %s: %j', async (address, rules) => {
  const script = path.join(import.meta.dirname, 'listening-child.ts')
  const inside = 'ip link set lo up && exec "$0" "$@"'
  const { stdout } = await promisify(execFile)('unshare', [
    ...['--net', 'sh', '-c', inside, process.execPath, script],
    ...[address, '11211'],
  ])
  expect(openAfter(JSON.parse(stdout) as readonly CheckResult[])).toEqual(rules)
})
