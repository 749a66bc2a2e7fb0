import { readdir, readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { type Behaviour, type Papers, papers, type Province, province } from '../support/province.ts'
import { requires } from '../support/services.ts'
import { type Child, startYiwang, until } from './child.ts'
import { type DataFolder, emptyFolder, expectRefusal } from './data-folder.ts'

const token = 'province-token-31f0'

interface Row {
  readonly id: string
  readonly state: string
  readonly kind: string
}

const configure = (folder: DataFolder, upward: object): Promise<void> =>
  writeFile(
    folder.file('yiwang.yaml'),
    JSON.stringify({
      agent: { hostChecks: { enabled: false } },
      collector: { listen: '127.0.0.1:0' },
      upward: { source: '410200', statusSeconds: 10, ...upward },
    }),
  )

interface Site extends AsyncDisposable {
  readonly folder: DataFolder
  readonly above: Province
  readonly start: () => Promise<{ readonly child: Child; readonly url: string }>
  readonly rows: (...flags: readonly string[]) => Promise<readonly Row[]>
}

const site = async (
  own: Papers,
  behave: (attempt: number) => Behaviour,
  region = '410221',
): Promise<Site> => {
  await using stack = new AsyncDisposableStack()
  const above = stack.use(await province(own, behave))
  const folder = stack.use(await emptyFolder())
  await folder.ok('init', '--region', region)
  const to = { kind: 'https', url: above.url, ...own.files, batch: 7, timeoutSeconds: 1 }
  await configure(folder, {
    noticeCredential: 'notices',
    destinations: {
      province: to,
      ferry: { kind: 'file', folder: folder.file('up'), kinds: ['status', 'incident'] },
    },
  })
  const secrets = { notices: { kind: 'bearer', token } }
  await writeFile(folder.file('secrets.yaml'), JSON.stringify(secrets), { mode: 0o600 })
  const owned = stack.move()
  return {
    ...{ folder, above },
    rows: async (...flags) =>
      (await folder.json('upward', 'outbox', 'list', '--limit', '10000', ...flags)) as readonly Row[],
    start: async () => {
      const child = owned.use(startYiwang(['collector', 'run', '--data', folder.path]))
      const said = await child.said(/^collector listens on/u)
      return { child, url: said.replace('collector listens on ', '') }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const post = async (url: string, body: unknown, bearer: string): Promise<readonly [number, unknown]> => {
  const response = await fetch(`${url}/v1/upward/notices`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    body: JSON.stringify(body),
  })
  return [response.status, await response.json()]
}

const notice = {
  ...{ version: 1, id: 'HN-1', issuer: '省平台', title: '远程代码执行漏洞', level: 'red' },
  ...{ issuedAt: '2026-11-26T16:00:00+08:00', dueAt: '2026-11-29T18:00:00+08:00', measures: '升级' },
}

const lifting = {
  ...{ version: 1, issuer: '省平台', action: 'lift', revision: 2 },
  ...{ liftedAt: '2026-11-28T16:00:00+08:00', reason: '已修复' },
}

describe.skipIf(requires('openssl').skip)('upward to the province', () => {
  test('killed again and again while it sends, every message arrives, once by id, in order', async () => {
    await using own = await papers()
    let isCalm = false
    const rude: readonly Behaviour[] = ['takes', 'loses the answer', 'takes', 'hangs', 'takes half', 'drops']
    await using here = await site(
      own,
      (attempt) => (isCalm ? 'takes' : rude[attempt % rude.length]!),
      '410200',
    )
    const { above, folder } = here
    for (let round = 0; round < 4; round += 1) {
      const before = above.attempts()
      const { child } = await here.start()
      await until(above.attempts, (count) => count > before)
      child.send('SIGKILL')
      await child.ended
    }
    isCalm = true
    const { child } = await here.start()
    const waiting = await until(
      () => here.rows('--destination', 'province', '--state', 'waiting'),
      (rows) => rows.length === 0 && above.got.length > 100,
    )
    expect(waiting).toEqual([])
    child.send('SIGTERM')
    expect(await child.ended).toEqual([0, null])
    const accepted = (all: readonly Row[]): readonly Row[] => all.filter(({ state }) => state === 'accepted')
    const [all, ofFerry] = [
      await here.rows('--destination', 'province'),
      await here.rows('--destination', 'ferry'),
    ]
    const [rows, statuses] = [accepted(all), accepted(ofFerry)]
    // A status that was made while it ended waits for the next start.
    for (const each of [all, ofFerry])
      expect(each.slice(0, -accepted(each).length).map(({ kind, state }) => `${kind} ${state}`)).toEqual(
        each.length > accepted(each).length ? ['status waiting'] : [],
      )
    const told = rows.map(({ id }) => id).toReversed()
    expect(above.got.map(({ id }) => id)).toEqual(told)
    expect(above.altered).toEqual([])
    expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(['asset', 'status']))
    const files = await readdir(folder.file('up'))
    expect(files.toSorted()).toEqual(files)
    expect(files.map((name) => name.replace(/^\d+-|\.xml$/gu, ''))).toEqual(
      statuses.map(({ id }) => id).toReversed(),
    )
    expect(await readFile(folder.file('up', files[0] ?? ''), 'utf8')).toContain('In the style of GB/T 28517')
  })

  test('cut off, it says so, keeps everything, and sends it by command; metrics and gaps tell', async () => {
    await using own = await papers()
    let isUp = false
    await using here = await site(own, () => (isUp ? 'takes' : { status: 503 }))
    const { folder, above } = here
    expectRefusal(
      await folder.run('upward', 'status'),
      4,
      /nothing was ever told upward here\n {2}→ configure/u,
    )
    const { child, url } = await here.start()
    const status = await until(
      () => folder.run('upward', 'status'),
      ({ code }) => code === 3,
    )
    expect(status.stdout).toMatch(/province +\d+ .* failed \d+ times: HTTP 503: not now, again at/u)
    const metrics = await until(
      async () => (await fetch(`${url}/metrics`)).text(),
      (text) => /yiwang_upward_waiting_messages\{destination="province",kind="asset"\} [1-9]/u.test(text),
    )
    expect(metrics).toMatch(/yiwang_upward_failed_attempts\{destination="province"\} [1-9]/u)
    expect(metrics).toMatch(/yiwang_upward_failed_attempts\{destination="ferry"\} 0/u)
    expect(metrics).toMatch(/yiwang_upward_last_receipt_timestamp_seconds\{destination="ferry"\} \d/u)
    expect(metrics).not.toMatch(/yiwang_upward_last_receipt_timestamp_seconds\{destination="province"/u)
    expect(metrics).toContain(
      'yiwang_upward_receipts_total{destination="province",kind="asset",result="refused"} 0',
    )
    expect(metrics).toContain('\nyiwang_upward_status_period_seconds 10\n')
    isUp = true
    expect(JSON.parse((await folder.run('upward', 'send', '--json')).stdout)).toMatchObject({
      by: 'collector',
    })
    await until(
      () => here.rows('--destination', 'province', '--state', 'waiting'),
      (rows) => rows.length === 0,
    )
    child.send('SIGTERM')
    await child.ended
    // Nobody ran for longer than a period.
    const gaps = await until(
      () => folder.run('upward', 'gaps', '--destination', 'ferry'),
      ({ stdout }) => /ferry .* 未产生状态 /u.test(stdout),
    )
    expect(gaps.code).toBe(3)
    const before = above.got.length
    expect(
      await folder.ok('upward', 'replay', '--destination', 'province', '--since', '1d', '--kind', 'status'),
    ).toMatch(/^\d+ messages are sent to province once more/u)
    expect(await folder.ok('upward', 'flush')).toMatch(/province: 0 wait/u)
    expect(above.got).toHaveLength(before)
    expect(Math.max(...above.copies.values())).toBeGreaterThan(1)
    expectRefusal(
      await folder.run('upward', 'gaps', '--destination', 'provinse'),
      2,
      /did you mean province\?/u,
    )
  })

  test('a test message, as it would look, and as it is taken', async () => {
    await using own = await papers()
    await using here = await site(own, () => 'takes')
    const { folder, above } = here
    const shown = await folder.ok('upward', 'test', '--show')
    expect(shown).toMatch(/"kind":"运行状态".*"isTest":"true"/u)
    expect(shown).toContain('<AdditionalData dtype="string" meaning="isTest">true</AdditionalData>')
    expect(above.got).toEqual([])
    expect(await folder.ok('upward', 'test')).toMatch(/province +https +taken: HZ-/u)
    expect(above.got).toMatchObject([{ isTest: 'true' }])
    await using strangers = await papers()
    await using other = await site({ ...own, files: strangers.files }, () => 'takes')
    const refused = await other.folder.run('upward', 'test', '--destination', 'province')
    expect([refused.code, refused.stderr]).toEqual([3, ''])
    expect(refused.stdout).toMatch(/not taken: .*certificate/u)
  })

  test('a notice becomes a task; forged, malformed and repeated ones do not', async () => {
    await using own = await papers()
    await using here = await site(own, () => 'takes')
    const { folder, above } = here
    await folder.ok('unit', 'add', 'u-dsj', 'name=数据局', 'kind=department', 'region=410221')
    const { child, url } = await here.start()
    const meant = { ...notice, unit: '数据局' }
    expect(await post(url, meant, 'guessed')).toMatchObject([401, {}])
    expect(await post(url, { ...meant, dueAt: 'soon' }, token)).toMatchObject([
      422,
      { error: expect.stringContaining('dueAt') as string },
    ])
    expect(await post(url, notice, token)).toMatchObject([
      422,
      { error: expect.stringContaining('unit') as string },
    ])
    const receipt = { id: 'HN-1', revision: 1, receipt: expect.stringMatching(/^INC-\d{8}-0001$/u) as string }
    expect(await post(url, meant, token)).toEqual([200, { receipts: [{ ...receipt, result: 'accepted' }] }])
    expect(await post(url, meant, token)).toEqual([200, { receipts: [{ ...receipt, result: 'duplicate' }] }])
    expect(await post(url, { ...meant, title: '别的' }, token)).toMatchObject([
      409,
      { error: expect.stringContaining('revision 1 of HN-1 stands for another text') as string },
    ])
    const later = { ...meant, revision: 2, dueAt: '2026-12-05T18:00:00+08:00' }
    expect(await post(url, later, token)).toMatchObject([200, { receipts: [{ result: 'accepted' }] }])
    expect(await post(url, meant, token)).toMatchObject([200, { receipts: [{ result: 'outdated' }] }])
    expect(await post(url, { ...lifting, id: 'HN-9' }, token)).toMatchObject([
      422,
      { error: expect.stringContaining('HN-9 is not known here') as string },
    ])
    const file = folder.file('notice.json')
    await writeFile(file, JSON.stringify({ ...notice, id: 'HN-2', level: 'blue' }))
    expectRefusal(
      await folder.run('upward', 'notice', 'import', file),
      2,
      /unit: expected a unit of the inventory/u,
    )
    const imported = await folder.json('upward', 'notice', 'import', file, '--unit', 'u-dsj', '--actor', '王')
    expect(imported).toMatchObject({ severity: 'low', tasks: [{ unit: 'u-dsj', what: '升级' }] })
    const lift = folder.file('lift.json')
    await writeFile(lift, JSON.stringify({ ...lifting, id: 'HN-9' }))
    expectRefusal(
      await folder.run('upward', 'notice', 'import', lift),
      2,
      /HN-9 was not\n {2}→ import the notice/u,
    )
    await writeFile(lift, JSON.stringify({ ...lifting, id: 'HN-2' }))
    expect(await folder.ok('upward', 'notice', 'import', lift)).toMatch(
      /0002 通报预警：.*：已登记（第 2 版）/u,
    )
    expect(await folder.ok('upward', 'notice', 'import', lift)).toMatch(/：已登记过（第 2 版）/u)
    const shown = await folder.run('incident', 'show', (imported as { readonly id: string }).id)
    expect(shown.stdout).toMatch(/任务 T-1 u-dsj：升级，.*，已完成/u)
    expect(shown.stdout).toMatch(/第 2 版，解除：已修复/u)
    const list = await folder.run('incident', 'list')
    expect(list.stdout).toMatch(/预警 +严重 +通报预警：远程代码执行漏洞/u)
    // What becomes of it goes back up.
    await until(
      () =>
        above.got
          .filter(({ kind }) => kind === '事件')
          .map(({ notice: of, change }) => `${String(of)} ${String(change)}`),
      (found) =>
        found.join() === '省平台:HN-1 opened,省平台:HN-1 amended,省平台:HN-2 opened,省平台:HN-2 lifted',
    )
    expect([...child.log, ...child.output].join('\n')).not.toContain(token)
  })

  test.each<[string, object, RegExp]>([
    ['no key', { key: '/nowhere/client.key' }, /\/nowhere\/client\.key: there is no such key/u],
    ['plain HTTP', { url: 'http://127.0.0.1:1/' }, /upward\.destinations\.province/u],
    [
      'a credential that is not there',
      { credential: 'none' },
      /expected a credential of kind bearer named "none"/u,
    ],
    [
      'a mapping that is not there',
      { mapping: '/nowhere/map.yaml' },
      /there is no mapping \/nowhere\/map\.yaml/u,
    ],
  ])('%s is refused before anything starts', async (_, wrong, words) => {
    await using own = await papers()
    await using folder = await emptyFolder()
    await folder.ok('init', '--region', '410221')
    const to = { kind: 'https', url: 'https://127.0.0.1:1/', ...own.files, ...wrong }
    await configure(folder, { destinations: { province: to } })
    const finished = await folder.run('collector', 'run')
    expect(finished.code).toBeGreaterThan(1)
    expect(finished.stderr).toMatch(words)
    expect(finished.stderr).not.toMatch(/^\s+at .*:\d+/mu)
  })
})
