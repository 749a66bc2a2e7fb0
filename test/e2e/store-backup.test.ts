import { appendFile, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openLogStore } from '../../src/collector/syslog/store.ts'
import { recordFindings } from '../../src/security/incidents.ts'
import { openLedger } from '../../src/security/ledger/ledger.ts'
import { testNotice } from '../../src/security/notify/notice.ts'
import { openDeliveryQueue } from '../../src/security/notify/queue.ts'
import { recordVerified, verdictHistory } from '../../src/service/verdict-log.ts'
import { draft, messageOf } from '../../src/security/upward/message.ts'
import { openOutbox } from '../../src/security/upward/outbox.ts'
import { finding, ground, opening } from '../security/findings.ts'
import { startYiwang } from './child.ts'
import { type DataFolder, emptyFolder, expectRefusal } from './data-folder.ts'

const at = Date.now()

/** Something in each store. */
const fill = async (folder: DataFolder, targets: readonly string[]): Promise<void> => {
  using ledger = openLedger(folder.file('security', 'ledger.sqlite'))
  recordFindings(
    ledger,
    targets.map((target) => opening(finding(target))),
    ground(at),
  )
  using log = openLogStore(folder.file('collector', 'log.sqlite'))
  log.append(
    targets.map((target) => ({
      ...{ receivedAt: at, source: '192.0.2.1', transport: 'tcp' as const, isCut: false },
      line: `<13>login failed at ${target}`,
    })),
  )
  using queue = openDeliveryQueue(folder.file('collector', 'notify.sqlite'))
  for (const target of targets) queue.add(testNotice(at, target), at, [{ name: 'duty', dueAt: at }])
  using outbox = openOutbox(folder.file('collector', 'upward.sqlite'), 1000)
  outbox.intake.configure([{ name: 'province', kinds: ['risk'] }], at)
  outbox.intake.add({
    messages: targets.map((target) =>
      messageOf(draft('risk', { at, key: [target] }, { title: target }), '410200'),
    ),
    now: at,
  })
  await recordVerified(folder.path, [], { now: at, revision: targets.length })
}

const incidentsOf = (folder: DataFolder): readonly string[] => {
  using ledger = openLedger(folder.file('security', 'ledger.sqlite'))
  return ledger.incidents('all').map(({ title }) => title)
}

const contents = async (folder: DataFolder) => ({
  incidents: incidentsOf(folder),
  log: ((await folder.json('log', 'search')) as readonly { text: string }[])
    .map(({ text }) => text)
    .toSorted(),
  deliveries: ((await folder.json('notify', 'log')) as readonly { notice: string }[])
    .map(({ notice }) => notice)
    .toSorted(),
  upward: ((await folder.json('upward', 'outbox', 'list')) as readonly { id: string }[]).map(({ id }) => id),
  verdicts: (await verdictHistory(folder.path)).runs,
})

const filled = async (): Promise<DataFolder> => {
  const folder = await emptyFolder()
  await folder.ok('init', '--region', '410221')
  await fill(folder, ['s-1', 's-2'])
  return folder
}

test('incidents, log messages, deliveries and what goes upward come back from a backup, verified', async () => {
  await using from = await filled()
  await using to = await emptyFolder()
  const file = from.file('all.backup')
  expect(await from.ok('backup', file)).toMatch(
    /incidents: \d+ bytes\nlog: \d+ bytes\ndeliveries: \d+ bytes/u,
  )
  const before = await contents(from)
  expect(before.log).toHaveLength(2)
  expect(before.upward).toHaveLength(2)
  await fill(from, ['s-3'])
  expect(await to.ok('restore', file)).toMatch(/incidents: restored and verified/u)
  expect(await contents(to)).toEqual(before)
  using ledger = openLedger(to.file('security', 'ledger.sqlite'))
  expect(ledger.verify()).toMatchObject({ intact: true })

  // What is there is refused, or kept aside.
  expectRefusal(
    await from.run('restore', file),
    2,
    /expected no store here, found one\n {2}→ restore with --force/u,
  )
  const { stderr } = await from.run('restore', file, '--force')
  expect(stderr).toMatch(/what was there before: .*ledger\.sqlite\.before-/u)
  expect(await contents(from)).toEqual(before)
  const kept = (await readdir(from.file('security'))).filter((name) => name.includes('.before-'))
  using aside = openLedger(path.join(from.file('security'), kept[0] ?? ''))
  expect(aside.incidents('all')).toHaveLength(3)
})

test('while a collector runs: a backup is made, a restore is refused', async () => {
  await using from = await filled()
  const file = from.file('all.backup')
  await writeFile(from.file('yiwang.yaml'), "collector: { listen: '127.0.0.1:0' }")
  await using child = startYiwang(['collector', 'run', '--data', from.path])
  await child.said(/^collector listens on/u)
  await from.ok('backup', file)
  expectRefusal(
    await from.run('restore', file, '--force'),
    2,
    /nobody to use this store\n {2}→ stop the collector/u,
  )
})

test.each<[string, (folder: string) => Promise<void> | void, 2 | 4, RegExp]>([
  [
    'was altered',
    (folder) => appendFile(path.join(folder, 'log.sqlite'), 'x'),
    2,
    /log\.sqlite: expected the store as it was/u,
  ],
  [
    'lost its list’s meaning',
    (folder) => appendFile(path.join(folder, 'stores.json'), '!'),
    2,
    /stores\.json: expected the list of a backup’s stores/u,
  ],
])('a copy that %s is refused, and nothing is restored', async (_, harm, code, words) => {
  await using from = await filled()
  await using to = await emptyFolder()
  const file = from.file('all.backup')
  await from.ok('backup', file)
  await harm(`${file}.stores`)
  expectRefusal(await to.run('restore', file), code, words)
  expect(await readdir(to.path)).toEqual([])
})

test('a ledger whose chain was altered is not backed up', async () => {
  await using from = await filled()
  {
    using database = new DatabaseSync(from.file('security', 'ledger.sqlite'))
    database.exec("UPDATE event SET document = replace(document, 's-1', 's-9') WHERE sequence = 1")
  }
  expectRefusal(await from.run('backup', from.file('b')), 4, /the chain of events does not hold at 1/u)
})
