import { writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { startYiwang, until } from './child.ts'
import { emptyFolder } from './data-folder.ts'

test('a log and a delivery log that cannot be read: all other metrics are served, and it is told', async () => {
  await using folder = await emptyFolder()
  await folder.ok('init', '--region', '410221')
  await writeFile(
    folder.file('yiwang.yaml'),
    JSON.stringify({
      agent: { hostChecks: { enabled: false } },
      collector: { listen: '127.0.0.1:0', syslog: { tcp: '127.0.0.1:0', allow: ['127.0.0.0/8'] } },
      notify: { channels: { duty: { kind: 'wecom', credential: 'robot' } } },
    }),
  )
  const secrets = { robot: { kind: 'endpoint', url: 'http://127.0.0.1:1/robot' } }
  await writeFile(folder.file('secrets.yaml'), JSON.stringify(secrets), { mode: 0o600 })
  await using child = startYiwang(['collector', 'run', '--data', folder.path])
  const url = (await child.said(/^collector listens on/u)).replace('collector listens on ', '')
  const readable = async (): Promise<ReadonlyMap<string, string>> => {
    const text = await (await fetch(`${url}/metrics`)).text()
    expect(text).toContain('\nyiwang_build_info{')
    const lines = text.matchAll(/^yiwang_collector_figures_readable\{of="(\w+)"\} ([01])$/gmu)
    return new Map([...lines].map(([, of = '', value = '']) => [of, value]))
  }
  const all = { compliance: '1', security: '1', syslog: '1', notify: '1' }
  expect(Object.fromEntries(await readable())).toEqual(all)

  for (const [file, table] of [
    ['log.sqlite', 'source'],
    ['notify.sqlite', 'delivery'],
  ] as const) {
    using database = new DatabaseSync(folder.file('collector', file))
    database.exec(`ALTER TABLE ${table} RENAME TO away`)
  }
  const broken = await until(readable, (found) => found.get('syslog') === '0')
  expect(Object.fromEntries(broken)).toEqual({ ...all, syslog: '0', notify: '0' })
  await readable()
  const said = child.log.filter((line) => line.includes('figures cannot be read'))
  expect(said.map((line) => (JSON.parse(line) as { of: string }).of).toSorted()).toEqual(['notify', 'syslog'])

  using database = new DatabaseSync(folder.file('collector', 'log.sqlite'))
  database.exec('ALTER TABLE away RENAME TO source')
  expect((await readable()).get('syslog')).toBe('1')
})
