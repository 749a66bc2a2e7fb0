import { writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { peer } from '../support/peers.ts'
import { startYiwang, until } from './child.ts'
import { emptyFolder } from './data-folder.ts'

test('a collector that cannot write its history: status says so and ends with 4, until it can', async () => {
  await using folder = await emptyFolder()
  await using server = await peer(() => undefined)
  await folder.ok('init', '--region', '410221')
  await folder.ok(
    ...['system', 'add', 's-1', 'name=门户', 'region=410221', 'kind=other', 'unit=u-410221-hall'],
    `endpoints=tcp://127.0.0.1:${server.port}`,
  )
  await writeFile(
    folder.file('yiwang.yaml'),
    JSON.stringify({
      agent: { hostChecks: { enabled: false } },
      collector: { listen: '127.0.0.1:0' },
      probing: { tcp: { intervalSeconds: 1, timeoutSeconds: 1 } },
    }),
  )
  await using child = startYiwang(['run', '--data', folder.path])
  const url = (await child.said(/^collector listens on/u)).split(/[ ,]/u)[3] ?? ''
  const status = () => folder.run('status', '--collector', url)
  expect(await until(status, ({ code }) => code === 0)).toMatchObject({ stderr: '' })
  {
    using other = new DatabaseSync(folder.file('collector', 'history.sqlite'))
    other.exec('BEGIN IMMEDIATE')
    const { stdout } = await until(status, ({ code }) => code === 4)
    expect(stdout).toMatch(
      /^! the collector has trouble with its history: .*another process writes to it\n {2}nothing new is kept/mu,
    )
  }
  await until(status, ({ code }) => code === 0)
})
