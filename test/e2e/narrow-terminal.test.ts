import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import stringWidth from 'string-width'
import { beforeAll, expect, test } from 'vitest'
import { recordFindings } from '../../src/security/incidents.ts'
import { openLedger } from '../../src/security/ledger/ledger.ts'
import { finding, ground, opening } from '../security/findings.ts'
import { launcher } from '../support/cli.ts'
import { requires } from '../support/services.ts'
import { type DataFolder, emptyFolder } from './data-folder.ts'

const { skip } = requires('script', 'stty')

/** What a terminal of 80 columns shows, line by line. */
const shown = async (folder: DataFolder, command: string): Promise<readonly string[]> => {
  const inTerminal = `stty cols 80; exec "${launcher}" ${command} --data "${folder.path}"`
  const { stdout } = await promisify(execFile)('script', ['-qc', inTerminal, '/dev/null'])
  return stdout.replaceAll('\r', '').trimEnd().split('\n')
}

/** Kaifeng's work plan, with findings, incidents and claims on what has long ids and names. */
let folder: DataFolder

beforeAll(async () => {
  if (skip) return undefined
  folder = await emptyFolder()
  await folder.ok('init', '--region', '410200', '--plan', 'kaifeng-2018')
  await folder.ok('claim', 'add', 'mention:net-city-extranet', 'connected')
  await folder.ok(
    'wave',
    'add',
    'w-1',
    'name=第一批',
    'startsOn=2026-01-01',
    'endsOn=2026-06-30',
    'capacity=10',
  )
  using ledger = openLedger(folder.file('security', 'ledger.sqlite'))
  recordFindings(
    ledger,
    ['n-410202', 's-government-services-portal', 'n-410202/u1'].map((target) =>
      opening(
        finding(target, {
          targetName: '开封市政务服务平台（一体化）',
          title: '节点中断',
          saw: '三个探针均无应答',
        }),
      ),
    ),
    ground(Date.now()),
  )
  return async () => {
    await folder[Symbol.asyncDispose]()
  }
})

test
  .skipIf(skip)
  .each([
    'finding list',
    'incident list',
    'rule list',
    'claim list',
    'verify',
    'verify --named',
    'ledger tasks',
    'ledger milestones',
    'ledger goals',
    'ledger deadlines',
    'ledger lights',
    'migration list',
    'migration waves',
    'mlps catalog',
    'plan show',
    'mention list',
    'node list',
    'node show n-410202',
    'doctor',
    'doctor',
  ])('`yiwang %s` at 80 columns: no line of a table is broken', async (command) => {
  const lines = await shown(folder, command)
  expect(lines.length).toBeGreaterThan(1)
  expect(lines.filter((line) => stringWidth(line) > 80)).toEqual([])
})
