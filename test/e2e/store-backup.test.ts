import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { appendFile, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { newestOfKind } from '../../src/collector/history.ts'
import { openLogStore } from '../../src/collector/syslog/store.ts'
import { recordFindings } from '../../src/security/incidents.ts'
import { openLedger } from '../../src/security/ledger/ledger.ts'
import { testNotice } from '../../src/security/notify/notice.ts'
import { openDeliveryQueue } from '../../src/security/notify/queue.ts'
import { recordVerified, verdictHistory } from '../../src/service/verdict-log.ts'
import { draft, messageOf } from '../../src/security/upward/message.ts'
import { openOutbox } from '../../src/security/upward/outbox.ts'
import { addDays, dayIn } from '../../src/core/day.ts'
import { writeHistory } from '../migration/history.ts'
import { finding, ground, opening } from '../security/findings.ts'
import { launcher } from '../support/cli.ts'
import { requires } from '../support/services.ts'
import { startYiwang, until } from './child.ts'
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
  const day = addDays(dayIn('Asia/Shanghai', at), -1)
  await writeHistory(
    folder.path,
    targets.map((target) => ({ job: `${target}/icmp@public`, days: [day, day], status: 'up' })),
  )
}

const lookedAt = (folder: DataFolder): readonly string[] =>
  newestOfKind(folder.file('collector', 'history.sqlite'), 'icmp').map(
    ({ observation }) => observation.target,
  )

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
  lookedAt: lookedAt(folder),
})

const filled = async (): Promise<DataFolder> => {
  const folder = await emptyFolder()
  await folder.ok('init', '--region', '410221')
  await fill(folder, ['s-1', 's-2'])
  return folder
}

test('incidents, log messages, deliveries, what goes upward and looks come back from a backup, verified', async () => {
  await using from = await filled()
  await using to = await emptyFolder()
  const file = from.file('all.backup')
  expect(await from.ok('backup', file)).toMatch(
    /incidents: \d+ bytes\nlog: \d+ bytes\ndeliveries: \d+ bytes\nupward: .*\nverdicts: .*\nhistory: \d+ bytes/u,
  )
  const before = await contents(from)
  expect(before.lookedAt).toEqual(['s-1', 's-2'])
  expect(before.log).toHaveLength(2)
  expect(before.upward).toHaveLength(2)
  await fill(from, ['s-3'])
  expect(await to.ok('restore', file)).toMatch(/incidents: restored and verified/u)
  expect(await contents(to)).toEqual(before)
  expect(await to.json('observations', 's-1', '--since', '3d')).toMatchObject({
    counts: [{ of: 's-1/icmp@public', up: 24 }],
  })
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

test('without the history: it is left out, also of a backup of the same name that had it, and left alone', async () => {
  await using from = await filled()
  const file = from.file('all.backup')
  await from.ok('backup', file)
  expect(await readdir(`${file}.stores`)).toContain('history.sqlite')
  expect(await from.ok('backup', file, '--without-history')).not.toMatch(/history/u)
  expect(await readdir(`${file}.stores`)).not.toContain('history.sqlite')
  await fill(from, ['s-3'])
  await from.ok('restore', file, '--force')
  expect(lookedAt(from)).toContain('s-3')
  expect(incidentsOf(from)).toHaveLength(2)
})

test('a backup that cannot be made leaves the one of that name as it was, and nothing of its own', async () => {
  await using from = await filled()
  await using to = await emptyFolder()
  const file = to.file('all.backup')
  await from.ok('backup', file)
  const before = await contents(from)
  const names = await readdir(to.path)
  await writeFile(from.file('collector', 'history.sqlite'), 'no database')
  expectRefusal(await from.run('backup', file), 4, /history\.sqlite: file is not a database/u)
  expect(await readdir(to.path)).toEqual(names)
  await to.ok('restore', file)
  expect(await contents(to)).toEqual(before)
})

test('one that was broken off is not taken for whole', async () => {
  await using from = await filled()
  await using to = await emptyFolder()
  const file = from.file('all.backup')
  await from.ok('backup', file)
  await cp(`${file}.stores`, from.file('older.stores'), { recursive: true })
  await from.ok('network', 'add', 'lan', 'name=局域网', 'cidr=10.1.0.0/16')
  await from.ok('backup', file)
  await rename(`${file}.stores`, `${file}.stores.part`)
  expectRefusal(
    await to.run('restore', file),
    2,
    /expected stores, found none: a backup of this name was broken off/u,
  )
  await cp(from.file('older.stores'), `${file}.stores`, { recursive: true })
  expectRefusal(await to.run('restore', file), 2, /expected stores of revision 2, found those of revision 1/u)
  // As the refusal says.
  await rm(`${file}.stores`, { recursive: true })
  await rename(`${file}.stores.part`, `${file}.stores`)
  await to.ok('restore', file)
})

/** Makes the copying of the history last. */
const padHistory = (folder: DataFolder, bytes: number): void => {
  using database = new DatabaseSync(folder.file('collector', 'history.sqlite'))
  database.exec('CREATE TABLE padding (bytes BLOB)')
  for (let done = 0; done < bytes; done += 8_000_000)
    database.exec('INSERT INTO padding VALUES (zeroblob(8000000))')
}

const filesUnder = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder, { recursive: true })).filter((name) => !/(^|\/)lock/u.test(name)).toSorted()

describe.each(['SIGINT', 'SIGKILL'] as const)('stopped by %s', (signal) => {
  const leavesNothing = signal === 'SIGINT'

  test('a backup leaves the one of its name as it was', async () => {
    await using from = await filled()
    await using to = await emptyFolder()
    await using other = await emptyFolder()
    const file = to.file('all.backup')
    await from.ok('backup', file)
    const [before, names] = [await contents(from), await filesUnder(to.path)]
    await fill(from, ['s-3'])
    padHistory(from, 80_000_000)
    await using child = startYiwang(['backup', file, '--data', from.path])
    await until(() => existsSync(path.join(`${file}.stores.part`, 'history.sqlite')), Boolean)
    child.send(signal)
    expect(await child.ended).toEqual([null, signal])
    if (leavesNothing) expect(await filesUnder(to.path)).toEqual(names)
    await other.ok('restore', file)
    expect(await contents(other)).toEqual(before)
    await from.ok('backup', file)
    expect(await filesUnder(to.path)).toEqual(names)
  })

  test('a restore leaves what was there, and can be done again', async () => {
    await using from = await filled()
    await using to = await filled()
    const file = from.file('all.backup')
    await fill(from, ['s-3'])
    padHistory(from, 80_000_000)
    await from.ok('backup', file)
    const [before, names] = [await contents(to), await filesUnder(to.path)]
    await using child = startYiwang(['restore', file, '--force', '--data', to.path])
    await until(() => existsSync(to.file('collector', 'history.sqlite.restoring')), Boolean)
    child.send(signal)
    expect(await child.ended).toEqual([null, signal])
    expect(await contents(to)).toEqual(before)
    if (leavesNothing) expect(await filesUnder(to.path)).toEqual(names)
    const said = (await to.run('doctor')).stdout
    if (leavesNothing) expect(said).not.toMatch(/^restore /mu)
    else
      expect(said).toMatch(/^restore +warn +left by a restore that was killed: .*→ restore: remove them/msu)
    await to.ok('restore', file, '--force')
    expect((await to.run('doctor')).stdout).not.toMatch(/^restore /mu)
    expect(await contents(to)).toEqual(await contents(from))
    expect((await filesUnder(to.path)).filter((name) => name.includes('.restor'))).toEqual([])
  })
})

test.skipIf(requires('unshare', 'mount').skip)(
  'on a disk that gets full it says so, and takes no room',
  async () => {
    await using from = await filled()
    padHistory(from, 8_000_000)
    const disk = from.file('disk')
    await mkdir(disk)
    // A mount namespace of its own: the small disk is gone with the process.
    const script = `mount -t tmpfs -o size=4m tmpfs "$1" && "$2" backup "$1/all.backup" --data "$3"; echo "code $?"; ls "$1"`
    const args = ['-m', 'sh', '-c', script, 'sh', disk, launcher, from.path]
    const { stdout, stderr } = await promisify(execFile)('unshare', args)
    expect(stderr).toMatch(
      /history\.sqlite: no room for a copy of .*\n {2}→ free space on that disk; .*--without-history/u,
    )
    expect(stdout).toBe('code 4\n')
  },
)

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

describe('a broken audit chain is backed up all the same, and told', () => {
  const lines = (text: string): readonly string[] => text.trimEnd().split('\n')
  test.each<readonly [string, (log: string) => string, RegExp]>([
    ['changed', (log) => log.replace('王', '李'), /broken at entry 2: entry 2 was changed/u],
    [
      'removed',
      (log) => lines(log).toSpliced(1, 1).join('\n'),
      /broken at entry 2: expected entry 2, found entry 3/u,
    ],
    [
      'cut off',
      (log) => `${lines(log).slice(0, 2).join('\n')}\n`,
      /broken at entry 3: .*the rest was cut off/u,
    ],
    ['added', (log) => `${log}{"sequence":4}\n`, /broken at entry 4: .*added by hand/u],
  ])('%s', async (_, alter, words) => {
    await using folder = await emptyFolder()
    await folder.ok('init', '--region', '410221')
    for (const id of ['c-1', 'c-2']) await folder.ok('contact', 'add', id, 'name=王', '--actor', '王')
    const log = folder.file('inventory', 'audit.jsonl')
    await writeFile(log, alter(await readFile(log, 'utf8')))
    const file = folder.file('all.backup')
    const { code, stdout, stderr } = await folder.run('backup', file)
    expect({ code, stdout }).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^backup of revision 3/u) as string,
    })
    expect(stderr).toMatch(words)
    await using to = await emptyFolder()
    await to.ok('restore', file)
    expect(await to.json('contact', 'list')).toHaveLength(2)
  })
})
